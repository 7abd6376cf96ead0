"""The families and the stored forms there are; plugins join through the same door."""

from collections.abc import Mapping

from modelwright.candidates.estimator import (
    Estimator,
    EstimatorFactory,
    EstimatorSpec,
    Model,
    ModelLoader,
    Param,
)
from modelwright.kernel.catalogue import Catalogue

__all__ = ["ESTIMATORS", "MODEL_FORMATS", "build", "load_model"]

ESTIMATORS: Catalogue[EstimatorFactory] = Catalogue(
    "estimators",
    {
        "boosting": "modelwright.candidates.boosting:BoostingEstimator",
        "linear": "modelwright.candidates.linear:LinearEstimator",
        "neural": "modelwright.candidates.neural:NeuralEstimator",
        "prior": "modelwright.candidates.prior:PriorEstimator",
    },
)
"""Families by name; plugins join through the entry-point group `modelwright.estimators`."""

MODEL_FORMATS: Catalogue[ModelLoader] = Catalogue(
    "model_formats",
    {
        "ensemble": "modelwright.candidates.ensemble:load_ensemble",
        "lightgbm-text": "modelwright.candidates.booster:load_booster",
        "linear": "modelwright.candidates.affine:load_linear",
        "perceptron": "modelwright.candidates.perceptron:load_perceptron",
        "prior": "modelwright.candidates.prior:load_prior",
    },
)
"""Stored forms by name; plugins join through the entry-point group `modelwright.model_formats`. Loading
any of them imports no training library."""


def build(spec: EstimatorSpec, *, rounds: Mapping[str, Param] | None = None) -> Estimator:
    """Return the estimator a spec names.

    Args:
        spec: Family and hyper-parameters.
        rounds: `max_rounds` and `early_stopping` for families that grow in rounds (their factory says so by
            an attribute `grows`); the spec's own values win.

    Raises:
        UnknownName: When there is no such family, or it has no such hyper-parameter.

    Examples:
        >>> type(build(EstimatorSpec(family="prior", name="prior"))).__name__
        'PriorEstimator'
    """
    factory = ESTIMATORS.get(spec.family)
    shared = rounds if rounds is not None and getattr(factory, "grows", False) else {}
    return factory({**shared, **spec.params})


def load_model(format: str, files: Mapping[str, bytes]) -> Model:  # noqa: A002 - the word for it
    """Return the model of a stored form.

    Raises:
        UnknownName: When there is no such form.

    Examples:
        >>> load_model("prior", {"prior.json": b"[0.5,0.5]"}).scores
        (0.5, 0.5)
    """
    return MODEL_FORMATS.get(format)(files)

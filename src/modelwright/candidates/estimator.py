"""The ports of a model family: what fits, what predicts, and how both are named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec

__all__ = [
    "Estimator",
    "EstimatorFactory",
    "EstimatorSpec",
    "Holdout",
    "Model",
    "ModelLoader",
    "Param",
    "StagedModel",
    "Vector",
]

Vector = npt.NDArray[np.float64]
"""Encoded targets, or weights of rows."""

Param = float | int | str | bool
"""A value a hyper-parameter can take."""

Holdout = tuple[Matrix, Vector]
"""Rows outside the fit, with their targets, on which a family may watch its own progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorSpec:
    """One member of a design: a family and its hyper-parameters.

    Examples:
        >>> EstimatorSpec(family="boosting", params={"leaves": 31}, name="trees").family
        'boosting'
    """

    family: str
    """The family, as the catalogue names it."""
    params: Mapping[str, Param] = field(default_factory=dict)
    """Hyper-parameters that differ from the family's defaults."""
    name: str
    """What this member is called; unique within a design."""


class Model(Protocol):
    """A fitted model. It predicts without the training stack and is stored without pickle.

    Promises of every member: `predict` is a pure function of each row alone (its answers do not depend on
    neighbours), it returns finite scores by the convention of `TargetSpec`, and loading `files()` under
    `format` gives a model with the same answers, bit for bit.

    Examples:
        >>> def width(model: Model, x: Matrix) -> int:
        ...     return model.predict(x).shape[1]
    """

    @property
    def format(self) -> str:
        """The name of its stored form in the catalogue of model formats."""
        ...

    def predict(self, x: Matrix) -> Matrix:
        """Return scores: one column per class, or one column with the value."""
        ...

    def files(self) -> Mapping[str, bytes]:
        """Return its stored form: file name to bytes; text, JSON and plain arrays only."""
        ...

    def importance(self) -> Mapping[str, float]:
        """Return how much each matrix column is used, adding to 1; empty where the family cannot tell."""
        ...


@runtime_checkable
class StagedModel(Protocol):
    """A model grown in rounds that remembers its loss on the holdout after each, and can be cut back.

    Cross-fitting uses it to settle one number of rounds for all folds, so that no row's own label decides
    when the model that predicts it stops.

    Examples:
        >>> def rounds(model: StagedModel) -> int:
        ...     return len(model.curve)
    """

    @property
    def curve(self) -> tuple[float, ...]:
        """Loss on the holdout after each round; empty when there was no holdout."""
        ...

    def truncated(self, rounds: int) -> Model:
        """Return the model as it was after so many rounds."""
        ...


class Estimator(Protocol):
    """A family with its hyper-parameters set, ready to be fitted.

    Promises of every member: the same arguments give the same model, bit for bit; nothing is read from the
    outside; missing features (NaN) are accepted. Two attributes may be set on its class: `grows` (it takes
    `max_rounds` and `early_stopping`, and its models are staged) and `seeded` (another seed gives another
    model, so that averaging a few is worth while).

    Examples:
        >>> from modelwright.candidates.catalogue import build
        >>> estimator: Estimator = build(EstimatorSpec(family="prior", name="prior"))
    """

    def fit(
        self,
        x: Matrix,
        y: Vector,
        *,
        plan: FeaturePlan,
        target: TargetSpec,
        weight: Vector | None = None,
        seed: int = 0,
        threads: int = 1,
        holdout: Holdout | None = None,
    ) -> Model:
        """Fit a model on encoded targets.

        Raises:
            TrainingFailed: When this family cannot be fitted on these rows; the message says why.
        """
        ...


EstimatorFactory = Callable[[Mapping[str, Param]], Estimator]
"""Makes an estimator of a family from hyper-parameters; this is what the catalogue of estimators names."""

ModelLoader = Callable[[Mapping[str, bytes]], Model]
"""Makes a model from its stored form; this is what the catalogue of model formats names."""

"""Neural: a small multi-layer perceptron; it errs differently from trees, which is what an ensemble needs."""

from collections.abc import Mapping

import numpy as np

from modelwright.candidates.encoding import AdditiveLayer, fit_encoding
from modelwright.candidates.estimator import Holdout, Param, Vector
from modelwright.candidates.link import link_for
from modelwright.candidates.numerics import held_still
from modelwright.candidates.params import Params
from modelwright.candidates.perceptron import PerceptronModel
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.target import TargetSpec

__all__ = ["NeuralEstimator"]

DEFAULTS: Mapping[str, Param] = {
    "hidden": 64,
    "hidden_second": 32,
    "decay": 1e-3,
    "learning_rate": 2e-3,
    "batch": 512,
    "epochs": 30,
    "patience": 5,
    "most_levels": 32,
    "log_target": False,
}
"""Hyper-parameters and their defaults."""

STOPPING_SHARE = 0.1
"""Share of the rows of the fit that early stopping watches."""


class NeuralEstimator:
    """Fits a perceptron with two hidden layers of rectifiers.

    Loss: log loss or squared error. Optimiser: Adam (Kingma and Ba, ICLR 2015) through scikit-learn.
    Regularisation: squared weights and early stopping on a tenth of its own rows.

    Args:
        params: `hidden`, `hidden_second`, `decay`, `learning_rate`, `batch`, `epochs`, `patience`,
            `most_levels`, `log_target`.

    Examples:
        >>> NeuralEstimator({"hidden": 16}).params.whole("hidden")
        16
    """

    seeded = True

    def __init__(self, params: Mapping[str, Param]) -> None:
        """Read the hyper-parameters."""
        self.params = Params("neural", params, defaults=DEFAULTS)

    def fit(
        self,
        x: Matrix,
        y: Vector,
        *,
        plan: FeaturePlan,
        target: TargetSpec,
        weight: Vector | None = None,
        seed: int = 0,
        threads: int = 1,  # noqa: ARG002 - it uses one
        holdout: Holdout | None = None,  # noqa: ARG002 - it watches rows of its own
    ) -> PerceptronModel:
        """Fit the weights.

        Raises:
            TrainingFailed: When the rows have a single class, or the weights run away.
        """
        encoding = fit_encoding(x, plan, clip="smooth", most_levels=self.params.whole("most_levels"))
        link = link_for(y, target, log=self.params.flag("log_target"))
        fitted = y if target.classes else link.encode(y)
        try:
            with held_still():
                coefficients, intercepts = self._weights(
                    encoding.design(x), fitted, target, weight=weight, seed=seed
                )
        except ValueError as error:  # how scikit-learn says that weights are no numbers any more
            raise TrainingFailed(
                f"the network cannot be fitted: {error}",
                why="scores made of such weights would be no numbers",
                next_step="lower the learning rate of the member",
            ) from error
        first = AdditiveLayer(encoding, coefficients[0], intercepts[0])
        return PerceptronModel(
            first, layers=list(zip(coefficients[1:], intercepts[1:], strict=True)), link=link
        )

    def _weights(
        self, design: Matrix, y: Vector, target: TargetSpec, *, weight: Vector | None, seed: int
    ) -> tuple[list[Matrix], list[Vector]]:
        from sklearn.neural_network import MLPClassifier, MLPRegressor  # a second that scoring must not pay

        params = self.params
        counts = np.unique(y, return_counts=True)[1]
        settings = {
            "hidden_layer_sizes": (params.whole("hidden"), params.whole("hidden_second")),
            "alpha": params.number("decay"),
            "learning_rate_init": params.number("learning_rate"),
            "batch_size": max(1, min(params.whole("batch"), len(design) // 2)),
            "max_iter": params.whole("epochs"),
            "n_iter_no_change": params.whole("patience"),
            "validation_fraction": STOPPING_SHARE,
            # Rows to watch are drawn by class; a class of a handful of rows cannot be shared out.
            "early_stopping": len(design) >= 200 and (not target.classes or counts.min() >= 10),
            "random_state": seed,
        }
        if not target.classes:
            model = MLPRegressor(**settings)
            model.fit(design, y, sample_weight=weight)
            return list(model.coefs_), list(model.intercepts_)
        if len(counts) < len(target.classes):
            raise TrainingFailed(
                f"{len(target.classes) - len(counts)} of {len(target.classes)} classes have no row",
                why="a network has one output for each class it has seen",
                next_step="bring rows of the other classes, or use fewer folds",
            )
        model = MLPClassifier(**settings)
        model.fit(design, y.astype(np.int64), sample_weight=weight)
        return list(model.coefs_), list(model.intercepts_)

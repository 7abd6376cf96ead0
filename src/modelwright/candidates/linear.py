"""Linear: regularised logistic or ridge regression, the model that can be read."""

from collections.abc import Mapping

import numpy as np

from modelwright.candidates.affine import LinearModel
from modelwright.candidates.encoding import AdditiveLayer, fit_encoding
from modelwright.candidates.estimator import Holdout, Param, Vector
from modelwright.candidates.link import link_for
from modelwright.candidates.numerics import held_still
from modelwright.candidates.params import Params
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.target import TargetSpec

__all__ = ["LinearEstimator"]

DEFAULTS: Mapping[str, Param] = {
    "strength": 1.0,
    "most_levels": 64,
    "log_target": False,
    "iterations": 1000,
}
"""Hyper-parameters and their defaults."""

MOST_FOR_NEWTON = 600
"""Weights up to which second derivatives pay, given more rows than that."""

NEVER = -30.0
"""Sum of a class that no row of the fit had."""


class LinearEstimator:
    """Fits a linear model on standardised numbers, levels of categories and marks of missing values.

    Loss: log loss or squared error. Regularisation: squared weights (ridge). Optimiser: Newton's method for
    few weights, else L-BFGS (Liu and Nocedal, 1989), through scikit-learn; the closed form for values.

    Args:
        params: `strength` of the regularisation, `most_levels` of a category, `log_target`, `iterations`.

    Examples:
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> x, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 0, 1, 1])
        >>> bool(LinearEstimator({}).fit(x, y, plan=plan, target=spec).predict(x)[3, 1] > 0.5)
        True
    """

    def __init__(self, params: Mapping[str, Param]) -> None:
        """Read the hyper-parameters."""
        self.params = Params("linear", params, defaults=DEFAULTS)

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
        holdout: Holdout | None = None,  # noqa: ARG002 - nothing is watched
    ) -> LinearModel:
        """Fit the weights.

        Raises:
            TrainingFailed: When the rows have a single class.
        """
        encoding = fit_encoding(x, plan, clip="hard", most_levels=self.params.whole("most_levels"))
        link = link_for(y, target, log=self.params.flag("log_target"))
        design = encoding.design(x)
        with held_still():
            if target.classes:
                weights, bias = self._classes(design, y, target, weight=weight, seed=seed)
            else:
                weights, bias = self._values(design, link.encode(y), weight=weight, seed=seed)
        layer = AdditiveLayer(encoding, weights, bias)
        strength = layer.strength(x)
        total = float(strength.sum())
        shares = (strength / total).tolist() if total > 0 else []
        return LinearModel(layer, link=link, importance=dict(zip(plan.names, shares, strict=False)))

    def _values(
        self, design: Matrix, y: Vector, *, weight: Vector | None, seed: int
    ) -> tuple[Matrix, Vector]:
        from sklearn.linear_model import Ridge  # a second that scoring must not pay

        model = Ridge(alpha=self.params.number("strength"), random_state=seed)
        model.fit(design, y, sample_weight=weight)
        return np.asarray(model.coef_, dtype=np.float64)[:, None], np.array([float(model.intercept_)])

    def _classes(
        self, design: Matrix, y: Vector, target: TargetSpec, *, weight: Vector | None, seed: int
    ) -> tuple[Matrix, Vector]:
        from sklearn.linear_model import LogisticRegression  # a second that scoring must not pay

        present = np.unique(y).astype(np.int64)
        if len(present) < 2:
            raise TrainingFailed(
                f"all {len(y)} rows have the class '{target.classes[present[0]]}'",
                why="two classes are needed to draw a line between them",
                next_step="bring rows of other classes, or use fewer folds",
            )
        size = design.shape[1] * (len(present) if len(present) > 2 else 1)
        model = LogisticRegression(
            C=1 / self.params.number("strength"),
            solver="newton-cholesky" if size <= MOST_FOR_NEWTON < len(design) else "lbfgs",
            max_iter=self.params.whole("iterations"),
            random_state=seed,
        )
        model.fit(design, y.astype(np.int64), sample_weight=weight)
        found = np.asarray(model.coef_, dtype=np.float64).T
        offset = np.asarray(model.intercept_, dtype=np.float64)
        if target.task == "binary":
            return found, offset
        if len(present) == 2:  # one line stands for two classes
            found, offset = np.hstack((-found, found)) / 2, np.concatenate((-offset, offset)) / 2
        weights = np.zeros((design.shape[1], len(target.classes)))
        bias = np.full(len(target.classes), NEVER)
        weights[:, present] = found
        bias[present] = offset
        return weights, bias

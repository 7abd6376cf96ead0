"""Prior: what is said without looking at the row; class shares, or the median."""

from collections.abc import Mapping

import numpy as np

from modelwright.candidates.estimator import Holdout, Param, Vector
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.ledger.codec import decode, encode
from modelwright.tasks.target import TargetSpec

__all__ = ["PriorEstimator", "PriorModel", "load_prior"]


class PriorModel:
    """Gives every row the same scores.

    Args:
        scores: Class shares, or one value.

    Examples:
        >>> PriorModel((0.9, 0.1)).predict(np.zeros((2, 3))).tolist()
        [[0.9, 0.1], [0.9, 0.1]]
    """

    format = "prior"

    def __init__(self, scores: tuple[float, ...]) -> None:
        """Keep the scores."""
        self.scores = scores

    def predict(self, x: Matrix) -> Matrix:
        """Return the same scores for every row."""
        return np.tile(np.array(self.scores, dtype=np.float64), (len(x), 1))

    def files(self) -> Mapping[str, bytes]:
        """Return the scores as JSON."""
        return {"prior.json": encode(self.scores)}

    def importance(self) -> Mapping[str, float]:
        """Return nothing: no column is used."""
        return {}


def load_prior(files: Mapping[str, bytes]) -> PriorModel:
    """Return the model of a stored form.

    Examples:
        >>> load_prior(PriorModel((0.25, 0.75)).files()).scores
        (0.25, 0.75)
    """
    return PriorModel(decode(files["prior.json"], tuple[float, ...]))


class PriorEstimator:
    """Fits the prior: weighted class shares, or the weighted median.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
        >>> PriorEstimator({}).fit(np.zeros((4, 1)), np.array([0, 0, 0, 1.0]), plan=plan, target=spec).scores
        (0.75, 0.25)
    """

    def __init__(self, params: Mapping[str, Param]) -> None:
        """Take no hyper-parameter."""
        self.params = params

    def fit(
        self,
        x: Matrix,
        y: Vector,
        *,
        plan: FeaturePlan,  # noqa: ARG002
        target: TargetSpec,
        weight: Vector | None = None,
        seed: int = 0,  # noqa: ARG002
        threads: int = 1,  # noqa: ARG002
        holdout: Holdout | None = None,  # noqa: ARG002
    ) -> PriorModel:
        """Fit on the targets alone."""
        weights = np.ones(len(x)) if weight is None else weight
        if target.classes:
            shares = np.bincount(y.astype(np.int64), weights=weights, minlength=len(target.classes))
            return PriorModel(tuple((shares / shares.sum()).tolist()))
        order = np.argsort(y, kind="stable")
        middle = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
        return PriorModel((float(y[order][middle]),))

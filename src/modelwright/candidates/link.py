"""Links: from sums to scores; probabilities of two or more classes, or a value in its own unit."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from modelwright.candidates.estimator import Vector
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec

__all__ = ["Link", "link_for"]

FURTHEST = 500.0
"""Sums beyond this give the same probability in floating point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The last step of a model that adds up contributions.

    Examples:
        >>> Link(kind="logistic").scores(np.array([[0.0]])).tolist()
        [[0.5, 0.5]]
    """

    kind: Literal["logistic", "softmax", "value"]
    """Two classes from one sum, classes from one sum each, or a value."""
    centre: float = 0.0
    """Mean of the fitted values; added back."""
    scale: float = 1.0
    """Deviation of the fitted values; multiplied back."""
    log: bool = False
    """Whether the values were fitted as log(1 + y)."""
    low: float = 0.0
    """Lowest logarithm that is turned back: an exponential must not run away from the training range."""
    high: float = 0.0
    """Highest logarithm that is turned back."""

    def encode(self, y: Vector) -> Vector:
        """Return values on the scale they are fitted on."""
        scaled = np.log1p(y) if self.log else y
        return (scaled - self.centre) / self.scale

    def scores(self, sums: Matrix) -> Matrix:
        """Return scores of sums."""
        if self.kind == "value":
            values = sums * self.scale + self.centre
            return np.expm1(np.clip(values, self.low, self.high)) if self.log else values
        if self.kind == "logistic":
            positive = 1 / (1 + np.exp(-np.clip(sums[:, :1], -FURTHEST, FURTHEST)))
            return np.hstack((1 - positive, positive))
        grown = np.exp(sums - sums.max(axis=1, keepdims=True))
        total = grown[:, :1].copy()
        # Added one by one: a vectorised sum may order its terms by the number of rows.
        for column in range(1, grown.shape[1]):
            total += grown[:, column : column + 1]
        shares: Matrix = grown / total
        return shares


def link_for(y: Vector, target: TargetSpec, *, log: bool) -> Link:
    """Settle the link on the targets of a fit.

    Args:
        y: Encoded targets.
        target: What is predicted.
        log: Whether a regression is fitted as log(1 + y), where all values allow it.

    Examples:
        >>> link_for(np.array([0.0, 2.0]), TargetSpec(task="regression", name="y"), log=False).centre
        1.0
    """
    if target.classes:
        return Link(kind="logistic" if target.task == "binary" else "softmax")
    logged = (log or target.transform == "log1p") and float(y.min()) > -1
    scaled = np.log1p(y) if logged else y
    deviation = float(scaled.std())
    return Link(
        kind="value",
        centre=float(scaled.mean()),
        scale=deviation if deviation > 0 else 1.0,
        log=logged,
        low=float(scaled.min()),
        high=float(scaled.max()),
    )

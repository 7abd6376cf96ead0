"""SKEWED-TARGET: a positive target with a long tail."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["SkewedTargetCheck", "skewness"]

LONG = 1.0
"""Skewness from which a tail is long."""


def skewness(values: npt.NDArray[np.float64]) -> float:
    """Return the third standardised moment; 0 for a constant.

    Examples:
        >>> round(skewness(np.array([0.0, 0.0, 0.0, 1.0])), 3)
        1.155
    """
    spread = float(values.std())
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


class SkewedTargetCheck:
    """Finds a positive target that the logarithm makes symmetric.

    Examples:
        >>> SkewedTargetCheck().code
        'SKEWED-TARGET'
    """

    code = "SKEWED-TARGET"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk; none when the target is already fitted on its logarithm."""
        y = view.sample.y
        if view.target.task != "regression" or view.target.transform != "identity" or y.size < 100:
            return
        if y.min() < 0:
            return
        plain, logged = skewness(y), skewness(np.log1p(y))
        if plain < LONG or abs(logged) > plain / 2:
            return
        yield raised(
            self,
            title=f"{view.target.name} has a long tail",
            severity=Severity.INFO,
            confidence=95,
            subject=view.target.name,
            evidence=(f"skewness {plain:.2f}, of its logarithm {logged:.2f}",),
            why="A few large values rule a squared error, and residuals grow with the prediction.",
            fix="Fit on the logarithm when relative errors matter, and report errors in the target's own "
            "unit.",
            question=f"Do relative or absolute errors of {view.target.name} cost?",
        )

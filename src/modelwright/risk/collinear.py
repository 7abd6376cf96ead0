"""COLLINEAR: numbers that follow from several others by a line."""

from collections.abc import Iterator

import numpy as np

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import matrix_of

__all__ = ["CollinearCheck"]

INFLATED = 20.0
"""Variance inflation from which a coefficient means nothing: 95 % of the column follows from the others."""

PAIR = 0.97
"""Correlation of one other column from which the pair is told of by REDUNDANT, or plain to see."""

MOST_ROWS = 5_000
"""Rows looked at; more are thinned evenly."""

MOST = 300
"""Numeric columns up to which the correlations are inverted."""


class CollinearCheck:
    """Finds numbers that a line through several others nearly gives (variance inflation; Marquardt 1970).

    Examples:
        >>> CollinearCheck().code
        'COLLINEAR'
    """

    code = "COLLINEAR"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk naming all of them."""
        sample = view.sample
        names = [
            name
            for name in view.usable
            if sample.frame[name].dtype.is_numeric() and sample.distinct(name) > 2
        ]
        if not 3 <= len(names) <= MOST or sample.rows < max(50, 5 * len(names)):
            return
        x = matrix_of(sample.frame.gather_every(max(1, sample.rows // MOST_ROWS)), names)
        x = np.where(np.isfinite(x), x, np.nanmean(np.where(np.isfinite(x), x, np.nan), axis=0))
        kept = [place for place in range(len(names)) if np.std(x[:, place]) > 0]
        names, x = [names[place] for place in kept], x[:, kept]
        if len(names) < 3:
            return
        r = np.corrcoef(x, rowvar=False)
        inflation = np.diag(np.linalg.pinv(r + 1e-9 * np.eye(len(names)), hermitian=True))
        apart = np.abs(r - np.eye(len(names))).max(axis=0) < PAIR
        found = {
            names[place]: float(inflation[place]) for place in np.flatnonzero(apart & (inflation >= INFLATED))
        }
        if not found:
            return
        listed = sorted(found, key=lambda name: -found[name])
        yield raised(
            self,
            title=f"{len(listed)} numbers follow from several others by a line",
            severity=Severity.LOW,
            confidence=95,
            subject="numbers",
            evidence=(
                *(f"{name}: variance inflation {min(found[name], 1e9):,.0f}" for name in listed[:8]),
                f"condition number of the correlations {min(float(np.linalg.cond(r)), 1e12):,.0f}",
            ),
            why="Coefficients and importances of such columns are arbitrary, and flip from one training "
            "to the next.",
            fix="Drop one of each set, or read explanations for the set together; trees and penalties "
            "predict well.",
            columns=tuple(listed[:20]),
        )

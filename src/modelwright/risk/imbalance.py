"""IMBALANCE: one class is much rarer than the other."""

from collections.abc import Iterator

import numpy as np

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["ImbalanceCheck"]

UNEVEN = 0.2
"""Share of the rarest class (times half the number of classes) worth telling."""

STARK = 0.05
"""Share from which accuracy says nothing any more."""


class ImbalanceCheck:
    """Finds classes of unequal size, and says what accuracy a model reaches that always answers the same.

    Examples:
        >>> ImbalanceCheck().code
        'IMBALANCE'
    """

    code = "IMBALANCE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        classes = view.target.classes
        if view.target.task == "regression" or view.sample.rows == 0:
            return
        counts = np.bincount(view.sample.y.astype(np.int64), minlength=len(classes))
        shares = counts / counts.sum()
        rarest, largest = int(shares.argmin()), int(shares.argmax())
        scaled = float(shares[rarest]) * len(classes) / 2
        if scaled >= UNEVEN:
            return
        yield raised(
            self,
            title=f"class '{classes[rarest]}' is {shares[rarest]:.1%} of rows",
            severity=Severity.MEDIUM if scaled < STARK else Severity.LOW,
            confidence=100,
            subject=view.target.name,
            evidence=(
                f"'{classes[rarest]}': {shares[rarest]:.1%}, '{classes[largest]}': {shares[largest]:.1%}",
                f"always answering '{classes[largest]}' is right in {shares[largest]:.1%} of cases",
            ),
            why="Accuracy looks high without any skill, and a threshold of one half hardly ever says yes.",
            fix="Judge by ranking and cost, set the threshold by cost on validation, keep shares equal "
            "across parts.",
        )

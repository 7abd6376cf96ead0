"""CAPPED-TARGET: a target cut off at its highest or lowest value."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["CappedTargetCheck"]

PILE = 0.005
"""Share of rows at the end value that makes a pile."""

STEEP = 8.0
"""How many times fuller the end value is than the fullest value near it."""


class CappedTargetCheck:
    """Finds rows piled up at the highest or lowest value of a regression target.

    Examples:
        >>> CappedTargetCheck().code
        'CAPPED-TARGET'
    """

    code = "CAPPED-TARGET"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk an end."""
        if view.target.task != "regression":
            return
        name = view.target.name
        labels = pl.concat([view.train[name], view.validation[name]]).drop_nulls().cast(pl.Float64).to_numpy()
        values, counts = np.unique(labels, return_counts=True)
        if values.size < 50:
            return
        tail = max(5, values.size // 20)
        for end, place, near in (
            ("highest", -1, counts[-1 - tail : -1]),
            ("lowest", 0, counts[1 : 1 + tail]),
        ):
            count = int(counts[place])
            value = float(values[place])
            if count / labels.size < PILE or count < STEEP * near.max() or (end == "lowest" and value == 0):
                continue
            yield raised(
                self,
                title=f"{name} is cut off at its {end} value, {value:g}",
                severity=Severity.MEDIUM,
                confidence=95,
                subject=name,
                evidence=(
                    f"{count:,} of {labels.size:,} labelled rows ({count / labels.size:.1%}) hold {value:g}",
                    f"no value near it holds more than {int(near.max()):,}",
                ),
                why="Beyond the cut the truth is unknown; a model learns the cut and errs where it "
                "matters most.",
                fix="Leave the piled-up rows out of training and of the score, or model the target as "
                "censored.",
                question=f"Is {value:g} a limit of the recording, and does the decision concern values "
                "beyond it?",
            )

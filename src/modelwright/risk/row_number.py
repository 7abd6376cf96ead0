"""ROW-NUMBER: a feature that counts the rows."""

from collections.abc import Iterator

import numpy as np

from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["RowNumberCheck"]

LEAST = 50
"""Rows below which an order is no surprise."""


class RowNumberCheck:
    """Finds numeric features that grow, or fall, with the position of the row and never repeat.

    Examples:
        >>> RowNumberCheck().code
        'ROW-NUMBER'
    """

    code = "ROW-NUMBER"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column."""
        if ROW_ID not in view.train.columns or view.train.height < LEAST:
            return
        ordered = view.train.sort(ROW_ID)
        place = ordered[ROW_ID].to_numpy().astype(np.float64)
        for name in view.usable:
            column = ordered[name]
            if not column.dtype.is_numeric() or column.null_count():
                continue
            steps = np.diff(column.to_numpy().astype(np.float64))
            if not (np.all(steps > 0) or np.all(steps < 0)):
                continue
            even = np.ptp(steps / np.diff(place)) < 1e-9 * max(1.0, abs(float(steps[0])))
            yield raised(
                self,
                title=f"{name} is a row number"
                if even
                else f"{name} only ever {'grows' if steps[0] > 0 else 'falls'}",
                severity=Severity.HIGH,
                confidence=99 if even else 85,
                subject=name,
                evidence=(
                    f"strictly {'rising' if steps[0] > 0 else 'falling'} over {ordered.height:,} training "
                    "rows" + (", by the same step for every row" if even else ""),
                ),
                why="It tells the position in the file: the time, the source, or the order somebody "
                "sorted by. "
                "None of that comes with a request, and new rows lie beyond every value seen.",
                fix=f"Exclude {name}; if it orders the rows in time, split by it.",
                proposal="modify",
                change=f"exclude column {name}",
                columns=(name,),
            )

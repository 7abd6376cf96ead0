"""MEMORY: what the training matrix will take."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["MemoryCheck"]

GIB = float(2**30)

WORTH = 1.0
"""Matrix size in GiB worth a line."""

LARGE = 8.0
"""Matrix size in GiB that an ordinary machine may not hold beside its copies."""

LEVELS = 256
"""Columns one category column grows into at most when each category gets its own."""


class MemoryCheck:
    """Estimates the dense training matrix: eight bytes a number, one column a category for linear designs.

    Examples:
        >>> MemoryCheck().code
        'MEMORY'
    """

    code = "MEMORY"
    category: Category = "scalability"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk, when the matrix is larger than 1 GiB."""
        width = 0
        for name in view.usable:
            column = view.train[name]
            numeric = column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean
            width += 1 if numeric else min(column.n_unique(), LEVELS)
        rows = view.train.height + view.validation.height
        size = rows * width * 8 / GIB
        if size < WORTH:
            return
        yield raised(
            self,
            title=f"the training matrix takes about {size:.1f} GiB",
            severity=Severity.MEDIUM if size >= LARGE else Severity.LOW,
            confidence=80,
            evidence=(
                f"{rows:,} rows by {width:,} columns of 8 bytes",
                "folds and copies need two to three times that",
            ),
            why="Training that runs out of memory dies late and leaves nothing.",
            fix="Train on a sample, drop columns, or give the machine three times this memory.",
        )

"""The profile: what each column holds, seen once, with a guess at what it is for."""

from dataclasses import dataclass

import polars as pl

from modelwright.kernel.document import Callout, Document, Facts, Table

__all__ = ["ColumnProfile", "Profile", "profile"]

DECILES = tuple(step / 10 for step in range(11))
"""Quantiles taken of every number."""

TOP = 10
"""Most frequent values kept per column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds.

    Examples:
        >>> profile(pl.DataFrame({"a": [1, 2, 2]})).columns[0].unique
        2
    """

    name: str
    """The column."""
    dtype: str
    """The type it has in memory."""
    kind: str
    """What its values are: `number`, `integer`, `boolean`, `category`, `text` or `datetime`."""
    rows: int
    """Rows of the table."""
    nulls: int
    """Empty values, NaN among them."""
    unique: int
    """Distinct values that are not empty."""
    minimum: float | None = None
    """Lowest number; None when it is no number or all empty."""
    maximum: float | None = None
    """Highest number."""
    mean: float | None = None
    """Mean of the numbers."""
    deviation: float | None = None
    """Standard deviation of the numbers (n - 1)."""
    quantiles: tuple[float, ...] | None = None
    """The 11 deciles of the numbers, lowest to highest."""
    top: tuple[tuple[str, int], ...] = ()
    """Most frequent values as text with their counts; empty for columns where nearly every value differs."""
    zeros: int = 0
    """Numbers that are exactly 0."""
    suspected_role: str = "feature"
    """What the column seems to be for: `target`, `feature`, `entity`, `row number`, `time`, `group`, `weight`,
    `split marker`, `constant` or `text`."""
    suspected_missing_codes: tuple[str, ...] = ()
    """Values that seem to stand for missing, such as `999` or `unknown`, as text."""
    note: str = ""
    """Why the role or the codes are suspected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a table holds.

    Examples:
        >>> profile(pl.DataFrame({"a": [1, 1], "b": ["x", "x"]})).duplicate_rows
        1
    """

    rows: int
    """Rows of the table."""
    duplicate_rows: int
    """Rows that repeat an earlier one in every column."""
    columns: tuple[ColumnProfile, ...]
    """The columns, in the table's order."""

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of one column.

        Raises:
            UnknownName: When there is no such column; the nearest name is offered.
        """
        raise NotImplementedError

    def document(self) -> Document:
        """Render the profile for people."""
        raise NotImplementedError


def profile(frame: pl.DataFrame, *, target: str | None = None) -> Profile:
    """Look at every column once.

    Args:
        frame: The table.
        target: The column to be predicted, when it is known.

    Examples:
        >>> [column.kind for column in profile(pl.DataFrame({"a": [1], "b": [0.5], "c": ["x"]})).columns]
        ['integer', 'number', 'category']
    """
    raise NotImplementedError

"""The profile of one column: what it holds, seen once."""

from dataclasses import dataclass

from modelwright.data.pii import PiiFinding

__all__ = ["ColumnProfile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds.

    Examples:
        >>> ColumnProfile(name="a", dtype="Int64", kind="integer", rows=3, nulls=0, unique=2).unique
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
    """What the column seems to be for: `target`, `feature`, `entity`, `row number`, `time`, `group`,
    `weight`, `split marker`, `constant` or `text`."""
    suspected_missing_codes: tuple[str, ...] = ()
    """Values that seem to stand for missing, such as `999` or `unknown`, as text."""
    outliers: int = 0
    """Numbers further from the middle half than three times its width (Tukey's outer fences)."""
    edges: tuple[float, ...] = ()
    """Edges of the bins of the histogram; the first and the last bin hold the tails."""
    counts: tuple[int, ...] = ()
    """Rows in each bin."""
    drift: float | None = None
    """Population stability index of the last quarter of time against the first; None without a time."""
    trend: tuple[float, ...] = ()
    """Averages of eight periods of time: means of numbers, shares of the commonest category."""
    personal: tuple[PiiFinding, ...] = ()
    """Kinds of personal data it seems to hold; values of direct ones stand nowhere in this record."""
    note: str = ""
    """Why the role or the codes are suspected."""

"""Segments: the rows where one column has one value, or lies in one range."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from modelwright.evaluation.estimate import number
from modelwright.evaluation.sample import Index

__all__ = ["MISSING", "Segment", "segments_of"]

MISSING = "(missing)"
"""How rows without a value are called."""

MOST_VALUES = 50
"""Most values of a column that are looked at one by one; the most frequent first."""

FEW_NUMBERS = 12
"""A numeric column with more values than this is cut into ranges."""

RANGES = 4
"""Ranges of about equal size a numeric column is cut into."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """Some rows and what they have in common.

    Examples:
        >>> Segment(column="job", value="student", rows=np.array([0, 2])).value
        'student'
    """

    column: str
    """The column."""
    value: str
    """The value or range, in words."""
    rows: Index
    """Positions of the rows."""


def _ranges(column: pl.Series) -> pl.Series:
    values = column.cast(pl.Float64).to_numpy()
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, RANGES + 1)))
    place = np.clip(np.searchsorted(edges[1:-1], values, side="right"), 0, len(edges) - 2)
    names = [f"{number(float(low))} to {number(float(high))}" for low, high in pairwise(edges)]
    return pl.Series(
        column.name,
        [names[int(at)] if np.isfinite(value) else None for at, value in zip(place, values, strict=True)],
        dtype=pl.String,
    )


def segments_of(column: pl.Series) -> Iterator[Segment]:
    """Yield the segments of one column, the largest first.

    A number with many values is cut into ranges of about equal size, in their order; of text with many
    values only the most frequent are looked at.

    Examples:
        >>> [(s.value, s.rows.tolist()) for s in segments_of(pl.Series("job", ["a", "b", "a", None]))]
        [('a', [0, 2]), ('b', [1]), ('(missing)', [3])]
    """
    numeric = column.dtype.is_numeric() and column.n_unique() > FEW_NUMBERS
    text = _ranges(column) if numeric else column.cast(pl.String)
    numbers = column.cast(pl.Float64) if numeric else pl.repeat(0.0, len(column), eager=True)
    named = pl.DataFrame({"value": text.fill_null(MISSING), "number": numbers}).with_row_index("at")
    grouped = named.group_by("value", maintain_order=True).agg("at", pl.col("number").min())
    order = pl.col("number") if numeric else -pl.col("at").list.len().cast(pl.Int64)
    grouped = grouped.sort(order, nulls_last=True, maintain_order=True).head(MOST_VALUES).drop("number")
    for value, rows in grouped.iter_rows():
        yield Segment(column=column.name, value=str(value), rows=np.array(rows, dtype=np.intp))

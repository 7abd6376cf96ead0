"""Windows: counts, sums, means and the like over the rows of a slice of time, and over no row outside it.

A slice is a run of rows of one entity in the order of time; who makes slices decides what may be seen. Each
slice is added up from its own rows alone, never as a difference of running totals: two equal slices give
equal bits wherever they lie, so that what is computed for one entity equals what a whole table gives.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["WINDOW_FUNCTIONS", "Places", "Slices", "Window", "WindowFunction", "aggregate"]

Places = npt.NDArray[np.int64]
"""Positions of rows, or moments in microseconds."""

WindowFunction = Literal["count", "sum", "mean", "min", "max", "last", "distinct", "recency", "frequency"]
"""What can be made of the rows of a window."""

WINDOW_FUNCTIONS: Mapping[str, str] = {
    "count": "rows, or values of a column; 0 when there are none",
    "sum": "sum of a column's values; 0 when there are none",
    "mean": "mean of a column's values",
    "min": "smallest of a column's values",
    "max": "largest of a column's values",
    "last": "latest value of a column that is not missing",
    "distinct": "distinct values of a column; 0 when there are none",
    "recency": "seconds since the latest row",
    "frequency": "rows a day, over the length of the window",
}
"""What each function gives; where nothing is said of an empty window, its answer is missing."""

NUMERIC = frozenset(("sum", "mean", "min", "max"))
DAY = timedelta(days=1)
MOST_PAIRS = 4_000_000
"""Rows of slices laid out side by side at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One number made of the rows before a moment.

    Examples:
        >>> Window(name="calls_7d", function="count", length=timedelta(days=7)).column is None
        True
    """

    name: str
    """The column that is made."""
    function: WindowFunction
    """What is made of the rows."""
    column: str | None = None
    """The column it is made of; None for functions of the rows themselves."""
    length: timedelta | None = None
    """How far back rows count; None for the whole past."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slices:
    """For each row of a spine, the run of rows it may see: from `low` up to, not including, `high`.

    Examples:
        >>> Slices(low=np.array([0, 2]), high=np.array([2, 2])).sizes.tolist()
        [2, 0]
    """

    low: Places
    """First row of each run."""
    high: Places
    """The row after the last of each run."""

    @property
    def sizes(self) -> Places:
        """Rows of each run."""
        sizes: Places = np.maximum(self.high - self.low, 0)
        return sizes

    def chunks(self) -> Iterator[slice]:
        """Yield ranges of runs that together have no more rows than are laid out at a time."""
        ends = np.cumsum(self.sizes)
        start = 0
        while start < len(ends):
            before = int(ends[start - 1]) if start else 0
            stop = max(int(np.searchsorted(ends, before + MOST_PAIRS, side="right")), start + 1)
            yield slice(start, stop)
            start = stop

    def laid_out(self, part: slice) -> tuple[Places, Places]:
        """Return, for every row of every run of a part, the run it belongs to (from 0) and its position."""
        sizes = self.sizes[part]
        owner = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        begins = np.cumsum(sizes) - sizes
        return owner, np.arange(len(owner), dtype=np.int64) - begins[owner] + self.low[part][owner]


def _present(values: pl.Series) -> pl.Series:
    """Return values with NaN and infinity as missing."""
    return values if not values.dtype.is_float() else values.set(~values.is_finite(), None)


def _reduced(
    reduce: Callable[[npt.NDArray[np.float64], Places], npt.NDArray[np.float64]],
    numbers: npt.NDArray[np.float64],
    slices: Slices,
    *,
    empty: float,
) -> npt.NDArray[np.float64]:
    """Reduce each slice on its own; `numpy.ufunc.reduceat` takes pairs of ends in one list."""
    order = np.argsort(slices.low, kind="stable")  # unsorted ends would walk the table once for each slice
    ends = np.empty(2 * len(order), dtype=np.int64)
    ends[::2], ends[1::2] = slices.low[order], np.maximum(slices.high, slices.low)[order]
    made = np.full(len(order), empty)
    if len(order):
        made[order] = reduce(np.append(numbers, empty), ends)[::2]
    made[slices.sizes == 0] = empty
    return made


def _counts(marks: npt.NDArray[np.bool_], slices: Slices) -> Places:
    running = np.concatenate(([0], np.cumsum(marks, dtype=np.int64)))
    return np.where(slices.sizes > 0, running[np.maximum(slices.high, slices.low)] - running[slices.low], 0)


def _numeric(function: str, values: pl.Series, slices: Slices) -> pl.Series:
    present = _present(values.cast(pl.Float64))
    known = present.is_not_null().to_numpy()
    counts = _counts(known, slices)
    if function in {"min", "max"}:
        ufunc, fill = (np.minimum, np.inf) if function == "min" else (np.maximum, -np.inf)
        made = _reduced(ufunc.reduceat, present.fill_null(fill).to_numpy(), slices, empty=fill)
    else:
        made = _reduced(np.add.reduceat, present.fill_null(0.0).to_numpy(), slices, empty=0.0)
        if function == "sum":
            return pl.Series(made)
        made = made / np.maximum(counts, 1)
    return pl.Series(made).set(pl.Series(counts == 0), None)


def _last(values: pl.Series, slices: Slices) -> pl.Series:
    present = _present(values)
    known = present.is_not_null().to_numpy()
    if not len(known):
        return pl.Series([None] * len(slices.low), dtype=values.dtype)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    found = np.where(slices.sizes > 0, latest[np.maximum(slices.high - 1, 0)], -1)
    inside = found >= slices.low
    return present.gather(np.where(inside, found, 0)).set(pl.Series(~inside), None)


def _distinct(values: pl.Series, slices: Slices) -> pl.Series:
    present = _present(values)
    made = np.zeros(len(slices.low), dtype=np.int64)
    for part in slices.chunks():
        owner, place = slices.laid_out(part)
        pairs = pl.DataFrame({"owner": owner, "value": present.gather(place)}).drop_nulls().unique()
        counted = pairs.group_by("owner").len()
        made[part.start + counted["owner"].to_numpy()] = counted["len"].to_numpy()
    return pl.Series(made)


def aggregate(
    window: Window, values: pl.Series | None, slices: Slices, *, events: Places, at: Places
) -> pl.Series:
    """Make one column of a window: one value for each slice, out of its rows and no other.

    Missing, NaN and infinite values of the column do not count.

    Args:
        window: What is made.
        values: The column it is made of, in the order of the rows; None for functions of rows.
        slices: Which rows each answer may see.
        events: When each row happened, in microseconds.
        at: The moment each slice is looked back from, in microseconds.

    Examples:
        >>> two = Slices(low=np.array([0, 1]), high=np.array([3, 1]))
        >>> spent = pl.Series([1.0, None, 4.0])
        >>> clock = np.array([0, 5, 9])
        >>> window = Window(name="mean", function="mean", column="spent")
        >>> aggregate(window, spent, two, events=clock, at=np.array([9, 9])).to_list()
        [2.5, None]
    """
    function = window.function
    if function == "recency":
        gap = (at - np.append(events, 0)[np.maximum(slices.high - 1, 0)]) / 1e6
        made = pl.Series(gap).set(pl.Series(slices.sizes == 0), None)
    elif function == "frequency":
        made = pl.Series(slices.sizes / ((window.length or DAY) / DAY))
    elif values is None:
        made = pl.Series(slices.sizes)
    elif function in NUMERIC:
        made = _numeric(function, values, slices)
    elif function == "last":
        made = _last(values, slices)
    elif function == "distinct":
        made = _distinct(values, slices)
    else:
        made = pl.Series(_counts(_present(values).is_not_null().to_numpy(), slices))
    return made.alias(window.name)

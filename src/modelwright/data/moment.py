"""Moments: the place of every row in time, and lengths of time in the same unit."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import parse_duration
from modelwright.kernel.errors import DataInvalid

__all__ = ["Index", "Moments", "moments_of", "stretch_of"]

Index = npt.NDArray[np.int64]

PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
"""Ticks of each unit of a moment."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """When each row happened.

    Examples:
        >>> Moments(at=np.array([1995, 1996]), per_second=0.0).at.tolist()
        [1995, 1996]
    """

    at: Index
    """One number a row, in the unit of the column."""
    per_second: float
    """How many units a second has; 0 when the numbers count steps, such as rows or years."""


def moments_of(frame: pl.DataFrame, contract: Contract) -> Moments:
    """Return the moment of each row: of the time column of the split, or its place among the rows.

    Args:
        frame: The table.
        contract: Its split policy names the column, or says that rows are in the order of time.

    Raises:
        DataInvalid: When the column is missing, empty in places, or cannot order rows.

    Examples:
        >>> moments_of.__name__
        'moments_of'
    """
    split = contract.data.split
    if split.order == "rows":
        return Moments(at=np.arange(frame.height, dtype=np.int64), per_second=0.0)
    name = split.time
    if name is None or name not in frame.columns:
        raise DataInvalid(
            f"a temporal split needs a column and data.split.time is {name!r}",
            why="without it rows cannot be assigned as the contract says",
            next_step="set data.split.time to a column of the data, or choose another policy",
        )
    column = frame[name]
    if not (column.dtype.is_temporal() or column.dtype.is_numeric()):
        raise DataInvalid(
            f"column {name} cannot order rows in time",
            why="a temporal split needs moments, not text",
            next_step=f"declare the type of {name} as datetime (or integer for a year or a step)",
            found=str(column.dtype),
            expected="a date, a moment or a number",
        )
    empty = column.null_count()
    if empty:
        raise DataInvalid(
            f"column {name} is empty in {empty} of {frame.height} rows",
            why="a row without a time has no place in a temporal split",
            next_step="fill the times in, leave the rows out, or choose another split policy",
        )
    if column.dtype.is_integer():
        return Moments(at=column.cast(pl.Int64).to_numpy().astype(np.int64), per_second=0.0)
    if column.dtype.is_numeric():  # the order counts, and fractions of a step have none
        return Moments(at=column.rank("dense").to_numpy().astype(np.int64), per_second=0.0)
    ticks = column.to_physical().to_numpy().astype(np.int64)
    unit = getattr(column.dtype, "time_unit", None)
    return Moments(at=ticks, per_second=float(PER_SECOND[unit]) if unit else 1 / 86_400)


def stretch_of(written: str, moments: Moments, contract: Contract) -> int:
    """Return a length of time of the split policy in the unit of the moments; 0 for an empty one.

    Args:
        written: A length such as `7d`, a number of steps, or `label` for the delay of the label.
        moments: When the rows happened.
        contract: It says how late labels come.

    Raises:
        DataInvalid: When a length is given and the rows have no clock, steps and they have one, or `label`
            and no delay is known.

    Examples:
        >>> stretch_of("3", Moments(at=np.arange(4), per_second=0.0), None)
        3
    """
    if not written:
        return 0
    text = contract.data.label.delay if written == "label" else written
    if not text:
        raise DataInvalid(
            "data.split.gap is the delay of the label, and data.label.delay is empty",
            why="how late labels come decides which rows may be learned from",
            next_step="set data.label.delay, or write the gap as a length such as 7d",
        )
    steps = text.isdigit()
    if steps != (moments.per_second == 0):
        clock = "a clock" if moments.per_second else "steps and no clock"
        raise DataInvalid(
            f"{text} cannot be measured on the time of the rows",
            why=f"the rows are ordered by {clock}",
            next_step="write a length such as 7d"
            if moments.per_second
            else "write a number of steps such as 7",
            found=text,
        )
    if steps:
        return int(text)
    return -int(-(parse_duration(text) / timedelta(seconds=1) * moments.per_second) // 1)

"""Deriving: each kind of derived feature, for a frame and for a single row, out of the same readers."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.features.cell import CELL_TYPES, cell_reader, clean_column
from modelwright.features.derived import DerivedSpec
from modelwright.features.distinct import distinct_places
from modelwright.features.expression import expression_of
from modelwright.features.text import hashed, weighed
from modelwright.features.value import MISSING

__all__ = ["Deriver", "deriver_of"]

Cells = tuple[float, ...]
"""The matrix cells of one row."""

Columns = npt.NDArray[np.float64]
"""The matrix columns of many rows."""

CIRCLES: Mapping[str, Callable[[datetime], float]] = {
    "month": lambda moment: (moment.month - 1) / 12,
    "day": lambda moment: (moment.day - 1) / 31,
    "weekday": lambda moment: moment.weekday() / 7,
    "hour": lambda moment: (moment.hour + moment.minute / 60) / 24,
}
"""How far round its circle a part of a date stands, from 0 to 1."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moments are read in UTC and stand without a zone
MICROSECOND = timedelta(microseconds=1)
DAY_IN_MICROSECONDS = 86_400_000_000


class Deriver(Protocol):
    """Makes the matrix columns of one derived feature; both ways give the same bits.

    Examples:
        >>> Deriver.__name__
        'Deriver'
    """

    def columns(self, frame: pl.DataFrame) -> Columns:
        """Make them for a frame."""
        ...

    def cells(self, row: Mapping[str, object]) -> Cells:
        """Make them for one row; a column that is not there is missing."""
        ...


class _OfOne:
    """Features of one column: a table of distinct values is read once each."""

    def __init__(self, spec: DerivedSpec, make: Callable[[object], Cells]) -> None:
        (self._input,) = spec.inputs
        self._read = cell_reader(self._input)
        self._make = make
        self._width = len(spec.outputs)

    def columns(self, frame: pl.DataFrame) -> Columns:
        known, places = distinct_places(frame[self._input.name])
        table = np.array([self._make(self._read(value)) for value in known], dtype=np.float64)
        made: Columns = table.reshape(len(known), self._width)[places]
        return made

    def cells(self, row: Mapping[str, object]) -> Cells:
        return self._make(self._read(row.get(self._input.name)))


class _Elapsed:
    """Days from one moment to another."""

    def __init__(self, spec: DerivedSpec) -> None:
        self._inputs = spec.inputs
        self._reads = [cell_reader(one) for one in spec.inputs]

    def columns(self, frame: pl.DataFrame) -> Columns:
        start, end = (
            clean_column(one, frame[one.name]).cast(pl.Datetime("us")).to_physical() for one in self._inputs
        )
        span = (end - start).cast(pl.Float64).fill_null(MISSING).to_numpy()
        # NumPy divides as Python does; Polars multiplies by the reciprocal, which is another number.
        made: Columns = (span / DAY_IN_MICROSECONDS)[:, None]
        return made

    def cells(self, row: Mapping[str, object]) -> Cells:
        start, end = (read(row.get(one.name)) for read, one in zip(self._reads, self._inputs, strict=True))
        if not (isinstance(start, datetime) and isinstance(end, datetime)):
            return (MISSING,)
        span = (end - EPOCH) // MICROSECOND - (start - EPOCH) // MICROSECOND
        return (float(span) / DAY_IN_MICROSECONDS,)


class _Custom:
    """A Polars expression over clean columns: one row is a frame of one row."""

    def __init__(self, spec: DerivedSpec) -> None:
        self._inputs = spec.inputs
        self._reads = [cell_reader(one) for one in spec.inputs]
        self._schema = {one.name: CELL_TYPES[one.kind] for one in spec.inputs}
        self._expression = expression_of(spec)

    def columns(self, frame: pl.DataFrame) -> Columns:
        clean = pl.DataFrame([clean_column(one, frame[one.name]) for one in self._inputs])
        return self._numbers(clean)[:, None]

    def cells(self, row: Mapping[str, object]) -> Cells:
        values = {
            one.name: [read(row.get(one.name))] for read, one in zip(self._reads, self._inputs, strict=True)
        }
        return (float(self._numbers(pl.DataFrame(values, schema=self._schema))[0]),)

    def _numbers(self, clean: pl.DataFrame) -> Columns:
        # A column of one row is calculated with as a scalar, by other rounding: no frame here has but one.
        rows = clean if clean.height != 1 else pl.concat([clean, clean])
        made = rows.select(self._expression.cast(pl.Float64).alias("made"))["made"]
        numbers = np.array(made.fill_null(MISSING).to_numpy(), dtype=np.float64)
        numbers[~np.isfinite(numbers)] = MISSING
        return numbers[: clean.height] if len(numbers) == rows.height else np.repeat(numbers, clean.height)


def _one_hot(levels: Sequence[str]) -> Callable[[object], Cells]:
    empty = (0.0,) * (len(levels) + 1)
    table = {level: (*empty[:place], 1.0, *empty[place + 1 :]) for place, level in enumerate(levels)}
    other = (*empty[1:], 1.0)
    return lambda value: empty if value is None else table.get(str(value), other)


def _target_mean(spec: DerivedSpec) -> Callable[[object], Cells]:
    table = dict(zip(spec.levels, spec.weights, strict=False))
    overall = spec.weights[-1]
    return lambda value: overall if value is None else table.get(str(value), overall)


def _cyclical(parts: Sequence[str]) -> Callable[[object], Cells]:
    missing = (MISSING,) * (2 * len(parts))

    def make(value: object) -> Cells:
        if not isinstance(value, datetime):
            return missing
        angles = [2 * math.pi * CIRCLES[part](value) for part in parts]
        return tuple(turn(angle) for angle in angles for turn in (math.sin, math.cos))

    return make


def _of_text(make: Callable[[str], Cells], width: int) -> Callable[[object], Cells]:
    missing = (MISSING,) * width
    return lambda value: missing if value is None else make(str(value))


def deriver_of(spec: DerivedSpec) -> Deriver:
    """Return what makes a derived feature.

    Raises:
        BundleRejected: When a stored expression cannot be read, or would run code.

    Examples:
        >>> from modelwright.features.derived import InputSpec
        >>> day = InputSpec(name="day", kind="date")
        >>> spec = DerivedSpec(
        ...     kind="cyclical", inputs=(day,), outputs=("day.month.sin", "day.month.cos"), parts=("month",)
        ... )
        >>> deriver_of(spec).cells({"day": "2026-01-31"})
        (0.0, 1.0)
    """
    width = len(spec.outputs)
    if spec.kind == "elapsed":
        return _Elapsed(spec)
    if spec.kind == "custom":
        return _Custom(spec)
    if spec.kind == "one_hot":
        return _OfOne(spec, _one_hot(spec.levels))
    if spec.kind == "target_mean":
        return _OfOne(spec, _target_mean(spec))
    if spec.kind == "cyclical":
        return _OfOne(spec, _cyclical(spec.parts))
    if spec.kind == "hashed_text":
        return _OfOne(spec, _of_text(lambda text: hashed(text, width), width))
    vocabulary = {term: place for place, term in enumerate(spec.levels)}
    return _OfOne(spec, _of_text(lambda text: weighed(text, vocabulary, spec.weights[0]), width))

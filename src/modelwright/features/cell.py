"""Cells of derived features: one column read into plain values, the same for a frame and for a single row."""

from collections.abc import Callable

import numpy as np
import polars as pl

from modelwright.features.derived import InputSpec
from modelwright.features.distinct import distinct_places
from modelwright.features.value import flag_of, label_of, moment_of, number_of

__all__ = ["CELL_TYPES", "CellReader", "cell_reader", "clean_column"]

CellReader = Callable[[object], object]
"""Reads one cell: a finite number, a boolean, a spelling, a moment, or None."""

CELL_TYPES: dict[str, type[pl.DataType] | pl.DataType] = {
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "category": pl.String,
    "date": pl.Datetime("us"),
}
"""The type each kind of cell has in a frame."""


def _known(kind: str, value: object) -> object:
    if kind == "category":
        return label_of(value)
    if kind == "date":
        return moment_of(value)
    number = number_of(value) if kind == "number" else flag_of(value)
    if number != number:  # noqa: PLR0124 - true for NaN alone
        return None
    return number if kind == "number" else bool(number)


def cell_reader(spec: InputSpec) -> CellReader:
    """Return what reads a cell of a column: spellings rewritten, values that mean missing as None.

    Examples:
        >>> read = cell_reader(InputSpec(name="job", kind="category", missing=("unknown",)))
        >>> read(" admin. "), read("unknown"), read(3.0)
        ('admin.', None, '3')
    """
    absent = {label for code in spec.missing if (label := label_of(code)) is not None}
    spelled = {label_of(old): new for old, new in spec.replace.items()}
    codes = {number for code in spec.missing if (number := number_of(code)) == number}
    plain = spec.kind == "number" and not absent and not spelled

    def read(value: object) -> object:
        if not plain:
            label = label_of(value)
            if label in absent:
                return None
            if label in spelled:
                value = spelled[label]
        found = _known(spec.kind, value)
        return None if spec.kind == "number" and found in codes else found

    return read


def clean_column(spec: InputSpec, values: pl.Series) -> pl.Series:
    """Read a whole column; equal to `cell_reader` on each of its cells.

    Examples:
        >>> clean_column(InputSpec(name="a", kind="number"), pl.Series([1, None, 3])).to_list()
        [1.0, None, 3.0]
    """
    dtype = CELL_TYPES[spec.kind]
    if spec.kind == "number" and values.dtype.is_numeric() and not spec.missing and not spec.replace:
        numbers = values.cast(pl.Float64)
        return numbers.set(~numbers.is_finite(), None).alias(spec.name)
    known, places = distinct_places(values)
    read = cell_reader(spec)
    table = pl.Series([read(value) for value in known], dtype=dtype)
    return table.gather(np.asarray(places)).alias(spec.name)

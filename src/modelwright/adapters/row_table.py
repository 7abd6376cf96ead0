"""Rows of Python values, as drivers of databases give them, to a table; types may differ from row to row."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import polars as pl

from modelwright.data.source_drift import Batch, stack

__all__ = ["table_of"]

ROWS = 20_000
"""Rows turned into columns at a time: Python values take ten times the room of the columns they become."""


def table_of(names: Sequence[str], rows: Iterable[Sequence[object]]) -> pl.DataFrame:
    """Return rows as a table; a column whose values are of several kinds becomes text, or the wider number.

    Examples:
        >>> table_of(["a", "b"], [(1, "x"), (2.5, 3)]).rows()
        [(1.0, 'x'), (2.5, '3')]
    """
    batches = list(_batches(names, rows))
    return stack(batches).frame if batches else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _batches(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Batch]:
    stream = iter(rows)
    while piece := list(islice(stream, ROWS)):
        columns = [
            _column(name, values) for name, values in zip(names, zip(*piece, strict=True), strict=True)
        ]
        yield Batch(name="rows", frame=pl.DataFrame(columns), zoned={})


def _column(name: str, values: Sequence[object]) -> pl.Series:
    try:
        column = pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        column = _mixed(name, values)
    return column if column.dtype != pl.Object else _mixed(name, values)


def _mixed(name: str, values: Sequence[object]) -> pl.Series:
    known = [value for value in values if value is not None]
    if all(isinstance(value, int | float) for value in known):
        numbers = [None if value is None else float(str(value)) for value in values]
        if all(not isinstance(value, int) or abs(value) < 2**53 for value in known):
            return pl.Series(name, numbers, dtype=pl.Float64)
    texts = [None if value is None else _text(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String)


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)

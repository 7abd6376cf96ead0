"""Checking a whole table: a pass over columns finds rows that may not fit; those alone are looked at."""

import math
from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.features.plan import FeaturePlan
from modelwright.features.value import number_of
from modelwright.kernel.clock import Clock
from modelwright.serving.row_check import LARGEST, LONGEST_TEXT, RowChecker, closed_labels

__all__ = ["TableChecker"]


def _number(column: Column, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return whether a number is certain to fit; text is read as a number first."""
    low, high = column.range or (None, None)
    value = pl.col(name)
    if dtype == pl.String:
        value = value.str.strip_chars().cast(pl.Float64, strict=False)
    value = value.cast(pl.Float64)
    fits = value.is_between(-LARGEST if low is None else low, LARGEST if high is None else high)
    if column.type == "integer":
        fits = fits & (value == value.floor())
    return fits


def _certain(column: Column, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return where a cell is certain to fit; everything else is looked at row by row."""
    null = pl.col(name).is_null() & pl.lit(column.nulls)
    if column.type in {"number", "integer"}:
        if not (dtype.is_numeric() or dtype == pl.String):
            return null
        codes = [number for code in column.missing_codes if (number := number_of(code)) == number]
        fits = _number(column, name, dtype)
        if codes and dtype.is_numeric():
            fits = fits | pl.col(name).cast(pl.Float64).is_in(codes)
        return null | fits
    if column.type == "boolean":
        return (
            null | pl.lit(value=True)
            if dtype == pl.Boolean and column.nulls
            else (pl.col(name).is_not_null() if dtype == pl.Boolean else null)
        )
    if column.type == "datetime":
        return null | pl.col(name).is_not_null() if dtype.is_temporal() else null
    if dtype != pl.String:
        return null
    text = pl.col(name).str.strip_chars()
    fits = (text.str.len_chars() <= LONGEST_TEXT) & ((text != "") | pl.lit(column.nulls))
    if column.categories is not None:
        fits = fits & text.is_in(sorted(closed_labels(column)))
    return null | fits


class TableChecker:
    """Checks tables of one contract for one plan; what it says of a row is what `RowChecker` says.

    Args:
        contract: What each column may hold.
        plan: The columns the model reads; those that conditions look at are looked at too, when there.
        clock: Tells how old a row is, where the contract limits that; None leaves it unlooked at.

    Examples:
        >>> TableChecker.__name__
        'TableChecker'
    """

    def __init__(self, contract: Contract, plan: FeaturePlan, *, clock: Clock | None = None) -> None:
        """Keep what is checked."""
        self._columns = contract.data.columns
        self._rows = RowChecker(contract, plan, clock=clock)
        self.reads = tuple(dict.fromkeys((*plan.columns, *self._rows.reads, *self._rows.aging)))
        """Columns that are looked at, when they are there."""

    def faults(self, frame: pl.DataFrame) -> Mapping[int, str]:
        """Return the places of rows that do not fit, each with all its faults in one line."""
        schema = frame.schema
        there = [name for name in self.reads if name in schema]
        certain = pl.all_horizontal(
            [_certain(self._columns[name], name, schema[name]).fill_null(value=False) for name in there]
        )
        numbered = frame.select(there).with_row_index("")
        # The age of a row is told row by row; tables of rows of the past are scored without a clock.
        aging = any(name in schema for name in self._rows.aging)
        doubt = ~frame.select(certain).to_series() | self._rows.breaking(frame)
        doubtful = numbered if aging else numbered.filter(doubt)
        found: dict[int, str] = {}
        for row in doubtful.iter_rows(named=True):
            place = int(row.pop(""))
            faults = self._rows.faults(
                [{name: _sent(value, self._columns[name]) for name, value in row.items()}]
            )
            if faults:
                found[place] = "; ".join(
                    (f"{fault.column}: " if fault.column else "")
                    + fault.what
                    + (f", {fault.next_step}" if fault.next_step else "")
                    for fault in faults
                )
        return found


def _sent(value: object, column: Column) -> object:
    """Return a cell as a client would have sent it: dates as text, blank and NaN as null, text as numbers."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and math.isnan(value):
        return None
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if column.type in {"number", "integer"}:
        number = number_of(text)
        return value if number != number else number  # noqa: PLR0124 - true for NaN alone
    return value

"""Conforming: a column as found turned into the type the contract says, or told why it cannot be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from modelwright.contracts.data import Column
from modelwright.data.dates import parse_dates
from modelwright.kernel.errors import Fault
from modelwright.tasks.labels import as_labels

__all__ = ["Conformed", "conform", "plainly"]

TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")

SHOWN = 3
"""Examples of unfit values in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformed:
    """One column after reading.

    Examples:
        >>> conform(pl.Series("a", ["1", " "]), Column(type="number"), where="a.csv").notes
        ('column a: 1 blank value read as missing',)
    """

    values: pl.Series
    """The column in the contract's type."""
    faults: tuple[Fault, ...] = ()
    """Why it does not fit."""
    notes: tuple[str, ...] = ()
    """What was changed on the way, counted."""


def plainly(column: pl.Series) -> pl.Series:
    """Return a column in one of the plain types: number, boolean, text or moment.

    Raises:
        ValueError: For nested or binary values, which have no plain form.

    Examples:
        >>> plainly(pl.Series("a", ["x"], dtype=pl.Categorical)).dtype
        String
    """
    dtype = column.dtype
    if dtype.is_nested() or dtype in {pl.Binary, pl.Object}:
        message = f"holds {dtype} values"
        raise ValueError(message)
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype in {pl.Null, pl.Time}:
        return column.cast(pl.String)
    if dtype.is_decimal():
        return column.cast(pl.Float64)
    if dtype == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if isinstance(dtype, pl.Datetime):
        moments = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if dtype.time_zone else column
        return moments.cast(pl.Datetime("us"))
    return column


def _times(count: int, word: str) -> str:
    return f"{count:,} {word} value" + ("" if count == 1 else "s")


def _examples(unfit: pl.Series, spec: Column) -> str:
    if spec.pii != "none" or spec.keep_out:
        return ""
    shown = [str(value)[:20] for value in unfit.unique(maintain_order=True).head(SHOWN).to_list()]
    return ", such as " + ", ".join(repr(value) for value in shown) if shown else ""


def _unfit(column: pl.Series, values: pl.Series, spec: Column, *, where: str, cure: str) -> tuple[Fault, ...]:
    bad = column.is_not_null() & values.is_null()
    count = int(bad.sum())
    if not count:
        return ()
    first = int(bad.arg_true()[0])
    told = f"{count:,} of {len(column):,} values are not of type {spec.type}"
    told += f"{_examples(column.filter(bad), spec)} (first: row {first})"
    return (Fault(f"{where}, column {column.name}", told, next_step=cure),)


def _replaced(column: pl.Series, spec: Column) -> tuple[pl.Series, list[str]]:
    if not spec.replace:
        return column, []
    text = as_labels(column)
    hits = int(text.is_in(list(spec.replace)).sum())
    changed = text.replace(spec.replace) if hits else column
    return changed, [f"column {column.name}: {_times(hits, 'spelling')} rewritten"] if hits else []


def _number_codes(codes: Sequence[str | float]) -> list[float]:
    found = []
    for code in codes:
        try:
            value = float(code)
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found


def _without_codes(column: pl.Series, spec: Column) -> tuple[pl.Series, list[str]]:
    if not spec.missing_codes:
        return column, []
    if column.dtype.is_numeric():
        numbers = pl.Series(_number_codes(spec.missing_codes), dtype=pl.Float64)
        mask = column.cast(pl.Float64).is_in(numbers.to_list())
    else:
        codes = [code if isinstance(code, str) else f"{code:g}" for code in spec.missing_codes]
        mask = as_labels(column).is_in([code.strip() for code in codes])
    hits = int(mask.sum())
    if not hits:
        return column, []
    return column.set(mask.fill_null(value=False), None), [
        f"column {column.name}: {_times(hits, 'coded')} read as missing"
    ]


def _blank(column: pl.Series) -> tuple[pl.Series, list[str]]:
    if column.dtype != pl.String:
        return column, []
    text = column.str.strip_chars()
    blank = text == ""
    count = int(blank.sum())
    note = [f"column {column.name}: {_times(count, 'blank')} read as missing"] if count else []
    return text.set(blank.fill_null(value=False), None), note


def _number(column: pl.Series, spec: Column, where: str) -> Conformed:
    cure = "correct them, list them in missing_codes, or declare the column as category"
    values = column if column.dtype == pl.Float64 else column.cast(pl.Float64, strict=False)
    faults = _unfit(column, values, spec, where=where, cure=cure)
    infinite = values.is_infinite().fill_null(value=False)
    count = int(infinite.sum())
    values = values.set(infinite, None).fill_nan(None) if count else values.fill_nan(None)
    notes = (f"column {column.name}: {_times(count, 'infinite')} read as missing",) if count else ()
    if spec.type == "integer":
        whole = values.cast(pl.Int64, strict=False)
        broken = values.is_not_null() & (values != values.floor())
        if int(broken.sum()):
            shown = _examples(values.filter(broken), spec)
            told = f"{int(broken.sum()):,} of {len(values):,} values have decimals{shown}"
            faults += (
                Fault(f"{where}, column {column.name}", told, next_step="declare the column as number"),
            )
        # Whole numbers above 2**53 lose digits as floats, so integers keep their own road.
        direct = column.cast(pl.Int64, strict=False) if not column.dtype.is_float() else whole
        values = direct.fill_null(whole) if direct.null_count() else direct
    return Conformed(values=values.alias(column.name), faults=faults, notes=notes)


def _boolean(column: pl.Series, spec: Column, where: str) -> Conformed:
    if column.dtype == pl.Boolean:
        return Conformed(values=column)
    text = as_labels(column).str.to_lowercase()
    table = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
    values = text.replace_strict(table, default=None, return_dtype=pl.Boolean)
    cure = "write true or false, list other values in missing_codes, or declare the column as category"
    return Conformed(values=values, faults=_unfit(text, values, spec, where=where, cure=cure))


def _datetime(column: pl.Series, spec: Column, where: str) -> Conformed:
    if column.dtype.is_temporal():
        return Conformed(values=column.cast(pl.Datetime("us")))
    place = f"{where}, column {column.name}"
    if column.dtype != pl.String:
        cure = "declare the column as integer (a temporal split can order numbers too), or write ISO dates"
        return Conformed(
            values=column, faults=(Fault(place, f"{column.dtype} values are not dates", next_step=cure),)
        )
    parsed = parse_dates(column)
    if parsed.ambiguous:
        cure = "write ISO dates, such as 2026-01-31"
        fault = Fault(place, "day and month can be read either way round", next_step=cure)
        return Conformed(values=parsed.values, faults=(fault,))
    cure = "write ISO dates, such as 2026-01-31, or list these values in missing_codes"
    return Conformed(values=parsed.values, faults=_unfit(column, parsed.values, spec, where=where, cure=cure))


def conform(column: pl.Series, spec: Column, *, where: str) -> Conformed:
    """Return a column in the type its contract says, with faults and notes.

    Spellings are rewritten first, then missing codes become empty, then the type is read.

    Args:
        column: The column as it stands in the file.
        spec: What the contract says of it.
        where: The file, for messages.

    Examples:
        >>> conform(pl.Series("a", ["1", "x"]), Column(type="number"), where="a.csv").faults[0].what
        "1 of 2 values are not of type number, such as 'x' (first: row 1)"
    """
    try:
        found = plainly(column)
    except ValueError as error:
        cure = "flatten the values into columns of their own"
        return Conformed(
            values=column, faults=(Fault(f"{where}, column {column.name}", str(error), next_step=cure),)
        )
    found, blanks = _blank(found)
    found, rewritten = _replaced(found, spec)
    found, coded = _without_codes(found, spec)
    if spec.type in {"number", "integer"}:
        result = _number(found, spec, where)
    elif spec.type == "boolean":
        result = _boolean(found, spec, where)
    elif spec.type == "datetime":
        result = _datetime(found, spec, where)
    else:
        result = Conformed(values=as_labels(found))
    notes = (*blanks, *rewritten, *coded, *result.notes)
    return Conformed(values=result.values.alias(column.name), faults=result.faults, notes=notes)

"""Dates written as text: read when every row can be read in one way, refused when two ways fit."""

from dataclasses import dataclass

import polars as pl

__all__ = ["ParsedDates", "parse_dates"]

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
"""Ways of writing that can be read in one way only: ISO 8601 and its neighbours."""

DAY_OR_MONTH_FIRST = (
    ("%d/%m/%Y", "%m/%d/%Y"),
    ("%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
)
"""Ways of writing that only the data can tell apart."""

SAMPLE = 1_000
"""Rows tried first, so that long text columns are dismissed quickly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDates:
    """What came of reading text as dates.

    Examples:
        >>> parse_dates(pl.Series(["2026-01-31"])).format
        '%Y-%m-%d'
    """

    values: pl.Series
    """The moments, UTC without a time zone; empty where the text is empty or cannot be read."""
    format: str
    """The way of writing that fits best; empty when none does."""
    unread: int
    """Rows with text that cannot be read in that way."""
    ambiguous: bool = False
    """Whether day and month could be meant either way round."""


def _try(text: pl.Series, format: str) -> pl.Series:  # noqa: A002 - strftime's own word
    return text.str.strptime(pl.Datetime("us"), format, strict=False)


def _try_zoned(text: pl.Series) -> pl.Series:
    moments = text.str.strptime(pl.Datetime("us", "UTC"), "%+", strict=False)
    return moments.dt.replace_time_zone(None)


def parse_dates(column: pl.Series) -> ParsedDates:
    """Read a text column as dates or moments.

    Examples:
        >>> parse_dates(pl.Series(["01/02/2026", "13/02/2026"])).values.dt.month().to_list()
        [2, 2]
        >>> parse_dates(pl.Series(["01/02/2026"])).ambiguous
        True
        >>> parse_dates(pl.Series(["soon"])).format
        ''
    """
    text = column.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    known = len(text) - text.null_count()
    nothing = ParsedDates(
        values=pl.Series(column.name, [None] * len(text), dtype=pl.Datetime("us")), format="", unread=known
    )
    sample = text.drop_nulls().head(SAMPLE)
    if not known or sample.str.contains(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").sum() < len(sample) / 2:
        return nothing
    best = nothing
    for candidate in FORMATS:
        best = _better(best, _read(text, _try(text, candidate), candidate))
        if not best.unread:
            return best
    for day_first, month_first in DAY_OR_MONTH_FIRST:
        days = _read(text, _try(text, day_first), day_first)
        months = _read(text, _try(text, month_first), month_first)
        if days.unread == months.unread == 0 and not days.values.equals(months.values):
            return ParsedDates(values=days.values, format=day_first, unread=0, ambiguous=True)
        best = _better(best, _better(days, months))
    return _better(best, _read(text, _try_zoned(text), "%+"))


def _read(text: pl.Series, values: pl.Series, format: str) -> ParsedDates:  # noqa: A002 - strftime's own word
    unread = int((text.is_not_null() & values.is_null()).sum())
    return ParsedDates(values=values, format=format if unread < len(text) else "", unread=unread)


def _better(one: ParsedDates, other: ParsedDates) -> ParsedDates:
    return other if other.unread < one.unread else one

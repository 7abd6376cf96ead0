"""Values: how one cell is read, whatever type it arrives in; the single definition behind both paths."""

import math
from datetime import UTC, date, datetime

__all__ = ["ABSTAIN", "DATE_PARTS", "MISSING", "date_part", "flag_of", "label_of", "moment_of", "number_of"]

MISSING = math.nan
"""How a missing value stands in the matrix."""

ABSTAIN = math.inf
"""How it stands in the matrix that a row must not be answered; no other cell is infinite."""

DATE_PARTS = ("year", "month", "day", "weekday", "hour")
"""Parts a date or moment is taken apart into; weekday counts from 1 on Monday (ISO 8601)."""

LONGEST_WHOLE = 1e15
"""Floats above this are not spelled as whole numbers: neighbours would share a spelling."""

YES = frozenset(("true", "1", "yes", "y", "t", "on"))
NO = frozenset(("false", "0", "no", "n", "f", "off"))


def label_of(value: object) -> str | None:
    """Return the spelling of a category: trimmed text, whole numbers without a decimal point.

    Examples:
        >>> label_of(" admin. "), label_of(3.0), label_of(True), label_of("")
        ('admin.', '3', 'true', None)
    """
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if abs(value) < LONGEST_WHOLE and value.is_integer() else repr(value)
    return str(value)


def number_of(value: object) -> float:
    """Return a number; what is missing, infinite or not a number is missing.

    Examples:
        >>> number_of("1.5"), number_of(2), number_of("many"), number_of(float("inf"))
        (1.5, 2.0, nan, nan)
    """
    try:
        number = float(value)  # type: ignore[arg-type]  # float itself says what it cannot read
    except (TypeError, ValueError, OverflowError):
        return MISSING
    return number if math.isfinite(number) else MISSING


def flag_of(value: object) -> float:
    """Return 1 for yes, 0 for no, missing for anything else.

    Examples:
        >>> flag_of(True), flag_of("no"), flag_of(1.0), flag_of("maybe")
        (1.0, 0.0, 1.0, nan)
    """
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    label = label_of(value)
    if label is None:
        return MISSING
    folded = label.casefold()
    return 1.0 if folded in YES else 0.0 if folded in NO else MISSING


def moment_of(value: object) -> datetime | None:
    """Return a moment; text is read as ISO 8601, moments with an offset are turned to UTC.

    Examples:
        >>> moment_of("2011-01-05T10:00+02:00")
        datetime.datetime(2011, 1, 5, 8, 0)
        >>> moment_of(date(2011, 1, 5)).hour, moment_of("soon")
        (0, None)
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        try:
            return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    return None


def date_part(moment: datetime, part: str) -> float:
    """Return one part of a moment.

    Examples:
        >>> date_part(datetime(2011, 1, 5, 8), "weekday")
        3.0
    """
    return float(moment.isoweekday() if part == "weekday" else getattr(moment, part))

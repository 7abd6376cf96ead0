"""Durations as people write them: `30s`, `10m`, `1h30m`, `7d`."""

import re
from datetime import timedelta

from modelwright.kernel.errors import ContractInvalid

__all__ = ["format_duration", "parse_duration"]

MICROSECONDS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
"""Microseconds of each unit, largest first."""

LONGEST = timedelta(days=36_525)
"""A hundred years: what is longer is a slip of the keyboard."""

PART = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(ms|us|[wdhms])")


def parse_duration(text: str) -> timedelta:
    """Read a duration: numbers with a unit (`us`, `ms`, `s`, `m`, `h`, `d`, `w`), added up.

    Args:
        text: What was written.

    Returns:
        The duration, exact to the microsecond.

    Raises:
        ContractInvalid: When the text is not a duration, or longer than a hundred years.

    Examples:
        >>> parse_duration("1h30m").total_seconds()
        5400.0
        >>> parse_duration("0s")
        datetime.timedelta(0)
    """
    stripped = text.strip()
    parts = PART.findall(stripped)
    if not parts or PART.sub("", stripped).strip():
        raise ContractInvalid(
            f"'{text}' is not a duration",
            why="a length of time without a unit can be read in several ways",
            next_step="write a number with its unit",
            expected="such as 30s, 10m, 1h, 1h30m, 7d",
        )
    microseconds = sum(float(number) * MICROSECONDS[unit] for number, unit in parts)
    if microseconds > LONGEST / timedelta(microseconds=1):
        raise ContractInvalid(
            f"'{text}' is longer than a hundred years",
            why="no window, delay or hold is that long",
            next_step="check the number and its unit",
        )
    return timedelta(microseconds=round(microseconds))


def format_duration(duration: timedelta) -> str:
    """Write a duration so that `parse_duration` reads the same length back.

    Examples:
        >>> format_duration(timedelta(minutes=90))
        '1h30m'
        >>> format_duration(timedelta(0))
        '0s'
    """
    rest = duration // timedelta(microseconds=1)
    written = []
    for unit, length in MICROSECONDS.items():
        count, rest = divmod(rest, length)
        if count:
            written.append(f"{count}{unit}")
    return "".join(written) or "0s"

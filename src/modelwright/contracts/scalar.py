"""Scalars of the YAML 1.2 core schema: what an unquoted word of a contract stands for."""

import math
import re
from collections.abc import Mapping

__all__ = ["Value", "plain_value"]

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
"""What a tree turns into."""

INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
REAL = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
LEADING_ZERO = re.compile(r"[-+]?0\d+", re.ASCII)
WORDS: Mapping[str, bool | float | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".inf": math.inf,
    "-.inf": -math.inf,
    ".nan": math.nan,
}
"""Plain words that are no text, of the YAML 1.2 core schema."""


def plain_value(text: str) -> Value:
    """Resolve an unquoted scalar; what has a leading zero is a code, not a number, and stays text.

    Examples:
        >>> plain_value("8"), plain_value("yes"), plain_value("007"), plain_value("~")
        (8, 'yes', '007', None)
    """
    if text in WORDS:
        return WORDS[text]
    if LEADING_ZERO.fullmatch(text):
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if REAL.fullmatch(text) else text

"""Layout: text, lists and tables fitted to the width of a terminal.

Widths are those a terminal draws: most characters take one cell, East Asian wide ones and pictographs two,
combining marks none (Unicode Standard Annex 11).
"""

import re
from collections.abc import Sequence
from unicodedata import combining, east_asian_width

__all__ = ["GAP", "cells", "cut", "fitted", "harmless", "padded", "wrapped"]

GAP = "  "
"""What stands between two columns."""

LEAST = 8
"""No column is made narrower than this while it has more to say."""

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""Characters that would steer the terminal instead of being shown, tabs included; lines may break."""


def cells(text: str) -> int:
    """Return how many cells of a terminal a line of text takes.

    Examples:
        >>> cells("done"), cells("日本"), cells("e\u0301")
        (4, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(mark) else 2 if east_asian_width(mark) in {"W", "F"} else 1
        for mark in text
        if mark != "\ufe0f"
    )


def harmless(text: str) -> str:
    r"""Replace control characters, so that a name out of a table cannot steer the terminal.

    Examples:
        >>> harmless("a\x1b[2Jb\tc")
        'a [2Jb c'
    """
    return CONTROL.sub(" ", text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Fill a line up to a width; numbers are moved to the right.

    Examples:
        >>> padded("8", 3, right=True), padded("ab", 3)
        ('  8', 'ab ')
    """
    room = " " * max(0, width - cells(text))
    return room + text if right else text + room


def wrapped(text: str, width: int) -> list[str]:
    """Break text into lines at spaces; a word that is too long is cut.

    Examples:
        >>> wrapped("a leak is found", 8)
        ['a leak', 'is found']
        >>> wrapped("sha256:abcdef", 6)
        ['sha256', ':abcde', 'f']
    """
    lines: list[str] = []
    for paragraph in harmless(text).split("\n"):
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if cells(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            *whole, line = _cut(word, width)
            lines += whole
        lines.append(line)
    return [line.rstrip(" ") for line in lines]


def _cut(word: str, width: int) -> list[str]:
    pieces, piece = [], ""
    for mark in word:
        if piece and cells(piece + mark) > width:
            pieces.append(piece)
            piece = ""
        piece += mark
    return [*pieces, piece]


def cut(text: str, width: int) -> str:
    """Cut a line that is too long, and show that it was cut.

    Examples:
        >>> cut("a leak is found", 9)
        'a leak i…'
    """
    return text if cells(text) <= width else _cut(text, width - 1)[0] + "…"


def fitted(natural: Sequence[int], *, least: Sequence[int], room: int) -> list[int]:
    """Share the room of a line among columns so that the tallest cell becomes as low as it can.

    Each column starts with its longest word; what is left goes, cell by cell, to the column that folds most.

    Args:
        natural: The width at which a column need not fold.
        least: The width of its longest word; a column is narrower only where the room demands it.
        room: Cells there are for all columns.

    Examples:
        >>> fitted([4, 5, 30], least=[4, 5, 9], room=60)
        [4, 5, 30]
        >>> fitted([4, 120, 40], least=[4, 10, 10], room=64)
        [4, 45, 15]
    """
    if sum(natural) <= room:
        return list(natural)
    widths = [min(wide, max(word, LEAST)) for wide, word in zip(natural, least, strict=True)]
    while sum(widths) > room and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    for _ in range(room - sum(widths)):
        folds = [wide / width if width else 0.0 for wide, width in zip(natural, widths, strict=True)]
        widths[folds.index(max(folds))] += 1
    return widths

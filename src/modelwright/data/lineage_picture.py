"""The picture of a lineage: three columns of names, and lines from each name to what is made of it."""

from collections.abc import Sequence
from html import escape

__all__ = ["draw"]

WIDTH, LINE, TOP = 960, 18, 40
"""Width of the picture, height of a name, and room for the heads, in pixels."""
MOST_NAMES = 60
"""Names drawn in a column; the rest are counted."""
LONGEST_NAME = 34
"""Letters of a name that are drawn."""
BOX = 230
"""Width of a name's box."""
COLOURS = ("#4c6a92", "#2f7d6b", "#8a5a2b")
"""Sources, snapshot, matrix: told apart by place as well."""


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _left(column: int) -> float:
    return 10 + column * (WIDTH - BOX - 20) / 2


def _box(column: int, place: int, name: str) -> str:
    x, y = _left(column), TOP + place * LINE
    title = f"<title>{escape(name)}</title>"
    return (
        f'<g>{title}<rect x="{x:g}" y="{y:g}" width="{BOX}" height="{LINE - 3}" rx="3" '
        f'fill="{COLOURS[column]}" fill-opacity="0.12"/><text x="{x + 6:g}" y="{y + 11.5:g}" '
        f'font-size="10.5" fill="currentColor">{escape(_cut(name))}</text></g>'
    )


def _curve(column: int, start: int, end: int) -> str:
    x, far = _left(column) + BOX, _left(column + 1)
    y, low = (TOP + place * LINE + (LINE - 3) / 2 for place in (start, end))
    bend = (x + far) / 2
    return (
        f'<path d="M{x:g} {y:g}C{bend:g} {y:g} {bend:g} {low:g} {far:g} {low:g}" fill="none" '
        f'stroke="{COLOURS[column]}" stroke-opacity="0.45"/>'
    )


def draw(
    heads: Sequence[str], columns: Sequence[Sequence[str]], links: Sequence[tuple[int, str, str]]
) -> str:
    """Draw the picture as SVG.

    Args:
        heads: What each of the three columns holds.
        columns: The names in each.
        links: Lines from a name of column 0 or 1 to a name of the next.

    Examples:
        >>> draw(("a", "b", "c"), (("x",), ("y",), ()), [(0, "x", "y")]).count("<path")
        1
    """
    shown = [list(names[:MOST_NAMES]) for names in columns]
    places = [{name: place for place, name in enumerate(names)} for names in shown]
    for names, everything in zip(shown, columns, strict=True):
        if len(everything) > len(names):
            names.append(f"and {len(everything) - len(names)} more")
    height = TOP + LINE * max(map(len, shown), default=0) + 8
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
    parts = [opening + 'aria-label="Lineage" font-family="system-ui, sans-serif">']
    parts += [
        f'<text x="{_left(column):g}" y="22" font-size="12" font-weight="600" fill="currentColor">'
        f"{escape(head)}</text>"
        for column, head in enumerate(heads)
    ]
    parts += [
        _curve(column, places[column][start], places[column + 1][end])
        for column, start, end in dict.fromkeys(links)
        if start in places[column] and end in places[column + 1]
    ]
    parts += [
        _box(column, place, name) for column, names in enumerate(shown) for place, name in enumerate(names)
    ]
    return "".join([*parts, "</svg>"])

"""Pictures of a profile: small multiples and a map of associations, as SVG written by hand.

Thirty small charts drawn one by one by a plotting library take seconds; as text they take milliseconds.
"""

from collections.abc import Sequence
from html import escape

from modelwright.data.association import Association
from modelwright.data.column_profile import ColumnProfile

__all__ = ["distributions", "heatmap", "trends"]

BLUE, ORANGE, INK, SOFT = "#0072B2", "#D55E00", "#1c2330", "#5b6577"
"""Two of Okabe and Ito's colours, told apart with any colour vision, and two greys."""
ACROSS = 4
WIDTH, HEIGHT = 176, 104
MOST_CELLS = 60
MOST_BARS = 6
MOST_MAPPED = 24


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(x: float, y: float, text: str, *, size: int = 10, colour: str = SOFT, end: bool = False) -> str:
    anchor = " text-anchor='end'" if end else ""
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{colour}'{anchor}>{escape(text)}</text>"


def _svg(cells: Sequence[str], title: str) -> str:
    rows = -(-len(cells) // ACROSS)
    placed = [
        f"<g transform='translate({place % ACROSS * WIDTH},{place // ACROSS * HEIGHT})'>{cell}</g>"
        for place, cell in enumerate(cells)
    ]
    return (
        f"<svg role='img' xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {ACROSS * WIDTH} {rows * HEIGHT}' "
        f"font-family='sans-serif'><title>{escape(title)}</title>{''.join(placed)}</svg>"
    )


def _head(column: ColumnProfile) -> str:
    empty = f"{column.nulls / column.rows:.0%} empty" if column.nulls and column.rows else ""
    return _text(4, 13, _cut(column.name, 20), size=11, colour=INK) + _text(168, 13, empty, size=9, end=True)


def _histogram(column: ColumnProfile) -> str:
    highest, step = max(column.counts) or 1, 164 / len(column.counts)
    bars = [
        f"<rect x='{4 + place * step:.1f}' y='{84 - 62 * count / highest:.1f}' width='{step * 0.9:.1f}' "
        f"height='{62 * count / highest:.1f}' fill='{BLUE}'/>"
        for place, count in enumerate(column.counts)
    ]
    low, high = _text(4, 96, f"{column.edges[0]:.4g}", size=9), f"{column.edges[-1]:.4g}"
    return _head(column) + "".join(bars) + low + _text(168, 96, high, size=9, end=True)


def _bars(column: ColumnProfile) -> str:
    shown = column.top[:MOST_BARS]
    highest = max(count for _, count in shown) or 1
    parts = [_head(column)]
    for place, (value, count) in enumerate(shown):
        top = 20 + place * 13
        parts.append(f"<rect x='74' y='{top}' width='{94 * count / highest:.1f}' height='10' fill='{BLUE}'/>")
        parts.append(_text(70, top + 9, _cut(value, 12), size=9, end=True))
    return "".join(parts)


def distributions(columns: Sequence[ColumnProfile]) -> str:
    """Draw how the values of each column spread: a histogram of numbers, bars of the commonest categories.

    Args:
        columns: The columns; those without numbers or common values are passed over.

    Returns:
        A complete `<svg>` element; empty when there is nothing to draw.

    Examples:
        >>> from modelwright.data.column_profile import ColumnProfile
        >>> made = ColumnProfile(
        ...     name="a",
        ...     dtype="Int64",
        ...     kind="integer",
        ...     rows=3,
        ...     nulls=0,
        ...     unique=2,
        ...     edges=(0, 1, 2),
        ...     counts=(1, 2),
        ... )
        >>> distributions([made]).startswith("<svg role='img'")
        True
    """
    cells = [
        _histogram(column) if column.counts else _bars(column)
        for column in columns
        if column.counts or column.top
    ]
    return _svg(cells[:MOST_CELLS], "Distribution of each column") if cells else ""


def trends(columns: Sequence[ColumnProfile]) -> str:
    """Draw how the average of each column moves over eight periods of time.

    Examples:
        >>> trends([])
        ''
    """
    cells = []
    for column in columns[:MOST_CELLS]:
        low, high = min(column.trend), max(column.trend)
        reach, step = (high - low) or 1.0, 160 / max(len(column.trend) - 1, 1)
        points = " ".join(
            f"{6 + place * step:.1f},{82 - 56 * (value - low) / reach:.1f}"
            for place, value in enumerate(column.trend)
        )
        line = f"<polyline points='{points}' fill='none' stroke='{ORANGE}' stroke-width='2'/>"
        ends = _text(4, 96, f"{low:.3g} to {high:.3g}", size=9)
        index = _text(168, 96, f"index {column.drift:.2f}", size=9, end=True)
        cells.append(_head(column) + line + ends + index)
    return _svg(cells, "Averages over time of the columns that moved most") if cells else ""


def heatmap(found: Sequence[Association]) -> str:
    """Draw the columns of the strongest associations against each other, darker for stronger.

    Examples:
        >>> heatmap([])
        ''
    """
    strength = {(item.first, item.second): abs(item.value) for item in found}
    names = list(dict.fromkeys(name for item in found for name in (item.first, item.second)))[:MOST_MAPPED]
    if len(names) < 2:
        return ""
    side, left = 20, 120
    parts = []
    for row, first in enumerate(names):
        parts.append(_text(left - 4, row * side + 14, _cut(first, 18), size=10, end=True))
        for column, second in enumerate(names[:row]):
            value = strength.get((first, second), strength.get((second, first), 0.0))
            told = escape(f"{first}, {second}: {value:.2f}")
            parts.append(
                f"<rect x='{left + column * side}' y='{row * side}' width='{side - 1}' height='{side - 1}' "
                f"fill='{BLUE}' fill-opacity='{max(value, 0.03):.2f}'><title>{told}</title></rect>"
            )
            if value >= 0.3:
                number = f"{value:.1f}".lstrip("0")
                ink = "#fff" if value > 0.55 else INK
                parts.append(_text(left + column * side + 3, row * side + 14, number, size=9, colour=ink))
    size = left + len(names) * side
    return (
        f"<svg role='img' xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {len(names) * side}' "
        f"font-family='sans-serif'><title>Strength of association of pairs of columns</title>"
        f"{''.join(parts)}</svg>"
    )

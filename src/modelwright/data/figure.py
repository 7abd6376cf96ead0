"""The house's plots: SVG text, the same bytes for the same numbers, readable without colour vision."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

__all__ = ["PALETTE", "Line", "Mark", "bars", "drawing", "histogram", "line", "svg_of"]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, told apart with any colour vision (Color Universal Design, 2008)."""

POINTS = 10
"""Size of the letters."""

LETTER = 0.56
"""Width of a letter in units of its size, in a wide font and on average."""

STYLES = ("-", "--", "-.", ":")
"""Line styles, so that lines differ without colour too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a plot, with an optional band around it.

    Examples:
        >>> Line(name="model", x=(0.0, 1.0), y=(0.2, 0.8)).name
        'model'
    """

    name: str
    """The line's name in the legend; empty leaves it out."""
    x: Sequence[float]
    """Where the points lie."""
    y: Sequence[float]
    """Their values."""
    low: Sequence[float] | None = None
    """Lower edge of the band, when there is one."""
    high: Sequence[float] | None = None
    """Upper edge of the band."""
    points: bool = False
    """Whether each point is marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place on the horizontal axis that is named, such as a chosen threshold.

    Examples:
        >>> Mark(x=0.35, text="threshold 0.35").text
        'threshold 0.35'
    """

    x: float
    """Where it stands."""
    text: str
    """What it is."""


@contextmanager
def drawing(width: float, height: float) -> Iterator[tuple["Canvas", "Axes"]]:
    """Give an empty plot in the house's style; draw on it and return `svg_of` it, all in the block.

    Args:
        width: In inches.
        height: In inches.

    Examples:
        >>> with drawing(6.0, 4.0) as (canvas, axes):
        ...     _ = axes.plot([0, 1], [0, 1])
        ...     svg_of(canvas, axes, title="A line")[:4]
        '<svg'
    """
    # Plotting is slow to load and only reports need it.
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    # Text stays text, so that a page can be searched and read aloud.
    settings = rc_context(
        {
            "svg.hashsalt": "modelwright",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": POINTS,
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e3e3e3",
            "grid.linewidth": 0.6,
            "axes.axisbelow": True,
            "axes.edgecolor": "#777777",
            "axes.titlelocation": "left",
            "legend.frameon": False,
            "text.parse_math": False,
        }
    )
    with settings:
        canvas = Canvas(figsize=(width, height))
        yield canvas, canvas.add_subplot()


def _leave_room(canvas: "Canvas", axes: "Axes") -> None:
    """Leave room for the words around a plot, by how many letters they have.

    Whoever shows the page picks the font, so that measuring ours exactly would be exact about nothing, and
    takes as long as drawing.
    """
    width, height = canvas.get_size_inches()
    em = POINTS / 72
    longest = max((len(label.get_text()) for label in axes.get_yticklabels()), default=0)
    left = em * (LETTER * longest + (2.6 if axes.get_ylabel() else 1.0))
    bottom = em * (3.7 if axes.get_xlabel() else 2.0)
    canvas.subplots_adjust(
        left=min(left / width, 0.6),
        right=1 - 1.5 * em / width,
        bottom=bottom / height,
        top=1 - 2.9 * em / height,
    )


def svg_of(canvas: "Canvas", axes: "Axes", *, title: str) -> str:
    """Return a drawn plot as a complete `<svg>` element; the same plot gives the same text.

    Args:
        canvas: What `drawing` gave.
        axes: The plot on it.
        title: What the plot shows, for those who cannot see it.

    Examples:
        >>> with drawing(6.0, 4.0) as (canvas, axes):
        ...     "aria-label" in svg_of(canvas, axes, title="Nothing")
        True
    """
    from xml.sax.saxutils import quoteattr

    _leave_room(canvas, axes)
    stream = io.StringIO()
    canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    # The page sets the width; the view box keeps the shape.
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return text.replace("<svg", f"<svg role='img' aria-label={quoteattr(title)}", 1)


def _legend(axes: "Axes") -> None:
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=9)


def line(
    series: Sequence[Line],
    *,
    title: str,
    x_label: str,
    y_label: str,
    diagonal: bool = False,
    marks: Sequence[Mark] = (),
) -> str:
    """Draw lines, with bands, a diagonal and named places where asked for.

    Args:
        series: The lines.
        title: What the plot shows.
        x_label: What runs along the bottom.
        y_label: What runs up the side.
        diagonal: Whether the line from (0, 0) to (1, 1) is drawn, as for ROC and calibration.
        marks: Places on the horizontal axis to name.

    Returns:
        A complete `<svg>` element; the same input gives the same text.

    Examples:
        >>> svg = line([Line(name="a", x=(0, 1), y=(0, 1))], title="T", x_label="x", y_label="y")
        >>> svg.startswith("<svg role='img'")
        True
    """
    with drawing(6.0, 4.0) as (canvas, axes):
        if diagonal:
            axes.plot((0, 1), (0, 1), color="#999999", linewidth=1, linestyle=":")
        for index, item in enumerate(series):
            colour = PALETTE[index % len(PALETTE)]
            axes.plot(
                list(item.x),
                list(item.y),
                color=colour,
                linestyle=STYLES[index % len(STYLES)],
                marker="o" if item.points else None,
                markersize=4,
                linewidth=1.8,
                label=item.name or None,
            )
            if item.low is not None and item.high is not None:
                axes.fill_between(
                    list(item.x), list(item.low), list(item.high), color=colour, alpha=0.18, linewidth=0
                )
        for mark in marks:
            axes.axvline(mark.x, color="#444444", linewidth=1, linestyle="--")
            axes.annotate(
                mark.text,
                (mark.x, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(4, -10),
                textcoords="offset points",
                fontsize=9,
            )
        axes.set(title=title, xlabel=x_label, ylabel=y_label)
        _legend(axes)
        return svg_of(canvas, axes, title=title)


def bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    x_label: str,
    errors: Sequence[tuple[float, float] | None] | None = None,
) -> str:
    """Draw horizontal bars, the first on top.

    Args:
        names: What each bar stands for.
        values: How long each bar is.
        title: What the plot shows.
        x_label: What the length means.
        errors: Ends (low, high) of an interval per bar, None where there is none.

    Returns:
        A complete `<svg>` element.

    Examples:
        >>> "age" in bars(["age"], [0.4], title="Importance", x_label="share of gain", errors=[(0.3, 0.5)])
        True
    """
    with drawing(6.0, max(1.6, 0.9 + 0.28 * len(names))) as (canvas, axes):
        places = range(len(names))
        axes.barh(list(places), list(values), color=PALETTE[0], height=0.7)
        for place, value, ends in zip(places, values, errors or [None] * len(names), strict=True):
            if ends is not None:
                reach = [[max(value - ends[0], 0.0)], [max(ends[1] - value, 0.0)]]
                axes.errorbar([value], [place], xerr=reach, color="#222222", capsize=3, linewidth=1)
        axes.set_yticks(list(places), [_cut(name) for name in names])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set(title=title, xlabel=x_label)
        return svg_of(canvas, axes, title=title)


def _cut(name: str, longest: int = 32) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def histogram(
    edges: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    x_label: str,
    y_label: str = "share of rows",
) -> str:
    """Draw binned counts as shares, one outline per name, so that sets of different size compare.

    Args:
        edges: Edges of the bins, one more than there are bins; finite.
        series: Name to the count of each bin.
        title: What the plot shows.
        x_label: What is binned.
        y_label: What the height means.

    Returns:
        A complete `<svg>` element.

    Examples:
        >>> svg = histogram([0, 1, 2], {"then": [3, 1], "now": [1, 3]}, title="Age", x_label="years")
        >>> "then" in svg and "now" in svg
        True
    """
    with drawing(6.0, 3.2) as (canvas, axes):
        for index, (name, counts) in enumerate(series.items()):
            total = sum(counts) or 1
            colour = PALETTE[index % len(PALETTE)]
            shares = [count / total for count in counts]
            axes.stairs(
                shares,
                list(edges),
                color=colour,
                label=name or None,
                linewidth=1.6,
                linestyle=STYLES[index % len(STYLES)],
            )
            axes.stairs(shares, list(edges), color=colour, alpha=0.15, fill=True)
        axes.set(title=title, xlabel=x_label, ylabel=y_label)
        _legend(axes)
        return svg_of(canvas, axes, title=title)

"""A plot of estimates as points with intervals, against the estimate of the whole."""

from collections.abc import Sequence

from modelwright.data.figure import PALETTE, drawing, svg_of
from modelwright.evaluation.estimate import Estimate

__all__ = ["intervals"]

LONGEST_NAME = 36


def intervals(
    estimates: Sequence[tuple[str, Estimate]], *, title: str, x_label: str, whole: Estimate | None
) -> str:
    """Draw one point with its interval per line, the first on top, and the whole as a band behind them.

    Points and not bars: what differs between slices is small against their distance from 0.

    Args:
        estimates: What each line stands for, and its estimate; the value is known.
        title: What the plot shows.
        x_label: What runs along the bottom.
        whole: The estimate over all rows; None leaves it out.

    Returns:
        A complete `<svg>` element; the same input gives the same text.

    Examples:
        >>> found = Estimate(
        ...     metric="f1", value=0.5, low=0.4, high=0.6, level=0.95, rows=90, direction="higher"
        ... )
        >>> "student" in intervals([("student", found)], title="f1 by job", x_label="f1", whole=found)
        True
    """
    with drawing(6.0, max(1.8, 1.0 + 0.3 * len(estimates))) as (canvas, axes):
        if whole is not None and whole.value is not None:
            if whole.low is not None and whole.high is not None:
                axes.axvspan(whole.low, whole.high, color=PALETTE[1], alpha=0.15, linewidth=0)
            axes.axvline(whole.value, color=PALETTE[1], linewidth=1.4, linestyle="--", label="all rows")
            axes.legend(fontsize=9, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
        for place, (_, found) in enumerate(estimates):
            if found.low is not None and found.high is not None:
                axes.plot([found.low, found.high], [place, place], color=PALETTE[0], linewidth=2)
            axes.plot([found.value or 0.0], [place], "o", color=PALETTE[0], markersize=6)
        axes.set_yticks(range(len(estimates)), [_cut(name) for name, _ in estimates])
        axes.set_ylim(len(estimates) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.set(title=title, xlabel=x_label)
        return svg_of(canvas, axes, title=title)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"

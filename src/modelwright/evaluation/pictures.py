"""The report's pictures: each with a caption that says in words what it shows."""

from collections.abc import Mapping, Sequence

from modelwright.data.figure import Line, bars, line
from modelwright.evaluation.curve import CalibrationBin, Curve, ResidualBin
from modelwright.evaluation.estimate import Estimate, SliceResult, number
from modelwright.evaluation.interval_plot import intervals
from modelwright.kernel.document import Block, Figure, Heading, Table

__all__ = [
    "calibration_section",
    "importance_section",
    "ranking_section",
    "residual_section",
    "slice_section",
]

MOST_BARS = 20
"""Most bars in one figure."""


def calibration_section(
    bins: Sequence[CalibrationBin], *, error: Estimate | None, task: str
) -> tuple[Block, ...]:
    """Return promised against observed shares.

    Examples:
        >>> calibration_section((), error=None, task="binary")
        ()
    """
    if not bins:
        return ()
    observed = Line(
        name="observed share",
        x=[b.mean_score for b in bins],
        y=[b.observed for b in bins],
        low=[b.interval_low for b in bins],
        high=[b.interval_high for b in bins],
        points=True,
    )
    what = "the score of the positive class" if task == "binary" else "the score of the likeliest class"
    fewest = min(b.rows for b in bins)
    told = "" if error is None else f" Calibration error: {error.told()}."
    return (
        Heading(text="Can scores be taken at their word?"),
        Figure(
            svg=line(
                [observed],
                title="Promised and observed",
                x_label="mean score in the bin (promised)",
                y_label="share that came true (observed)",
                diagonal=True,
            ),
            caption=f"On the dotted line {what} is a true probability; below it scores promise too much. "
            f"{len(bins)} bins of {fewest:,} rows or more, with Wilson's intervals.{told}",
        ),
    )


def ranking_section(
    curves: Sequence[Curve], *, auc: Estimate | None, precision: Estimate | None, share: float | None
) -> tuple[Block, ...]:
    """Return the ROC and the precision-recall curve.

    Examples:
        >>> ranking_section((), auc=None, precision=None, share=None)
        ()
    """
    named = {curve.name: curve for curve in curves}
    if not named:
        return ()
    blocks: list[Block] = [Heading(text="Does it rank well?")]
    if "roc" in named:
        told = "" if auc is None else f" Area below the curve: {auc.told()}."
        svg = line(
            [Line(name="model", x=named["roc"].x, y=named["roc"].y)],
            title="ROC: positives found against false alarms",
            x_label="share of negatives answered yes",
            y_label="share of positives answered yes",
            diagonal=True,
        )
        blocks.append(Figure(svg=svg, caption=f"The dotted line is a coin.{told}"))
    if "precision_recall" in named:
        told = "" if precision is None else f" Average precision: {precision.told()}."
        lines = [Line(name="model", x=named["precision_recall"].x, y=named["precision_recall"].y)]
        if share is not None:
            lines.append(Line(name="everything answered yes", x=(0.0, 1.0), y=(share, share)))
        svg = line(
            lines,
            title="Precision and recall: right among yes answers against positives found",
            x_label="share of positives answered yes (recall)",
            y_label="share of yes answers that are right (precision)",
        )
        blocks.append(Figure(svg=svg, caption=f"Each place on the line is one threshold.{told}"))
    return tuple(blocks)


def slice_section(
    slices: Sequence[SliceResult], *, primary: str, overall: Estimate | None
) -> tuple[Block, ...]:
    """Return the primary metric slice by slice, with intervals.

    Examples:
        >>> slice_section((), primary="roc_auc", overall=None)
        ()
    """
    if not slices:
        return ()
    blocks: list[Block] = [Heading(text="Slices")]
    for column in dict.fromkeys(item.column for item in slices):
        known = [
            (item, found)
            for item in slices
            if item.column == column and (found := item.of(primary)) is not None and found.value is not None
        ]
        if not known:
            continue
        shown = known[:MOST_BARS]
        against = "" if overall is None or overall.value is None else f" Overall: {overall.told()}."
        svg = intervals(
            [(f"{item.value}  ({item.rows:,})", found) for item, found in shown],
            title=f"{primary} by {column}",
            x_label=primary,
            whole=overall,
        )
        more = f" The {len(shown)} largest of {len(known)} are drawn." if len(known) > len(shown) else ""
        blocks.append(Figure(svg=svg, caption=f"{primary} where {column} has this value.{against}{more}"))
    metrics = [found.metric for found in slices[0].estimates]
    rows = tuple(
        (item.name, f"{item.rows:,}", *(found.told() for found in item.estimates)) for item in slices
    )
    caption = "Unknown: fewer rows than agreed, or the metric is not defined there. Unknown is not zero."
    blocks.append(Table(columns=("slice", "rows", *metrics), rows=rows, caption=caption))
    return tuple(blocks)


def residual_section(
    bins: Sequence[ResidualBin], *, quantiles: Sequence[tuple[float, float]], target: str
) -> tuple[Block, ...]:
    """Return predicted against actual, the bias along the predictions, and how large errors get.

    Examples:
        >>> residual_section((), quantiles=(), target="price")
        ()
    """
    if not bins:
        return ()
    predicted = [b.predicted for b in bins]
    actual = Line(
        name="actual: mean, and where 80 % of rows lie",
        x=predicted,
        y=[b.actual for b in bins],
        low=[b.actual_low for b in bins],
        high=[b.actual_high for b in bins],
        points=True,
    )
    ends = (min(predicted), max(predicted))
    perfect = Line(name="as predicted", x=ends, y=ends)
    residual = Line(
        name="mean error and its interval",
        x=predicted,
        y=[b.bias for b in bins],
        low=[b.bias_low for b in bins],
        high=[b.bias_high for b in bins],
        points=True,
    )
    none = Line(name="no bias", x=ends, y=(0.0, 0.0))
    sizes = tuple((f"{100 * share:g} %", number(size)) for share, size in quantiles)
    fewest = min(b.rows for b in bins)
    return (
        Heading(text="Predicted and actual"),
        Figure(
            svg=line(
                [actual, perfect],
                title=f"{target}: predicted against actual",
                x_label=f"predicted {target}",
                y_label=f"actual {target}",
            ),
            caption=f"{len(bins)} bins of {fewest:,} rows or more with similar predictions.",
        ),
        Figure(
            svg=line(
                [residual, none],
                title="Predicted minus actual, along the predictions",
                x_label=f"predicted {target}",
                y_label="mean error (above 0: too high)",
            ),
            caption="Where the band lies away from 0 there is a bias that a correction could take off.",
        ),
        Table(
            columns=("share of rows", f"error stays below ({target})"),
            rows=sizes,
            caption="How large errors get, without their sign.",
        ),
    )


def importance_section(importance: Mapping[str, float]) -> tuple[Block, ...]:
    """Return what the model looked at, largest first.

    Examples:
        >>> importance_section({})
        ()
    """
    if not importance:
        return ()
    ranked = sorted(importance.items(), key=lambda item: -item[1])[:MOST_BARS]
    svg = bars(
        [name for name, _ in ranked],
        [value for _, value in ranked],
        title="What the model looks at",
        x_label="importance, as recorded by the run",
    )
    caption = "What the model uses, not what causes the outcome."
    return Heading(text="What the model looks at"), Figure(svg=svg, caption=caption)

"""The report on paper: blocks that a product owner understands and a statistician can check."""

from collections.abc import Mapping, Sequence
from typing import Literal

from modelwright.data.figure import Line, Mark, line
from modelwright.evaluation.curve import CostPoint
from modelwright.evaluation.estimate import Comparison, Estimate, number
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.threshold import ThresholdChoice
from modelwright.kernel.document import Block, Callout, Figure, Heading, Table, Text
from modelwright.kernel.outcome import Status

__all__ = [
    "comparison_section",
    "confusion_table",
    "cost_section",
    "headline",
    "metric_table",
]

TO = "\u00a0to\u00a0"
"""Between the ends of an interval; the spaces do not break, so that the ends stay on one line."""

WORDS = {Status.PASSED: "better", Status.FAILED: "worse", Status.UNKNOWN: "not shown"}
"""What a comparison's outcome is called."""


TONES: Mapping[Status, Literal["note", "failed", "unknown"]] = {
    Status.PASSED: "note",
    Status.FAILED: "failed",
    Status.UNKNOWN: "unknown",
}
"""A report that looks good is still no verdict: it is never shown as passed."""


def headline(
    primary: Estimate | None,
    comparisons: Sequence[Comparison],
    *,
    rows: int,
    part: str,
    target: str,
    cost_unit: str = "relative",
) -> Callout:
    """Return the lines that say what the model is worth.

    Examples:
        >>> headline(None, (), rows=10, part="test", target="y").tone
        'unknown'
    """
    where = f"{rows:,} {'sealed test' if part == 'test' else part} rows"
    if primary is None or primary.value is None:
        return Callout(
            tone="unknown", text=f"What the model for {target} is worth on {where} could not be told."
        )
    told, statuses = [f"{primary.metric} {primary.told()} on {where}"], {Status.PASSED}
    for found in comparisons:
        if found.metric == primary.metric and found.difference is not None:
            direction = "higher" if found.difference > 0 else "lower"
            sure = "" if found.outcome.status is not Status.UNKNOWN else ", which chance alone could do"
            told.append(f"{number(abs(found.difference))} {direction} than {found.other}{sure}")
            statuses.add(found.outcome.status)
    worst = next(status for status in (Status.FAILED, Status.UNKNOWN, Status.PASSED) if status in statuses)
    text = "; ".join(told) + "."
    for found in comparisons:
        if (found.other, found.metric) == ("prior", "expected_cost"):
            text += _saved(found, cost_unit)
    return Callout(tone=TONES[worst], text=text)


def _saved(found: Comparison, cost_unit: str) -> str:
    if found.value is None or found.other_value is None:
        return ""
    unit = "" if cost_unit == "relative" else f" {cost_unit}"
    mine, without = number(1000 * found.value), number(1000 * found.other_value)
    return f" 1,000 decisions cost {mine}{unit} with the model and {without}{unit} without any."


def _reach(low: float | None, high: float | None) -> str:
    return "none" if low is None or high is None else f"{number(low)}{TO}{number(high)}"


def metric_table(estimates: Sequence[Estimate], *, cost_unit: str) -> tuple[Block, ...]:
    """Return the table of all metrics with intervals, direction and what each rewards.

    Examples:
        >>> found = Estimate(
        ...     metric="roc_auc", value=0.8, low=0.7, high=0.9, level=0.95, rows=9, direction="higher"
        ... )
        >>> metric_table([found], cost_unit="EUR")[1].rows[0][:2]
        ('roc_auc', '0.800')
    """
    if not estimates:
        return ()
    level = f"{100 * estimates[0].level:.4g} % interval"
    rows = []
    for found in estimates:
        metric = METRICS.get(found.metric)
        unit = f" {cost_unit}" if metric.unit == "cost" and cost_unit != "relative" else ""
        value = "unknown" if found.value is None else number(found.value) + unit
        ends = _reach(found.low, found.high)
        best = "0 is best" if metric.ideal is not None else f"{found.direction}\u00a0is\u00a0better"
        rows.append((found.metric, value, ends, best, metric.rewards))
    return (
        Heading(text="Quality"),
        Table(
            columns=("metric", "value", level, "direction", "what it rewards"),
            rows=tuple(rows),
            caption="The first line ranks designs. An interval says how far other rows of the same kind "
            "could have moved the value.",
        ),
    )


def confusion_table(
    confusion: Sequence[Sequence[int]], *, classes: Sequence[str], abstained: int, threshold: float | None
) -> tuple[Block, ...]:
    """Return the table of actual against answered classes; of many classes, the commonest confusions.

    Examples:
        >>> confusion_table(((5, 1), (2, 3)), classes=("no", "yes"), abstained=0, threshold=0.5)[0].rows[1]
        ('is yes', '2', '3', '60.0 %')
    """
    if not confusion:
        return ()
    if len(classes) > 10:
        pairs = [
            (count, actual, answered)
            for actual, counts in enumerate(confusion)
            for answered, count in enumerate(counts)
            if actual != answered and count
        ]
        pairs.sort(key=lambda pair: -pair[0])
        listed = [
            (
                classes[actual],
                classes[answered],
                f"{count:,}",
                f"{100 * count / sum(confusion[actual]):.1f} %",
            )
            for count, actual, answered in pairs[:15]
        ]
        caption = f"The commonest confusions of {len(classes)} classes."
        return (
            Table(
                columns=("is", "was answered", "rows", "of its class"), rows=tuple(listed), caption=caption
            ),
        )
    told = "" if threshold is None else f" Yes begins at a score of {threshold:.3g}."
    left = f" {abstained:,} rows were left to a person." if abstained else ""
    rows = tuple(
        (
            f"is {classes[place]}",
            *(f"{count:,}" for count in counts),
            f"{100 * counts[place] / sum(counts):.1f} %" if sum(counts) else "no rows",
        )
        for place, counts in enumerate(confusion)
    )
    columns = ("", *(f"answered {name}" for name in classes), "answered right")
    return (Table(columns=columns, rows=rows, caption=f"Actual against answered class.{told}{left}"),)


def cost_section(
    costs: Sequence[CostPoint],
    *,
    choice: ThresholdChoice | None,
    expected: Estimate | None,
    threshold: float | None,
    unit: str,
    confusion: Sequence[Block] = (),
) -> tuple[Block, ...]:
    """Return what decisions cost: the statement, the cost curve with the chosen threshold, the mistakes.

    Examples:
        >>> cost_section((), choice=None, expected=None, threshold=None, unit="EUR")
        ()
    """
    money = "" if unit == "relative" else f" {unit}"
    blocks: list[Block] = []
    if choice is not None:
        blocks.append(Text(text=f"Chosen on the validation part: {choice.statement}"))
        if choice.threshold_low is not None and choice.threshold_high is not None:
            blocks.append(
                Text(
                    text="On other rows of the same kind the cheapest threshold would have fallen between "
                    f"{choice.threshold_low:.3g} and {choice.threshold_high:.3g}."
                )
            )
    if expected is not None and expected.value is not None:
        reach = ""
        if expected.low is not None and expected.high is not None:
            reach = f" [{number(1000 * expected.low)}, {number(1000 * expected.high)}]"
        told = f"1,000 decisions cost {number(1000 * expected.value)}{reach}{money} on these rows."
        blocks.append(Text(text=told))
    if costs:
        marks = [] if threshold is None else [Mark(x=threshold, text=f"chosen {threshold:.3g}")]
        curve = Line(name="", x=[p.threshold for p in costs], y=[1000 * p.cost for p in costs])
        cheapest = min(costs, key=lambda point: point.cost)
        blocks.append(
            Figure(
                svg=line(
                    [curve],
                    title="What 1,000 decisions cost, by where yes begins",
                    x_label="score from which the answer is yes",
                    y_label=f"cost of 1,000 decisions ({unit})",
                    marks=marks,
                ),
                caption="Left of the chosen threshold more rows are answered yes, right of it fewer. "
                f"On these rows the cheapest place is {cheapest.threshold:.3g}, at "
                f"{number(1000 * cheapest.cost)}{money}; the threshold was chosen on validation and stays.",
            )
        )
    blocks += confusion
    return (Heading(text="What decisions cost"), *blocks) if blocks else ()


def comparison_section(comparisons: Sequence[Comparison]) -> tuple[Block, ...]:
    """Return the model against baseline, champion and prior.

    Examples:
        >>> comparison_section(())
        ()
    """
    if not comparisons:
        return ()
    rows = []
    for found in comparisons:
        ends = "none" if found.low is None or found.high is None else f"{found.low:+.3g}{TO}{found.high:+.3g}"
        rows.append(
            (
                found.other,
                found.metric,
                "unknown" if found.value is None else number(found.value),
                "unknown" if found.other_value is None else number(found.other_value),
                "unknown" if found.difference is None else f"{found.difference:+.3g}",
                ends,
                WORDS[found.outcome.status],
            )
        )
    level = f"{100 * comparisons[0].level:.4g} % interval"
    columns = ("against", "metric", "this model", "the other", "difference", level, "this model is")
    caption = (
        "Both were scored on the same rows and resampled in pairs. `prior` knows nothing but how frequent "
        "each class is, or the median. Better or worse means that the whole interval lies on one side of 0."
    )
    return Heading(text="Against others"), Table(columns=columns, rows=tuple(rows), caption=caption)

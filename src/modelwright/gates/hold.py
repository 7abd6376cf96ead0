"""Whether a figure holds a line: on the worse end of its interval, or not at all."""

import math
import operator
from collections.abc import Callable, Mapping

from modelwright.contracts.gate import GateLine
from modelwright.evaluation.estimate import Comparison, Estimate, number
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["finite", "hold", "hold_difference", "unknown"]

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


def finite(value: object) -> float | None:
    """Return a number that can be judged, None for anything else: NaN, infinity, text, booleans, nothing.

    A NaN compares as false with every bound, so that without this a line such as `not value < bound`
    would pass on it.

    Examples:
        >>> finite(0.5), finite(float("nan")), finite("0.9"), finite(True)
        (0.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def unknown(line: GateLine, what: str, cure: str) -> Outcome:
    """Return the outcome of a line that cannot be judged: what is missing, and how to get it.

    Examples:
        >>> from modelwright.contracts.gate import parse_gate
        >>> unknown(parse_gate("roc_auc >= 0.75"), "no report", "run phase 11").status.value
        'unknown'
    """
    return Outcome(status=Status.UNKNOWN, what=line.text, evidence=(what,), next_step=cure)


def _judged(
    line: GateLine, *, bound: float, value: float, ends: tuple[float, float] | None, told: str
) -> Outcome:
    """Judge one number with its interval; the caller made sure that all of them are finite."""
    holds = COMPARE[line.comparison]
    if ends is None or line.basis == "point":
        ends = (value, value)
    low_is_worse = (line.comparison in {">=", ">"}) != line.do_not_ship
    worse = ends[0] if low_is_worse else ends[1]
    # What must not be is judged the other way round: it has to be shown that the condition is false.
    passes = holds(worse, bound) != line.do_not_ship
    misses = holds(value, bound) == line.do_not_ship
    if passes:
        return Outcome(status=Status.PASSED, what=line.text, evidence=(told,))
    if misses:
        cure = (
            "do not ship this model"
            if line.do_not_ship
            else "improve the model, or amend the line with a reason"
        )
        return Outcome(status=Status.FAILED, what=line.text, evidence=(told,), next_step=cure)
    reach = f"the value is on the right side, its interval reaches to {number(worse)}"
    cure = "bring more rows, or a model that is further from the line"
    return Outcome(status=Status.UNKNOWN, what=line.text, evidence=(told, reach), next_step=cure)


def hold(line: GateLine, estimate: Estimate, *, least_rows: int, bare: bool = False) -> Outcome:
    """Judge a line against a number.

    Passed when the worse end of the interval holds the line; failed when the value itself misses it;
    unknown between, and whenever something that is needed is missing or cannot be meant.

    Args:
        line: The line; it names a number.
        estimate: What was measured.
        least_rows: Fewest rows an answer may rest on.
        bare: Whether a figure without an interval is judged as it is, as for what a machine measures.

    Examples:
        >>> from modelwright.contracts.gate import parse_gate
        >>> auc = Estimate(
        ...     metric="roc_auc", value=0.79, low=0.74, high=0.84, level=0.95, rows=400, direction="higher"
        ... )
        >>> hold(parse_gate("roc_auc >= 0.75"), auc, least_rows=50).status.value
        'unknown'
        >>> hold(parse_gate("point roc_auc >= 0.75"), auc, least_rows=50).status.value
        'passed'
    """
    value, bound = finite(estimate.value), finite(line.threshold)
    if value is None:
        return unknown(
            line, f"{line.metric} has no value", "see in the report why it is not defined, and bring rows"
        )
    if bound is None:
        return unknown(line, "the line has no number to compare with", "write a number into the line")
    rows = finite(estimate.rows)
    if rows is None or rows < least_rows:
        told = f"{number(value)} rests on {estimate.rows} rows, {least_rows} are needed"
        return unknown(line, told, "bring more rows: evaluation.min_slice_rows says how many are agreed")
    low, high = finite(estimate.low), finite(estimate.high)
    ends = None if low is None or high is None else (low, high)
    if ends is None and line.basis == "interval" and not bare:
        cure = "bring more rows, or start the line with `point` if the value alone is meant"
        return unknown(line, f"{number(value)} has no interval", cure)
    if ends is not None and not ends[0] <= value <= ends[1]:
        told = f"the interval {ends[0]:.6g} to {ends[1]:.6g} does not hold its value {value:.6g}"
        return unknown(line, told, "evaluate again: this report cannot be right")
    reach = "" if ends is None else f" [{number(ends[0])}, {number(ends[1])}]"
    told = f"{number(value)}{reach} on {estimate.rows:,} rows"
    return _judged(line, bound=bound, value=value, ends=ends, told=told)


def hold_difference(line: GateLine, found: Comparison, *, least_rows: int) -> Outcome:
    """Judge a line against another model, on the paired difference.

    Examples:
        >>> from modelwright.contracts.gate import parse_gate
        >>> found = Comparison(
        ...     other="baseline",
        ...     metric="expected_cost",
        ...     difference=-0.1,
        ...     low=-0.2,
        ...     high=-0.05,
        ...     rows=900,
        ...     outcome=Outcome(status=Status.PASSED, what=""),
        ... )
        >>> hold_difference(parse_gate("expected_cost < baseline"), found, least_rows=50).status.value
        'passed'
    """
    difference, low, high = finite(found.difference), finite(found.low), finite(found.high)
    if difference is None:
        return unknown(line, f"{line.metric} is not defined for both models", "see the report for the reason")
    rows = finite(found.rows)
    if rows is None or rows < least_rows:
        return unknown(line, f"compared on {found.rows} rows, {least_rows} are needed", "bring more rows")
    ends = None if low is None or high is None else (low, high)
    if ends is None and line.basis == "interval":
        cure = "bring more rows, or start the line with `point` if the value alone is meant"
        return unknown(line, f"the difference {difference:.4g} has no interval", cure)
    if ends is not None and not ends[0] <= difference <= ends[1]:
        told = f"the interval {ends[0]:.6g} to {ends[1]:.6g} does not hold its difference {difference:.6g}"
        return unknown(line, told, "evaluate again: this report cannot be right")
    reach = "" if ends is None else f" [{ends[0]:+.3g}, {ends[1]:+.3g}]"
    told = f"difference to {found.other} {difference:+.3g}{reach} on {found.rows:,} rows"
    return _judged(line, bound=0.0, value=difference, ends=ends, told=told)

"""Release: intervals made as wide as a look must answer, and numbers cut to what their intervals support."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from modelwright.evaluation.curve import CalibrationBin, CostPoint, Curve, ResidualBin
from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult, shown_difference
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.weakness import weaknesses

__all__ = ["nice_step", "rounded", "supported_unit", "widened"]

NICE = (5.0, 2.0, 1.0)
"""Steps a person can count in."""

MISSING = "Slices of "
"""How a line about a slice that is not there begins; it does not depend on the labels and is kept."""

CURVE_DIGITS = 3
"""Digits of a curve's points."""


def nice_step(size: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that does not exceed a size.

    Examples:
        >>> nice_step(0.034), nice_step(0.98), nice_step(7.0)
        (0.02, 0.5, 5.0)
    """
    power = 10.0 ** math.floor(math.log10(size))
    chosen = next((factor * power for factor in NICE if factor * power <= size * (1 + 1e-12)), power)
    return float(f"{chosen:.6g}")


def supported_unit(half: float) -> int:
    """Return how many decimals an interval supports: one significant digit below its half-width.

    Args:
        half: Half the width of the interval; above zero.

    Examples:
        >>> supported_unit(0.013), supported_unit(0.4), supported_unit(250.0)
        (3, 2, -1)
    """
    return 1 - math.floor(math.log10(half))


def widened(report: EvaluationReport, *, by: float, level: float) -> EvaluationReport:
    """Stretch every interval about its value; what was decided by an interval is decided again.

    The tails of a resampled distribution are not resolved at the level of a later look; they are taken to
    grow like the normal ones.

    Args:
        report: What was measured.
        by: How much wider.
        level: The level that results.

    Examples:
        >>> widened.__name__
        'widened'
    """

    def wide(found: Estimate) -> Estimate:
        metric = METRICS.get(found.metric)
        low, high = _stretched(found.value, found.low, found.high, by=by)
        if low is not None and metric.low is not None:
            low = min(max(low, metric.low), low if found.value is None else found.value)
        if high is not None and metric.high is not None:
            high = max(min(high, metric.high), high if found.value is None else found.value)
        return replace(found, low=low, high=high, level=level)

    def wide_difference(found: Comparison) -> Comparison:
        low, high = _stretched(found.difference, found.low, found.high, by=by)
        return shown_difference(
            replace(found, low=low, high=high, level=level), direction=METRICS.get(found.metric).direction
        )

    return _changed(report, wide, wide_difference, level=level)


def _stretched(
    value: float | None, low: float | None, high: float | None, *, by: float
) -> tuple[float | None, float | None]:
    if value is None or low is None or high is None:
        return low, high
    return value - by * (value - low), value + by * (high - value)


def _changed(
    report: EvaluationReport,
    estimate: Callable[[Estimate], Estimate],
    comparison: Callable[[Comparison], Comparison],
    *,
    level: float,
) -> EvaluationReport:
    estimates = tuple(estimate(found) for found in report.estimates)
    slices = tuple(
        SliceResult(
            column=item.column,
            value=item.value,
            rows=item.rows,
            estimates=tuple(estimate(found) for found in item.estimates),
        )
        for item in report.slices
    )
    comparisons = tuple(comparison(found) for found in report.comparisons)
    kept = tuple(line for line in report.weak if line.startswith(MISSING))
    again = weaknesses(estimates, slices, comparisons, primary=report.primary)
    return replace(
        report,
        level=level,
        estimates=estimates,
        slices=slices,
        comparisons=comparisons,
        weak=(*kept, *again),
    )


def rounded(report: EvaluationReport) -> EvaluationReport:
    """Cut every number to one significant digit below the half-width of its interval; ends move outward.

    A number without an interval keeps the digits that as many rows could support at best. The bounds of bins
    by score and the thresholds of costs are made of scores alone and stay as they are.

    Args:
        report: What was measured.

    Examples:
        >>> rounded.__name__
        'rounded'
    """
    plain = _changed(report, _estimate, _comparison, level=report.level)
    cost = report.estimate("expected_cost")
    cost_digits = _digits(cost.value, cost.low, cost.high, rows=cost.rows) if cost else CURVE_DIGITS
    error = report.estimate("mae") or report.estimate("rmse")
    error_digits = _digits(error.value, error.low, error.high, rows=error.rows) if error else CURVE_DIGITS
    return replace(
        plain,
        calibration=tuple(_bin(item) for item in report.calibration),
        curves=tuple(_curve(item, rows=report.rows) for item in report.curves),
        confusion=tuple(tuple(_count(cell, rows=report.rows) for cell in line) for line in report.confusion),
        costs=tuple(
            CostPoint(threshold=point.threshold, cost=round(point.cost, cost_digits))
            for point in report.costs
        ),
        residuals=tuple(_residuals(item) for item in report.residuals),
        error_quantiles=tuple((share, round(size, error_digits)) for share, size in report.error_quantiles),
    )


def _digits(value: float | None, low: float | None, high: float | None, *, rows: int) -> int:
    if low is not None and high is not None and high > low:
        return supported_unit((high - low) / 2)
    return supported_unit(max(abs(value or 0.0), 1e-6) / math.sqrt(max(rows, 1)))


def _down(value: float, digits: int) -> float:
    scale = 10.0**digits
    return round(math.floor(value * scale + 1e-9) / scale, max(digits, 0))


def _up(value: float, digits: int) -> float:
    return -_down(-value, digits)


def _estimate(found: Estimate) -> Estimate:
    if found.value is None:
        return found
    digits = _digits(found.value, found.low, found.high, rows=found.rows)
    return replace(
        found,
        value=round(found.value, digits),
        low=None if found.low is None else _down(found.low, digits),
        high=None if found.high is None else _up(found.high, digits),
    )


def _comparison(found: Comparison) -> Comparison:
    if found.difference is None:
        return found
    digits = _digits(found.difference, found.low, found.high, rows=found.rows)
    cut = replace(
        found,
        value=None if found.value is None else round(found.value, digits),
        other_value=None if found.other_value is None else round(found.other_value, digits),
        difference=round(found.difference, digits),
        low=None if found.low is None else _down(found.low, digits),
        high=None if found.high is None else _up(found.high, digits),
    )
    return shown_difference(cut, direction=METRICS.get(found.metric).direction)


def _bin(item: CalibrationBin) -> CalibrationBin:
    digits = _digits(item.observed, item.interval_low, item.interval_high, rows=item.rows)
    return replace(
        item,
        observed=round(item.observed, digits),
        interval_low=_down(item.interval_low, digits),
        interval_high=_up(item.interval_high, digits),
    )


def _curve(item: Curve, *, rows: int) -> Curve:
    digits = min(CURVE_DIGITS, supported_unit(1 / math.sqrt(rows)))

    def cut(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(round(value, digits) for value in values)

    return Curve(name=item.name, x=cut(item.x), y=cut(item.y))


def _count(cell: int, *, rows: int) -> int:
    """Cut a count like a share of the rows: its half-width is about two of its standard deviations."""
    spread = 2 * math.sqrt(max(cell * (1 - cell / max(rows, 1)), 0.0))
    return cell if spread < 1 else int(round(cell, min(0, supported_unit(spread))))


def _residuals(item: ResidualBin) -> ResidualBin:
    digits = _digits(item.bias, item.bias_low, item.bias_high, rows=item.rows)
    return replace(
        item,
        actual=round(item.actual, digits),
        actual_low=round(item.actual_low, digits),
        actual_high=round(item.actual_high, digits),
        bias=round(item.bias, digits),
        bias_low=_down(item.bias_low, digits),
        bias_high=_up(item.bias_high, digits),
    )

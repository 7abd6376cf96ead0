"""The shape behind the figures: calibration bins, curves, costs and residuals, in aggregates."""

from statistics import NormalDist

import numpy as np

from modelwright.evaluation.bins import SMALLEST_BIN, equal_mass_bins, wilson
from modelwright.evaluation.curve import CalibrationBin, CostPoint, Curve, ResidualBin
from modelwright.evaluation.sample import ABSTAINED, Index, Sample

__all__ = [
    "calibration_bins",
    "confusion_of",
    "cost_points",
    "error_quantiles",
    "ranking_curves",
    "residual_bins",
]

CURVE_POINTS = 120
"""Most points of a curve: more cannot be seen."""

RESIDUAL_BINS = 12
"""Most bins of predicted against actual."""

ERROR_SHARES = (0.5, 0.75, 0.9, 0.95)
"""Shares of rows whose absolute error is reported."""


def calibration_bins(sample: Sample, *, level: float) -> tuple[CalibrationBin, ...]:
    """Return promised against observed shares, in bins of about equal size.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> calibration_bins(example("binary").sample, level=0.95)[0].observed
        0.5
    """
    bins = []
    for index in range(int(sample.bins.max()) + 1):
        inside = sample.bins == index
        score, happened = sample.confidence[inside], sample.happened[inside]
        low, high = wilson(float(happened.sum()), len(happened), level=level)
        bins.append(
            CalibrationBin(
                low=float(score.min()),
                high=float(score.max()),
                mean_score=float(score.mean()),
                observed=float(happened.mean()),
                rows=len(happened),
                interval_low=low,
                interval_high=high,
            )
        )
    return tuple(bins)


def _cuts(sample: Sample, *, cell: int) -> Index:
    """Places in the ranking to report: between unequal scores, at least `cell` rows apart."""
    order, starts = sample.falling(1)
    ends = np.r_[starts[1:], len(order)]
    apart = max(cell, -(-len(order) // CURVE_POINTS))
    chosen = [0]
    for end in ends.tolist():
        if end - chosen[-1] >= apart and (len(order) - end >= apart or end == len(order)):
            chosen.append(end)
    if chosen[-1] != len(order):
        chosen.append(len(order))
    return np.array(chosen, dtype=np.intp)


def ranking_curves(sample: Sample, *, cell: int = 1) -> tuple[Curve, ...]:
    """Return the ROC and the precision-recall curve, thinned; none while a class is missing.

    Args:
        sample: A binary sample.
        cell: Fewest rows between two points, so that no single row can be read off a curve.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> ranking_curves(example("binary").sample)[0].y
        (0.0, 0.5, 0.5, 1.0, 1.0)
    """
    negatives, positives = sample.present
    if not positives or not negatives:
        return ()
    order, _ = sample.falling(1)
    cuts = _cuts(sample, cell=cell)
    above = np.r_[0.0, np.cumsum(sample.y[order])][cuts]
    found, false = above / positives, (cuts - above) / negatives
    right = above[1:] / cuts[1:]
    return (
        Curve(name="roc", x=tuple(false.tolist()), y=tuple(found.tolist())),
        Curve(name="precision_recall", x=tuple(found[1:].tolist()), y=tuple(right.tolist())),
    )


def cost_points(sample: Sample, *, cell: int = 1) -> tuple[CostPoint, ...]:
    """Return what one decision would cost at other thresholds, by growing threshold.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> [point.cost for point in cost_points(example("binary").sample)]
        [0.5, 0.25, 0.5, 0.25, 0.5]
    """
    order, _ = sample.falling(1)
    cuts = _cuts(sample, cell=cell)
    above = np.r_[0.0, np.cumsum(sample.y[order])][cuts]
    wrong_yes, wrong_no = cuts - above, above[-1] - above
    costs = (sample.mistakes.wrong_yes * wrong_yes + sample.mistakes.wrong_no * wrong_no) / len(sample)
    score = sample.scores[order, 1]
    thresholds = np.r_[1.0, score[cuts[1:] - 1]]
    points = zip(thresholds.tolist(), costs.tolist(), strict=True)
    return tuple(CostPoint(threshold=threshold, cost=cost) for threshold, cost in points)[::-1]


def confusion_of(sample: Sample) -> tuple[tuple[int, ...], ...]:
    """Return rows by actual class (line) and answered class (column); rows without an answer are left out.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> confusion_of(example("binary").sample)
        ((2, 0), (1, 1))
    """
    count = len(sample.target.classes)
    answered = sample.answers != ABSTAINED
    places = sample.labels[answered] * count + sample.answers[answered]
    table = np.bincount(places, minlength=count * count).reshape(count, count)
    return tuple(tuple(int(cell) for cell in line) for line in table)


def residual_bins(sample: Sample, *, level: float) -> tuple[ResidualBin, ...]:
    """Return predicted against actual values of a regression, in bins of similar predictions.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> residual_bins(example("regression").sample, level=0.95)[0].bias
        -0.5
    """
    predicted = sample.scores[:, 0]
    bins = equal_mass_bins(predicted, bins=RESIDUAL_BINS, smallest=SMALLEST_BIN)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    result = []
    for index in range(int(bins.max()) + 1):
        inside = bins == index
        low, high = np.quantile(sample.y[inside], [0.1, 0.9])
        error = sample.error[inside]
        bias, reach = (
            float(error.mean()),
            z * float(error.std(ddof=min(1, len(error) - 1))) / len(error) ** 0.5,
        )
        result.append(
            ResidualBin(
                rows=int(inside.sum()),
                predicted=float(predicted[inside].mean()),
                actual=float(sample.y[inside].mean()),
                actual_low=float(low),
                actual_high=float(high),
                bias=bias,
                bias_low=bias - reach,
                bias_high=bias + reach,
            )
        )
    return tuple(result)


def error_quantiles(sample: Sample) -> tuple[tuple[float, float], ...]:
    """Return the absolute error that a share of the rows stays below.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> error_quantiles(example("regression").sample)[0]
        (0.5, 0.5)
    """
    sizes = np.quantile(np.abs(sample.error), ERROR_SHARES)
    return tuple((share, float(size)) for share, size in zip(ERROR_SHARES, sizes, strict=True))

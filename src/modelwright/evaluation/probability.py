"""Metrics of probability: can the scores be taken at their word?"""

from itertools import pairwise

import numpy as np

from modelwright.evaluation.sample import Vector, Weighing

__all__ = ["brier", "calibration_error", "calibration_error_resampled", "log_loss"]

SMALLEST_SHARE = float(np.finfo(np.float64).eps)
"""A probability of 0 for what happened is taken as this, so that one row cannot make a loss infinite."""


def log_loss(view: Weighing) -> Vector:
    """Mean negative logarithm of the probability given to what happened.

    A strictly proper scoring rule (Gneiting and Raftery, JASA 2007).

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(log_loss(example("binary"))[0]), 3)
        0.472
    """
    sample = view.sample
    given = sample.scores[np.arange(len(sample)), sample.labels]
    return view.mean(-np.log(np.clip(given, SMALLEST_SHARE, 1.0)))


def brier(view: Weighing) -> Vector:
    """Mean squared distance between the probability of the positive class and what happened.

    Brier, Monthly Weather Review 1950; strictly proper.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(brier(example("binary"))[0]), 3)
        0.158
    """
    return view.mean((view.sample.scores[:, 1] - view.sample.y) ** 2)


def calibration_error(view: Weighing) -> Vector:
    """Root mean squared distance between promised and observed shares, over bins of equal mass, debiased.

    In each bin the squared distance is too large by the variance of the observed share; that is taken off
    (Kumar, Liang and Ma, Verified Uncertainty Calibration, NeurIPS 2019). Without it a perfectly
    calibrated model would look the worse the fewer rows there are. It is never smaller than the mean
    absolute distance over the same bins would be on endless data, which is what is often called ECE.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(calibration_error(example("binary"))[0])
        0.0
    """
    return _calibration(view, corrections=1)


def calibration_error_resampled(view: Weighing) -> Vector:
    """Return the calibration error of bootstrap resamples, without the bias of resampling.

    A resample adds the variance of its own draw to the variance already in the sample it is drawn from,
    so the correction is taken off twice; otherwise intervals of well calibrated models lie too high.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(calibration_error_resampled(example("binary"))[0])
        0.0
    """
    return _calibration(view, corrections=2)


def _calibration(view: Weighing, *, corrections: int) -> Vector:
    order, ends, told = view.sample.reliability
    weights = np.take(view.counts, order, axis=1).astype(np.float64)
    sums = np.stack([weights[:, low:high] @ told[low:high] for low, high in pairwise(ends)], axis=1)
    rows, promised, observed = sums[..., 0], sums[..., 1], sums[..., 2]
    filled = np.maximum(rows, 1.0)
    promised, observed = promised / filled, observed / filled
    variance = observed * (1 - observed) / np.maximum(rows - 1, 1.0)
    squared = (promised - observed) ** 2 - corrections * variance
    total: Vector = (rows * squared).sum(axis=1) / view.total
    return np.sqrt(np.maximum(total, 0.0))

"""Metrics of distance: how far predicted numbers lie from actual ones."""

import numpy as np

from modelwright.evaluation.sample import Vector, Weighing, share

__all__ = ["bias", "mae", "mape", "median_absolute_error", "r2", "rmse"]


def rmse(view: Weighing) -> Vector:
    """Root of the mean squared error: large errors count most. In the target's unit.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(rmse(example("regression"))[0]), 3)
        1.061
    """
    return np.sqrt(view.mean(view.sample.error**2))


def mae(view: Weighing) -> Vector:
    """Mean absolute error, in the target's unit.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(mae(example("regression"))[0])
        0.75
    """
    return view.mean(np.abs(view.sample.error))


def median_absolute_error(view: Weighing) -> Vector:
    """The absolute error that half of the rows stay below, in the target's unit.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(median_absolute_error(example("regression"))[0])
        0.5
    """
    order = view.sample.by_size_of_error
    ranked = np.cumsum(np.take(view.weights, order, axis=1), axis=1)
    total = ranked[:, -1]
    size = np.abs(view.sample.error)[order]
    lower = size[np.argmax(ranked > np.floor((total - 1) / 2)[:, None], axis=1)]
    upper = size[np.argmax(ranked > np.floor(total / 2)[:, None], axis=1)]
    return np.where(total > 0, (lower + upper) / 2, np.nan)


def r2(view: Weighing) -> Vector:
    """Share of the variance that is explained; 0 is the mean alone. Undefined when the target is constant.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(r2(example("regression"))[0]), 3)
        0.1
    """
    y = view.sample.y
    centred = y - float(np.mean(y))
    spread = view.mean(centred**2) - view.mean(centred) ** 2
    floor = 1e-12 * float(np.mean(centred**2))
    missed = view.mean(view.sample.error**2)
    return 1 - share(missed, np.where(spread > floor, spread, 0.0))


def mape(view: Weighing) -> Vector:
    """Mean absolute error as a share of the actual value: 0.1 is 10 %. Undefined when an actual value is 0.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(mape(example("regression"))[0]), 3)
        0.229
    """
    if np.any(view.sample.y == 0):
        return np.full(len(view.weights), np.nan)
    return view.mean(np.abs(view.sample.error / np.where(view.sample.y == 0, 1.0, view.sample.y)))


def bias(view: Weighing) -> Vector:
    """Mean of prediction minus actual: positive is predicted too high. In the target's unit; 0 is best.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(bias(example("regression"))[0])
        -0.5
    """
    return view.mean(view.sample.error)

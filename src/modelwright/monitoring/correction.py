"""Correction: many tests at once, and still no more false alarms than were granted."""

from collections.abc import Sequence

import numpy as np

__all__ = ["benjamini_hochberg"]


def benjamini_hochberg(p: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for the false discovery rate over all tests, in the order given.

    Where nothing has changed, the chance that any adjusted value falls below a level is at most that level,
    however many columns there are. Source: Benjamini and Hochberg (1995).

    Examples:
        >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5])
        (0.04, 0.05333333333333334, 0.05333333333333334, 0.5)
        >>> benjamini_hochberg([])
        ()
    """
    values = np.asarray(p, dtype=np.float64)
    count = len(values)
    order = np.argsort(values)
    raised = values[order] * count / np.arange(1, count + 1)
    # An adjusted value is never above that of a larger p.
    adjusted = np.minimum.accumulate(raised[::-1])[::-1]
    result = np.empty(count)
    result[order] = np.clip(adjusted, 0.0, 1.0)
    return tuple(float(value) for value in result)

"""Bins of equal numbers of rows, and Wilson's interval for the share observed in one."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "SMALLEST_BIN", "equal_mass_bins", "wilson"]

BINS = 15
"""Most bins of a reliability diagram: customary since Guo et al., ICML 2017."""

SMALLEST_BIN = 20
"""Rows a bin holds at least, so that its observed share means something and no row can be read off."""


def equal_mass_bins(
    values: npt.NDArray[np.float64], *, bins: int = BINS, smallest: int = SMALLEST_BIN
) -> npt.NDArray[np.intp]:
    """Return each value's bin, numbered from 0 by growing value; equal values share a bin.

    Bins of equal mass estimate a calibration error with less bias than bins of equal width (Roelofs et
    al., AISTATS 2022).

    Examples:
        >>> equal_mass_bins(np.arange(6.0), bins=3, smallest=1).tolist()
        [0, 0, 1, 1, 2, 2]
        >>> equal_mass_bins(np.zeros(6), bins=3, smallest=1).tolist()
        [0, 0, 0, 0, 0, 0]
    """
    count = max(1, min(bins, len(values) // smallest))
    if count == 1:
        return np.zeros(len(values), dtype=np.intp)
    ordered = np.sort(values)
    starts = np.unique(ordered[[index * len(values) // count for index in range(1, count)]])
    found = np.searchsorted(starts, values, side="right")
    return np.unique(found, return_inverse=True)[1].astype(np.intp)


def wilson(successes: float, trials: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson, JASA 1927).

    It keeps its promise for few trials and for shares near 0 and 1, where the bootstrap has no width.

    Raises:
        ValueError: When there are no trials.

    Examples:
        >>> low, high = wilson(0, 10)
        >>> round(low, 3), round(high, 3)
        (0.0, 0.278)
    """
    if trials <= 0:
        message = "a share needs at least one trial"
        raise ValueError(message)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * (share * (1 - share) / trials + z * z / (4 * trials * trials)) ** 0.5
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return low, high

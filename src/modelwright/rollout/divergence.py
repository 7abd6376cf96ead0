"""Divergence of two samples from their bin counts alone: how far apart, and whether chance explains it.

Counts are of the same bins in both samples; the outermost bins have open ends and missing values have a
bin of their own, so that no value falls outside (a value outside is the plainest drift there is).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = [
    "Counts",
    "Distance",
    "chi_square",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "merged",
    "population_stability",
    "rate_difference",
    "rate_excess",
]

Counts = npt.NDArray[np.int64]
"""How many values fell into each bin."""

SMOOTHING = 0.5
"""Added to each count, so that an empty bin has a small share and not none (Jeffreys' prior)."""

LEAST_EXPECTED = 5.0
"""The chi-square approximation needs about this many expected in each cell (Cochran, 1954)."""

ADJACENT = "adjacent"
RARE = "rare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far two samples are apart, and how often chance alone would bring them as far.

    Examples:
        >>> Distance(statistic=0.2, p=0.001).p
        0.001
    """

    statistic: float
    """The size of the difference."""
    p: float
    """Probability of a difference at least as large when both come from the same source."""


def _smoothed(counts: Counts) -> npt.NDArray[np.float64]:
    raised = counts.astype(np.float64) + SMOOTHING
    return np.asarray(raised / raised.sum())


def population_stability(reference: Counts, window: Counts) -> float:
    """Return the population stability index: the sum of (p - q) ln(p / q) over all bins.

    Shares are smoothed, not only the logarithm, so that both sum to one. Source: Siddiqi, "Credit Risk
    Scorecards" (2006); below 0.1 is usually read as stable, above 0.2 as changed.

    Examples:
        >>> same = np.array([50, 50])
        >>> population_stability(same, same)
        0.0
        >>> round(population_stability(np.array([500, 500]), np.array([700, 300])), 2)
        0.17
    """
    p, q = _smoothed(reference), _smoothed(window)
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference: Counts, window: Counts) -> float:
    """Return the Jensen-Shannon distance, the square root of the divergence in bits: 0 equal, 1 disjoint.

    Source: Endres and Schindelin, "A new metric for probability distributions" (2003).

    Examples:
        >>> round(jensen_shannon(np.array([100, 0]), np.array([0, 100])), 6)
        1.0
    """
    p = reference / max(reference.sum(), 1)
    q = window / max(window.sum(), 1)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(p > 0, p * np.log2(p / middle), 0.0).sum()
        right = np.where(q > 0, q * np.log2(q / middle), 0.0).sum()
    return float(np.sqrt(max((left + right) / 2, 0.0)))


def kolmogorov_smirnov(reference: Counts, window: Counts) -> Distance:
    """Compare ordered bins: the largest difference of the two cumulative shares.

    The maximum over bin edges is at most the maximum over all values, so the answer is on the safe side:
    it never claims more than the unbinned test would. Source: Smirnov (1948), two-sample form.

    Examples:
        >>> far = kolmogorov_smirnov(np.array([90, 10]), np.array([10, 90]))
        >>> round(far.statistic, 2), far.p < 1e-6
        (0.8, True)
        >>> kolmogorov_smirnov(np.array([9, 1]), np.array([0, 0])).p
        1.0
    """
    many, few = int(reference.sum()), int(window.sum())
    if not many or not few:
        return Distance(statistic=0.0, p=1.0)
    apart = np.abs(np.cumsum(reference) / many - np.cumsum(window) / few)
    statistic = float(apart.max())
    effective = max(round(many * few / (many + few)), 1)
    return Distance(statistic=statistic, p=float(np.clip(stats.kstwo.sf(statistic, effective), 0.0, 1.0)))


def merged(reference: Counts, window: Counts, *, how: str = RARE) -> tuple[Counts, Counts]:
    """Join bins that are too thin for the chi-square approximation.

    Args:
        reference: Counts of one sample.
        window: Counts of the other, in the same bins.
        how: `rare` puts all thin bins into one (categories); `adjacent` joins neighbours (ordered bins).

    Examples:
        >>> merged(np.array([50, 1, 2, 2]), np.array([50, 1, 2, 2]))
        (array([50,  5]), array([50,  5]))
        >>> merged(np.array([4, 4, 50]), np.array([4, 4, 50]), how="adjacent")
        (array([ 8, 50]), array([ 8, 50]))
    """
    both = reference + window
    total = max(int(both.sum()), 1)
    smaller = min(int(reference.sum()), int(window.sum())) / total
    expected = np.asarray(both * smaller, dtype=np.float64)
    groups = _neighbours(expected) if how == ADJACENT else _rare(expected)
    size = int(groups.max()) + 1
    return (
        np.bincount(groups, weights=reference, minlength=size).astype(np.int64),
        np.bincount(groups, weights=window, minlength=size).astype(np.int64),
    )


def _rare(expected: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    thin = expected < LEAST_EXPECTED
    thick = int((~thin).sum())
    groups = np.cumsum(~thin) - 1
    # What is thin even together joins the thinnest bin that is thick enough alone.
    alone = not thick or float(expected[thin].sum()) >= LEAST_EXPECTED
    groups[thin] = thick if alone else groups[np.argmin(np.where(thin, np.inf, expected))]
    return groups.astype(np.intp)


def _neighbours(expected: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    groups = np.zeros(len(expected), dtype=np.intp)
    group, held = 0, 0.0
    for index, amount in enumerate(expected):
        groups[index] = group
        held += float(amount)
        if held >= LEAST_EXPECTED:
            group, held = group + 1, 0.0
    if held and group:
        groups[groups == group] = group - 1
    return groups


def chi_square(reference: Counts, window: Counts, *, how: str = RARE) -> Distance:
    """Compare bins without an order: Pearson's chi-square for two samples, thin bins joined.

    The statistic is Cramér's V, so that it does not grow with the number of rows. Source: Pearson (1900),
    Cramér (1946).

    Examples:
        >>> chi_square(np.array([500, 500]), np.array([300, 700])).p < 1e-6
        True
        >>> chi_square(np.array([500, 500]), np.array([50, 50])).statistic
        0.0
    """
    if not reference.sum() or not window.sum():
        return Distance(statistic=0.0, p=1.0)
    first, second = merged(reference, window, how=how)
    if len(first) < 2:
        return Distance(statistic=0.0, p=1.0)
    total = int(first.sum() + second.sum())
    shares = (first + second) / total
    squares = sum(
        float(np.sum((side - side.sum() * shares) ** 2 / (side.sum() * shares))) for side in (first, second)
    )
    return Distance(
        statistic=float(np.sqrt(squares / total)), p=float(stats.chi2.sf(squares, len(first) - 1))
    )


def rate_excess(hits: int, of: int, *, control_hits: int, control_of: int) -> float:
    """Return the one-sided p of a rate being above the control's: Fisher's exact test, fit for small samples.

    Source: Fisher, "The logic of inductive inference" (1935).

    Examples:
        >>> round(rate_excess(3, 10, control_hits=0, control_of=100), 4)
        0.0006
        >>> rate_excess(0, 10, control_hits=5, control_of=100)
        1.0
    """
    if not of or not control_of or not hits:
        return 1.0
    return float(stats.hypergeom.sf(hits - 1, of + control_of, hits + control_hits, of))


def rate_difference(hits: int, of: int, *, control_hits: int, control_of: int) -> float:
    """Return the two-sided p of two rates being different: twice the smaller side of Fisher's test.

    Examples:
        >>> rate_difference(0, 100, control_hits=0, control_of=100)
        1.0
        >>> rate_difference(30, 100, control_hits=5, control_of=100) < 0.001
        True
    """
    above = rate_excess(hits, of, control_hits=control_hits, control_of=control_of)
    below = rate_excess(control_hits, control_of, control_hits=hits, control_of=of)
    return min(2 * min(above, below), 1.0)

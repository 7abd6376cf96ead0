"""The bootstrap: how far sampling alone could have moved a figure."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from modelwright.evaluation.sample import Index, Matrix, Vector

__all__ = ["against_zero", "counted", "one_thread", "percentiles", "weightings"]

Counts = npt.NDArray[np.uint16]
"""How often each row was drawn."""

ELEMENTS = 1 << 20
"""Weights held at a time: 8 MiB, which stays in the cache of a processor core."""

MANY = 4096
"""From so many units on they are drawn by a table."""

SPARE = 4.0
"""By how many standard deviations the table draws too few, so that it hardly ever draws too many."""

BITS = 1 << 16
"""Values of 16 bits."""

MOST_AT_ONCE = 10
"""Counts the table knows, from 0; that a row is drawn oftener has less than one chance in a million."""

DEFINED_SHARE = 0.95
"""An interval needs this share of the resamples to have a value; the rest would be left out silently."""


def weightings(
    rows: int, *, resamples: int, rng: np.random.Generator, groups: Index | None = None
) -> Iterator[Matrix]:
    """Yield the weights of bootstrap resamples, some lines at a time: how often each row was drawn.

    Args:
        rows: Rows of the sample.
        resamples: How many resamples.
        rng: Where chance comes from.
        groups: Number of each row's group, from 0 without gaps; None when rows stand alone.

    Examples:
        >>> drawn = list(weightings(3, resamples=4, rng=np.random.default_rng(0)))
        >>> drawn[0].shape, drawn[0].sum(axis=1).tolist()
        ((4, 3), [3.0, 3.0, 3.0, 3.0])
    """
    for counts in counted(rows, resamples=resamples, rng=rng, groups=groups):
        yield counts.astype(np.float64)


def counted(
    rows: int, *, resamples: int, rng: np.random.Generator, groups: Index | None = None
) -> Iterator[Counts]:
    """Yield the same as small whole numbers.

    Rows are drawn with replacement (Efron, Annals of Statistics 1979); with groups, whole groups are
    (Davison and Hinkley, Bootstrap Methods, 1997, section 3.8), because rows of one group tell less than
    as many rows of different groups. Classes are not held fixed: how many positives a sample has is
    chance too, and figures such as accuracy and cost move with it.

    Args:
        rows: Rows of the sample.
        resamples: How many resamples.
        rng: Where chance comes from.
        groups: Number of each row's group, from 0 without gaps; None when rows stand alone.

    Examples:
        >>> next(counted(3, resamples=4, rng=np.random.default_rng(0))).dtype.name
        'uint16'
    """
    units = rows if groups is None else int(groups.max()) + 1
    at_a_time = max(1, ELEMENTS // max(rows, units))
    drawn = _one_by_one if units < MANY else _topped_up
    for start in range(0, resamples, at_a_time):
        counts = drawn(units, min(at_a_time, resamples - start), rng)
        yield counts if groups is None else np.take(counts, groups, axis=1)


def _one_by_one(units: int, lines: int, rng: np.random.Generator) -> Counts:
    drawn = rng.integers(0, units, size=(lines, units), dtype=np.int64)
    drawn += np.arange(lines, dtype=np.int64)[:, None] * units
    counts = np.bincount(drawn.ravel(), minlength=lines * units).reshape(lines, units)
    return counts.astype(np.uint16)


def _topped_up(units: int, lines: int, rng: np.random.Generator) -> Counts:
    """Draw many units several times as quickly, with the same distribution.

    How often each unit is drawn is, given their sum, the same for independent Poisson counts as for draws
    with replacement (Feller, An Introduction to Probability Theory, 1968, section IX.9). So counts of a
    little less than 1 on average are looked up by 16 random bits, and the draws that lack are added singly.
    """
    lacking_on_average = SPARE * math.sqrt(units)
    table = _poisson_table(1.0 - lacking_on_average / units)
    counts = np.empty((lines, units), dtype=np.uint16)
    line = 0
    while line < lines:
        np.take(table, np.frombuffer(rng.bytes(2 * units), dtype="<u2"), out=counts[line])
        lacking = units - int(counts[line].sum(dtype=np.int64))
        if lacking < 0:  # once in some thousand lines; drawn anew, whatever it was
            continue
        np.add.at(counts[line], rng.integers(0, units, size=lacking), np.uint16(1))
        line += 1
    return counts


@lru_cache(maxsize=8)
def _poisson_table(mean: float) -> Counts:
    """Return the Poisson count for each value of 16 evenly distributed bits."""
    ends, term, total = [], math.exp(-mean), 0.0
    for count in range(MOST_AT_ONCE):
        total += term
        ends.append(round(total * BITS))
        term *= mean / (count + 1)
    steps = np.diff(np.array([0, *ends[:-1], BITS]))
    return np.repeat(np.arange(MOST_AT_ONCE, dtype=np.uint16), steps)


@contextmanager
def one_thread() -> Iterator[None]:
    """Multiply matrices in one thread while the block runs: sums have one order, whatever the machine.

    It is quicker too. The products are small, and threads that spin until the last of them is through cost
    more than they bring: beside busy neighbours 60 ms in place of 0.7 ms for a slice of 1,500 rows.

    Examples:
        >>> with one_thread():
        ...     float(np.ones(3) @ np.ones(3))
        3.0
    """
    from threadpoolctl import threadpool_limits  # looks through all loaded libraries; only reports need it

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def percentiles(values: Vector, *, level: float) -> tuple[float, float] | None:
    """Return the ends of the percentile interval, None when too many resamples have no value.

    Examples:
        >>> percentiles(np.arange(101.0), level=0.5)
        (25.0, 75.0)
        >>> percentiles(np.array([1.0, np.nan]), level=0.9) is None
        True
    """
    known = values[np.isfinite(values)]
    if len(values) == 0 or len(known) < DEFINED_SHARE * len(values):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def against_zero(
    ends: tuple[float, float] | None, *, direction: Literal["higher", "lower"]
) -> Literal["better", "worse", "open"]:
    """Say whether an interval of differences lies on the better side, the worse, or across zero.

    Examples:
        >>> against_zero((0.01, 0.03), direction="higher"), against_zero((-1, 1), direction="lower")
        ('better', 'open')
    """
    if ends is None:
        return "open"
    above, below = ends[0] > 0, ends[1] < 0
    if not above and not below:
        return "open"
    return "better" if above == (direction == "higher") else "worse"

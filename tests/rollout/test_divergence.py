"""Divergence: distances from counts alone agree with the textbook and never lose mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from modelwright.rollout.divergence import (
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    merged,
    population_stability,
    rate_difference,
    rate_excess,
)

COUNTS = arrays.arrays(np.int64, 8, elements=st.integers(0, 500))


@given(COUNTS, COUNTS)
def test_every_distance_is_finite_and_zero_only_for_equals(one, other):
    """Empty bins, empty samples: still numbers."""
    for distance in (population_stability, jensen_shannon):
        assert np.isfinite(distance(one, other))
        assert distance(one, other) >= 0
        assert distance(one, one) == pytest.approx(0, abs=1e-12)
    for compared in (kolmogorov_smirnov(one, other), chi_square(one, other)):
        assert 0 <= compared.p <= 1
        assert np.isfinite(compared.statistic)


@given(COUNTS, COUNTS, st.sampled_from(["rare", "adjacent"]))
def test_joining_thin_bins_keeps_every_row(one, other, how):
    """What is joined is not lost."""
    first, second = merged(one, other, how=how)
    assert (first.sum(), second.sum()) == (one.sum(), other.sum())
    assert len(first) == len(second)


def test_psi_of_half_a_deviation_is_a_quarter():
    """For two normal distributions, PSI is the squared shift; ten open-ended bins lose little of it."""
    edges = stats.norm.ppf(np.arange(1, 10) / 10)
    rng = np.random.default_rng(1)
    then, now = (
        np.bincount(np.searchsorted(edges, values), minlength=10)
        for values in (rng.normal(size=100_000), rng.normal(0.5, 1, size=100_000))
    )
    assert population_stability(then, now) == pytest.approx(0.25, abs=0.02)


def test_chi_square_is_pearson_where_no_bin_is_thin():
    """The same p as scipy's contingency test."""
    one, other = np.array([120, 80, 50]), np.array([90, 95, 60])
    expected = stats.chi2_contingency(np.array([one, other]), correction=False)
    assert chi_square(one, other).p == pytest.approx(expected.pvalue)


def test_binned_ks_never_claims_more_than_the_unbinned_test():
    """Bins can hide a difference, never invent one."""
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=400), rng.normal(0.3, 1, size=300)
    edges = np.quantile(one, np.arange(1, 10) / 10)
    binned = kolmogorov_smirnov(
        *(np.bincount(np.searchsorted(edges, values), minlength=10) for values in (one, other))
    )
    whole = stats.ks_2samp(one, other, method="asymp")
    assert binned.statistic <= whole.statistic
    assert binned.p >= whole.pvalue * 0.999


def test_rates_are_compared_exactly():
    """The same p as Fisher's test; too few to tell is one."""
    exact = stats.fisher_exact([[7, 43], [2, 98]], alternative="greater")
    assert rate_excess(7, 50, control_hits=2, control_of=100) == pytest.approx(exact.pvalue)
    assert rate_excess(1, 1, control_hits=0, control_of=0) == 1.0
    assert rate_difference(2, 100, control_hits=7, control_of=50) == pytest.approx(2 * exact.pvalue)


def test_bins_that_are_all_thin_cannot_differ():
    """One cell is no comparison."""
    assert chi_square(np.array([1, 1]), np.array([1, 0])).p == 1.0
    assert chi_square(np.array([1, 1]), np.array([0, 0])).p == 1.0

"""Bins: about equal in rows, ties together, with Wilson's interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from modelwright.evaluation.bins import equal_mass_bins, wilson


@given(st.lists(st.integers(0, 50), min_size=1, max_size=300), st.integers(1, 12))
def test_bins_keep_the_order_and_hold_ties_together(values, bins):
    """A larger value never lies in a lower bin, equal values share one, and no bin is empty."""
    numbers = np.array(values, dtype=float)
    found = equal_mass_bins(numbers, bins=bins, smallest=1)
    order = np.argsort(numbers, kind="stable")
    assert np.all(np.diff(found[order]) >= 0)
    assert all(len(set(found[numbers == number].tolist())) == 1 for number in set(values))
    assert sorted(set(found.tolist())) == list(range(int(found.max()) + 1))


def test_bins_of_different_values_hold_about_equal_numbers_of_rows():
    """1,000 different values in 15 bins: 66 or 67 each."""
    counts = np.bincount(equal_mass_bins(np.random.default_rng(1).random(1000)))
    assert len(counts) == 15
    assert counts.min() >= 66


def test_few_rows_make_few_bins():
    """A bin of fewer than twenty rows would say little, and could show single rows."""
    assert equal_mass_bins(np.arange(30.0)).max() == 0


@pytest.mark.parametrize(("successes", "trials"), [(0, 12), (5, 40), (40, 40), (999, 1000)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_equals_that_of_scipy(successes, trials, level):
    """The same interval, without loading a statistics library for it."""
    expected = binomtest(successes, trials).proportion_ci(level, method="wilson")
    low, high = wilson(successes, trials, level=level)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_refuses_a_share_of_nothing():
    """No trials, no share."""
    with pytest.raises(ValueError, match="at least one trial"):
        wilson(0, 0)

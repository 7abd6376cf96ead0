"""Latency percentiles and their intervals."""

import numpy as np
import pytest

from modelwright.workflow.measurements import measured


def test_percentiles_are_ordered_and_lie_in_their_intervals():
    """Nearest rank, whatever the sample."""
    told = measured(np.random.default_rng(3).gamma(2.0, 1.0, 400).tolist(), size_bytes=10, level=0.95)
    values = [item.value for item in told.percentiles]
    assert values == sorted(values)
    assert all(item.low <= item.value <= item.high for item in told.percentiles)


def test_the_interval_of_the_95th_percentile_covers_it_as_often_as_it_says():
    """Simulated: 95 % nominal, with Monte-Carlo error; the interval is conservative by construction."""
    draw = np.random.default_rng(11)
    truth = -np.log(0.05)
    hits = 0
    for _ in range(600):
        told = measured(draw.exponential(1.0, 300).tolist(), size_bytes=0, level=0.95)
        interval = told.percentiles[1]
        hits += interval.low <= truth <= interval.high
    assert hits / 600 >= 0.93


def test_nothing_timed_is_no_measurement():
    """A gate on it must not see a number."""
    with pytest.raises(ValueError, match="nothing was timed"):
        measured([], size_bytes=0, level=0.95)


def test_gates_find_the_measurements_under_their_names():
    """With the number of answers they rest on."""
    values = measured([1.0] * 50, size_bytes=3_000_000, level=0.9).values
    assert values["bundle_size"] == 3.0
    assert values["p95_latency"].rows == 50

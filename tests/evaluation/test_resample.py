"""The bootstrap keeps its promises: coverage by simulation, null comparisons, groups, and time."""

import math
import time

import numpy as np
import pytest
from tests.evaluation.samples import TARGETS, binary, regression, sample_of

from modelwright.evaluation.interval import Asked, Drawn, draw, estimate
from modelwright.evaluation.metric import METRICS, metrics_of
from modelwright.evaluation.resample import against_zero, counted, percentiles, weightings
from modelwright.evaluation.sample import Weighing

SAMPLES = 300
"""Simulated samples; the Monte-Carlo error of a coverage of 0.95 is then 0.013."""


def interval(task, name, y, scores, *, seed, resamples=200, groups=None):
    """The interval of one metric on one simulated sample."""
    sample = sample_of(task, y, scores)
    asked = {"all": Asked(sample=sample, metrics=(name,))}
    found = draw(asked, resamples=resamples, seed=seed, groups=groups)["all"][name]
    return estimate(name, found, sample=sample, level=0.95)


@pytest.mark.parametrize(
    ("task", "name", "simulate"),
    [
        ("binary", "roc_auc", binary),
        ("binary", "accuracy", binary),
        ("binary", "log_loss", binary),
        ("regression", "rmse", regression),
    ],
)
def test_95_percent_intervals_hold_the_truth_95_times_in_100(task, name, simulate):
    """The truth is taken from a sample a thousand times as large. Tolerance: three Monte-Carlo errors."""
    large = simulate(np.random.default_rng(99), rows=300_000)
    truth = float(METRICS.get(name).measure(Weighing(sample_of(task, *large), np.ones((1, 300_000))))[0])
    held = 0
    for seed in range(SAMPLES):
        found = interval(task, name, *simulate(np.random.default_rng(seed), rows=300), seed=seed)
        held += found.low <= truth <= found.high
    assert abs(held / SAMPLES - 0.95) <= 0.038


def test_the_calibration_error_of_a_calibrated_model_is_near_zero_and_its_interval_reaches_it():
    """Without debiasing, 400 rows in 15 bins would show an error of about 0.08 where there is none."""
    found = [
        interval("binary", "calibration_error", *binary(np.random.default_rng(seed)), seed=seed)
        for seed in range(100)
    ]
    assert np.mean([f.value for f in found]) < 0.03
    assert sum(f.low == 0 for f in found) >= 95


def test_the_calibration_error_of_a_model_off_by_a_tenth_is_a_tenth():
    """The debiased error finds the size of a shift that is there, and its interval holds it."""
    held, values = 0, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        probability = rng.uniform(0.2, 0.7, size=2000)
        y = (rng.random(2000) < probability).astype(float)
        shifted = probability + 0.1
        found = interval("binary", "calibration_error", y, np.column_stack([1 - shifted, shifted]), seed=seed)
        values.append(found.value)
        held += found.low <= 0.1 <= found.high
    assert np.mean(values) == pytest.approx(0.1, abs=0.004)
    assert held >= 52


def test_a_model_that_is_no_better_is_called_better_once_in_forty():
    """Two rivals of equal quality: the paired interval lies above 0 in 2.5 % of samples."""
    better = worse = 0
    for seed in range(SAMPLES):
        rng = np.random.default_rng(seed)
        y, signal = (rng.random(300) < 0.4).astype(float), rng.normal(size=300)
        samples = {}
        for name in ("first", "second"):
            score = 1 / (1 + np.exp(-(y + signal + rng.normal(size=300))))
            samples[name] = Asked(
                sample=sample_of("binary", y, np.column_stack([1 - score, score])), metrics=("roc_auc",)
            )
        found = draw(samples, resamples=200, seed=seed)
        difference = found["first"]["roc_auc"].resampled - found["second"]["roc_auc"].resampled
        answer = against_zero(percentiles(difference, level=0.95), direction="higher")
        better += answer == "better"
        worse += answer == "worse"
    assert better / SAMPLES <= 0.025 + 0.027
    assert worse / SAMPLES <= 0.025 + 0.027
    assert better + worse > 0


def test_rows_of_one_group_count_as_less_than_as_many_independent_rows():
    """Each row copied ten times: resampling groups gives the interval of the tenth part."""
    y, scores = binary(np.random.default_rng(3), rows=100)
    alone = interval("binary", "accuracy", y, scores, seed=1, resamples=1000)
    copies = np.repeat(y, 10), np.repeat(scores, 10, axis=0)
    grouped = interval(
        "binary", "accuracy", *copies, seed=1, resamples=1000, groups=np.repeat(np.arange(100), 10)
    )
    naive = interval("binary", "accuracy", *copies, seed=1, resamples=1000)
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.15)
    assert naive.high - naive.low < 0.5 * (grouped.high - grouped.low)


def test_the_same_seed_draws_the_same_resamples():
    """Whatever the size of the pieces they come in, each holds as many draws as rows."""
    first, second = (
        np.vstack(list(weightings(50, resamples=7, rng=np.random.default_rng(4)))) for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert first.shape == (7, 50)
    assert np.all(first.sum(axis=1) == 50)


def test_the_interval_of_a_share_without_mistakes_keeps_its_width():
    """Forty right answers of forty: the bootstrap alone would be sure, Wilson is not."""
    y = np.r_[np.ones(40), np.zeros(40)]
    scores = np.column_stack([1 - y, y])
    found = interval("binary", "recall", y, scores, seed=1)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.912, abs=0.001)


def test_a_ranking_metric_has_no_interval_with_three_positives():
    """Three positives that happen to be on top say little, however many negatives there are."""
    rng = np.random.default_rng(2)
    y = np.r_[np.ones(3), np.zeros(300)]
    score = np.r_[np.full(3, 0.9), 0.8 * rng.random(300)]
    found = interval("binary", "roc_auc", y, np.column_stack([1 - score, score]), seed=1)
    assert (found.value, found.low, found.high) == (1.0, None, None)


def test_an_interval_is_refused_when_too_many_resamples_have_no_value():
    """Leaving out the resamples that do not suit would be choosing."""
    values = np.r_[np.full(90, 0.5), np.full(10, np.nan)]
    assert percentiles(values, level=0.95) is None
    sample = sample_of("binary", *binary(np.random.default_rng(0)))
    found = estimate("log_loss", Drawn(value=0.5, resampled=values), sample=sample, level=0.95)
    assert (found.value, found.low) == (0.5, None)


def test_a_thousand_resamples_of_all_metrics_on_8_000_rows_are_no_matter_of_minutes():
    """It takes a quarter of a second of processor time; a loop over rows would take a hundred times that."""
    y, scores = binary(np.random.default_rng(0), rows=8000)
    names = metrics_of("binary")
    began = time.process_time()
    draw({"all": Asked(sample=sample_of("binary", y, scores), metrics=names)}, resamples=1000, seed=1)
    assert len(names) >= 8
    assert time.process_time() - began <= 10


def test_every_target_of_the_samples_is_of_its_task():
    """The samples that all tests share fit what they are named after."""
    assert {name: spec.task for name, spec in TARGETS.items()} == {name: name for name in TARGETS}


def test_many_units_are_drawn_as_few_are_with_replacement():
    """Each resample has as many draws as rows; counts have the shares and the dependence of a multinomial."""
    units, lines = 5_000, 400
    drawn = np.vstack(list(counted(units, resamples=lines, rng=np.random.default_rng(9))))
    assert drawn.shape == (lines, units)
    assert (drawn.sum(axis=1) == units).all()
    for count in range(5):
        expected = (1 - 1 / units) ** (units - count) / math.factorial(count)
        spread = math.sqrt(expected * (1 - expected) / (lines * units))
        assert abs((drawn == count).mean() - expected) < 5 * spread
    halves = drawn[:, : units // 2].sum(axis=1)
    # A fixed sum ties the halves together: the variance is n/4, where independent counts would have n/2.
    assert abs(halves.var() / (units / 4) - 1) < 5 * math.sqrt(2 / lines)


def test_many_units_are_drawn_alike_from_the_same_seed():
    """The same seed gives the same counts, another one others."""
    one, again, other = (
        np.vstack(list(counted(6_000, resamples=5, rng=np.random.default_rng(seed)))) for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert (one != other).any()

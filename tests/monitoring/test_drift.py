"""Drift: few false alarms over many columns, and real shifts found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.operation import MonitoringPlan
from modelwright.kernel.outcome import Status
from modelwright.monitoring.correction import benjamini_hochberg
from modelwright.monitoring.drift import Compared, measure_drift
from modelwright.registry.reference import FeatureSketch, number_sketch, text_sketch
from modelwright.serving.sketch import FeatureCounts

STRICT = MonitoringPlan(psi_warn=1e-9, psi_alert=1e-9, false_alarm_rate=0.1)
"""Any size of difference alerts, so that the correction alone keeps the rate."""


def counted(sketch, values):
    """Count numbers in the bins of a sketch."""
    present = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(sketch.edges, present, side="right"), minlength=len(sketch.counts))
    return FeatureCounts(counts=tuple(counts.tolist()), nulls=len(values) - len(present))


def thirty(rng, rows):
    """Thirty columns of different shapes, one in five with missing values."""
    columns = []
    for place in range(30):
        values = (rng.normal, rng.exponential, lambda size: rng.poisson(2, size=size).astype(float))[
            place % 3
        ](size=rows)
        if place % 5 == 0:
            values[rng.random(rows) < 0.1] = np.nan
        columns.append(values)
    return columns


def test_windows_without_drift_alarm_no_oftener_than_granted():
    """Thirty columns and their missing values, the size of the difference left out of it."""
    rng = np.random.default_rng(3)
    sketches = [number_sketch(f"c{place}", values) for place, values in enumerate(thirty(rng, 8000))]
    repeats = 150
    alarms = 0
    for _ in range(repeats):
        window = thirty(rng, 1000)
        measured = measure_drift(
            [Compared(then=then, now=counted(then, now)) for then, now in zip(sketches, window, strict=True)],
            plan=STRICT,
        )
        alarms += any(drift.level == "alert" and not drift.nulls_alert for drift in measured)
    # Three standard errors of the simulation are allowed for.
    assert alarms / repeats <= 0.1 + 3 * (0.1 * 0.9 / repeats) ** 0.5


def test_categories_without_drift_alarm_no_oftener_than_granted():
    """The chi-square side, with a tail of thin categories."""
    rng = np.random.default_rng(4)
    weights = 1 / np.arange(1, 41)
    names = [f"k{place:02}" for place in range(40)]
    draw = lambda rows: rng.choice(names, size=rows, p=weights / weights.sum())  # noqa: E731 - one line, used twice
    sketches = [text_sketch(f"c{place}", draw(4000).tolist()) for place in range(10)]
    repeats = 60
    alarms = 0
    for _ in range(repeats):
        columns = []
        for sketch in sketches:
            values, counts = np.unique(draw(600), return_counts=True)
            tally = dict(zip(values.tolist(), counts.tolist(), strict=True))
            named = tuple(tally.pop(name, 0) for name in sketch.categories)
            now = FeatureCounts(counts=(*named, sum(tally.values())), nulls=0)
            columns.append(Compared(then=sketch, now=now))
        alarms += any(drift.level == "alert" for drift in measure_drift(columns, plan=STRICT))
    assert alarms / repeats <= 0.1 + 3 * (0.1 * 0.9 / repeats) ** 0.5


def test_half_a_deviation_in_one_of_thirty_columns_is_found():
    """At 2,000 rows and the contract's own limits; the other columns stay quiet."""
    rng = np.random.default_rng(5)
    sketches = [number_sketch(f"c{place}", rng.normal(size=10_000)) for place in range(30)]
    for _ in range(10):
        window = [rng.normal(0.55 if place == 4 else 0.0, 1, size=2000) for place in range(30)]
        measured = measure_drift(
            [Compared(then=then, now=counted(then, now)) for then, now in zip(sketches, window, strict=True)],
            plan=MonitoringPlan(),
        )
        assert [drift.column for drift in measured if drift.level == "alert"] == ["c4"]


def test_values_outside_of_training_are_drift_and_not_lost():
    """Everything above the highest value seen: the open bin takes it all."""
    then = number_sketch("x", np.linspace(0, 1, 1000))
    drift = measure_drift(
        [Compared(then=then, now=counted(then, np.full(500, 99.0)))], plan=MonitoringPlan()
    )[0]
    assert drift.level == "alert"
    assert drift.rows == 500
    assert drift.status is Status.FAILED


def test_a_column_that_stops_arriving_alerts_on_its_missing_values():
    """Half of the values missing, the rest as ever."""
    rng = np.random.default_rng(6)
    then = number_sketch("x", rng.normal(size=5000))
    now = rng.normal(size=1000)
    now[::2] = np.nan
    drift = measure_drift([Compared(then=then, now=counted(then, now))], plan=MonitoringPlan())[0]
    assert drift.nulls_alert
    assert (drift.level, drift.null_rate, drift.null_rate_then) == ("alert", 0.5, 0.0)


def test_a_small_difference_in_a_large_window_is_no_alert():
    """Significant and negligible: a warning at most."""
    rng = np.random.default_rng(7)
    then = number_sketch("x", rng.normal(size=200_000))
    now = counted(then, rng.normal(0.05, 1, size=200_000))
    drift = measure_drift([Compared(then=then, now=now)], plan=MonitoringPlan())[0]
    assert drift.p_corrected < 1e-6
    assert drift.level == "stable"
    assert drift.status is Status.PASSED


def test_a_medium_difference_warns():
    """Between the two limits."""
    rng = np.random.default_rng(8)
    then = number_sketch("x", rng.normal(size=20_000))
    now = counted(then, rng.normal(0.38, 1, size=5000))
    assert measure_drift([Compared(then=then, now=now)], plan=MonitoringPlan())[0].level == "warning"


def test_too_few_rows_are_unknown():
    """However different they look."""
    then = FeatureSketch(name="x", kind="number", edges=(0.0,), counts=(500, 500))
    drift = measure_drift(
        [Compared(then=then, now=FeatureCounts(counts=(0, 100), nulls=0))], plan=MonitoringPlan()
    )[0]
    assert drift.level == "unknown"
    assert drift.status is Status.UNKNOWN


@given(st.lists(st.floats(0, 1), max_size=40))
def test_corrected_values_keep_the_order_and_are_never_smaller(p):
    """A correction takes evidence away, evenly."""
    adjusted = benjamini_hochberg(p)
    assert all(after >= before - 1e-12 for before, after in zip(p, adjusted, strict=True))
    assert [adjusted[place] for place in np.argsort(p)] == sorted(adjusted)


def test_corrected_values_are_those_of_scipy():
    """The same procedure under another roof."""
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(1).random(25) ** 3
    assert benjamini_hochberg(p.tolist()) == pytest.approx(false_discovery_control(p))

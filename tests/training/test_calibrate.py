"""Calibration: honest probabilities, and only where they pay for their parameters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelwright.candidates.loss import loss_of
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibrate import fit_calibrator
from modelwright.training.calibration import Calibrator

BINARY = TargetSpec(task="binary", name="y", classes=("no", "yes"))
THREE = TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"))


def drawn(rows=4000, *, heat=1.0, shift=0.0, seed=0):
    """Labels, and scores that are too sure by `heat` and off by `shift`."""
    draw = np.random.default_rng(seed)
    odds = draw.normal(0, 1.5, rows)
    y = (draw.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    told = 1 / (1 + np.exp(-(odds * heat + shift)))
    return y, np.column_stack((1 - told, told))


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_scores_that_are_too_sure_become_honest(kind):
    """The mean score of every tenth comes near to the share that happened, on other rows too."""
    y, scores = drawn(heat=3.0, shift=1.0)
    calibrator, note = fit_calibrator(y, scores, target=BINARY, kind=kind)
    others, told = drawn(heat=3.0, shift=1.0, seed=1)
    made = calibrator.apply(told)
    assert note == ""
    assert loss_of(others, made, target=BINARY) < loss_of(others, told, target=BINARY) - 0.1
    order = np.argsort(made[:, 1])
    for tenth in np.array_split(order, 10):
        assert abs(made[tenth, 1].mean() - others[tenth].mean()) < 0.08


def test_the_sigmoid_finds_the_true_heat_and_shift():
    """The inverse of what was done to the log-odds."""
    y, scores = drawn(40_000, heat=2.0, shift=1.0)
    calibrator, _ = fit_calibrator(y, scores, target=BINARY, kind="sigmoid")
    assert calibrator.slope == pytest.approx(0.5, abs=0.02)
    assert calibrator.offset == pytest.approx(-0.5, abs=0.03)


@pytest.mark.parametrize(("kind", "most"), [("sigmoid", 10), ("isotonic", 10)])
def test_honest_scores_are_mostly_left_alone(kind, most):
    """A calibrator that does not pay for its parameters is noise; two pay by chance once in seven."""
    kept = 0
    for seed in range(40):
        y, scores = drawn(400, seed=seed)
        calibrator, note = fit_calibrator(y, scores, target=BINARY, kind=kind)
        assert (calibrator is None) == note.startswith("not calibrated")
        kept += calibrator is not None
    assert kept <= most


def test_several_classes_get_a_temperature():
    """The order of classes stays, the sureness changes."""
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 2, (3000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = np.array([draw.choice(3, p=line) for line in shares]).astype(float)
    sure = np.exp(logits * 3) / np.exp(logits * 3).sum(axis=1, keepdims=True)
    calibrator, _ = fit_calibrator(y, sure, target=THREE, kind="sigmoid")
    assert calibrator.kind == "temperature"
    assert calibrator.slope == pytest.approx(1 / 3, abs=0.05)
    assert np.array_equal(np.argmax(calibrator.apply(sure), axis=1), np.argmax(sure, axis=1))


def test_too_few_rows_of_a_class_are_told():
    """Nothing about its probability can be learned."""
    y, scores = drawn(200)
    y[:] = 0
    y[:3] = 1
    calibrator, note = fit_calibrator(y, scores, target=BINARY, kind="sigmoid")
    assert calibrator is None
    assert note == "not calibrated: 3 validation rows of class 'yes' are too few"


def test_nothing_is_fitted_where_nothing_is_asked():
    """No calibration, and no note about it."""
    y, scores = drawn(200)
    assert fit_calibrator(y, scores, target=BINARY, kind="none") == (None, "")
    assert fit_calibrator(
        y, scores[:, :1], target=TargetSpec(task="regression", name="y"), kind="sigmoid"
    ) == (None, "")


@settings(max_examples=50)
@given(
    st.sampled_from(["sigmoid", "isotonic", "temperature"]),
    st.floats(0.01, 10),
    st.floats(-5, 5),
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_a_calibrator_keeps_the_order_and_the_sum(kind, slope, offset, values):
    """Rows never change places, and each line still adds to one."""
    points = ((0.1, 0.2), (0.5, 0.2), (0.9, 0.8))
    calibrator = Calibrator(kind=kind, slope=slope, offset=offset, points=points)
    positive = np.sort(np.array(values))
    made = calibrator.apply(np.column_stack((1 - positive, positive)))
    assert np.isfinite(made).all()
    assert np.allclose(made.sum(axis=1), 1)
    assert (np.diff(made[:, 1]) >= -1e-9).all()

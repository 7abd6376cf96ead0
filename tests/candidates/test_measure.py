"""Measures: point values for designs and runs; what is undefined is None."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from modelwright.candidates.measure import measures, probe_metric
from modelwright.tasks.target import TargetSpec

BINARY = TargetSpec(task="binary", name="y", classes=("no", "yes"))
THREE = TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"))
VALUE = TargetSpec(task="regression", name="y")


@pytest.mark.parametrize("target", [BINARY, THREE, VALUE], ids=lambda spec: spec.task)
def test_no_rows_have_no_measures(target):
    """Nothing is not zero."""
    made = measures(np.zeros(0), np.zeros((0, max(len(target.classes), 1))), target=target)
    assert set(made.values()) == {None}


def test_a_single_class_has_no_curve():
    """Ranking needs two classes, precision needs a positive."""
    made = measures(np.zeros(3), np.array([[0.9, 0.1]] * 3), target=BINARY)
    assert made["roc_auc"] is None
    assert made["average_precision"] is None
    assert made["brier"] == pytest.approx(0.01)


def test_a_constant_target_has_no_explained_variance():
    """There is nothing to explain."""
    made = measures(np.ones(3), np.array([[2.0]] * 3), target=VALUE)
    assert made["r2"] is None
    assert (made["rmse"], made["bias"], made["mae"]) == (1.0, 1.0, 1.0)


def test_perfect_answers_measure_perfect():
    """The ends of every scale."""
    y = np.array([0.0, 1.0, 2.0])
    made = measures(y, np.eye(3), target=THREE)
    assert made["log_loss"] == pytest.approx(0, abs=1e-12)
    assert made["accuracy"] == made["balanced_accuracy"] == made["macro_f1"] == 1.0
    assert measures(np.array([0.0, 1.0]), np.eye(2), target=BINARY)["roc_auc"] == 1.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_mean_explains_nothing(values):
    """R2 of the mean is zero wherever it is defined."""
    y = np.array(values)
    made = measures(y, np.full((len(y), 1), y.mean()), target=VALUE)
    assert made["r2"] is None or made["r2"] == pytest.approx(0, abs=1e-6)


def test_designs_are_compared_by_the_primary_metric_where_it_can_be_measured():
    """Otherwise by the loss of the task."""
    assert probe_metric("roc_auc", BINARY) == "roc_auc"
    assert probe_metric("expected_cost", BINARY) == "log_loss"
    assert probe_metric("expected_cost", VALUE) == "rmse"


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_the_macro_f1_is_that_of_scikit_learn(pairs):
    """Written out, because it is short; the same by definition."""
    y, answers = np.array(pairs, dtype=float).T
    found = measures(y, np.eye(3)[answers.astype(int)], target=THREE)["macro_f1"]
    assert found == pytest.approx(f1_score(y, answers, average="macro", zero_division=0.0))


@pytest.mark.parametrize("seed", range(20))
def test_ranking_measures_are_those_of_scikit_learn_ties_included(seed):
    """The peer's values, on scores of few and of many digits."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    draw = np.random.default_rng(seed)
    rows = int(draw.integers(4, 300))
    y = np.r_[1.0, 0.0, (draw.random(rows) < 0.3).astype(float)]
    score = np.round(draw.random(rows + 2), int(draw.integers(1, 7)))
    made = measures(y, np.column_stack([1 - score, score]), target=BINARY)
    assert made["roc_auc"] == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    assert made["average_precision"] == pytest.approx(average_precision_score(y, score), abs=1e-12)

"""Metrics: equal to scikit-learn's where both are defined, None where they are not, on any rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from tests.evaluation.samples import COSTS, TARGETS, sample_of

from modelwright.contracts.metric_names import MEASUREMENTS, METRIC_NAMES
from modelwright.evaluation.metric import METRICS, compute, metrics_of
from modelwright.evaluation.sample import Weighing
from modelwright.kernel.errors import OurFault, UnknownName
from modelwright.training.pipeline import DecisionRule

RULE = DecisionRule(threshold=0.4)


def value(task, name, y, scores, *, rule=RULE):
    """One metric by its public door."""
    return compute(name, y, scores, target=TARGETS[task], mistakes=COSTS, rule=rule)


@st.composite
def binary_rows(draw):
    """Labels, scores with many ties, and whole weights with at least one row of each class."""
    rows = draw(st.integers(2, 40))
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows)), dtype=float)
    y[:2] = 0.0, 1.0
    positive = np.array(draw(st.lists(st.integers(0, 8), min_size=rows, max_size=rows))) / 8
    weights = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)), dtype=float)
    weights[:2] = np.maximum(weights[:2], 1)
    return y, np.column_stack([1 - positive, positive]), weights


@st.composite
def multiclass_rows(draw):
    """Labels of three classes with each class there, scores with ties, and whole weights."""
    rows = draw(st.integers(3, 30))
    y = np.array(draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)), dtype=float)
    y[:3] = 0.0, 1.0, 2.0
    raw = np.array(draw(st.lists(st.integers(1, 5), min_size=3 * rows, max_size=3 * rows)), dtype=float)
    scores = raw.reshape(rows, 3)
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows)), dtype=float)
    weights[:3] = np.maximum(weights[:3], 1)
    return y, scores / scores.sum(axis=1, keepdims=True), weights


@st.composite
def regression_rows(draw):
    """Values that are never 0, predictions, and whole weights."""
    rows = draw(st.integers(2, 30))
    numbers = st.integers(1, 50).map(lambda number: number / 4)
    y = np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)))
    y[:2] = 1.0, 2.0
    predicted = np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)))
    weights = np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)), dtype=float)
    weights[:2] = np.maximum(weights[:2], 1)
    return y, predicted[:, None], weights


BINARY = {
    "roc_auc": lambda y, s, p, w: reference.roc_auc_score(y, s, sample_weight=w),
    "average_precision": lambda y, s, p, w: reference.average_precision_score(y, s, sample_weight=w),
    "log_loss": lambda y, s, p, w: reference.log_loss(y, s, sample_weight=w),
    "brier": lambda y, s, p, w: reference.brier_score_loss(y, s, sample_weight=w),
    "accuracy": lambda y, s, p, w: reference.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, s, p, w: reference.balanced_accuracy_score(y, p, sample_weight=w),
    "recall": lambda y, s, p, w: reference.recall_score(y, p, sample_weight=w),
    "specificity": lambda y, s, p, w: reference.recall_score(y, p, pos_label=0, sample_weight=w),
    "f1": lambda y, s, p, w: reference.f1_score(y, p, sample_weight=w),
}

MULTICLASS = {
    "log_loss": lambda y, s, p, w: reference.log_loss(y, s, sample_weight=w),
    "accuracy": lambda y, s, p, w: reference.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, s, p, w: reference.balanced_accuracy_score(y, p, sample_weight=w),
    "macro_f1": lambda y, s, p, w: reference.f1_score(y, p, average="macro", sample_weight=w),
    "weighted_f1": lambda y, s, p, w: reference.f1_score(y, p, average="weighted", sample_weight=w),
    "roc_auc_ovr": lambda y, s, p, w: reference.roc_auc_score(y, s, multi_class="ovr", sample_weight=w),
}

REGRESSION = {
    "rmse": lambda y, p, w: reference.root_mean_squared_error(y, p, sample_weight=w),
    "mae": lambda y, p, w: reference.mean_absolute_error(y, p, sample_weight=w),
    "r2": lambda y, p, w: reference.r2_score(y, p, sample_weight=w),
    "mape": lambda y, p, w: reference.mean_absolute_percentage_error(y, p, sample_weight=w),
    "bias": lambda y, p, w: float(np.average(p - y, weights=w)),
    "median_absolute_error": lambda y, p, w: float(np.median(np.abs(np.repeat(p - y, w.astype(int))))),
}


def weighted(task, name, y, scores, weights):
    """One metric under one line of weights, as the bootstrap computes it."""
    view = Weighing(sample_of(task, y, scores, rule=RULE), weights[None, :])
    return float(METRICS.get(name).measure(view)[0])


@pytest.mark.parametrize("name", BINARY)
@given(rows=binary_rows())
@settings(max_examples=40)
def test_a_binary_metric_equals_that_of_scikit_learn(name, rows):
    """For any labels, tied scores and weights."""
    y, scores, weights = rows
    answered = (scores[:, 1] >= 0.4).astype(int)
    expected = BINARY[name](y, scores[:, 1], answered, weights)
    assert weighted("binary", name, y, scores, weights) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", MULTICLASS)
@given(rows=multiclass_rows())
@settings(max_examples=40)
def test_a_multiclass_metric_equals_that_of_scikit_learn(name, rows):
    """For any labels, tied scores and weights."""
    y, scores, weights = rows
    expected = MULTICLASS[name](y, scores, np.argmax(scores, axis=1), weights)
    assert weighted("multiclass", name, y, scores, weights) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", REGRESSION)
@given(rows=regression_rows())
@settings(max_examples=40)
def test_a_regression_metric_equals_that_of_scikit_learn(name, rows):
    """For any values, predictions and weights."""
    y, scores, weights = rows
    expected = REGRESSION[name](y, scores[:, 0], weights)
    assert weighted("regression", name, y, scores, weights) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(rows=binary_rows())
@settings(max_examples=40)
def test_weights_stand_for_repeated_rows(rows):
    """Counting a row twice is having it twice: what makes a bootstrap by weights right."""
    y, scores, weights = rows
    times = weights.astype(int)
    for name in ("roc_auc", "average_precision", "log_loss", "f1", "expected_cost"):
        repeated = weighted("binary", name, np.repeat(y, times), np.repeat(scores, times, axis=0),
                            np.ones(times.sum()))  # fmt: skip
        assert weighted("binary", name, y, scores, weights) == pytest.approx(repeated, abs=1e-9)


def test_precision_equals_that_of_scikit_learn_where_anything_was_answered_yes():
    """And is not defined where nothing was."""
    y, positive = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.1, 0.2])
    scores = np.column_stack([1 - positive, positive])
    assert value("binary", "precision", y, scores) == reference.precision_score(y, positive >= 0.4) == 0.5
    assert value("binary", "precision", y, scores, rule=DecisionRule(threshold=0.95)) is None


def test_expected_cost_counts_each_mistake_at_its_price():
    """One needless yes at 1 and one missed yes at 4, over four rows."""
    y, positive = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.1, 0.2])
    assert value("binary", "expected_cost", y, np.column_stack([1 - positive, positive])) == 5 / 4


def test_expected_cost_of_a_regression_tells_over_from_under():
    """Two units too high at 1 each, one unit too low at 4."""
    y, scores = np.array([1.0, 3.0]), np.array([[3.0], [2.0]])
    assert value("regression", "expected_cost", y, scores) == (2 * 1 + 1 * 4) / 2


def test_expected_cost_of_several_classes_is_the_mean_price_of_a_mistake():
    """One wrong of two, at (1 + 4) / 2."""
    scores = np.array([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1]])
    assert value("multiclass", "expected_cost", np.array([0.0, 1.0]), scores) == 2.5 / 2


def test_rows_left_to_a_person_are_no_answers_and_cost_their_own_price():
    """Between the two ends of the rule nothing is answered."""
    y, positive = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.1, 0.5, 0.9, 0.5])
    scores, rule = np.column_stack([1 - positive, positive]), DecisionRule(abstain=(0.3, 0.7))
    assert value("binary", "accuracy", y, scores, rule=rule) == 1.0
    handed = COSTS.model_copy(update={"abstain": 0.5})
    cost = compute("expected_cost", y, scores, target=TARGETS["binary"], mistakes=handed, rule=rule)
    assert cost == 2 * 0.5 / 4


@pytest.mark.parametrize(
    ("task", "name", "y", "scores"),
    [
        ("binary", "roc_auc", [1.0, 1.0], [[0.5, 0.5], [0.2, 0.8]]),
        ("binary", "average_precision", [0.0, 0.0], [[0.5, 0.5], [0.2, 0.8]]),
        ("binary", "recall", [0.0, 0.0], [[0.5, 0.5], [0.2, 0.8]]),
        ("binary", "specificity", [1.0, 1.0], [[0.5, 0.5], [0.2, 0.8]]),
        ("binary", "f1", [0.0, 0.0], [[0.9, 0.1], [0.9, 0.1]]),
        ("binary", "balanced_accuracy", [0.0, 0.0], [[0.9, 0.1], [0.9, 0.1]]),
        ("multiclass", "roc_auc_ovr", [0.0, 0.0], [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]),
        ("regression", "r2", [2.0, 2.0], [[1.0], [2.0]]),
        ("regression", "mape", [0.0, 2.0], [[1.0], [2.0]]),
    ],
)
def test_a_metric_that_is_not_defined_is_none_and_not_zero(task, name, y, scores):
    """Unknown is not the worst value, and certainly not the best."""
    assert value(task, name, np.array(y), np.array(scores)) is None


@pytest.mark.parametrize(("task", "name"), [(task, name) for task in TARGETS for name in metrics_of(task)])
def test_no_metric_has_a_value_without_rows(task, name):
    """An empty sample says nothing."""
    columns = {"binary": 2, "multiclass": 3, "regression": 1}[task]
    assert value(task, name, np.zeros(0), np.zeros((0, columns))) is None


def test_a_sure_and_wrong_score_does_not_make_the_loss_infinite():
    """One row cannot hide all others."""
    assert value("binary", "log_loss", np.array([1.0]), np.array([[1.0, 0.0]])) == pytest.approx(
        36.04, abs=0.01
    )


@pytest.mark.parametrize("task", METRIC_NAMES)
def test_every_metric_a_contract_may_name_is_in_the_catalogue(task):
    """What the contract's reader lets through, the evaluation can compute."""
    assert set(METRIC_NAMES[task]) <= set(metrics_of(task))
    assert METRIC_NAMES[task][0] in {"roc_auc", "log_loss", "rmse"}


def test_every_measurement_a_contract_may_name_is_in_the_catalogue():
    """In the same unit."""
    measured = {name: METRICS.get(name).unit for name in METRICS.names() if METRICS.get(name).measured}
    assert measured == dict(MEASUREMENTS)


@pytest.mark.parametrize("name", METRICS.names())
def test_a_metric_says_what_it_rewards_and_where_it_comes_from(name):
    """A figure without a meaning is a number."""
    metric = METRICS.get(name)
    assert metric.name == name
    assert len(metric.rewards) > 10
    assert metric.source
    assert metric.low is None or metric.high is None or metric.low < metric.high


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    """The list is closed."""
    with pytest.raises(UnknownName, match="did you mean 'roc_auc'"):
        value("binary", "roc_acu", np.zeros(2), np.zeros((2, 2)))


def test_a_metric_of_another_task_is_refused():
    """So is what only a machine can measure."""
    for name in ("rmse", "p95_latency"):
        with pytest.raises(OurFault, match="asked of binary scores"):
            value("binary", name, np.zeros(2), np.zeros((2, 2)))


def test_closer_to_the_ideal_is_better():
    """A bias of -2 is worse than one of 1, a larger area is better, a larger loss is worse."""
    bias, auc, loss = (METRICS.get(name) for name in ("bias", "roc_auc", "log_loss"))
    assert bias.better(-2.0) < bias.better(1.0) < bias.better(0.0)
    assert auc.better(0.8) > auc.better(0.7)
    assert loss.better(0.3) > loss.better(0.4)

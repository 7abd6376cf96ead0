"""Evaluate: one report a model, the same every time, with every slice, rival and doubt in it."""

import numpy as np
import polars as pl
import pytest
from tests.evaluation.samples import TARGETS, binary, contract_of, drawn, frame_of

from modelwright.evaluation.evaluate import declared_metrics, evaluate
from modelwright.evaluation.metric import metrics_of
from modelwright.evaluation.report import EvaluationReport
from modelwright.kernel.errors import DataInvalid
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode
from modelwright.training.pipeline import DecisionRule


def report_of(y, scores, *, task="binary", contract=None, frame=None, part="test", **rest):
    """Evaluate with the least that is needed."""
    rng = np.random.default_rng(0)
    return evaluate(
        y,
        scores,
        frame=frame_of(rng, len(y)) if frame is None else frame,
        target=TARGETS[task],
        contract=contract or contract_of(task),
        rule=DecisionRule(threshold=0.3),
        seed=1,
        part=part,
        **rest,
    )


@pytest.mark.parametrize("task", TARGETS)
def test_a_report_holds_every_metric_of_the_task_primary_first(task):
    """So that any gate line finds what it names."""
    report = report_of(*drawn(task, np.random.default_rng(1)), task=task)
    assert report.estimates[0].metric == contract_of(task).evaluation.primary
    assert {found.metric for found in report.estimates} == set(metrics_of(task))
    assert all(found.low <= found.value <= found.high for found in report.estimates if found.metric != "mape")


@pytest.mark.parametrize("task", TARGETS)
def test_a_report_survives_the_disk(task):
    """Encoded and decoded, it is the same record."""
    contract = contract_of(task, slices=("job",))
    report = report_of(*drawn(task, np.random.default_rng(1)), task=task, contract=contract)
    assert decode(encode(report), EvaluationReport) == report


def test_the_same_input_gives_the_same_report():
    """Same seed, same bits."""
    y, scores = binary(np.random.default_rng(1))
    assert encode(report_of(y, scores)) == encode(report_of(y, scores))


def test_the_metrics_a_contract_names_are_the_ones_compared_and_sliced():
    """Primary, secondary, those of the gates, and the cost."""
    contract = contract_of(gates=("recall >= 0.5", "p95_latency <= 80ms"), secondary=("log_loss",))
    assert declared_metrics(contract) == ("roc_auc", "log_loss", "recall", "expected_cost")


def test_a_model_is_compared_with_its_rivals_and_with_the_prior_on_the_same_rows():
    """A clear winner is better than a noisy rival, and both than knowing nothing."""
    y, scores = binary(np.random.default_rng(2), rows=1500)
    noise = np.clip(scores[:, 1] + 0.3 * np.random.default_rng(3).normal(size=1500), 0.01, 0.99)
    report = report_of(y, scores, others={"baseline": np.column_stack([1 - noise, noise])})
    for other in ("baseline", "prior"):
        found = report.comparison(other, metric="roc_auc")
        assert found.outcome.status is Status.PASSED
        assert 0 < found.low <= found.difference <= found.high
        assert found.difference == pytest.approx(found.value - found.other_value)
    assert report.comparison("prior", metric="roc_auc").other_value == 0.5
    assert report.comparison("baseline", metric="expected_cost").difference < 0


def test_a_worse_model_is_told_so_and_an_equal_one_is_unknown():
    """Three answers, not two."""
    y, scores = binary(np.random.default_rng(2), rows=1500)
    noise = np.clip(scores[:, 1] + 0.3 * np.random.default_rng(3).normal(size=1500), 0.01, 0.99)
    report = report_of(y, np.column_stack([1 - noise, noise]), others={"champion": scores})
    assert report.comparison("champion", metric="roc_auc").outcome.status is Status.FAILED
    assert any("Worse than champion on roc_auc" in line for line in report.weak)
    same = report_of(y, scores, others={"champion": scores})
    assert same.comparison("champion", metric="roc_auc").outcome.status is Status.UNKNOWN
    assert any("Not shown to beat champion" in line for line in same.weak)


def test_a_rival_without_a_rule_decides_by_the_cheapest_rule_for_true_probabilities():
    """The price of mistakes, not 0.5: a rival made to look bad proves nothing."""
    y, scores = binary(np.random.default_rng(2), rows=1500)
    own = report_of(
        y, scores, others={"baseline": scores}, other_rules={"baseline": DecisionRule(threshold=0.3)}
    )
    assert own.comparison("baseline", metric="expected_cost").difference == 0
    fair = report_of(y, scores, others={"baseline": scores}).comparison("baseline", metric="expected_cost")
    plain = {"baseline": DecisionRule()}
    unfair = report_of(y, scores, others={"baseline": scores}, other_rules=plain)
    assert fair.other_value < unfair.comparison("baseline", metric="expected_cost").other_value


def test_biases_are_compared_by_their_size():
    """Two units too low are worse than one too high."""
    y = np.random.default_rng(1).normal(size=200)
    rivals = {"baseline": (y - 2)[:, None]}
    contract = contract_of("regression", secondary=("bias",))
    report = report_of(y, (y + 1)[:, None], task="regression", contract=contract, others=rivals)
    found = report.comparison("baseline", metric="bias")
    assert found.difference == pytest.approx(-1.0)
    assert found.outcome.status is Status.PASSED


def test_a_slice_with_fewer_rows_than_agreed_is_unknown_and_not_zero():
    """Its rows are counted, its metrics are not guessed."""
    y, scores = binary(np.random.default_rng(1))
    jobs = ["rare"] * 29 + ["clerk"] * 200 + [None] * 171
    report = report_of(y, scores, frame=pl.DataFrame({"job": jobs}), contract=contract_of(slices=("job",)))
    (rare,) = report.of_slice("job", value="rare")
    assert rare.rows == 29
    assert {found.value for found in rare.estimates} == {None}
    assert rare.of("roc_auc").told() == "unknown"
    assert report.of_slice("job", value="(missing)")[0].of("roc_auc").value is not None
    assert any("Too few rows to tell: job = rare" in line for line in report.weak)


def test_a_metric_that_is_not_defined_on_a_slice_is_unknown_there():
    """A slice without positives has no area under a curve."""
    y, scores = binary(np.random.default_rng(1))
    jobs = np.where((y == 0) & (np.arange(400) < 200), "none", "some")
    report = report_of(y, scores, frame=pl.DataFrame({"job": jobs}), contract=contract_of(slices=("job",)))
    (none,) = report.of_slice("job", value="none")
    assert none.of("roc_auc").value is None
    assert none.of("expected_cost").value is not None


def test_a_slice_that_is_surely_worse_than_the_whole_is_named():
    """Half of the rows are scored at random."""
    rng = np.random.default_rng(4)
    y, scores = binary(rng, rows=2000, strength=3.0)
    blind = np.arange(2000) < 1000
    scores[blind] = scores[rng.permutation(1000)]
    frame = pl.DataFrame({"job": np.where(blind, "student", "clerk")})
    report = report_of(y, scores, frame=frame, contract=contract_of(slices=("job",)))
    assert any(line.startswith("roc_auc is worse where job = student") for line in report.weak)


def test_a_slice_column_the_data_does_not_have_is_told():
    """Silence would read as no problem."""
    y, scores = binary(np.random.default_rng(1))
    report = report_of(
        y, scores, frame=pl.DataFrame({"age": np.arange(400)}), contract=contract_of(slices=("job",))
    )
    assert report.slices == ()
    assert report.weak[0] == "Slices of job are unknown: the rows have no such column."


def test_miscalibrated_scores_are_told():
    """A product owner must not read them as probabilities."""
    rng = np.random.default_rng(1)
    y = (rng.random(1000) < 0.2).astype(float)
    score = 0.5 + 0.3 * rng.random(1000)
    report = report_of(y, np.column_stack([1 - score, score]))
    assert any("cannot be taken at their word" in line for line in report.weak)


def test_whole_groups_are_resampled_where_the_contract_splits_by_group():
    """Rows without a group stand alone."""
    y, scores = binary(np.random.default_rng(1))
    clients = [f"c{index // 10}" for index in range(390)] + [None] * 10
    contract = contract_of(group="client")
    report = report_of(y, scores, frame=pl.DataFrame({"client": clients}), contract=contract)
    assert report.clusters == 39 + 10
    alone = report_of(y, scores)
    assert alone.clusters is None


@pytest.mark.parametrize("rows", [25, 60, 400])
def test_a_report_on_sealed_rows_shows_no_single_row(rows):
    """Points of curves lie ten rows apart at least, bins hold twenty or all."""
    y, scores = binary(np.random.default_rng(1), rows=rows)
    report = report_of(y, scores, part="test")
    negatives = rows - y.sum()
    for name in ("roc", "precision_recall"):
        (curve,) = [curve for curve in report.curves if curve.name == name]
        assert len(curve.x) <= rows // 10 + 1
    (roc,) = [curve for curve in report.curves if curve.name == "roc"]
    ranked = np.array(roc.x) * negatives + np.array(roc.y) * y.sum()
    assert np.diff(np.round(ranked)).min() >= 10
    assert min(b.rows for b in report.calibration) >= 20


def test_curves_run_from_corner_to_corner_and_costs_over_all_thresholds():
    """And the area below the thinned curve is about the metric."""
    y, scores = binary(np.random.default_rng(1), rows=2000)
    report = report_of(y, scores, part="validation")
    roc = report.curves[0]
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.trapezoid(roc.y, roc.x) == pytest.approx(report.estimate("roc_auc").value, abs=0.01)
    thresholds = [point.threshold for point in report.costs]
    assert thresholds == sorted(thresholds)
    nearest = min(report.costs, key=lambda point: abs(point.threshold - 0.3))
    assert nearest.cost == pytest.approx(report.estimate("expected_cost").value, abs=0.02)


def test_the_confusion_matrix_counts_every_answered_row():
    """Lines are actual classes, columns are answers."""
    y, scores = binary(np.random.default_rng(1))
    report = report_of(y, scores)
    table = np.array(report.confusion)
    assert table.sum() == 400
    assert table.sum(axis=1).tolist() == [400 - y.sum(), y.sum()]
    assert table[1, 1] / y.sum() == report.estimate("recall").value


def test_one_class_leaves_ranking_undefined_and_the_rest_measured():
    """Nothing raises: unknown is an answer."""
    report = report_of(np.zeros(100), np.tile([0.7, 0.3], (100, 1)))
    assert report.estimate("roc_auc").value is None
    assert report.estimate("accuracy").value == 0.0
    assert report.curves == ()
    assert any("roc_auc is not defined" in line for line in report.weak)


def test_all_faults_of_the_predictions_are_told_at_once():
    """NaN in the model, shape of one rival, margins of another."""
    y, scores = binary(np.random.default_rng(1))
    broken = scores.copy()
    broken[:7] = np.nan
    with pytest.raises(DataInvalid) as refused:
        report_of(y, broken, others={"baseline": scores[:5], "champion": scores * 3})
    assert len(refused.value.faults) == 3
    assert "7 of 400 rows hold a score that is not a finite number" in str(refused.value)


@pytest.mark.parametrize(
    ("y", "scores", "told"),
    [
        (np.array([0.0, np.nan]), [[0.5, 0.5]] * 2, "1 of 2 labels are not finite"),
        (np.array([0.0, 2.0]), [[0.5, 0.5]] * 2, "none of the 2 classes"),
        (np.zeros(0), np.zeros((0, 2)), "no rows"),
        (np.array([0.0, 1.0]), [[0.5, 0.6]] * 2, "do not sum to 1"),
        (np.array([0.0, 1.0]), [[np.inf, 0.5]] * 2, "not a finite number"),
        (np.array([0.0, 1.0]), np.array([[1, 0], [0, 1]]), "int64 numbers"),
    ],
)
def test_what_cannot_be_meant_is_refused(y, scores, told):
    """A figure computed from it would look like any other."""
    with pytest.raises(DataInvalid, match=told):
        report_of(y, np.array(scores), frame=pl.DataFrame({"job": ["a"] * len(y)}))


def test_columns_of_other_rows_are_refused():
    """Slices would be of the wrong rows."""
    y, scores = binary(np.random.default_rng(1))
    with pytest.raises(DataInvalid, match="3 rows for 400 labels"):
        report_of(y, scores, frame=pl.DataFrame({"job": ["a", "b", "c"]}))

"""Gates: judged on the interval, closed unless shown open."""

from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.samples import TARGETS, binary, contract_of, frame_of

from modelwright.evaluation.estimate import Comparison, Estimate
from modelwright.evaluation.evaluate import evaluate
from modelwright.gates.judge import judge
from modelwright.gates.verdict import Verdict
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.training.pipeline import DecisionRule


def report_for(contract, *, rows=1500, others=None):
    """A real report under a contract."""
    rng = np.random.default_rng(2)
    y, scores = binary(rng, rows)
    return evaluate(
        y,
        scores,
        frame=frame_of(rng, rows),
        target=TARGETS["binary"],
        contract=contract,
        rule=DecisionRule(threshold=0.2),
        seed=1,
        part="test",
        others=others,
        run_id="run-7",
        pipeline_digest="sha256:model",
        snapshot_digest="sha256:data",
    )


def with_estimate(report, metric, **changes):
    """The same report with one estimate changed."""
    changed = tuple(replace(f, **changes) if f.metric == metric else f for f in report.estimates)
    return replace(report, estimates=changed)


def with_comparison(report, **changes):
    """The same report with one comparison added."""
    found = Comparison(
        **{
            "other": "champion",
            "metric": "expected_cost",
            "difference": -0.1,
            "low": -0.2,
            "high": -0.05,
            "rows": report.rows,
            "outcome": Outcome(status=Status.PASSED, what="better"),
            **changes,
        }
    )
    return replace(report, comparisons=(found,))


def judged(
    *lines, do_not_ship=(), report=True, change=None, champion=False, measurements=None, slices=(), **rest
):
    """Judge lines on a real report."""
    contract = contract_of(gates=lines, do_not_ship=do_not_ship, slices=slices)
    found = report_for(contract) if report is True else report
    if change is not None:
        found = change(found)
    return judge(
        contract,
        found,
        measurements=measurements,
        declared_before_training=rest.pop("declared", True),
        champion=champion,
        **rest,
    )


def status(*lines, **rest):
    """The overall answer."""
    return judged(*lines, **rest).outcome.status.value


def auc(low, value, high):
    """A change that sets the area under the curve."""
    return lambda report: with_estimate(report, "roc_auc", low=low, value=value, high=high)


@pytest.mark.parametrize(
    ("line", "ends", "expected"),
    [
        ("roc_auc >= 0.75", (0.76, 0.79, 0.82), "passed"),
        ("roc_auc >= 0.75", (0.75, 0.79, 0.82), "passed"),
        ("roc_auc > 0.75", (0.75, 0.79, 0.82), "unknown"),
        ("roc_auc >= 0.75", (0.74, 0.79, 0.82), "unknown"),
        ("roc_auc >= 0.75", (0.70, 0.74, 0.78), "failed"),
        ("point roc_auc >= 0.75", (0.74, 0.79, 0.82), "passed"),
        ("point roc_auc >= 0.75", (0.70, 0.74, 0.78), "failed"),
        ("roc_auc <= 0.9", (0.76, 0.79, 0.82), "passed"),
        ("roc_auc < 0.8", (0.76, 0.79, 0.82), "unknown"),
        ("roc_auc < 0.78", (0.76, 0.79, 0.82), "failed"),
        ("roc_auc >= 75%", (0.76, 0.79, 0.82), "passed"),
    ],
)
def test_a_line_is_judged_on_the_worse_end_of_the_interval(line, ends, expected):
    """Passed when the worse end holds, failed when the value misses, unknown between."""
    assert status(line, change=auc(*ends)) == expected


@pytest.mark.parametrize(
    ("line", "ends", "expected"),
    [
        ("roc_auc < 0.7", (0.76, 0.79, 0.82), "passed"),
        ("roc_auc < 0.77", (0.76, 0.79, 0.82), "unknown"),
        ("roc_auc < 0.8", (0.76, 0.79, 0.82), "failed"),
        ("roc_auc > 0.9", (0.76, 0.79, 0.82), "passed"),
        ("point roc_auc < 0.77", (0.76, 0.79, 0.82), "passed"),
    ],
)
def test_what_must_not_be_has_to_be_shown_not_to_be(line, ends, expected):
    """A do-not-ship line passes only when the whole interval is outside the condition."""
    assert status("log_loss >= 0", do_not_ship=(line,), change=auc(*ends)) == expected


def test_one_failed_line_fails_the_verdict_and_is_named():
    """However well the others do."""
    verdict = judged("roc_auc >= 0.5", "roc_auc >= 0.99")
    assert verdict.outcome.status is Status.FAILED
    assert [result.outcome.status.value for result in verdict.lines] == ["passed", "failed"]
    assert verdict.outcome.evidence == ("roc_auc >= 0.99: failed",)
    assert not verdict.allows


def test_a_verdict_says_what_it_is_about():
    """Contract, run, data and model by digest."""
    verdict = judged("roc_auc >= 0.5")
    contract = contract_of(gates=("roc_auc >= 0.5",))
    assert verdict.allows
    assert (verdict.contract_digest, verdict.run_id) == (contract.digest, "run-7")
    assert (verdict.snapshot_digest, verdict.pipeline_digest) == ("sha256:data", "sha256:model")


def test_no_lines_at_all_is_unknown():
    """Nothing was asked, so nothing was answered."""
    verdict = judged()
    assert verdict.outcome.status is Status.UNKNOWN
    assert "There are no gates" in verdict.document().to_markdown()


def test_do_not_ship_lines_alone_do_not_say_what_to_reach():
    """A model that is merely not forbidden is not good."""
    assert status(do_not_ship=("roc_auc < 0.1",)) == "unknown"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda report: None, "there is no evaluation report"),
        (lambda report: replace(report, part="validation"), "validation part"),
        (lambda report: replace(report, contract_digest="sha256:other"), "another contract"),
        (lambda report: replace(report, target="z"), "another target"),
        (lambda report: replace(report, task="regression"), "another target"),
        (lambda report: replace(report, estimates=()), "missing from the report"),
    ],
)
def test_a_report_that_does_not_count_blocks(change, told):
    """Wrong part, wrong contract, wrong target, nothing in it."""
    verdict = judged("roc_auc >= 0.5", change=change)
    assert verdict.outcome.status is Status.UNKNOWN
    assert told in verdict.lines[0].outcome.evidence[0]
    assert verdict.lines[0].outcome.next_step


def test_a_report_of_another_model_blocks():
    """When the caller says which model it is about."""
    assert status("roc_auc >= 0.5", pipeline_digest="sha256:model") == "passed"
    assert status("roc_auc >= 0.5", pipeline_digest="sha256:other") == "unknown"


def test_gates_declared_after_training_do_not_count():
    """A line that was written to fit the model says nothing about it."""
    verdict = judged("roc_auc >= 0.5", declared=False)
    assert verdict.outcome.status is Status.UNKNOWN
    assert "after training" in verdict.lines[0].outcome.evidence[0]


@pytest.mark.parametrize("line", ["roc_acu >= 0.5", "rmse <= 3", "roc_auc >= 80ms"])
def test_a_line_that_cannot_be_meant_is_unknown(line):
    """An unknown metric, a metric of another task, a unit that does not fit."""
    verdict = judged(line)
    assert verdict.outcome.status is Status.UNKNOWN
    assert verdict.lines[0].line.text == line


def test_a_line_that_is_no_condition_is_unknown():
    """A contract from elsewhere may hold anything; it does not get a model through."""
    contract = contract_of(gates=("roc_auc >= 0.5", "this is no line"))
    report = replace(report_for(contract_of()), contract_digest=contract.digest)
    verdict = judge(contract, report, declared_before_training=True, champion=False)
    assert verdict.outcome.status is Status.UNKNOWN
    assert [result.outcome.status.value for result in verdict.lines] == ["passed", "unknown"]


def test_an_unknown_metric_comes_with_the_nearest_name():
    """The next step is in the outcome."""
    assert judged("roc_acu >= 0.5").lines[0].outcome.next_step == "did you mean 'roc_auc'?"


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 1.7, "high": 1.8},
        {"value": -0.2, "low": -0.3},
        {"value": 0.7, "low": 0.8, "high": 0.9},
        {"low": None, "high": None},
        {"rows": 29},
        {"rows": "many"},
    ],
)
def test_an_estimate_that_cannot_be_right_is_unknown(changes):
    """Outside the metric's range, outside its own interval, without one, on too few rows."""
    assert status("roc_auc >= 0.1", change=lambda r: with_estimate(r, "roc_auc", **changes)) == "unknown"


@pytest.mark.parametrize(
    ("low", "difference", "high", "expected"),
    [
        (-0.2, -0.1, -0.05, "passed"),
        (-0.2, -0.1, 0.02, "unknown"),
        (-0.1, 0.02, 0.2, "failed"),
        (None, -0.1, None, "unknown"),
        (0.1, -0.1, -0.2, "unknown"),
        (None, None, None, "unknown"),
    ],
)
def test_a_rival_is_beaten_only_when_the_whole_difference_says_so(low, difference, high, expected):
    """On the paired interval."""
    ends = {"low": low, "difference": difference, "high": high}
    assert (
        status("expected_cost < champion", champion=True, change=lambda r: with_comparison(r, **ends))
        == expected
    )


def test_the_point_of_a_difference_can_be_asked_for():
    """And says so in the line."""
    change = {"low": -0.2, "difference": -0.1, "high": 0.02}
    line = "point expected_cost < champion"
    assert status(line, champion=True, change=lambda r: with_comparison(r, **change)) == "passed"


def test_a_comparison_on_too_few_rows_is_unknown():
    """As few as would make a slice unknown."""
    found = judged("expected_cost < champion", champion=True, change=lambda r: with_comparison(r, rows=3))
    assert "compared on 3 rows" in found.lines[0].outcome.evidence[0]


def test_while_there_has_never_been_a_champion_its_lines_are_judged_against_the_baseline():
    """And the verdict says so, line by line."""
    contract = contract_of(gates=("expected_cost < champion",))
    noise = np.random.default_rng(5).uniform(0.2, 0.4, size=1500)
    report = report_for(contract, others={"baseline": np.column_stack([1 - noise, noise])})
    verdict = judge(contract, report, declared_before_training=True, champion=False)
    assert verdict.outcome.status is Status.PASSED
    assert "judged against the baseline" in verdict.lines[0].note
    assert "judged against the baseline" in verdict.document().to_markdown()
    later = judge(contract, report, declared_before_training=True, champion=True)
    assert later.outcome.status is Status.UNKNOWN


def test_a_rival_that_was_not_measured_is_unknown():
    """No baseline, no comparison, no pass."""
    assert status("roc_auc > baseline") == "unknown"
    assert status("roc_auc > prior") == "passed"


def test_every_value_of_a_sliced_column_has_to_hold():
    """One weak slice fails the line, and is named."""
    line = "slice(job): roc_auc >= 0.5"
    assert status(line, slices=("job",)) == "passed"

    def weaken(report):
        slices = tuple(
            replace(s, estimates=tuple(replace(e, value=0.4, low=0.3, high=0.45) for e in s.estimates))
            if s.value == "student"
            else s
            for s in report.slices
        )
        return replace(report, slices=slices)

    verdict = judged(line, slices=("job",), change=weaken)
    assert verdict.outcome.status is Status.FAILED
    assert verdict.lines[0].slice == "job = student"
    assert verdict.lines[0].outcome.evidence[0] == "1 of 3 slices failed"
    assert status("slice(job=clerk): roc_auc >= 0.5", slices=("job",), change=weaken) == "passed"


@pytest.mark.parametrize(
    "line",
    [
        "slice(job=pirate): roc_auc >= 0.1",
        "slice(city): roc_auc >= 0.1",
        "slice(job): accuracy > 0.1",
        "slice(job): roc_auc > baseline",
    ],
)
def test_a_slice_that_was_not_measured_is_unknown(line):
    """No such value, no such column, not this metric, not against rivals."""
    bare = contract_of(slices=("job",))
    report = report_for(bare)
    contract = contract_of(slices=("job",), gates=(line,))
    moved = replace(report, contract_digest=contract.digest)
    verdict = judge(contract, moved, declared_before_training=True, champion=True)
    assert verdict.outcome.status is Status.UNKNOWN


def test_a_slice_with_too_few_rows_is_unknown_and_blocks():
    """Not looked at is not clean."""
    contract = contract_of(slices=("job",), gates=("slice(job): roc_auc >= 0.1",), min_slice_rows=600)
    verdict = judge(contract, report_for(contract), declared_before_training=True, champion=False)
    assert verdict.outcome.status is Status.UNKNOWN


def latency(value, *, rows=500, low=None, high=None, metric="p95_latency"):
    """A measured latency with an interval."""
    return Estimate(metric=metric, value=value, low=low, high=high, level=0.95, rows=rows, direction="lower")


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({"p95_latency": 40.0}, "passed"),
        ({"p95_latency": 90.0}, "failed"),
        ({"p95_latency": latency(40, low=38, high=45)}, "passed"),
        ({"p95_latency": latency(70, low=60, high=85)}, "unknown"),
        ({"p95_latency": latency(40, low=38, high=45, rows=5)}, "unknown"),
        ({"p95_latency": latency(40)}, "unknown"),
        ({}, "unknown"),
        ({"p95_latency": float("nan")}, "unknown"),
        ({"p95_latency": -3.0}, "unknown"),
        ({"p95_latency": "fast"}, "unknown"),
        ({"p95_latency": True}, "unknown"),
        ({"p99_latency": 40.0}, "unknown"),
        ({"p95_latency": latency(40, low=38, high=45, metric="p50_latency")}, "unknown"),
    ],
)
def test_latency_is_judged_on_what_was_measured(measured, expected):
    """On the interval when there is one; a bare number as it is; nothing as unknown."""
    assert status("p95_latency <= 80ms", measurements=measured) == expected


def test_a_measurement_needs_no_report_of_the_scorer():
    """And is told apart from an estimate: a bare number is judged as it is, and says so."""
    verdict = judged("bundle_size <= 20MB", report=None, measurements={"bundle_size": 3.2})
    assert verdict.lines[0].outcome.status is Status.PASSED
    assert "without an interval" in verdict.lines[0].note


@pytest.mark.parametrize("line", ["p95_latency <= champion", "slice(job): p95_latency <= 80ms"])
def test_a_measurement_is_not_compared_with_rivals_or_slices(line):
    """It was not measured there."""
    assert status(line, measurements={"p95_latency": 1.0}) == "unknown"


def test_a_verdict_survives_the_disk():
    """With whatever it was given: undefined numbers are stored as undefined."""
    verdict = judged("roc_auc >= 0.5", "p95_latency <= 80ms", measurements={"p95_latency": float("inf")})
    assert decode(encode(verdict), Verdict) == verdict


def test_the_page_of_a_verdict_says_each_line_and_what_to_do():
    """Counts first, then every line with its value."""
    text = judged("roc_auc >= 0.5", "roc_auc >= 0.99", "recall >= 0.1").document().to_markdown()
    assert "1 of 3 gates failed, 0 are unknown, 2 passed" in text
    assert "| roc_auc >= 0.99 | failed |" in text
    passed = judged("roc_auc >= 0.5").document().to_html()
    assert "All 1 gates passed" in passed

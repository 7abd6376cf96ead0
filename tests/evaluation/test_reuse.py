"""What a look may tell: levels that all looks share, the Ladder, and digits that intervals support."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evaluation.samples import TARGETS, contract_of, drawn, frame_of

from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.look import ToldLine
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.release import nice_step, rounded, supported_unit, widened
from modelwright.evaluation.reuse import Rung, Standing, brief, level_of, open_up, spent
from modelwright.gates.deciding import decide
from modelwright.gates.judge import judge
from modelwright.kernel.outcome import Status
from modelwright.training.pipeline import DecisionRule

FIRST = Standing(look=1, allowed=3)


def contract(task, *, gates=(), **rest):
    """A contract of one task."""
    return contract_of(task, gates=gates, slices=("job",), **rest)


def measured(task="binary", *, seed=3, rows=600, gates=(), **rest):
    """A report on a test part, as the scorer measures it."""
    rng = np.random.default_rng(seed)
    y, scores = drawn(task, rng, rows)
    return evaluate(
        y,
        scores,
        frame=frame_of(rng, rows),
        target=TARGETS[task],
        contract=contract(task, gates=gates, **rest),
        rule=DecisionRule(threshold=0.25) if task == "binary" else DecisionRule(),
        seed=1,
        part="test",
        pipeline_digest="sha256:m",
    )


def lines(*statuses):
    """Lines that came out so."""
    return tuple(ToldLine(text=f"line {place}", status=status) for place, status in enumerate(statuses))


@given(alpha=st.floats(1e-4, 0.5), looks=st.integers(1, 300), bits=st.lists(st.integers(0, 40), max_size=30))
def test_all_looks_together_err_no_more_than_one_was_to(alpha, looks, bits):
    """However many there are, and however much they tell: sums stay below, and levels rise."""
    assert sum(spent(look, alpha=alpha) for look in range(1, looks + 1)) < alpha
    told = [sum(bits[:place]) for place in range(len(bits))]
    levels = [level_of(place + 1, level=1 - alpha, bits=value) for place, value in enumerate(told)]
    assert levels == sorted(levels)
    assert all(1 - alpha < level < 1 for level in levels)


@pytest.mark.parametrize("task", TARGETS)
def test_an_answer_that_decides_is_wider_and_coarser_than_what_was_measured(task):
    """Every interval holds the one that was measured; no number has more digits than it supports."""
    report = measured(task)
    told = open_up(report, FIRST)
    assert told.look.told == "everything"
    assert told.level == pytest.approx(0.9696, abs=1e-4)
    pairs = list(zip(report.estimates, told.estimates, strict=True))
    pairs += list(zip(report.comparisons, told.comparisons, strict=True))
    for before, after in pairs:
        if before.low is None:
            continue
        metric = METRICS.get(before.metric)
        assert after.low <= max(before.low, -math.inf if metric.low is None else metric.low) + 1e-12
        assert after.high >= before.high - 1e-12
        assert after.level == told.level
        middle = after.value if hasattr(after, "direction") else after.difference
        assert after.low <= middle <= after.high
        digits = supported_unit((after.high - after.low) / 2) if after.high > after.low else 12
        assert round(middle, max(digits, 0) + 1) == middle


def test_one_flipped_row_changes_nothing_that_is_told():
    """The digits that could show it are cut; only a figure on the edge of two rungs could."""
    rng = np.random.default_rng(5)
    y, scores = drawn("binary", rng, 8000)
    frame = frame_of(rng, 8000)
    agreed = contract("binary", resamples=100)
    told = []
    for flip in (None, *range(6)):
        labels = y.copy()
        if flip is not None:
            labels[flip] = 1 - labels[flip]
        report = evaluate(
            labels, scores, frame=frame, target=TARGETS["binary"], contract=agreed,
            rule=DecisionRule(threshold=0.25), seed=1, part="test",
        )  # fmt: skip
        told.append(brief(report, FIRST, lines=()).report.estimate("roc_auc"))
    assert all(found == told[0] for found in told)


def test_a_look_that_does_not_decide_tells_lines_and_one_coarse_figure():
    """Nothing else leaves: no slices, no curves, no other metrics, no counts."""
    report = measured()
    told = brief(report, FIRST, lines=lines(Status.PASSED, Status.UNKNOWN))
    assert told.report.look.told == "standing"
    (shown,) = told.report.estimates
    step = told.report.look.step
    assert shown.value == pytest.approx(round(report.estimate("roc_auc").value / step) * step)
    assert shown.low <= report.estimate("roc_auc").low
    assert shown.high >= report.estimate("roc_auc").high
    empty = ("slices", "calibration", "curves", "confusion", "costs", "comparisons", "weak")
    assert all(getattr(told.report, name) == () for name in empty)
    assert [line.status for line in told.report.look.lines] == [Status.PASSED, Status.UNKNOWN]
    assert told.bits <= 20


@pytest.mark.parametrize("task", TARGETS)
def test_after_that_a_figure_is_told_only_when_it_is_better_by_more_than_the_step(task):
    """The Ladder: the same model, and one a little better, learn nothing but that."""
    report = measured(task)
    first = brief(report, FIRST, lines=())
    primary, metric = report.primary, METRICS.get(report.primary)
    second = replace(FIRST, look=2, bits=first.bits, rungs={primary: first.rung})
    better = 1 if metric.direction == "higher" else -1

    def moved(by):
        shift = better * by * first.rung.step
        value = first.rung.value + shift
        found = replace(report.estimates[0], value=value, low=value - 0.01, high=value + 0.01)
        return brief(replace(report, estimates=(found,)), second, lines=())

    for by in (-3, 0, 0.5, 0.99):
        told = moved(by)
        assert (told.report.look.told, told.rung, told.bits) == ("nothing new", None, 1)
        assert told.report.estimates[0].value is None
    climbed = moved(2.5)
    assert climbed.report.look.told == "standing"
    assert metric.better(climbed.rung.value) > metric.better(first.rung.value)
    assert climbed.report.level > told.report.level - 1e-15 > first.report.level


def test_a_primary_metric_without_a_value_is_told_as_none():
    """One class alone in the test part."""
    report = measured()
    blank = replace(report.estimates[0], value=None, low=None, high=None)
    told = brief(replace(report, estimates=(blank, *report.estimates[1:])), FIRST, lines=())
    assert (told.report.estimates[0].value, told.rung, told.bits) == (None, None, 1)
    bare = replace(report.estimates[0], low=None, high=None)
    told = brief(replace(report, estimates=(bare,)), FIRST, lines=())
    assert told.report.estimates[0].low is None
    wide = replace(report.estimates[0], low=0.0, high=1.0)
    fine = replace(FIRST, rungs={"roc_auc": Rung(place=0, step=0.001)})
    told = brief(replace(report, estimates=(wide,)), fine, lines=())
    assert told.report.estimates[0].high is None


PASSING = ("roc_auc >= 0.6", "p95_latency <= 80ms")
MISSING = ("roc_auc >= 0.99", "slice(job): recall >= 0.2", "expected_cost < prior")


def decided(gates, *, look=1, opened=False, **rest):
    """What a look tells under these gates."""
    report = measured(gates=gates)
    standing = Standing(look=look, allowed=3, **rest)
    return decide(report, standing, contract=contract("binary", gates=gates), opened=opened)


def test_a_look_tells_everything_when_it_decides_or_is_the_last():
    """Once for a contract; before that, and after it, only how things stand."""
    assert decided(PASSING).report.look.told == "everything"
    assert decided(MISSING).report.look.told == "standing"
    assert decided(()).report.look.told == "standing"
    assert decided(MISSING, look=3).report.look.told == "everything"
    assert decided(MISSING, look=3, opened=True).report.look.told == "standing"


def test_who_passes_after_everything_was_told_is_compared_and_marked():
    """The people who promote it see what is gained, and that the level holds no longer by itself."""
    told = decided(PASSING, look=2, opened=True, opened_before=1).report
    assert (told.look.told, told.look.opened_before) == ("comparison", 1)
    assert {found.other for found in told.comparisons} == {"prior"}
    assert told.curves == told.slices == told.confusion == ()
    text = str(told.document())
    assert "had told everything about these rows before" in text
    assert "not told again" in text


def test_gates_count_what_the_scorer_told_about_a_line_and_nothing_else():
    """Passed is passed; unknown blocks; a line it was not asked about is unknown."""
    told = decided(MISSING).report
    agreed = contract("binary", gates=MISSING)
    verdict = judge(agreed, told, declared_before_training=True, champion=False)
    by_line = {result.line.text: result.outcome.status for result in verdict.lines}
    assert by_line["roc_auc >= 0.99"] is Status.FAILED
    assert by_line["expected_cost < prior"] is Status.PASSED
    assert not verdict.allows
    silent = replace(told, look=replace(told.look, lines=()))
    verdict = judge(agreed, silent, declared_before_training=True, champion=False)
    assert {result.outcome.status for result in verdict.lines} == {Status.UNKNOWN}


def test_a_line_about_the_champion_counts_only_when_it_was_judged_against_it():
    """While there is none, the baseline stands in, and the line says so."""
    gates = ("roc_auc >= 0.6", "expected_cost < champion", "roc_auc >= 0.99")
    told = decided(gates).report
    agreed = contract("binary", gates=gates)
    with_one = judge(agreed, told, declared_before_training=True, champion=True)
    line = next(result for result in with_one.lines if result.line.reference)
    assert line.outcome.status is Status.UNKNOWN
    assert "judged against 'baseline'" in line.outcome.evidence[0]


@pytest.mark.parametrize("task", TARGETS)
def test_pages_of_every_answer_can_be_read(task):
    """And say which look it was, how its level came about, and what stays sealed."""
    report = measured(task)
    for told in (
        open_up(report, replace(FIRST, opened_before=1)),
        brief(report, FIRST, lines=lines(Status.FAILED)).report,
        brief(report, replace(FIRST, look=2, rungs=best(report)), lines=()).report,
    ):
        text = str(told.document())
        assert f"{told.look.number} of 3" in text
        assert "Dwork" in text


def best(report):
    """A best value that nothing beats."""
    metric = METRICS.get(report.primary)
    return {report.primary: Rung(place=10**6 if metric.direction == "higher" else -(10**6), step=0.01)}


@given(st.floats(1e-9, 1e9))
def test_steps_are_ones_twos_and_fives_no_larger_than_asked(size):
    """And no smaller than two fifths of it."""
    step = nice_step(size)
    assert step <= size * (1 + 1e-9)
    assert step > 0.39 * size
    assert f"{step:.0e}"[0] in "125"


def test_widening_by_one_and_rounding_twice_change_nothing_more():
    """What is cut once is cut."""
    report = measured("regression")
    once = rounded(widened(report, by=1.0, level=report.level))
    assert rounded(once).estimates == once.estimates
    assert rounded(once).confusion == once.confusion

"""Reproducing: the same bits, other bits, or other inputs; three answers."""

from dataclasses import replace

from tests.training.inputs import ENVIRONMENT, TREES, Desk

from modelwright.training.reproduce import reproduce


def again(desk, run, **changed):
    """Reproduce a run at a desk."""
    given = desk.inputs(**changed)
    return reproduce(run, **given)


def test_a_run_done_again_gives_the_same_bits(tmp_path):
    """From scratch, without checkpoints."""
    desk = Desk(tmp_path)
    made = again(desk, desk.run(TREES))
    assert made.outcome.status.value == "passed"
    assert made.differences == ()
    assert "bit for bit" in made.document().to_markdown()


def test_a_record_that_was_changed_is_found(tmp_path):
    """A nicer number in the record, other predictions: each difference is listed."""
    desk = Desk(tmp_path)
    run = desk.run(TREES)
    better = replace(run, metrics={**run.metrics, "roc_auc": 0.99}, oof_digest="sha256:" + "0" * 64)
    made = again(desk, better)
    assert made.outcome.status.value == "failed"
    assert len(made.differences) == 2
    assert made.differences[1].startswith("metric roc_auc: 0.99 then")


def test_other_inputs_are_not_compared(tmp_path):
    """Unknown is neither good nor bad."""
    desk = Desk(tmp_path)
    made = again(desk, desk.run(TREES), snapshot_digest="sha256:" + "2" * 64)
    assert made.outcome.status.value == "unknown"
    assert "another input: snapshot" in made.outcome.evidence[0]


def test_what_changed_around_a_run_is_told(tmp_path):
    """Packages, commits and changes that are not committed."""
    desk = Desk(tmp_path)
    now = replace(ENVIRONMENT, packages={"numpy": "3"}, commit="f" * 40, dirty=True)
    made = again(desk, desk.run(TREES), environment=now)
    assert made.outcome.status.value == "passed"
    assert made.surroundings[1:] == (
        "numpy: 2 then, 3 now",
        "now: the code had changes that are not committed",
    )

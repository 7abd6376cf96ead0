"""Deciding: approve, reject, request changes; each answer is bound to what was shown."""

import json

import pytest

from modelwright.kernel.errors import ExitCode


def test_an_approval_says_who_gave_it_and_what_comes_next(assessed):
    """And the ledger holds it."""
    code, out, err = assessed(
        "approve", "3", "--risk", "LEAK-TIMING:duration=modify", "--reason", "after the call"
    )
    assert code == ExitCode.OK, err
    assert "phase 3 approved by person lead" in out
    assert f"→ modelwright -C {assessed.folder} run" in out
    entry = json.loads(assessed("ledger", "show", "--kind", "approval.given", "--json")[1])[-1]
    assert entry["body"]["approval"]["choices"]["LEAK-TIMING:duration"] == "modify"


def test_an_approval_is_a_ledger_entry_for_programs(assessed):
    """The record, not the words about it."""
    entry = json.loads(assessed("approve", "3", "--json")[1])
    assert entry["kind"] == "approval.given"
    assert entry["actor"]["name"] == "lead"


@pytest.mark.parametrize("verb", ["reject", "request-changes"])
def test_a_no_needs_a_reason_and_keeps_the_phase_waiting(assessed, verb):
    """Whoever mends it has to know what is wrong."""
    assert assessed(verb, "3")[0] == ExitCode.USER_FAULT
    code, out, _ = assessed(verb, "3", "--reason", "the split must be by time")
    assert code == ExitCode.OK
    assert "phase 3" in out
    assert json.loads(assessed(verb, "3", "--reason", "still", "--json")[1])["kind"] == "approval.given"
    assert assessed("run", "--no-input")[0] == ExitCode.WAITING


def test_a_risk_without_an_action_is_a_fault_of_form(assessed):
    """The message shows the form."""
    code, _, err = assessed("approve", "3", "--risk", "LEAK-TIMING")
    assert code == ExitCode.USER_FAULT
    assert "is not of the form ID=ACTION" in err


def test_a_risk_that_does_not_exist_is_answered_with_the_nearest(assessed):
    """All faults of an answer at once."""
    code, _, err = assessed(
        "approve", "3", "--risk", "LEAK-TIMIN:duration=modify", "--risk", "LEAK-TIMING:duration=mend"
    )
    assert code == ExitCode.USER_FAULT
    assert "did you mean 'LEAK-TIMING:duration'?" in err
    assert "unknown action 'mend'" in err


def test_a_phase_that_asks_nothing_cannot_be_approved(assessed):
    """Approving ahead is not possible."""
    for phase in ("2", "5"):
        code, _, err = assessed("approve", phase)
        assert code == ExitCode.LOCKED
        assert "Next: modelwright" in err


def test_an_empty_reason_is_no_reason(assessed):
    """A decision without a reason cannot be judged later."""
    code, _, err = assessed("approve", "3", "--reason", " ")
    assert code == ExitCode.LOCKED
    assert "reason" in err

"""Faults: what is yours to mend ends in a message, a named exit code and an unharmed project."""

import json
import sqlite3

import click
import pytest

from modelwright.adapters.project_lock import ProjectLock
from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.main import main


def test_a_folder_without_a_project_says_how_to_start_one(desk):
    """No contract, no run; nothing is written."""
    for words in (("run",), ("status",), ("check",), ("approve", "1"), ("compact",)):
        code, out, err = desk(*words)
        assert (code, out) == (ExitCode.USER_FAULT, "")
        assert "there is no contract.yaml in calls" in err
        assert "modelwright init NAME --data FILE --target COLUMN" in err
    assert [path.name for path in desk.folder.rglob("*") if path.is_file() and path.name != "lock"] == []


def test_five_faults_of_a_contract_give_five_messages(drafted):
    """One trip: every fault with its line, the nearest name where one comes close."""
    contract = drafted.folder / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    for right, wrong in (
        ("mode: quick", "mode: quik"),
        ("  goal:", "  gaol:"),
        ("  task: binary", "  task: binry"),
        ("  target: bought", "  target: baught"),
        ("    wrong_yes: 1", "    wrong_yes: plenty"),
    ):
        assert right in text
        text = text.replace(right, wrong, 1)
    contract.write_text(text, encoding="utf-8")
    code, out, err = drafted("check")
    assert (code, out) == (ExitCode.USER_FAULT, "")
    faults = [line for line in err.splitlines() if line.startswith("  - contract.yaml:")]
    assert len(faults) >= 5
    for words in ("mode", "gaol", "binry", "baught", "wrong_yes"):
        assert any(words in fault for fault in faults), words
    assert "did you mean 'goal'?" in err
    assert "Traceback" not in err


def test_a_fault_can_be_read_by_a_program(desk):
    """With --json a fault is JSON too, on standard error: results and faults never mix."""
    code, out, err = desk("status", "--json")
    told = json.loads(err)
    assert out == ""
    assert told["error"] == "UserFault"
    assert told["exit_code"] == code == ExitCode.USER_FAULT
    assert told["next_step"].startswith("draft one")


def test_a_phase_that_is_locked_cannot_be_forced(assessed):
    """Phase 7 opens on an approved design; the next allowed step is named."""
    code, out, err = assessed("run", "--phase", "7")
    assert (code, out) == (ExitCode.LOCKED, "")
    assert "phase 7 (Model Implementation) is locked" in err
    assert "Next: modelwright approve 3" in err


@pytest.mark.parametrize("number", ["0", "13"])
def test_a_phase_that_does_not_exist_is_refused(drafted, number):
    """There are twelve."""
    code, _, err = drafted("run", "--phase", number)
    assert code == ExitCode.USER_FAULT
    assert "1 to 12" in err


def test_a_second_run_at_the_same_time_is_told_who_is_at_work(drafted):
    """One writer at a time; the one who waits learns whom to wait for."""
    with ProjectLock(drafted.folder / ".modelwright" / "lock", purpose="run"):
        code, _, err = drafted("run")
    assert code == ExitCode.BUSY
    assert "another process is working in this project: process" in err
    assert drafted("ledger", "verify")[0] == ExitCode.OK


def test_an_agent_cannot_approve(assessed):
    """Whatever it types: the refusal names who can."""
    assessed.act_as("agent:coder")
    code, out, err = assessed("approve", "3", "--reason", "looks right to me")
    assert (code, out) == (ExitCode.LOCKED, "")
    assert "agent coder is not a person" in err
    assert "Next: " in err
    kinds = [entry["kind"] for entry in json.loads(assessed("ledger", "show", "--json")[1])]
    assert kinds.count("approval.given") == 1


def test_an_edited_ledger_is_tampered_evidence(assessed):
    """One byte is enough, and the exit code says so."""
    assert assessed("ledger", "verify")[0] == ExitCode.OK
    attack = sqlite3.connect(assessed.folder / ".modelwright" / "ledger.db")
    attack.execute("DROP TRIGGER entries_are_not_changed")
    attack.execute("UPDATE entries SET payload = replace(payload, 'calls', 'cells') WHERE sequence = 1")
    attack.commit()
    attack.close()
    code, out, _ = assessed("ledger", "verify")
    assert code == ExitCode.NOT_PASSED
    assert "entry 1 was changed after it was written" in out
    code, out, _ = assessed("verify")
    assert code == ExitCode.TAMPERED
    assert "entry 1 was changed" in out


def test_a_contract_that_was_frozen_cannot_be_edited_in_silence(assessed):
    """Nothing is frozen yet here, so there is nothing to amend, and the message says so."""
    code, _, err = assessed("amend", "--reason", "a better gate")
    assert code == ExitCode.USER_FAULT
    assert "not frozen" in err


def test_a_traceback_is_shown_only_on_demand(desk):
    """--debug may stand in front of the command or behind it; the exit code stays."""
    assert "Traceback" not in desk("status")[2]
    for words in (("status", "--debug"), ("--debug", "status")):
        code, _, err = desk(*words)
        assert code == ExitCode.USER_FAULT
        assert "Traceback" in err


def failing(error):
    """A command line whose only command fails in this way."""

    @click.command()
    def broken():
        """Break."""
        raise error

    return click.Group("modelwright", commands={"broken": broken})


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyError("x"), ExitCode.OUR_FAULT, "a defect in Modelwright: KeyError: 'x'"),
        (
            PermissionError(13, "Permission denied", "a.csv"),
            ExitCode.WORLD_FAULT,
            "Permission denied: 'a.csv'",
        ),
        (MemoryError(), ExitCode.WORLD_FAULT, "it has no memory left"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "the project is unharmed"),
    ],
)
def test_whatever_goes_wrong_ends_in_words(capsys, error, code, words):
    """A defect of ours, the machine's refusal, an interruption: each has its code and its next step."""
    assert main(["broken"], commands=failing(error)) == code
    told = capsys.readouterr().err
    assert words in told
    assert "Next: " in told
    assert "Traceback" not in told


@pytest.mark.parametrize("error", [KeyError("x"), PermissionError(13, "Permission denied", "a.csv")])
def test_the_traceback_of_a_defect_is_there_for_a_report(capsys, error):
    """--debug prints it before the words."""
    main(["broken", "--debug"], commands=failing(error))
    assert "Traceback" in capsys.readouterr().err

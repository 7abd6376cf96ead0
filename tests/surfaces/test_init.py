"""Init: a contract out of a table, and the questions the data cannot answer."""

import json

import pytest
from tests.surfaces.terminal import Terminal, write_calls

from modelwright.kernel.errors import ExitCode


@pytest.fixture
def table(desk):
    """A small table in the folder."""
    return str(write_calls(desk.folder / "calls.csv"))


def test_defaults_are_taken_and_told_as_assumptions(desk, table):
    """Without a terminal nobody is asked, and nothing is taken for granted in silence."""
    code, out, err = desk("init", "calls", "--data", table, "--target", "bought")
    assert code == ExitCode.OK, err
    assert "things for granted" in out
    assert "Who owns the decision?" in out
    assert f"modelwright -C {desk.folder} run" in out
    assert desk("check")[0] == ExitCode.OK


def test_answers_given_beforehand_land_in_the_contract(desk, table):
    """They are not assumptions any more."""
    words = ("--answer", "owner=campaign lead", "--answer", "wrong_no=7.5", "--json")
    code, out, err = desk("init", "calls", "--data", table, "--target", "bought", *words)
    assert code == ExitCode.OK, err
    assert not any("(owner)" in line for line in json.loads(out)["assumptions"])
    text = (desk.folder / "contract.yaml").read_text(encoding="utf-8")
    assert "owner: campaign lead" in text
    assert "wrong_no: 7.5" in text


def test_answers_that_fit_no_question_are_told_together(desk, table):
    """One trip: both slips, with the nearest question."""
    words = ("--answer", "ownr=lead", "--answer", "nothing", "--answer", "xyzzy=1")
    code, _, err = desk("init", "calls", "--data", table, "--target", "bought", *words)
    assert code == ExitCode.USER_FAULT
    assert "3 faults" in err
    assert "did you mean 'owner'?" in err
    assert not (desk.folder / "contract.yaml").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--target", "baught"), "did you mean 'bought'?"),
        (("--target", "bought", "--mode", "quik"), "did you mean 'quick'?"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(desk, table, words, told):
    """Target and mode alike."""
    code, _, err = desk("init", "calls", "--data", table, *words)
    assert code == ExitCode.USER_FAULT
    assert told in err


def test_a_missing_file_is_a_fault_of_the_call(desk):
    """The message names the file."""
    code, _, err = desk("init", "calls", "--data", str(desk.folder / "nowhere.csv"), "--target", "y")
    assert code == ExitCode.USER_FAULT
    assert "nowhere.csv" in err


def test_a_contract_is_not_overwritten_unless_asked(drafted):
    """What was agreed is not lost to a second call."""
    words = ("init", "calls", "--data", str(drafted.folder / "calls.csv"), "--target", "bought")
    code, _, err = drafted(*words)
    assert code == ExitCode.USER_FAULT
    assert "--force" in err
    assert drafted(*words, "--force")[0] == ExitCode.OK


def test_questions_are_asked_on_a_terminal_and_answers_land_in_the_contract(desk, table):
    """Enter takes the default; an answer that does not fit is asked for again, with the nearest."""
    words = (
        "init",
        "calls",
        "--data",
        table,
        "--target",
        "bought",
        "--answer",
        "goal=Call likely buyers first",
    )
    with Terminal(*words, cwd=desk.folder, env=desk.env) as person:
        person.expect("Enter takes the default")
        person.expect("Who owns the decision?")
        person.expect("owner [")
        person.type("campaign lead")
        person.expect("action [")
        person.type("")
        person.expect("success [")
        person.type("")
        person.expect("wrong_yes [1]:")
        person.type("2")
        person.expect("wrong_no [1]:")
        person.type("")
        person.expect("serving (")
        person.type("onlien")
        person.expect("Did you mean 'online'?")
        person.expect("serving (")
        person.type("batch")
        assert person.ended() == ExitCode.OK
    assert "goal [" not in person.shown
    text = (desk.folder / "contract.yaml").read_text(encoding="utf-8")
    assert "goal: Call likely buyers first" in text
    assert "owner: campaign lead" in text
    assert "wrong_yes: 2" in text
    assert "serving: batch" in text


def test_nobody_is_asked_where_the_answer_would_be_refused(drafted):
    """A contract that is there already is said to be there before the first question."""
    words = ("init", "calls", "--data", "calls.csv", "--target", "bought")
    with Terminal(*words, cwd=drafted.folder, env=drafted.env) as person:
        assert person.ended() == ExitCode.USER_FAULT
    assert "there is a contract.yaml here already" in person.shown
    assert "Enter takes the default" not in person.shown


def test_ctrl_c_at_a_question_leaves_nothing_behind(desk, table):
    """Interrupted: the exit code of every shell tool, no traceback, no half contract."""
    with Terminal(
        "init", "calls", "--data", table, "--target", "bought", cwd=desk.folder, env=desk.env
    ) as person:
        person.expect("goal [")
        assert person.interrupted() == ExitCode.INTERRUPTED
    assert "interrupted; the project is unharmed" in person.shown
    assert "Traceback" not in person.shown
    assert not (desk.folder / "contract.yaml").exists()

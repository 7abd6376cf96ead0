"""Run: phases announced, the stop where a person must decide, and the answer given on the spot."""

import json

import pytest
from tests.surfaces.terminal import Terminal, call

from modelwright.kernel.errors import ExitCode


def kinds(desk):
    """The kinds of the ledger's entries."""
    return [entry["kind"] for entry in json.loads(desk("ledger", "show", "--json")[1])]


def test_a_run_announces_each_phase_and_waits_for_a_person(drafted):
    """The announcement is the promise of the twelve phases; the message is the command to type."""
    code, out, _ = drafted("run", "Call the likely buyers first")
    assert code == ExitCode.WAITING
    assert "Phase 1 of 12: Problem Analysis\nNext: Phase 2 - Data Architecture\n" in out
    assert "Call the likely buyers first" in out
    assert "A person must decide after phase 1." in out
    assert f"modelwright -C {drafted.folder} approve 1" in out
    assert "01-problem-analysis.html" in out


def test_the_worst_risks_are_named_as_ready_flags(assessed):
    """A command to paste, with what is proposed for each risk that has to be decided."""
    code, out, _ = assessed("run")
    assert code == ExitCode.WAITING
    assert "Phases 1 to 2 are up to date" in out
    assert "approve 3 --risk LEAK-TIMING:duration=modify" in out
    assert "lesser risks are then answered as the page proposes" in out


def test_a_quiet_run_shows_the_announcements_alone(drafted):
    """For scripts and the impatient."""
    code, out, _ = drafted("run", "--quiet")
    assert code == ExitCode.WAITING
    assert "Phase 1 of 12" in out
    assert "Requirements" not in out


def test_a_waiting_run_tells_programs_what_is_asked(assessed):
    """The question, its choices and the command, beside the record of the run."""
    code, out, _ = assessed("run", "--json")
    told = json.loads(out)
    assert code == ExitCode.WAITING
    assert told["ended"] == "waiting"
    assert told["asked"]["choices"][0]["key"] == "LEAK-TIMING:duration"
    assert told["answer_with"].endswith("--risk LEAK-TIMING:duration=modify")


def test_a_run_may_stop_early(assessed):
    """`--until 2` is reached without a question."""
    code, out, _ = assessed("run", "--until", "2")
    assert code == ExitCode.OK
    assert "Phase 2 is done. Next: Phase 3 - Risk Assessment" in out
    code, out, _ = assessed("run", "--until", "2", "--json")
    assert json.loads(out)["ended"] == "reached"


def test_one_phase_may_be_run_alone(assessed):
    """Up to date, so it is kept."""
    assert assessed("run", "--phase", "1")[1].startswith("Phase 1 is up to date")


def test_a_capsule_that_does_not_exist_is_refused(drafted):
    """So are names that lead out of the folder of capsules."""
    for slug in ("nowhere", "../secret"):
        code, _, err = drafted("run", "--capsule", slug)
        assert code == ExitCode.USER_FAULT
        assert "Next: " in err


def test_answers_are_given_on_the_spot_and_the_run_goes_on(drafted):
    """Enter confirms what is acknowledged; each risk that matters is asked for, then the design."""
    with Terminal("run", "--until", "4", cwd=drafted.folder, env=drafted.env) as person:
        person.expect("A person must decide after phase 1.")
        person.expect("(yes, no, later) [yes]:")
        person.type("")
        person.expect("Why [confirmed as shown]:")
        person.type("read and agreed")
        person.expect("phase 1 approved by person lead")
        person.expect("Phase 3 of 12: Risk Assessment")
        person.expect("Answer now?")
        person.type("y")
        person.expect("LEAK-TIMING:duration")
        person.expect("modify would exclude column duration")
        person.expect("(accept, modify, block) [modify]:")
        person.type("mdify")
        person.expect("Did you mean 'modify'?")
        person.expect("(accept, modify, block) [modify]:")
        person.type("")
        person.expect("lesser risks are answered as the page proposes")
        person.expect("Why [")
        person.type("known only after the call")
        person.expect("A person must decide after phase 4.")
        person.expect("Your choice? (baseline, pragmatic, frontier, later)")
        person.type("later")
        assert person.ended() == ExitCode.WAITING
    assert person.shown.count("Phase 1 of 12") == 1
    assert "up to date" not in person.shown
    assert kinds(drafted).count("approval.given") == 2


def test_a_no_on_the_spot_is_recorded_with_its_reason(drafted):
    """The run stops; asked again, it may be put off."""
    with Terminal("run", cwd=drafted.folder, env=drafted.env) as person:
        person.expect("(yes, no, later) [yes]:")
        person.type("no")
        person.expect("What is wrong:")
        person.type("the goal is another one")
        person.expect("phase 1 rejected")
        assert person.ended() == ExitCode.WAITING
    with Terminal("run", cwd=drafted.folder, env=drafted.env) as person:
        person.expect("(yes, no, later) [yes]:")
        person.type("later")
        assert person.ended() == ExitCode.WAITING
    assert kinds(drafted).count("approval.given") == 1


def test_no_input_never_asks(assessed):
    """A terminal alone does not make a conversation."""
    with Terminal("run", "--no-input", cwd=assessed.folder, env=assessed.env) as person:
        assert person.ended() == ExitCode.WAITING
    assert "modelwright approve 3 --risk LEAK-TIMING:duration=modify" in person.shown
    assert "(yes, no, later)" not in person.shown


@pytest.mark.parametrize("actor", ["agent:coder", "service:nightly"])
def test_only_a_person_is_offered_to_answer(assessed, actor):
    """An agent at a terminal gets the command a person has to type."""
    env = {**assessed.env, "MODELWRIGHT_ACTOR": actor}
    with Terminal("run", cwd=assessed.folder, env=env) as typist:
        assert typist.ended() == ExitCode.WAITING
    assert "modelwright approve 3" in typist.shown
    assert "(yes, no, later)" not in typist.shown


def test_ctrl_c_at_a_question_keeps_what_was_done(assessed):
    """The run goes on where it stopped; nothing is half written."""
    with Terminal("run", cwd=assessed.folder, env=assessed.env) as person:
        person.expect("(yes, no, later) [yes]:")
        assert person.interrupted() == ExitCode.INTERRUPTED
    assert "Traceback" not in person.shown
    assert assessed("ledger", "verify")[0] == ExitCode.OK
    assert assessed("run")[0] == ExitCode.WAITING


def test_without_a_terminal_a_process_stops_with_the_code_for_waiting(assessed):
    """Scripts branch on 5."""
    ran = call("run", cwd=assessed.folder, env=assessed.env)
    assert ran.returncode == ExitCode.WAITING
    assert "modelwright approve 3 --risk" in ran.stdout
    assert "\x1b[" not in ran.stdout

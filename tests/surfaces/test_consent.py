"""What people let through, ask for and answer for, on the command line."""

import json

from modelwright.kernel.errors import ExitCode


def blocking(desk):
    """The id of a risk that blocks."""
    _, out, _ = desk("run", "--json", "--no-input")
    return next(
        choice["key"] for choice in json.loads(out)["asked"]["choices"] if choice["key"].startswith("LEAK")
    )


def test_a_leak_is_waived_listed_and_blocks_again(assessed):
    """Each command says what it did and what comes next."""
    leak = blocking(assessed)
    code, out, _ = assessed("waive", leak, "--reason", "known in time")
    assert code == ExitCode.OK
    assert f"{leak} is waived until" in out
    code, out, _ = assessed("waivers")
    assert "in force" in out
    assert "known in time" in out
    code, out, _ = assessed("waivers", "--json")
    assert json.loads(out)[0]["waiver"]["finding"] == leak
    assert "waived by person" in assessed("status")[1]
    code, out, _ = assessed("waive", leak, "--reason", "it is a leak", "--revoke")
    assert f"{leak} blocks again" in out
    assert "revoked by person" in assessed("waivers")[1]


def test_slips_about_waivers_are_told(assessed):
    """A name that does not block, both ends of a waiver at once, no reason, an agent."""
    leak = blocking(assessed)
    assert assessed("waive", leak[:-1], "--reason", "known")[0] == ExitCode.USER_FAULT
    code, _, err = assessed("waive", leak, "--reason", "known", "--until", "2027-01-01", "--revoke")
    assert (code, "leave out one" in err) == (ExitCode.USER_FAULT, True)
    assert assessed("waive", leak)[0] == ExitCode.USER_FAULT
    assessed.act_as("agent:coder")
    code, _, err = assessed("waive", leak, "--reason", "known")
    assert code == ExitCode.LOCKED
    assert "not a person" in err


def test_an_agent_lists_asks_and_exports_and_answers_nothing(assessed):
    """The file says everything but the answer."""
    assessed.act_as("agent:coder")
    assert "not asked yet" in assessed("approvals", "list")[1]
    code, out, _ = assessed("approvals", "request", "phase:3", "--within", "2d")
    assert (code, "phase:3 is asked for until" in out) == (ExitCode.OK, True)
    assert json.loads(assessed("approvals", "list", "--json")[1])[0]["state"] == "open"
    file = assessed.folder / "request.json"
    assert assessed("approvals", "export", "phase:3", "--out", str(file))[0] == ExitCode.OK
    assert json.loads(file.read_text())["subject"] == "phase:3"
    answer = str(assessed.folder / "answer.json")
    code, _, err = assessed("approvals", "answer", str(file), "--out", answer, "--reason", "fine")
    assert code == ExitCode.LOCKED
    assert "not a person" in err
    code, _, err = assessed("approvals", "import", str(file))
    assert (code, "no answer" in err) == (ExitCode.USER_FAULT, True)
    code, _, err = assessed(
        "approvals", "answer", str(file), "--out", answer, "--reason", "x", "--choose", "design"
    )
    assert (code, "NAME=VALUE" in err) == (ExitCode.USER_FAULT, True)


def test_where_nothing_was_let_through_that_is_said(drafted):
    """No waiver, no broken glass, nothing asked."""
    assert "Nothing was waived" in drafted("waivers")[1]
    assert "No glass was broken" in drafted("follow-up", "list")[1]
    assert drafted("follow-up", "list", "--json")[1].strip() == "[]"
    code, _, err = drafted("follow-up", "close", "--reason", "done with it")
    assert (code, "no open follow-up yet" in err) == (ExitCode.USER_FAULT, True)
    code, _, err = drafted("promote", "v1", "--reason", "now", "--break-glass", "--for", "90d")
    assert (code, "at most 7 days" in err) == (ExitCode.USER_FAULT, True)

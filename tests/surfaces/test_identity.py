"""Identities at the terminal: a passphrase is typed by a person, and nothing else will do."""

import json
import re
import shutil

import pytest
from tests.surfaces.terminal import Terminal, call

from modelwright.kernel.errors import ExitCode

PASSPHRASE = "correct horse battery"


class Person:
    """Somebody with a home of their own, at a terminal in the project."""

    def __init__(self, desk, home, name):
        """Keep who it is."""
        self.folder = desk.folder
        self.env = {**desk.env, "MODELWRIGHT_ACTOR": name, "MODELWRIGHT_HOME": str(home)}
        self.name = name

    def at_terminal(self, *words):
        """Type a command at a terminal."""
        return Terminal(*words, cwd=self.folder, env=self.env)

    def call(self, *words):
        """Run a command without a terminal."""
        return call(*words, cwd=self.folder, env=self.env)

    def create(self, *words):
        """Make an identity and type the passphrase twice."""
        with self.at_terminal("identity", "create", self.name, *words) as person:
            person.expect("New passphrase")
            person.type(PASSPHRASE)
            person.expect("The same again")
            person.type(PASSPHRASE)
            person.expect("can sign now")
            assert person.ended() == ExitCode.OK
            assert PASSPHRASE not in person.shown
        return self

    def sign(self, *words):
        """Type a command that asks for the passphrase, and what it showed."""
        with self.at_terminal(*words) as person:
            person.expect(f"Passphrase of {self.name} to")
            person.type(PASSPHRASE)
            code = person.ended()
            assert PASSPHRASE not in person.shown
            return code, person.shown


@pytest.fixture
def lead(assessed, tmp_path):
    """The lead, with an identity, before a project that waits for an answer."""
    return Person(assessed, tmp_path / "lead-home", "lead").create("--role", "owner")


def entries(person, kind):
    """The ledger's entries of a kind."""
    return json.loads(person.call("ledger", "show", "--kind", kind, "--json").stdout)


def test_an_answer_is_signed_with_a_passphrase_typed_at_the_terminal(lead):
    """The first who signs is trusted on first use, and status says so."""
    code, shown = lead.sign("approve", "3", "--reason", "after the call")
    assert code == ExitCode.OK
    assert "phase 3 approved by person lead as owner" in shown
    (entry,) = [item for item in entries(lead, "approval.given") if "envelope" in item["body"]]
    (enrolled,) = entries(lead, "identity.enrolled")
    assert entry["body"]["approval"]["head"] == enrolled["digest"]
    status = lead.call("status").stdout
    assert "trusted on first use" in status
    assert "1 of 2 answers are unsigned" in status


def test_a_wrong_passphrase_writes_nothing_down(lead):
    """Three tries, a clear word, and the next step."""
    before = entries(lead, "approval.given")
    with lead.at_terminal("approve", "3", "--reason", "after the call") as person:
        for _ in range(3):
            person.expect("Passphrase of lead to approve phase 3")
            person.type("not it at all")
        person.expect("was wrong 3 times")
        assert person.ended() == ExitCode.LOCKED
    assert entries(lead, "approval.given") == before
    assert entries(lead, "identity.enrolled") == []


def test_ctrl_c_at_the_question_leaves_everything_as_it_was(lead):
    """And the terminal shows again what is typed."""
    with lead.at_terminal("approve", "3") as person:
        person.expect("Passphrase of lead")
        assert person.interrupted() == ExitCode.INTERRUPTED
    assert entries(lead, "identity.enrolled") == []


def test_nothing_but_a_terminal_is_asked(lead):
    """Not a pipe, not a variable; the message names the way without a terminal."""
    ran = lead.call("approve", "3", "--reason", "after the call")
    assert ran.returncode == ExitCode.LOCKED
    assert "there is no terminal to ask for the passphrase at" in ran.stderr
    assert "answer offline" in ran.stderr
    assert lead.call("identity", "create", "second").returncode == ExitCode.LOCKED
    assert "passphrase" not in lead.call("approve", "--help").stdout


def test_an_agent_is_refused_before_anybody_is_asked(lead):
    """Also where a terminal is there."""
    lead.env["MODELWRIGHT_ACTOR"] = "agent:coder"
    for words in (
        ("approve", "3"),
        ("identity", "create", "fake"),
        ("identity", "revoke", "lead", "--reason", "x"),
    ):
        with lead.at_terminal(*words) as person:
            person.expect("is not a person")
            assert person.ended() == ExitCode.LOCKED
            assert "assphrase of" not in person.shown
            assert "New passphrase" not in person.shown


def test_once_somebody_is_enrolled_an_unsigned_name_is_not_enough(lead, tmp_path):
    """Whoever has no key here is told how to get one; whoever has one, how to be enrolled."""
    assert lead.sign("approve", "3", "--reason", "after the call")[0] == ExitCode.OK
    second = Person(lead, tmp_path / "second-home", "second")
    ran = second.call("reject", "3", "--reason", "the split must be by time")
    assert ran.returncode == ExitCode.LOCKED
    assert "modelwright identity create 'second'" in ran.stderr
    second.create()
    ran = second.call("reject", "3", "--reason", "the split must be by time")
    assert "not enrolled in this project" in ran.stderr
    assert "enrolled by lead" in ran.stderr


def test_a_colleague_is_enrolled_by_file_and_revoked_by_name(lead, tmp_path):
    """Exported, vouched for, listed, revoked; each a line of the ledger."""
    second = Person(lead, tmp_path / "second-home", "second").create()
    card = tmp_path / "second.json"
    card.write_text(second.call("identity", "export", "second").stdout)
    code, shown = lead.sign("identity", "enrol", str(card), "--reason", "compared by telephone")
    assert code == ExitCode.OK, shown
    assert re.search(r"second \([0-9a-f]{12}\) is enrolled by person lead", shown)
    listed = json.loads(lead.call("identity", "list", "--json").stdout)["identities"]
    assert [(line["name"], line["here"]) for line in listed] == [("lead", True), ("second", False)]
    assert second.sign("reject", "3", "--reason", "the split must be by time")[0] == ExitCode.OK
    assert "was enrolled before" in lead.call("identity", "enrol", str(card)).stderr
    code, _ = lead.sign(
        "identity", "revoke", "second", "--reason", "lost", "--compromised-since", "2026-01-01"
    )
    assert code == ExitCode.OK
    assert "was revoked in entry" in lead.call("identity", "list").stdout
    assert "was revoked in entry" in second.call("approve", "3").stderr
    ran = second.call("reject", "3", "--reason", "the split must be by time")
    assert "modelwright identity create second makes a new one" in ran.stderr.replace("\n", " ")
    ran = lead.call("identity", "revoke", "lead", "--reason", "laid aside")
    assert "the last person who can sign" in ran.stderr


def test_the_only_identity_is_the_one_when_nobody_was_named(lead):
    """The account's name is not the person's name; a name that was given is."""
    del lead.env["MODELWRIGHT_ACTOR"]
    code, shown = lead.sign("approve", "3", "--reason", "after the call")
    assert code == ExitCode.OK
    assert "approved by person lead" in shown
    lead.env["MODELWRIGHT_ACTOR"] = "second"
    assert "set MODELWRIGHT_ACTOR to one of: lead" in lead.call("approve", "3").stderr


def test_a_role_that_is_not_the_key_s_is_refused(lead):
    """The nearest is offered."""
    lead.env["MODELWRIGHT_ROLE"] = "ownr"
    ran = lead.call("approve", "3")
    assert ran.returncode == ExitCode.LOCKED
    assert "did you mean 'owner'?" in ran.stderr
    lead.env["MODELWRIGHT_ROLE"] = "astronaut"
    assert "unset MODELWRIGHT_ROLE" in lead.call("approve", "3").stderr


def test_a_lost_key_and_a_file_that_is_none_are_said_in_words(lead, tmp_path):
    """Nothing ends in a traceback."""
    home = tmp_path / "lead-home" / "identities"
    shutil.move(home / "lead.pem", tmp_path / "lost.pem")
    ran = lead.call("approve", "3", "--reason", "after the call")
    assert ran.returncode == ExitCode.WORLD_FAULT
    assert "the identities cannot be read" in ran.stderr
    assert lead.call("identity", "enrol", str(tmp_path / "none.json")).returncode == ExitCode.USER_FAULT
    (tmp_path / "none.json").write_text("{}")
    assert "not a signed envelope" in lead.call("identity", "enrol", str(tmp_path / "none.json")).stderr
    assert "did you mean 'lead'?" in lead.call("identity", "export", "leat").stderr

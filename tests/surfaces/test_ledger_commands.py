"""The ledger on the command line: verified by a second user, anchored, copied; each fault in words."""

import json

import pytest
from tests.surfaces.conftest import Desk

from modelwright.kernel.errors import ExitCode


@pytest.fixture
def second(desk, tmp_path, capsys, monkeypatch):
    """Somebody else's empty folder."""
    return Desk(tmp_path / "second", desk.env, capsys, monkeypatch)


def test_a_second_user_verifies_a_copy_with_only_the_public_key(assessed, second, tmp_path):
    """Export, key and anchor leave the project; nothing else does."""
    copy, key, heads = tmp_path / "copy.jsonl", tmp_path / "keys" / "machine.json", tmp_path / "heads.jsonl"
    assert assessed("ledger", "anchor", "--to", str(heads))[0] == ExitCode.OK
    assert assessed("ledger", "key", "--to", str(key))[0] == ExitCode.OK
    assert assessed("ledger", "export", str(copy))[0] == ExitCode.OK
    asked = ("--copy", str(copy), "--keys", str(key.parent), "--anchor", str(heads))
    code, out, err = second("ledger", "verify", *asked)
    assert (code, err) == (ExitCode.OK, "")
    assert "The ledger: passed" in out
    copy.write_bytes(copy.read_bytes().replace(b'"phase":1', b'"phase":2', 1))
    code, out, _ = second("ledger", "verify", *asked)
    assert code == ExitCode.NOT_PASSED
    assert "was changed after it was written" in out


def test_an_import_fills_an_empty_project_and_refuses_any_other(assessed, second, tmp_path):
    """All or nothing."""
    copy = tmp_path / "copy.jsonl"
    exported = json.loads(assessed("ledger", "export", str(copy), "--json")[1])
    imported = json.loads(second("ledger", "import", str(copy), "--json")[1])
    assert imported["entries"] == exported["entries"] > 3
    code, _, err = assessed("ledger", "import", str(copy))
    assert code == ExitCode.USER_FAULT
    assert "has a ledger already" in err
    assert "entries imported" not in err


def test_a_broken_copy_is_refused_as_tampered(assessed, second, tmp_path):
    """The exit code says so, and nothing is taken over."""
    copy = tmp_path / "copy.jsonl"
    assessed("ledger", "export", str(copy))
    lines = copy.read_bytes().splitlines(keepends=True)
    copy.write_bytes(b"".join(lines[:2] + lines[3:]))
    code, _, err = second("ledger", "import", str(copy))
    assert code == ExitCode.TAMPERED
    assert "Next: export it again" in err
    assert json.loads(second("ledger", "show", "--json")[1]) == []


def test_commands_that_are_asked_for_nothing_say_what_they_take(assessed):
    """Where to, in what form."""
    for words, told in ((("anchor",), "--to FILE, or --git"), (("export",), "--attestations FOLDER")):
        code, _, err = assessed("ledger", *words)
        assert code == ExitCode.USER_FAULT
        assert told in err


def test_attestations_need_a_version(assessed, tmp_path):
    """There is none after three phases; the next step is named."""
    code, _, err = assessed("ledger", "export", "--attestations", str(tmp_path / "out"))
    assert code == ExitCode.USER_FAULT
    assert "no version to attest" in err


def test_a_setting_does_not_hide_the_ledger_in_the_file(assessed, monkeypatch):
    """A project has one; the way to move it is told."""
    monkeypatch.setenv("MODELWRIGHT_LEDGER", "postgresql://lead@localhost/models")
    code, _, err = assessed("ledger", "show")
    assert code == ExitCode.USER_FAULT
    assert "has its ledger in a file" in err

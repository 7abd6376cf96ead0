"""Auditing a project: its head is signed and anchored, strangers verify copies, copies are taken over."""

import shutil
import sqlite3
import subprocess
from dataclasses import replace

import pytest
from tests.workflow.projects import LEAD, drafted, service_in

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.kernel.outcome import Status
from modelwright.ledger.checkpoint import CHECKPOINT_KIND


@pytest.fixture(scope="module")
def begun_template(tmp_path_factory):
    """A project whose first phase is done."""
    root = tmp_path_factory.mktemp("begun") / "calls"
    drafted(root).run(until=1)
    return root


@pytest.fixture
def begun(begun_template, tmp_path):
    """A project whose first phase is done, to be changed at will."""
    shutil.copytree(begun_template, tmp_path / "calls")
    shutil.copytree(begun_template.parent / "home", tmp_path / "home")
    service = service_in(tmp_path / "calls")
    yield service
    service.close()


def first_flaw(told):
    """The first thing an audit found."""
    assert told.outcome.status is Status.FAILED
    return next(check for check in told.checks if check.status is Status.FAILED).evidence[0]


def test_a_run_ends_with_a_signed_head_and_one_that_did_nothing_does_not(begun):
    """One statement for what was added; none for a look."""
    kinds = [entry.kind for entry in begun.entries()]
    assert kinds[-1] == CHECKPOINT_KIND
    begun.run(until=1)
    assert [entry.kind for entry in begun.entries()] == kinds
    told = begun.ledger.audit()
    assert told.outcome.allows
    assert f"they hold entries 1 to {len(kinds) - 1} of {len(kinds)}" in told.checks[2].evidence[1]


def test_a_stranger_verifies_a_copy_with_public_keys_and_an_anchor_alone(begun, tmp_path):
    """No project, no home, no private key."""
    begun.ledger.export_key(tmp_path / "given" / "machine.json")
    begun.ledger.anchor(to=tmp_path / "heads.jsonl")
    length = begun.ledger.export(tmp_path / "copy.jsonl")
    assert length == len(begun.entries())
    (tmp_path / "stranger").mkdir()
    stranger = service_in(tmp_path / "stranger" / "nothing")
    asked = {"keys": tmp_path / "given", "anchors": [tmp_path / "heads.jsonl"]}
    assert stranger.ledger.audit(copy=tmp_path / "copy.jsonl", **asked).outcome.allows
    assert list((tmp_path / "stranger").iterdir()) == []
    lines = (tmp_path / "copy.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:-1]))
    told = stranger.ledger.audit(copy=tmp_path / "cut.jsonl", **asked)
    assert "cut.jsonl is refused: it ends after" in first_flaw(told)


def rewrite(root, sequence):
    """What somebody with the file and this package can do: another entry, and the chain anew."""
    other = service_in(root.parent / "other")
    source = service_in(root)
    for entry in source.entries():
        body = {"text": "another past"} if entry.sequence == sequence else dict(entry.body)
        if entry.kind != CHECKPOINT_KIND:
            other.ports.ledger.append(entry.kind, body, actor=entry.actor, artifacts=entry.artifacts)
    other.close()
    source.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (root / ".modelwright" / name).unlink(missing_ok=True)
    shutil.copy(root.parent / "other" / ".modelwright" / "ledger.db", root / ".modelwright" / "ledger.db")


def test_a_ledger_written_anew_is_found_by_the_anchor_in_git_and_by_nothing_else(begun, tmp_path):
    """A real repository; the chain alone is consistent."""
    root = begun.ports.project.root
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "first"]):
        who = ["-c", "user.name=lead", "-c", "user.email=lead@example.com"]
        subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True)
    anchored = begun.ledger.anchor(git=True, to=tmp_path / "heads.jsonl")
    assert [place.split()[0] for place in anchored.places] == [
        str(tmp_path / "heads.jsonl"),
        "refs/notes/modelwright",
    ]
    assert "Anchor of the ledger" in anchored.document().to_markdown()
    assert begun.ledger.audit(git=True).outcome.allows
    begun.close()
    rewrite(root, 2)
    again = service_in(root)
    assert again.ledger.audit().outcome.allows
    assert "written anew" in first_flaw(again.ledger.audit(git=True))
    assert "written anew" in first_flaw(again.ledger.audit(anchors=[tmp_path / "heads.jsonl"]))
    again.close()


def test_a_ledger_whose_end_was_cut_off_is_found_by_its_anchor(begun, tmp_path):
    """With the triggers taken away first."""
    begun.ledger.anchor(to=tmp_path / "heads.jsonl")
    begun.close()
    attack = sqlite3.connect(begun.ports.project.ledger_file)
    attack.execute("DROP TRIGGER entries_are_not_removed")
    attack.execute("DELETE FROM entries WHERE sequence > 2")
    attack.commit()
    attack.close()
    assert begun.ledger.audit().outcome.allows
    told = begun.ledger.audit(anchors=[tmp_path / "heads.jsonl"])
    assert "its end was cut off" in first_flaw(told)


def test_anchors_that_were_asked_for_and_are_not_there_are_unknown(begun, tmp_path):
    """To have forgotten to fetch them must not look like agreement."""
    (tmp_path / "empty.jsonl").write_bytes(b"")
    told = begun.ledger.audit(anchors=[tmp_path / "empty.jsonl"])
    assert told.outcome.status is Status.UNKNOWN
    assert "empty.jsonl" in told.checks[-1].what
    root = begun.ports.project.root
    subprocess.run(["git", "-C", str(root), "init", "--quiet"], check=True)
    assert begun.ledger.audit(git=True).outcome.status is Status.UNKNOWN
    with pytest.raises(UserFault, match="cannot be read"):
        begun.ledger.audit(anchors=[tmp_path / "gone.jsonl"])


def test_a_copy_is_taken_over_whole_and_the_project_goes_on_from_it(begun, tmp_path):
    """The same entries, and one that says that they were imported."""
    begun.ledger.export(tmp_path / "copy.jsonl")
    (tmp_path / "elsewhere").mkdir()
    other = service_in(tmp_path / "elsewhere" / "calls")
    assert other.ledger.adopt(tmp_path / "copy.jsonl") == len(begun.entries())
    assert other.entries()[:-1] == begun.entries()
    assert other.entries()[-1].kind == "ledger.imported"
    with pytest.raises(UserFault, match="has a ledger already"):
        other.ledger.adopt(tmp_path / "copy.jsonl")
    assert other.ledger.audit().outcome.allows
    other.close()


def test_an_import_and_the_note_of_it_are_one(begun, tmp_path):
    """A kill in between would leave a ledger that does not say where it came from."""

    class Ending(SteppingClock):
        def now(self):
            raise KeyboardInterrupt

    begun.ledger.export(tmp_path / "copy.jsonl")
    (tmp_path / "elsewhere").mkdir()
    other = service_in(tmp_path / "elsewhere" / "calls")
    with pytest.raises(KeyboardInterrupt):
        replace(other, ports=replace(other.ports, clock=Ending())).ledger.adopt(tmp_path / "copy.jsonl")
    assert other.entries() == ()
    assert other.ledger.adopt(tmp_path / "copy.jsonl") == len(begun.entries())
    other.close()


def test_a_copy_with_a_forged_signature_is_refused_though_its_chain_is_whole(begun, tmp_path):
    """What does not hold there does not hold here; nothing is taken over."""
    envelope = next(entry for entry in begun.entries() if entry.kind == CHECKPOINT_KIND).body["envelope"]
    begun.ports.ledger.append("note", {}, actor=LEAD)
    begun.ports.ledger.append(CHECKPOINT_KIND, {"envelope": {**envelope, "payload": "e30="}}, actor=LEAD)
    begun.ledger.export(tmp_path / "copy.jsonl")
    other = service_in(tmp_path / "elsewhere" / "calls")
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(IntegrityBroken, match=r"ledger\.checkpoint"):
        other.ledger.adopt(tmp_path / "copy.jsonl")
    assert other.entries() == ()


def test_an_export_never_overwrites(begun, tmp_path):
    """It may be the only copy of another ledger; a link may lead anywhere."""
    (tmp_path / "copy.jsonl").write_bytes(b"precious")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "victim")
    for name in ("copy.jsonl", "link.jsonl"):
        with pytest.raises(UserFault, match="there is a file"):
            begun.ledger.export(tmp_path / name)
    assert (tmp_path / "copy.jsonl").read_bytes() == b"precious"
    assert not (tmp_path / "victim").exists()


def test_an_anchor_needs_a_place_and_a_ledger(tmp_path):
    """Beside the ledger it would be written anew with it."""
    service = service_in(tmp_path / "calls")
    with pytest.raises(UserFault, match="no place was named"):
        service.ledger.anchor()
    with pytest.raises(UserFault, match="no ledger to anchor"):
        service.ledger.anchor(to=tmp_path / "heads.jsonl")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_a_folder_without_usable_keys_is_told(content, begun, tmp_path):
    """With no key nothing would be trusted."""
    if content is not None:
        (tmp_path / "keys").mkdir()
        if content:
            (tmp_path / "keys" / "key.json").write_bytes(content)
    with pytest.raises(UserFault, match=r"no public key in|cannot be read|is no card"):
        begun.ledger.audit(keys=tmp_path / "keys")


def test_another_machine_s_head_is_unknown_to_who_holds_the_key_of_the_first(begun, tmp_path):
    """Each machine signs with its own key; the audit says whose it saw."""
    begun.ledger.export_key(tmp_path / "keys" / "machine.json")
    begun.ledger.export(tmp_path / "copy.jsonl")
    other = service_in(tmp_path / "elsewhere" / "calls")
    (tmp_path / "elsewhere").mkdir()
    other.ledger.adopt(tmp_path / "copy.jsonl")
    other.ledger.anchor(to=tmp_path / "heads.jsonl")
    told = other.ledger.audit(keys=tmp_path / "keys", anchors=[tmp_path / "heads.jsonl"])
    assert told.outcome.status is Status.UNKNOWN
    assert "not among the keys given" in told.checks[-1].evidence[0]
    other.close()

"""Signed heads and copies: a past that was written anew does not get by what was kept elsewhere."""

import json
import shutil

import pytest
from tests.adversarial.refusals import refused
from tests.adversarial.test_ledger import attacked, rewritten
from tests.workflow.projects import drafted, service_in

from modelwright.kernel.errors import IntegrityBroken, UserFault


@pytest.fixture
def anchored(finished, tmp_path):
    """A finished project whose head was signed and put outside."""
    finished.ledger.anchor(to=tmp_path / "heads.jsonl")
    return finished, tmp_path / "heads.jsonl"


def found(told, *words):
    """What an audit found."""
    flaws = "; ".join(line for check in told.checks if not check.allows for line in check.evidence)
    assert not told.outcome.allows
    assert [word for word in words if word not in flaws] == [], flaws
    assert any(check.next_step for check in told.checks if not check.allows)


def prettier(entry):
    """One reason reworded."""
    return {**entry.body, "reason": "prettier"} if "reason" in entry.body else entry.body


def test_a_past_that_was_written_anew_does_not_fit_the_anchor(anchored):
    """Chained anew it is whole in itself; the head that was signed stood in another past."""
    service, heads = anchored
    fresh = rewritten(service, prettier)
    assert fresh.ledger.verify().allows
    found(fresh.ledger.audit(anchors=[heads]))


def test_a_past_that_was_written_anew_does_not_fit_its_own_signed_heads(finished):
    """Even without an anchor: signed heads stand in the ledger itself, and cannot be signed anew."""
    finished.ledger.sign()
    fresh = rewritten(finished, prettier)
    found(fresh.ledger.audit(), "another past")


def test_an_end_that_was_cut_off_does_not_fit_the_anchor(anchored):
    """Shorter than what was signed."""
    service, heads = anchored
    fresh = attacked(service, "DELETE FROM entries WHERE sequence > 20")
    assert fresh.ledger.verify().allows
    found(fresh.ledger.audit(anchors=[heads]))


def test_a_fork_does_not_fit_the_anchor_of_the_other_branch(anchored, tmp_path):
    """What was signed after the fork is not in this branch."""
    service, heads = anchored
    service.ports.ledger.close()
    shutil.copytree(service.ports.project.root, tmp_path / "fork" / "calls")
    shutil.copytree(service.ports.project.root.parent / "home", tmp_path / "fork" / "home")
    fork = service_in(tmp_path / "fork" / "calls")
    service.refuse(6, reason="what happened")
    service.ledger.anchor(to=heads)
    fork.refuse(6, reason="what shall have happened")
    found(fork.ledger.audit(anchors=[heads]))


def test_an_anchor_that_was_edited_proves_nothing(anchored):
    """Its signature no longer fits; the audit says so instead of leaving it out."""
    service, heads = anchored
    line = json.loads(heads.read_text().splitlines()[0])
    line["payload"] = line["payload"][:-8] + "AAAAAAA="
    heads.write_text(json.dumps(line) + "\n")
    found(service.ledger.audit(anchors=[heads]))


def test_the_anchor_of_another_project_proves_nothing_about_this_one(anchored, tmp_path):
    """Signed by another key, over another first entry."""
    _, heads = anchored
    other = drafted(tmp_path / "other" / "calls")
    other.ledger.sign()
    found(other.ledger.audit(anchors=[heads]))


def test_a_copy_that_was_edited_on_the_way_is_not_taken_in(anchored, tmp_path):
    """One word in an exported line: the import refuses the whole, and nothing is half there."""
    service, _ = anchored
    copy = tmp_path / "told.jsonl"
    service.ledger.export(copy)
    copy.write_text(copy.read_text().replace("certificate passed", "certificate filed"))
    empty = service_in(tmp_path / "empty" / "calls")
    error = refused(empty.ledger.adopt, copy, kind=IntegrityBroken)
    assert error.next_step
    assert empty.entries() == ()
    found(service.ledger.audit(copy=copy))


@pytest.mark.parametrize("hand", ["cut", "doubled", "swapped", "emptied"])
def test_a_copy_with_lines_missing_doubled_or_swapped_is_not_taken_in(anchored, tmp_path, hand):
    """The chain in the copy has to be whole."""
    service, _ = anchored
    copy = tmp_path / "told.jsonl"
    service.ledger.export(copy)
    head, *lines = copy.read_text().splitlines(keepends=True)
    lines = {
        "cut": lines[:5] + lines[6:],
        "doubled": lines[:5] + lines[4:],
        "swapped": [lines[1], lines[0], *lines[2:]],
        "emptied": [*lines[:5], "\n", *lines[6:]],
    }[hand]
    copy.write_text("".join([head, *lines]))
    empty = service_in(tmp_path / "empty" / "calls")
    refused(empty.ledger.adopt, copy)
    assert empty.entries() == ()


def test_a_friendlier_past_is_not_imported_over_the_real_one(anchored, tmp_path):
    """Its signed heads are of another past, and a ledger that is not empty takes no other."""
    service, _ = anchored
    shutil.copytree(service.ports.project.root, tmp_path / "other" / "calls")
    other = service_in(tmp_path / "other" / "calls")
    rewritten(other, prettier).ledger.export(tmp_path / "friendly.jsonl")
    before = [entry.digest for entry in service.entries()]
    refused(service.ledger.adopt, tmp_path / "friendly.jsonl", kind=(UserFault, IntegrityBroken))
    assert [entry.digest for entry in service.entries()][: len(before)] == before


def test_an_exported_ledger_does_not_overwrite_the_evidence(finished):
    """A copy goes to a new file, not over the ledger or the contract."""
    project = finished.ports.project
    for target in (project.ledger_file, project.contract_file, project.store / "versions.json"):
        before = target.read_bytes()
        refused(finished.ledger.export, target)
        assert target.read_bytes() == before


def test_an_audit_with_somebody_s_key_does_not_take_another_s_word(anchored, tmp_path):
    """Given the key of another project, the audit counts none of the signatures in this one."""
    service, _ = anchored
    other = drafted(tmp_path / "other" / "calls")
    other.ledger.sign()
    (tmp_path / "keys").mkdir()
    other.ledger.export_key(tmp_path / "keys" / "key.json")
    told = service.ledger.audit(keys=tmp_path / "keys")
    line = next(check for check in told.checks if "signature" in check.what)
    assert "none" in "; ".join(line.evidence)

"""Verification under attack: what is edited, removed or swapped is named, and verify never breaks down."""

import shutil
from dataclasses import replace

import pytest

from modelwright.ledger.codec import encode
from modelwright.ledger.memory import MemoryLedger
from modelwright.workflow.verification import verify_project


def failed(service):
    """What verify finds broken, with its evidence."""
    return [f"{link.what}: {'; '.join(link.evidence)}" for link in service.verify().links if not link.allows]


def bundle_of(service, name="v1"):
    """The file of a version's bundle."""
    (version,) = [version for version in service.versions() if version.version == name]
    path = service.ports.project.store / version.path
    path.chmod(0o644)
    return path


def retold(service, change):
    """The service on a ledger that tells the same story, except for what `change` does to an entry."""
    ledger = MemoryLedger(clock=service.ports.clock)
    for entry in service.entries():
        told = change(entry)
        if told is not None:
            ledger.append(told.kind, told.body, actor=told.actor, artifacts=told.artifacts)
    return replace(service, ports=replace(service.ports, ledger=ledger))


def named_in(service):
    """Where every artifact lies that the ledger names, bundles apart."""
    bundles = {version.bundle_digest for version in service.versions()}
    named = {digest for entry in service.entries() for digest in entry.artifacts.values()} - bundles
    assert len(named) > 40
    return {digest: service.ports.store.path(digest) for digest in sorted(named)}


DAMAGES = {
    "one byte": lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
    "half": lambda whole: whole[: len(whole) // 2],
    "gone": lambda whole: None,
}


def spoil(path, damage):
    """Change a stored file, or take it away."""
    data = DAMAGES[damage](path.read_bytes())
    path.chmod(0o644)
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_artifact_the_ledger_names_is_missed_when_it_is_changed_or_gone(damage, finished):
    """All of them at once, and each is named."""
    named = named_in(finished)
    for path in named.values():
        spoil(path, damage)
    told = "\n".join(line for link in finished.verify().links for line in link.evidence)
    assert [digest for digest in named if digest[:19] not in told] == []


def test_a_single_artifact_that_is_changed_or_gone_is_enough(finished):
    """Whichever it is: the answer is a list, never a traceback."""
    for number, path in enumerate(list(named_in(finished).values())[::7]):
        whole = path.read_bytes()
        spoil(path, list(DAMAGES)[number % len(DAMAGES)])
        assert failed(finished), path
        path.write_bytes(whole)
    assert failed(finished) == []


@pytest.mark.parametrize("damage", ["gone", "cut", "empty"])
def test_a_bundle_that_is_gone_or_cut_is_named(finished, damage):
    """By both of its links."""
    path = bundle_of(finished)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 500 if damage == "cut" else 0])
    told = failed(finished)
    assert any(line.startswith("bundle") for line in told)
    assert any("chain of evidence" in line for line in told)


def test_a_bundle_swapped_for_another_version_s_is_named(contested):
    """Sound in itself, and not what was registered."""
    shutil.copyfile(bundle_of(contested, "v2"), bundle_of(contested, "v1"))
    assert any("v1" in line for line in failed(contested))


def test_a_contract_that_cannot_be_read_any_more_is_named(finished):
    """The frozen one is known; what lies there is not it."""
    finished.ports.project.contract_file.write_text("decision: [")
    assert any(line.startswith("the contract is the frozen one") for line in failed(finished))


def test_a_late_amendment_stays_visible(finished):
    """In the evidence of the contract's own link."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="the campaign moved to sales")
    text = finished.verify().document().to_markdown()
    assert "1 late amendments" in text


def test_a_drill_has_a_chain_without_gates(finished):
    """It says so."""
    finished.make_drill()
    assert failed(finished) == []
    assert "a drill: no gate was asked" in finished.verify().document().to_markdown()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("look.answered", "no look at sealed labels"),
        ("version.certified", "a champion without a certificate"),
        ("contract.frozen", "its contract was never frozen here"),
    ],
)
def test_a_history_with_a_gap_does_not_join(finished, kind, told):
    """Whole in itself, and something is missing between its pieces."""
    record = verify_project(retold(finished, lambda entry: None if entry.kind == kind else entry).ports)
    assert not record.outcome.allows
    assert told in record.document().to_markdown()


def test_a_promotion_that_nobody_approved_does_not_join(finished):
    """The approval is part of the chain."""

    def unapproved(entry):
        return None if entry.body.get("subject") == "promotion:v1" else entry

    assert "nobody approved" in retold(finished, unapproved).verify().document().to_markdown()


def test_a_verdict_that_the_ledger_tells_otherwise_does_not_join(finished):
    """The bundle says passed."""

    def worse(entry):
        if entry.kind != "version.registered":
            return entry
        return replace(entry, body={**entry.body, "verdict_status": "failed"})

    assert "the verdict in the bundle" in retold(finished, worse).verify().document().to_markdown()


def test_a_certificate_of_another_bundle_does_not_join(finished):
    """It proves nothing about this one."""
    from modelwright.registry.certificate import Certificate

    store = finished.ports.store
    (entry,) = [entry for entry in finished.entries() if entry.kind == "version.certified"]
    real = store.get_record(entry.artifacts["certificate"], Certificate)
    other = store.put(encode(replace(real, bundle_digest="sha256:" + "0" * 64)))

    def swapped(entry):
        if entry.kind != "version.certified":
            return entry
        return replace(entry, artifacts={"certificate": other})

    assert "not a passed one of this bundle" in retold(finished, swapped).verify().document().to_markdown()

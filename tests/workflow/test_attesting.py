"""Attestations: tools of others verify the signatures and read what they say."""

import json
import shutil

import pytest
from tests.workflow.projects import drafted, service_in

from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import UserFault
from modelwright.registry.versions import versions


@pytest.fixture
def attested(finished, tmp_path):
    """A finished project's attestations: the folder, and the service."""
    finished.ledger.attest(tmp_path / "attestations")
    return tmp_path / "attestations", finished


def lines_of(folder):
    """The envelopes of the bundle."""
    (bundle,) = folder.glob("*.intoto.jsonl")
    return [json.loads(line) for line in bundle.read_text(encoding="utf-8").splitlines()]


def statements(folder):
    """What the envelopes hold, by type, as the in-toto package reads it."""
    from base64 import b64decode

    from google.protobuf import json_format
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1.statement_pb2 import Statement as Message

    found = {}
    for line in lines_of(folder):
        read = Statement.copy_from_pb(json_format.Parse(b64decode(line["payload"]), Message()))
        read.validate()
        found.setdefault(read.pb.predicate_type, []).append(json_format.MessageToDict(read.pb))
    return found


def test_a_stranger_s_tool_verifies_every_signature(attested):
    """securesystemslib, with nothing but the public key in PEM."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    folder, _ = attested
    lines = lines_of(folder)
    public = load_pem_public_key((folder / "ledger-key.pem").read_bytes())
    key = SSlibKey.from_crypto(public, keyid=lines[0]["signatures"][0]["keyid"])
    for line in lines:
        assert line["payloadType"] == "application/vnd.in-toto+json"
        assert Envelope.from_dict(line).verify([key], 1)


def test_a_stranger_s_tool_refuses_an_altered_envelope(attested):
    """Their check is theirs: it does not pass everything."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    folder, _ = attested
    line = lines_of(folder)[0]
    public = load_pem_public_key((folder / "ledger-key.pem").read_bytes())
    key = SSlibKey.from_crypto(public, keyid=line["signatures"][0]["keyid"])
    with pytest.raises(VerificationError):
        Envelope.from_dict({**line, "payload": "e30="}).verify([key], 1)


def test_provenance_says_of_what_a_bundle_was_made(attested):
    """Snapshot, contract, code and packages; and which training it was."""
    folder, service = attested
    (made,) = statements(folder)["https://slsa.dev/provenance/v1"]
    (version,) = (item for item in versions(service.ports.ledger) if item.version == "v1")
    bundle = service.ports.project.store / version.path
    digest = digest_of_file(bundle).removeprefix("sha256:")
    assert made["subject"] == [{"name": bundle.name, "digest": {"sha256": digest}}]
    definition = made["predicate"]["buildDefinition"]
    named = {item["name"]: item for item in definition["resolvedDependencies"]}
    assert {"snapshot", "contract.yaml", "feature plan", "lightgbm"} <= set(named)
    assert named["lightgbm"]["uri"].startswith("pkg:pypi/lightgbm@")
    contract = version.contract_digest.removeprefix("sha256:")
    assert named["contract.yaml"]["digest"] == {"sha256": contract}
    assert definition["externalParameters"]["design"] == "baseline"
    assert made["predicate"]["runDetails"]["metadata"]["invocationId"] == version.run_id


def test_the_verdict_of_the_gates_is_a_verification_summary(attested):
    """Passed against the contract, on the provenance beside it."""
    folder, _ = attested
    (summary,) = statements(folder)["https://slsa.dev/verification_summary/v1"]
    said = summary["predicate"]
    assert (said["verificationResult"], said["verifiedLevels"]) == ("PASSED", ["GATES_OF_THE_CONTRACT"])
    assert said["policy"]["digest"]["sha256"]
    assert said["inputAttestations"][0]["uri"] == "https://slsa.dev/provenance/v1"


def test_every_answer_of_a_person_is_attested_with_its_place_in_the_ledger(attested):
    """About the artifacts it was about."""
    folder, service = attested
    answers = [entry for entry in service.entries() if "approval" in entry.body]
    found = statements(folder)["urn:modelwright:approval:v1"]
    assert len(found) == len(answers) > 5
    for entry, said in zip(answers, found, strict=True):
        place = said["subject"][-1]
        assert place["name"] == f"ledger entry {entry.sequence}"
        assert place["digest"]["sha256"] == entry.digest.removeprefix("sha256:")
        assert said["predicate"]["approval"]["subject"] == entry.body["subject"]


def test_a_drill_is_not_attested(finished, tmp_path):
    """Nobody may mistake a rehearsal for a product."""
    before = finished.ledger.attest(tmp_path / "before").statements
    finished.make_drill()
    assert finished.ledger.attest(tmp_path / "after").statements == before


def test_a_project_without_a_version_has_nothing_to_attest(tmp_path):
    """An attestation is about a bundle."""
    service = drafted(tmp_path / "calls")
    with pytest.raises(UserFault, match="no version to attest"):
        service.ledger.attest(tmp_path / "attestations")


def test_a_version_that_was_trained_elsewhere_cannot_be_attested_here(finished, tmp_path):
    """Provenance says what it was made of, and here nobody knows."""
    other = service_in(tmp_path / "other")
    shutil.copytree(finished.ports.project.artifacts, other.ports.project.artifacts)
    for entry in finished.entries():
        if entry.kind != "phase.completed":
            other.ports.ledger.append(
                entry.kind, dict(entry.body), actor=entry.actor, artifacts=entry.artifacts
            )
    with pytest.raises(UserFault, match="is not in this ledger"):
        other.ledger.attest(tmp_path / "attestations")
    other.close()

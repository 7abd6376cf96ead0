"""Forgery: evidence that is made up instead of earned does not join the chain."""

from dataclasses import replace

import pytest
from tests.adversarial.refusals import found_by_verify, refused
from tests.workflow.projects import AGENT, SECOND

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import Approval, check_approvals
from modelwright.authority.policy import policy_of
from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import ApprovalRefused, BundleRejected, IntegrityBroken, PhaseLocked
from modelwright.ledger.codec import encode
from modelwright.registry.archive import Limits, read_archive, write_archive
from modelwright.registry.bundle import load
from modelwright.registry.certificate import Certificate
from modelwright.registry.versions import promotable, register


def only_version(service):
    """The one version of a finished project."""
    (version,) = service.versions()
    return version


def test_an_approval_in_an_agent_s_name_is_none(designed):
    """Whoever writes it into the ledger: what an agent says counts neither for nor against."""
    given = Approval(
        subject="phase:6",
        decision="approve",
        artifacts={},
        contract_digest="",
        reason="looks good to me",
        actor=AGENT,
    )
    outcome = check_approvals(
        (given,),
        subject="phase:6",
        artifacts={},
        contract_digest="",
        now=designed.ports.clock.now(),
        policy=policy_of("quick"),
        author=None,
    )
    assert not outcome.allows
    assert "ask a person" in outcome.next_step


def test_an_agent_s_no_does_not_hold_up_what_people_approved(finished):
    """Otherwise an agent could block a brake or a fix by saying no to everything."""
    version = only_version(finished)
    yes = Approval(
        subject="promotion:v1",
        decision="approve",
        artifacts={"bundle": version.bundle_digest},
        contract_digest=version.contract_digest,
        reason="gates passed",
        actor=SECOND,
    )
    no = replace(yes, decision="reject", actor=AGENT, reason="I object")
    outcome = check_approvals(
        (yes, no),
        subject="promotion:v1",
        artifacts={"bundle": version.bundle_digest},
        contract_digest=version.contract_digest,
        now=finished.ports.clock.now(),
        policy=policy_of("quick"),
        author=None,
    )
    assert outcome.allows


def repacked(path, change):
    """Write a bundle anew, whole in itself, after a change of its files."""
    path.chmod(0o644)
    files = dict(read_archive(path.read_bytes(), limits=Limits()))
    change(files)
    path.write_bytes(write_archive(files))


def paint(files):
    """Let the verdict say another thing."""
    files["verdict.json"] = files["verdict.json"].replace(b"roc_auc >= 0.6", b"roc_auc >= 0.9")


def test_a_bundle_whose_verdict_was_painted_over_is_not_opened(finished):
    """Packed again with another verdict inside: its parts no longer have the digests of the manifest."""
    path = finished.ports.project.store / only_version(finished).path
    repacked(path, paint)
    refused(load, path, kind=BundleRejected, says="do not have the digest of the manifest")
    refused(finished.serve_plan, kind=BundleRejected)
    found_by_verify(finished, "bundle")


def test_a_bundle_whose_manifest_was_painted_over_too_is_not_the_registered_one(finished):
    """Consistent in itself, and still not the bytes that were judged and approved."""

    def paint_all(files):
        before = digest_of_bytes(files["verdict.json"])
        size = len(files["verdict.json"])
        paint(files)
        manifest = files["manifest.json"].decode()
        manifest = manifest.replace(before, digest_of_bytes(files["verdict.json"]))
        files["manifest.json"] = manifest.encode()
        assert len(files["verdict.json"]) == size

    path = finished.ports.project.store / only_version(finished).path
    repacked(path, paint_all)
    assert load(path).verdict is not None
    refused(finished.serve_plan, kind=BundleRejected, says="registered was")
    refused(finished.score, path, path.with_name("out.parquet"), kind=BundleRejected)
    found_by_verify(finished, "bundle")


def test_a_version_that_nobody_packed_cannot_be_promoted(finished):
    """Registered with digests of nothing, verdict passed, certificate invented."""
    forged = replace(only_version(finished), version="v9", bundle_digest="sha256:" + "9" * 64, path="v9.mwb")
    register(finished.ports.ledger, forged, actor=AGENT, purpose="serve")
    refused(finished.promote, "v9", reason="it says passed", kind=BundleRejected)
    found_by_verify(finished, "v9")


def test_another_bundle_under_a_known_version_s_name_is_refused(finished):
    """A name is never given twice."""
    other = replace(only_version(finished), bundle_digest="sha256:" + "8" * 64)
    refused(
        register, finished.ports.ledger, other, actor=AGENT, purpose="serve",
        kind=IntegrityBroken, says="another bundle",
    )  # fmt: skip


def test_a_certificate_that_was_written_by_hand_does_not_join(finished):
    """It says passed, of a bundle with another digest: verify names the version."""
    store, ledger = finished.ports.store, finished.ports.ledger
    (entry,) = [entry for entry in finished.entries() if entry.kind == "version.certified"]
    real = store.get_record(entry.artifacts["certificate"], Certificate)
    forged = store.put(encode(replace(real, bundle_digest="sha256:" + "7" * 64)))
    ledger.append("version.certified", {"version": "v1"}, actor=AGENT, artifacts={"certificate": forged})
    found_by_verify(finished, "not a passed one of this bundle")


@pytest.mark.parametrize("missing", ["verdict", "certificate", "approval"])
def test_a_version_without_one_of_its_proofs_does_not_become_the_champion(finished, missing):
    """Two of three are not enough, and what is missing is named."""
    from modelwright.kernel.outcome import Outcome, Status

    yes = Outcome(status=Status.PASSED, what="approved")
    no = Outcome(status=Status.UNKNOWN, what="approved", next_step="ask a person to approve promotion:v1")
    version = replace(only_version(finished), standing="registered")
    if missing == "verdict":
        version = replace(version, verdict_status="unknown")
    if missing == "certificate":
        version = replace(version, certificate_digest="")
    outcome = promotable(version, approval=no if missing == "approval" else yes)
    assert not outcome.allows
    assert outcome.next_step


def test_an_artifact_under_a_false_digest_is_never_read(finished):
    """Bytes put by hand where the store looks are checked when they are read."""
    store = finished.ports.store
    digest = finished.look().history.completions[4].outputs["proposals"]
    path = store.path(digest)
    path.chmod(0o644)
    path.write_bytes(b'{"designs":[]}')
    error = refused(store.get, digest, kind=IntegrityBroken, says="changed after it was stored")
    assert "run the phase" in error.next_step
    found_by_verify(finished, "proposals")


def test_a_service_account_does_not_decide(designed):
    """The rollout controller may move traffic; it may not say yes."""
    from modelwright.workflow.answers import answer_phase

    robot = Actor(kind=ActorKind.SERVICE, name="controller")
    ports = replace(designed.ports, actor=robot)
    error = refused(answer_phase, ports, 6, reason="all green", kind=ApprovalRefused)
    assert "person" in error.next_step


def test_a_rollout_of_a_version_that_people_did_not_allow_does_not_start(finished):
    """Written into the ledger as registered and certified, it still needs the people."""
    from modelwright.registry.versions import certified

    version = only_version(finished)
    twin = replace(version, version="v2", certificate_digest="")
    register(finished.ports.ledger, twin, actor=AGENT, purpose="serve")
    certified(finished.ports.ledger, "v2", certificate_digest=version.certificate_digest, actor=AGENT)
    refused(finished.start_rollout, "v2", kind=(PhaseLocked, BundleRejected))

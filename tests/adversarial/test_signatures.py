"""Signatures: a yes in somebody's name needs somebody's key, in this ledger, at its place."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.adversarial.refusals import refused
from tests.workflow.projects import AGENT, LEAD, SECOND, service_in

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.answer import Approval
from modelwright.authority.statement import APPROVAL
from modelwright.kernel.digest import canonical_json, plain
from modelwright.kernel.errors import ApprovalRefused, PhaseLocked
from modelwright.testing.people import MemoryKeys, MemorySigner, card_of, enrol_people, signer_named
from modelwright.workflow.history import fold
from modelwright.workflow.identities import enrol, revoke
from modelwright.workflow.signing import record_answer
from modelwright.workflow.survey import subject_artifacts


@pytest.fixture
def signed(designed):
    """A project that waits for the approval of its design, with two people whose keys are known."""
    enrol_people(designed, LEAD.name, SECOND.name, role="")
    return designed


def by(service, *signers, actor=None):
    """The same project, opened by somebody who holds these keys."""
    who = actor or signers[0].identity.actor()
    return replace(service, ports=replace(service.ports, actor=who, keys=MemoryKeys(*signers), named=True))


def state(service, number):
    """Where a phase stands, and why."""
    line = service.status().phases[number - 1]
    return line.state, line.reason


def yes(service, name="lead", *, kind=ActorKind.PERSON, **changes):
    """An approval of the design as it is now, in somebody's name."""
    now = service.look()
    made = Approval(
        subject="phase:6",
        decision="approve",
        artifacts=subject_artifacts(now.history, 6),
        contract_digest=now.contract_digest,
        reason="looks right to me",
        actor=Actor(kind=kind, name=name),
        expires=service.ports.clock.now() + timedelta(days=1),
        head=now.history.head,
    )
    return replace(made, **changes)


def write(service, approval, envelope=None, *, actor=None):
    """Put an approval into the ledger by hand, past every command, as whoever it is said to be by."""
    body = {"subject": approval.subject, "decision": approval.decision, "approval": plain(approval)}
    if envelope is not None:
        body["envelope"] = envelope.to_json()
    service.ports.ledger.append("approval.given", body, actor=actor or approval.actor)


def sealed(signer, approval):
    """The approval, signed by a key."""
    return signer.sign(APPROVAL, canonical_json(approval))


def test_a_name_without_a_key_decides_nothing(signed):
    """Where keys are known, saying that one is the lead is not enough."""
    pretender = service_in(signed.ports.project.root, actor=Actor(kind=ActorKind.PERSON, name="lead"))
    error = refused(pretender.approve, 6, reason="I am the lead", kind=ApprovalRefused, says="signed")
    assert "identity create" in error.next_step


def test_an_unsigned_yes_written_into_the_ledger_by_hand_does_not_count(signed):
    """Even in the lead's name and over the right digests."""
    write(signed, yes(signed))
    assert state(signed, 6)[0] == "waiting"
    assert "unsigned" in state(signed, 6)[1]
    error = refused(signed.run, only=7, kind=PhaseLocked)
    assert "modelwright approve 6" in error.next_step


def test_where_nothing_is_signed_an_agent_s_entry_is_not_a_person_s_yes(designed):
    """In quick mode unsigned answers count; one that an agent wrote in a person's name does not."""
    approval = yes(designed, head="")
    write(designed, approval, actor=AGENT)
    assert state(designed, 6)[0] == "waiting"
    refused(designed.run, only=7, kind=PhaseLocked)
    write(designed, approval, actor=approval.actor)
    assert state(designed, 6)[0] == "done"


def test_a_yes_signed_by_a_stranger_s_key_does_not_count(signed):
    """A key that nobody enrolled, under the lead's name."""
    stranger = MemorySigner("lead", seed="another person")
    approval = yes(signed)
    write(signed, approval, sealed(stranger, approval))
    assert state(signed, 6)[0] == "waiting"
    refused(by(signed, stranger).approve, 6, reason="let me in", kind=ApprovalRefused)


def test_a_yes_whose_words_were_changed_after_it_was_signed_does_not_count(signed):
    """The signature is over other bytes than stand beside it."""
    no = yes(signed, decision="reject", reason="not like this")
    write(signed, replace(no, decision="approve"), sealed(signer_named("lead"), no))
    assert state(signed, 6)[0] == "waiting"


def test_a_signature_of_one_person_under_the_name_of_another_does_not_count(signed):
    """Second signs, lead stands there."""
    approval = yes(signed, "lead")
    write(signed, approval, sealed(signer_named("second"), approval))
    assert "second" in state(signed, 6)[1]
    assert state(signed, 6)[0] == "waiting"


def test_a_signed_yes_brought_up_again_after_a_no_does_not_count(signed):
    """The lead thought better of it; the old yes stays what it was, an older word."""
    lead = by(signed, signer_named("lead"))
    entry = lead.approve(6, reason="yes")
    assert lead.run(until=6).ended == "reached"
    lead.refuse(6, reason="on second thoughts no")
    signed.ports.ledger.append(entry.kind, entry.body, actor=entry.actor, artifacts=entry.artifacts)
    assert state(signed, 6)[0] == "waiting"


def test_a_signed_yes_of_another_ledger_does_not_count_in_this_one(signed, taken):
    """The same design, the same contract, the same key: its head is in another past."""
    other = taken("finished")
    enrol_people(other, "lead")
    approval = yes(signed, head=other.ports.ledger.head())
    write(signed, approval, sealed(signer_named("lead"), approval))
    assert state(signed, 6)[0] == "waiting"
    assert "another ledger" in state(signed, 6)[1]
    refused(
        record_answer, signed.ports, sealed(signer_named("lead"), approval),
        kind=ApprovalRefused, says="another ledger",
    )  # fmt: skip


def test_an_agent_s_key_approves_nothing(signed):
    """An agent may have a key to show what it did; it is no person's."""
    robot = MemorySigner("coder", kind=ActorKind.AGENT)
    enrol(by(signed, signer_named("lead")).ports, card_of(robot), reason="signs its runs")
    approval = yes(signed, "coder", kind=ActorKind.AGENT)
    write(signed, approval, sealed(robot, approval))
    assert state(signed, 6)[0] == "waiting"
    error = refused(by(signed, robot).approve, 6, reason="all green", kind=ApprovalRefused)
    assert "person" in error.next_step
    error = refused(record_answer, signed.ports, sealed(robot, approval), kind=ApprovalRefused)
    assert "person" in str(error)


def test_an_agent_enrols_nobody(signed):
    """Neither as itself, nor by writing an enrolment into the ledger with its own key as a person's."""
    helper = MemorySigner("helper")
    refused(enrol, by(signed, actor=AGENT).ports, card_of(helper), reason="a friend", kind=ApprovalRefused)
    before = len(fold(signed.entries()).trust.members)
    entry = next(entry for entry in signed.entries() if entry.kind == "identity.enrolled")
    forged = {**entry.body, "name": "helper", "key_id": helper.identity.key_id}
    signed.ports.ledger.append("identity.enrolled", forged, actor=AGENT)
    trust = fold(signed.entries()).trust
    assert len(trust.members) == before
    assert trust.refused


def test_a_namesake_is_not_enrolled(signed):
    """Two keys under one name could pass for two people."""
    twin = MemorySigner("LEAD ", seed="twin")
    lead = by(signed, signer_named("lead"))
    error = refused(enrol, lead.ports, card_of(twin), reason="my other key", kind=ApprovalRefused)
    assert "revoke" in error.next_step


def test_a_revoked_key_signs_no_more_and_never_comes_back(signed):
    """Revoked by the other person; enrolled again it is refused."""
    lead, second = by(signed, signer_named("lead")), by(signed, signer_named("second"))
    revoke(lead.ports, "second", reason="left the team")
    refused(second.approve, 6, reason="one last time", kind=ApprovalRefused)
    approval = yes(signed, "second")
    write(signed, approval, sealed(signer_named("second"), approval))
    assert state(signed, 6)[0] == "waiting"
    error = refused(
        enrol, lead.ports, card_of(signer_named("second")), reason="came back", kind=ApprovalRefused
    )
    assert "identity list" in error.next_step


def test_what_a_stolen_key_signed_is_void_from_the_day_of_the_theft(signed):
    """The yes stood; once the theft is known it does not."""
    before = signed.ports.clock.now()
    second = by(signed, signer_named("second"))
    second.approve(6, reason="signed by whoever holds the key")
    assert state(signed, 6)[0] == "done"
    lead = by(signed, signer_named("lead"))
    revoke(lead.ports, "second", reason="the laptop was stolen", compromised_since=before)
    assert state(signed, 6)[0] == "waiting"
    refused(signed.run, only=7, kind=PhaseLocked)


def test_a_role_nobody_was_enrolled_with_does_not_count(signed):
    """`auditor` on the approval, no role on the key."""
    approval = yes(signed, actor=Actor(kind=ActorKind.PERSON, name="lead", role="auditor"))
    write(signed, approval, sealed(signer_named("lead"), approval))
    assert state(signed, 6)[0] == "waiting"
    auditor = Actor(kind=ActorKind.PERSON, name="lead", role="auditor")
    error = refused(
        by(signed, signer_named("lead"), actor=auditor).approve, 6, reason="as auditor", kind=ApprovalRefused
    )
    assert "MODELWRIGHT_ROLE" in error.next_step


def test_two_signatures_on_one_answer_are_not_two_people(signed):
    """One envelope with both signatures is refused: each person answers for themselves."""
    approval = yes(signed)
    first, other = sealed(signer_named("lead"), approval), sealed(signer_named("second"), approval)
    write(signed, approval, replace(first, signatures=(*first.signatures, *other.signatures)))
    assert state(signed, 6)[0] == "waiting"
    assert "one person" in state(signed, 6)[1]


def test_an_approval_cannot_be_signed_under_another_type(signed):
    """What was signed as something else, such as a revocation, is no approval."""
    approval = yes(signed)
    other = signer_named("lead").sign("application/vnd.modelwright.revocation+json", canonical_json(approval))
    write(signed, approval, other)
    assert state(signed, 6)[0] == "waiting"


def test_the_design_cannot_change_while_the_passphrase_is_typed(signed):
    """What is signed is what was shown; the person is sent back to look again."""

    class Slow(MemoryKeys):
        """Somebody changes the contract while the person types."""

        def unlock(self, identity, *, purpose):
            """Meddle, then unlock."""
            contract = signed.ports.project.contract_file
            contract.write_text(contract.read_text().replace("campaign lead", "somebody"))
            return super().unlock(identity, purpose=purpose)

    lead = by(signed, signer_named("lead"))
    slow = replace(lead, ports=replace(lead.ports, keys=Slow(signer_named("lead"))))
    error = refused(slow.approve, 6, reason="as shown", kind=PhaseLocked)
    assert error.next_step
    assert not [entry for entry in signed.entries() if entry.body.get("subject") == "phase:6"]

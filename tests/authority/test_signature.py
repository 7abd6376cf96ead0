"""Signatures: an answer counts when its person signed exactly it, here, now, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.authority.world import CODER, LEAD, NOW, SECOND, THIRD, World

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.answer import Answer, answer_in, check_signature
from modelwright.authority.approval import check_approvals
from modelwright.authority.envelope import Envelope, EnvelopeSignature
from modelwright.authority.policy import ApprovalRule, policy_of
from modelwright.authority.statement import APPROVAL
from modelwright.kernel.digest import canonical_json, plain
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Status
from modelwright.testing.people import MemorySigner

BUNDLE = {"bundle": "sha256:" + "1" * 64}


@pytest.fixture
def world():
    """A ledger that knows three people and an agent."""
    made = World()
    made.enrol(LEAD)
    for newcomer in (SECOND, THIRD, CODER):
        made.enrol(newcomer, by=LEAD)
    return made


def judged(world, mode="enterprise", **changes):
    """What all answers together say of the promotion."""
    entries = list(world.ledger.entries(kinds=["approval.given"]))
    facts = {
        "subject": "promotion:v1",
        "artifacts": BUNDLE,
        "contract_digest": "sha256:" + "c" * 64,
        "now": NOW,
        "policy": policy_of(mode),
        "author": None,
        "trust": world.trust,
    }
    return check_approvals([answer_in(entry) for entry in entries], **(facts | changes))


def test_two_people_who_sign_are_enough(world):
    """And the keys stand in the evidence."""
    world.answer(LEAD)
    assert judged(world).evidence[0] == "1 of 2 approvals"
    world.answer(SECOND)
    outcome = judged(world)
    assert outcome.allows
    assert f"signed with {LEAD.identity.key_id[7:19]} of lead" in outcome.evidence[0]


def test_one_person_is_one_person_with_however_many_answers(world):
    """Also under another spelling of the name, for the name is the key's."""
    world.answer(LEAD)
    world.answer(LEAD, reason="I mean it")
    world.answer(LEAD, actor=Actor(kind=ActorKind.PERSON, name="LEAD"))
    outcome = judged(world)
    assert outcome.status is Status.FAILED
    assert "it says person LEAD, and person lead signed it" in outcome.evidence[0]


def test_an_unsigned_answer_counts_for_nothing_where_signatures_are_demanded(world):
    """Neither for nor against."""
    for decision in ("approve", "reject"):
        approval = world.approval(THIRD, decision=decision, head="")
        world.ledger.append("approval.given", {"approval": plain(approval)}, actor=approval.actor)
    world.answer(LEAD)
    assert "is unsigned, which enterprise mode rules out" in judged(world).evidence[0]
    world.answer(SECOND)
    assert judged(world).allows


def test_quick_mode_takes_unsigned_answers_until_somebody_is_enrolled():
    """What was answered before keeps counting."""
    world = World()
    early = Answer(approval=world.approval(LEAD, head=""), sequence=world.note().sequence)
    assert check_signature(early, policy=policy_of("quick"), trust=world.trust).evidence == ("unsigned",)
    world.enrol(LEAD)
    late = replace(early, sequence=world.note().sequence)
    assert check_signature(early, policy=policy_of("quick"), trust=world.trust).allows
    assert not check_signature(late, policy=policy_of("quick"), trust=world.trust).allows
    assert not check_signature(early, policy=policy_of("standard"), trust=world.trust).allows


def test_an_unsigned_answer_is_written_down_by_whoever_gave_it():
    """A name in the words of somebody else's entry is no answer."""
    world = World()
    approval = world.approval(LEAD, head="")
    own = world.ledger.append("approval.given", {"approval": plain(approval)}, actor=approval.actor)
    forged = world.ledger.append(
        "approval.given", {"approval": plain(approval)}, actor=CODER.identity.actor()
    )
    quick = policy_of("quick")
    assert check_signature(answer_in(own), policy=quick, trust=world.trust).allows
    outcome = check_signature(answer_in(forged), policy=quick, trust=world.trust)
    assert "was written down by agent coder" in outcome.evidence[0]


def test_an_expiry_without_a_time_zone_is_none(world):
    """It is refused, not stumbled over."""
    approval = world.approval(LEAD, expires=NOW.replace(tzinfo=None) + timedelta(days=1))
    outcome = judged(world, trust=None, policy=policy_of("quick"))
    assert outcome.status is Status.UNKNOWN
    answer = Answer(approval=approval)
    outcome = check_approvals(
        [answer],
        subject="promotion:v1",
        artifacts=BUNDLE,
        contract_digest="sha256:" + "c" * 64,
        now=NOW,
        policy=policy_of("quick"),
        author=None,
    )
    assert "no time zone" in outcome.evidence[0]


def test_an_answer_said_again_counts_where_it_stood_first(world):
    """A yes that was taken back does not come back."""
    yes = world.answer(LEAD)
    world.answer(SECOND)
    assert judged(world).allows
    world.answer(LEAD, decision="reject", reason="found a leak")
    assert not judged(world).allows
    world.again(yes)
    assert "rejected by person lead" in " ".join(judged(world).evidence)
    world.answer(LEAD, reason="the leak is closed")
    assert judged(world).allows


def test_a_yes_that_was_held_back_does_not_overrule_a_later_word(world):
    """It was signed before the person knew better."""
    held = world.approval(LEAD, choices={"design": "frontier"})
    world.note()
    world.answer(SECOND)
    world.answer(LEAD, decision="reject", reason="found a leak")
    world.answer(LEAD, said=held)
    assert not judged(world).allows
    world.answer(LEAD, reason="closed")
    world.answer(LEAD, said=replace(held, reason="another one from before"))
    assert judged(world).allows


@given(
    changes=st.sampled_from(
        [
            {"decision": "approve", "reason": "another reason"},
            {"artifacts": {"bundle": "sha256:" + "2" * 64}},
            {"contract_digest": "sha256:" + "d" * 64},
            {"expires": NOW + timedelta(days=900)},
            {"choices": {"design": "frontier"}},
            {"subject": "promotion:v2"},
            {"head": "sha256:" + "0" * 64},
        ]
    )
)
def test_no_word_of_a_signed_answer_can_be_changed(changes):
    """What stands beside the envelope is what is in it."""
    world = World()
    world.enrol(LEAD)
    signed = world.approval(LEAD)
    envelope = LEAD.sign(APPROVAL, canonical_json(signed))
    answer = Answer(approval=replace(signed, **changes), envelope=envelope, sequence=world.note().sequence)
    outcome = check_signature(answer, policy=policy_of("quick"), trust=world.trust)
    assert "what was signed is not what stands beside it" in outcome.evidence[0]


def test_a_signature_in_somebody_else_s_name_does_not_fit(world):
    """Whoever can write the ledger cannot write a signature."""
    approval = world.approval(SECOND)
    forged = LEAD.sign(APPROVAL, canonical_json(approval))
    stolen = replace(forged.signatures[0], keyid=SECOND.identity.key_id)
    world.answer(SECOND, said=approval, envelope=replace(forged, signatures=(stolen,)))
    assert "the signature in the name of second does not fit" in judged(world).evidence[0]
    world.answer(SECOND, said=approval, envelope=forged)
    assert "person second, and person lead signed it" in " ".join(judged(world).evidence)


def test_a_key_nobody_knows_signs_nothing(world):
    """However well it signs."""
    stranger = MemorySigner("stranger")
    world.answer(stranger)
    assert "no signature is by a key that is known here" in judged(world).evidence[0]


def test_an_answer_is_signed_by_one_person(world):
    """Two signatures on one name say nothing about whose word it is."""
    approval = world.approval(LEAD)
    signatures = [signer.sign(APPROVAL, canonical_json(approval)).signatures[0] for signer in (LEAD, SECOND)]
    envelope = Envelope(payload_type=APPROVAL, payload=canonical_json(approval), signatures=tuple(signatures))
    world.answer(LEAD, said=approval, envelope=envelope)
    assert "signed by one person" in judged(world).evidence[0]


def test_a_revoked_key_and_another_ledger_sign_nothing(world):
    """The message says which."""
    world.answer(SECOND, head="sha256:" + "e" * 64)
    assert "another ledger" in judged(world).evidence[0]
    world.revoke(THIRD, by=LEAD)
    world.answer(THIRD)
    assert any("was revoked in entry" in line for line in judged(world).evidence)


def test_a_head_that_comes_later_is_no_head():
    """Nobody signs over what is not written yet."""
    world = World()
    world.enrol(LEAD)
    place = world.note().sequence
    later = world.approval(LEAD)
    envelope = LEAD.sign(APPROVAL, canonical_json(later))
    answer = Answer(approval=later, envelope=envelope, sequence=place)
    outcome = check_signature(answer, policy=policy_of("quick"), trust=world.trust)
    assert "another ledger, or another past" in outcome.evidence[0]


def test_an_agent_signs_and_never_approves(world):
    """Its signature fits, and it is no person."""
    world.answer(CODER)
    assert "agent coder is not a person" in judged(world).evidence[0]


def test_a_role_is_signed_only_by_who_was_enrolled_with_it(world):
    """And where the policy asks for a role, by nobody else."""
    world.answer(LEAD, actor=LEAD.identity.actor("auditor"))
    assert "was enrolled with the roles: owner" in judged(world).evidence[0]
    asks = replace(
        policy_of("enterprise"),
        rules=(ApprovalRule(subject="*", permission="promotion:approve", role="owner"),),
    )
    world.answer(SECOND, actor=SECOND.identity.actor())
    assert any("does not act as owner" in line for line in judged(world, policy=asks).evidence)
    world.answer(THIRD, actor=THIRD.identity.actor("owner"))
    assert judged(world, policy=asks).allows


def test_an_approval_for_something_else_replaces_nothing(world):
    """An entry that lies about its subject."""
    world.answer(LEAD)
    world.answer(SECOND)
    other = world.approval(LEAD, subject="phase:4")
    world.note(
        "approval.given",
        {
            "approval": plain(other),
            "envelope": LEAD.sign(APPROVAL, canonical_json(other)).to_json(),
        },
    )
    assert judged(world).allows


def test_what_cannot_be_read_counts_for_nothing(world):
    """A damaged envelope is told; a damaged approval is tampering."""
    approval = world.approval(LEAD)
    entry = world.note("approval.given", {"approval": plain(approval), "envelope": {"payload": "?"}})
    assert (
        "not a signed envelope"
        in check_signature(answer_in(entry), policy=policy_of("quick"), trust=world.trust).evidence[0]
    )
    with pytest.raises(IntegrityBroken, match="holds no approval"):
        answer_in(world.note("approval.given", {"approval": 1}))
    loose = LEAD.sign(APPROVAL, canonical_json(approval) + b" ")
    answer = Answer(approval=approval, envelope=loose, sequence=world.note().sequence)
    assert (
        "canonical form" in check_signature(answer, policy=policy_of("quick"), trust=world.trust).evidence[0]
    )
    wrong = LEAD.sign("text/plain", canonical_json(approval))
    assert (
        "another kind of statement"
        in check_signature(
            replace(answer, envelope=wrong), policy=policy_of("quick"), trust=world.trust
        ).evidence[0]
    )
    noise = Envelope(payload_type=APPROVAL, payload=b"[", signatures=(EnvelopeSignature(keyid="", sig=b""),))
    assert (
        "what was signed is no Approval"
        in check_signature(
            replace(answer, envelope=noise), policy=policy_of("quick"), trust=world.trust
        ).evidence[0]
    )

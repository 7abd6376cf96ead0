"""Trust: the first is believed, the others are vouched for, and what was revoked never comes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.authority.world import CODER, LEAD, SECOND, THIRD, World

from modelwright.authority.identity import public_key_of
from modelwright.kernel.errors import IntegrityBroken
from modelwright.testing.people import MemorySigner, card_of


@pytest.fixture
def world():
    """A ledger whose first identity is the lead's."""
    made = World()
    made.enrol(LEAD)
    return made


def names(world):
    """Whose next signature would count."""
    return [identity.name for identity in world.trust.present]


def test_the_first_identity_is_trusted_on_first_use_and_says_so(world):
    """Every report shows it."""
    assert names(world) == ["lead"]
    assert world.trust.begun == 2
    assert "trusted on first use in entry 2" in world.trust.told()[0]


def test_everybody_else_is_vouched_for_by_somebody_who_stands(world):
    """Nobody enrols themselves a second time."""
    world.enrol(SECOND)
    assert names(world) == ["lead"]
    world.enrol(SECOND, by=LEAD)
    world.enrol(THIRD, by=SECOND)
    assert names(world) == ["lead", "second", "third"]
    assert "enrolled by second" in world.trust.told()[2]
    assert "nobody who stands in this ledger signed it" in world.trust.refused[0]


def test_a_signature_counts_only_after_the_enrolment(world):
    """Sequence by sequence."""
    key = LEAD.identity.key_id
    assert not world.trust.standing(key, sequence=2).allows
    assert world.trust.standing(key, sequence=3).allows
    assert not world.trust.standing(SECOND.identity.key_id, sequence=3).allows


def test_a_revoked_key_counts_for_what_it_signed_before_and_never_again(world):
    """Not even when it is enrolled anew, by whoever, or its old enrolment is repeated."""
    enrolled = world.enrol(SECOND, by=LEAD)
    revoked = world.revoke(SECOND, by=LEAD)
    key = SECOND.identity.key_id
    assert world.trust.standing(key, sequence=revoked.sequence).allows
    assert not world.trust.standing(key, sequence=revoked.sequence + 1).allows
    world.again(enrolled)
    world.enrol(SECOND, by=LEAD)
    assert names(world) == ["lead"]
    assert sum("a key is enrolled once" in line for line in world.trust.refused) == 2


def test_a_stolen_key_is_void_from_the_moment_on_that_is_named_whatever_the_clock_says_later(world):
    """And so is everybody whom it enrolled since; a clock set back does not help."""
    world.enrol(SECOND, by=LEAD)
    before = world.note()
    stolen = world.note()
    world.enrol(THIRD, by=SECOND)
    assert names(world) == ["lead", "second", "third"]
    world.revoke(SECOND, by=LEAD, since=stolen.at)
    key = SECOND.identity.key_id
    assert world.trust.standing(key, sequence=before.sequence).allows
    assert not world.trust.standing(key, sequence=stolen.sequence).allows
    assert names(world) == ["lead"]
    assert "does not count" in world.trust.told()[2]


def test_a_second_revocation_can_only_widen_the_first(world):
    """The earliest moment holds."""
    world.enrol(SECOND, by=LEAD)
    stolen = world.note()
    world.revoke(SECOND, by=LEAD, since=stolen.at)
    world.revoke(SECOND, by=LEAD)
    world.revoke(SECOND, by=LEAD, since=stolen.at + timedelta(days=1))
    assert not world.trust.standing(SECOND.identity.key_id, sequence=stolen.sequence).allows


def test_a_revoked_person_revokes_nobody(world):
    """Who was faster is told by the ledger."""
    world.enrol(SECOND, by=LEAD)
    world.revoke(LEAD, by=SECOND)
    world.revoke(SECOND, by=LEAD)
    assert names(world) == ["second"]


def test_an_agent_may_have_a_key_and_vouches_for_nobody(world):
    """Its signature shows that it was there."""
    world.enrol(CODER, by=LEAD)
    assert names(world) == ["lead", "coder"]
    world.enrol(SECOND, by=CODER)
    world.revoke(LEAD, by=CODER)
    assert names(world) == ["lead", "coder"]


def test_an_agent_is_never_the_first():
    """A project starts with a person."""
    world = World()
    world.enrol(CODER)
    assert world.trust.begun is None
    assert "the first identity of a project is a person" in world.trust.refused[0]


def test_a_namesake_is_refused_until_the_other_is_revoked(world):
    """Two keys under one name would pass for two people."""
    other = MemorySigner("LEAD", seed="another")
    world.enrol(SECOND, by=LEAD)
    world.enrol(other, by=SECOND)
    assert names(world) == ["lead", "second"]
    world.revoke(LEAD, by=SECOND)
    world.enrol(other, by=SECOND)
    assert names(world) == ["second", "LEAD"]


def test_a_statement_for_another_ledger_counts_for_nothing(world):
    """The head it names has to be in this one."""
    elsewhere = "sha256:" + "e" * 64
    world.enrol(SECOND, by=LEAD, head=elsewhere)
    world.revoke(LEAD, by=LEAD, head=elsewhere)
    assert names(world) == ["lead"]
    assert [line.partition(": ")[2] for line in world.trust.refused] == [
        "it was signed for another ledger, or another past of this one"
    ] * 2


def test_the_first_statement_of_an_empty_ledger_names_no_entry():
    """There is none yet."""
    from tests.authority.world import SteppingClock

    from modelwright.ledger.memory import MemoryLedger

    world = World()
    world.ledger = MemoryLedger(clock=SteppingClock())
    world.enrol(LEAD)
    assert names(world) == ["lead"]


def test_a_card_has_to_be_signed_by_the_key_on_it(world):
    """Nobody is enrolled with somebody else's key."""
    stolen = replace(LEAD.identity, name="second", public_key=SECOND.identity.public_key)
    thief = MemorySigner("second", seed="thief")
    forged = thief.sign("application/vnd.modelwright.identity+json", b"{}")
    world.enrol(SECOND, by=LEAD, card=forged)
    world.enrol(SECOND, by=LEAD, card=card_of(thief))
    assert names(world) == ["lead"]
    assert stolen.key_id == SECOND.identity.key_id


def test_whoever_says_it_has_to_sign_it(world):
    """A name in the words that is not the signer's."""
    world.enrol(SECOND, by=LEAD, actor=THIRD.identity.actor())
    assert names(world) == ["lead"]


@pytest.mark.parametrize("body", [{}, {"envelope": 1}, {"envelope": {"payload": ""}}])
def test_entries_that_are_no_statements_change_nothing(world, body):
    """They are told."""
    world.note("identity.enrolled", body)
    world.note("identity.revoked", body)
    assert names(world) == ["lead"]
    assert len(world.trust.refused) == 2


def test_nobody_is_revoked_who_was_never_enrolled(world):
    """It is told."""
    world.revoke(SECOND, by=LEAD)
    assert "is not enrolled" in world.trust.refused[0]


@pytest.mark.parametrize("text", ["", "rsa:AAAA", "ed25519:", "ed25519:AAAA", "ed25519:é"])
def test_a_key_that_is_none_is_refused(text):
    """Found when it is used, in words."""
    with pytest.raises(IntegrityBroken, match="not an Ed25519 key"):
        _ = replace(LEAD.identity, public_key=text).key_id
    assert public_key_of(LEAD.identity.raw_key) == LEAD.identity.public_key

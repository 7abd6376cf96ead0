"""The audit: a stranger with the entries and some public keys finds what was forged, and names it first."""

from dataclasses import replace

import pytest
from tests.ledger.ledgers import (
    ACTOR,
    LEAD,
    MACHINE,
    NOW,
    SECOND,
    STRANGER,
    approval_by,
    approve,
    enrol,
    noted,
    peopled,
    revoke,
    rewritten,
    sign_head,
    state,
)

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Status
from modelwright.ledger.anchor import read_anchors
from modelwright.ledger.audit import audit
from modelwright.ledger.checkpoint import CHECKPOINT_KIND, checkpoint_of
from modelwright.ledger.memory import MemoryLedger
from modelwright.testing.people import MemorySigner


def keys_of(*signers):
    """What a stranger holds."""
    return {signer.identity.key_id: signer.identity for signer in signers}


def told(ledger, **options):
    """Everything an audit says, in one text."""
    found = audit(ledger.links(), **options)
    return "\n".join(line for check in found.checks for line in check.evidence)


def first_flaw(ledger, **options):
    """The first thing that fails."""
    found = audit(ledger.links(), **options)
    assert found.outcome.status is Status.FAILED
    return next(check for check in found.checks if check.status is Status.FAILED).evidence[0]


def test_an_untouched_ledger_passes_and_says_who_signed_and_how_far_that_reaches():
    """The last signed head covers what was before it; what follows is chained alone."""
    ledger = peopled()
    found = audit(ledger.links())
    assert found.outcome.allows
    chain, people, signed = found.checks
    assert chain.evidence[0] == "9 entries"
    assert people.evidence[0].startswith("lead ")
    assert "trusted on first use" in people.evidence[0]
    assert "enrolled by lead" in people.evidence[1]
    assert "they hold entries 1 to 7 of 9: what follows is chained alone" in signed.evidence
    assert "The ledger: passed" in found.document().to_markdown()


def test_a_stranger_with_the_public_key_of_the_first_person_accepts_everyone_they_let_in():
    """No project, no private key, no other key."""
    assert audit(peopled().links(), keys=keys_of(LEAD)).outcome.allows


def test_a_ledger_without_people_says_that_answers_are_names_alone():
    """As in quick mode; and it passes, since that is what was agreed."""
    ledger = noted()
    approve(ledger, LEAD, signed=False)
    found = audit(ledger.links())
    assert found.outcome.allows
    assert "nobody is enrolled" in told(ledger)
    assert "1 answers are unsigned" in told(ledger)


def test_a_ledger_that_nobody_given_has_signed_is_unknown_to_who_holds_keys():
    """It may be whole, and it may be anybody's."""
    assert audit(noted().links(), keys=keys_of(LEAD)).outcome.status is Status.UNKNOWN
    ledger = noted()
    sign_head(ledger)
    assert audit(ledger.links(), keys=keys_of(LEAD)).outcome.status is Status.UNKNOWN
    assert audit(ledger.links(), keys=keys_of(MACHINE)).outcome.allows


def test_another_first_person_than_the_one_given_is_unknown():
    """The ledger may have been written anew around them."""
    found = audit(peopled().links(), keys=keys_of(STRANGER))
    assert found.outcome.status is Status.UNKNOWN
    assert "not among the keys given" in told(peopled(), keys=keys_of(STRANGER))


def test_the_same_name_with_another_key_fails():
    """Somebody wrote the ledger anew, in the name of the person whose key the stranger holds."""
    impostor = MemorySigner("lead", seed="an impostor")
    ledger = noted()
    enrol(ledger, impostor)
    assert "the key of lead in this ledger is" in first_flaw(ledger, keys=keys_of(LEAD))


@pytest.mark.parametrize("place", range(1, 7))
def test_a_chain_written_anew_contradicts_what_people_signed(place):
    """Each signed answer holds the head it was given on: nothing before it can be changed unseen."""
    ledger = peopled()
    other = rewritten(ledger, place, change={"n": "another past"} if place < 4 else None)
    assert other.verify().allows
    assert not audit(other.links()).outcome.allows


def test_a_broken_chain_is_named_before_anything_else():
    """What follows a broken link proves nothing."""
    links = list(peopled().links())
    links[2] = replace(links[2], payload=links[2].payload.replace(b'"n":2', b'"n":9'))
    found = audit(links)
    assert len(found.checks) == 1
    assert found.checks[0].evidence[0].startswith("entry 3 was changed")
    assert "entry 3 was changed" in found.document().to_markdown()


def test_a_ledger_that_cannot_be_read_fails():
    """Its store breaks off in the middle."""

    def broken():
        yield from list(noted().links())
        raise IntegrityBroken("the file is damaged")

    assert audit(broken()).checks[0].evidence == ("the file is damaged",)


def test_an_answer_without_a_signature_is_named_where_one_is_demanded():
    """From the first enrolment on."""
    ledger = peopled()
    approve(ledger, SECOND, signed=False)
    assert first_flaw(ledger).startswith("entry 10 (approval.given)")
    assert "unsigned" in first_flaw(ledger)


def test_a_forged_answer_is_named():
    """Signed by somebody who is not enrolled; altered after it was signed; signed on another past."""
    ledger = peopled()
    approve(ledger, STRANGER)
    assert first_flaw(ledger).startswith("entry 10 (approval.given)")
    ledger = peopled()
    approve(ledger, LEAD, stated=approval_by(LEAD, subject="promotion:v1"))
    assert "what was signed is not what stands beside it" in first_flaw(ledger)
    ledger = peopled()
    approve(ledger, LEAD, head="sha256:" + "5" * 64)
    assert "another past" in first_flaw(ledger)


def test_an_answer_that_cannot_be_read_is_named():
    """No command writes one."""
    ledger = peopled()
    ledger.append("approval.given", {"approval": {"subject": 3}}, actor=ACTOR)
    assert "holds no approval" in first_flaw(ledger)


def test_an_enrolment_that_nobody_stands_for_is_named():
    """By the fold of trust, in its words."""
    ledger = peopled()
    enrol(ledger, STRANGER, by=STRANGER)
    assert "nobody who stands in this ledger signed it" in first_flaw(ledger)


def test_a_revocation_voids_later_answers_and_is_no_fault_of_the_ledger():
    """What counted when it was given and does not now is told apart from what was forged."""
    ledger = peopled()
    since = next(entry.at for entry in ledger.entries() if entry.sequence == 7)
    revoke(ledger, SECOND, by=LEAD, since=since)
    found = audit(ledger.links())
    assert found.outcome.allows
    assert "the answer in entry 7 is void since" in told(ledger)


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"envelope": {}}, "not a signed envelope"),
        ({}, "not a signed envelope"),
        ({"envelope": LEAD.sign("text/plain", b"x").to_json()}, "another kind of statement"),
        ({"envelope": checkpoint_of(noted(7), MACHINE, at=NOW).to_json()}, "another past"),
        ({"envelope": checkpoint_of(noted(99), MACHINE, at=NOW).to_json()}, "another past"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_named(body, flaw):
    """Altered, of something else, of another past, or of a future."""
    ledger = peopled()
    ledger.append(CHECKPOINT_KIND, body, actor=ACTOR)
    assert first_flaw(ledger).startswith("entry 10 (ledger.checkpoint)")
    assert flaw in first_flaw(ledger)


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"envelope": "x"}, "not a signed envelope"),
        ({"envelope": STRANGER.sign("text/plain", b"x").to_json()}, "known here"),
        ({"envelope": LEAD.sign("text/plain", b"x").to_json()}, "not a statement"),
        ({"envelope": LEAD.sign("text/plain", b"{}").to_json()}, "stands beside it"),
        ({"waiver": {}, "envelope": LEAD.sign("text/plain", b"{}").to_json()}, "another past"),
    ],
)
def test_a_signed_statement_of_any_other_kind_is_checked_too(body, flaw):
    """Whatever carries a signature has to be by somebody known."""
    ledger = peopled()
    ledger.append("waiver.given", body, actor=ACTOR)
    assert flaw in first_flaw(ledger)


def test_a_signed_statement_counts_only_while_its_key_does():
    """A waiver by somebody who stands, and by somebody whose key was revoked."""
    ledger = peopled()
    state(ledger, LEAD)
    assert "they hold entries 1 to 9 of 10" in told(ledger)
    state(ledger, SECOND)
    revoke(ledger, SECOND, by=LEAD)
    assert audit(ledger.links()).outcome.allows
    state(ledger, SECOND)
    assert "was revoked in entry 12" in first_flaw(ledger)


def test_a_mode_that_demands_signatures_is_held_to_it():
    """An unsigned answer under a contract in standard mode."""
    ledger = noted()
    digest = approval_by(LEAD).contract_digest
    ledger.append("contract.read", {"mode": "standard", "contract_digest": digest}, actor=ACTOR)
    ledger.append("contract.read", {"mode": "quick", "contract_digest": digest}, actor=ACTOR)
    approve(ledger, LEAD, signed=False)
    assert "standard mode rules out" in first_flaw(ledger)


def test_a_mode_that_does_not_exist_is_named():
    """It would loosen nothing, and nobody honest writes it."""
    ledger = noted()
    ledger.append("contract.read", {"mode": "lax", "contract_digest": "x"}, actor=ACTOR)
    assert "unknown mode 'lax'" in first_flaw(ledger)


def test_an_anchor_finds_a_ledger_that_was_rewritten_whole():
    """With new keys for everybody in it, it is consistent; the anchor is older."""
    ledger = peopled()
    line = canonical_json(checkpoint_of(ledger, MACHINE, at=NOW).to_json())
    anew = noted(9)
    anchors = read_anchors([("heads.jsonl:1", line)])
    assert audit(anew.links()).outcome.allows
    assert "written anew" in first_flaw(anew, anchors=anchors)
    assert audit(ledger.links(), anchors=anchors).outcome.allows


def test_a_head_noted_by_hand_is_compared_as_well():
    """The oldest way of anchoring."""
    ledger = peopled()
    assert audit(ledger.links(), head=ledger.head()).outcome.allows
    assert "was the head once" in first_flaw(ledger, head="sha256:" + "7" * 64)


def test_many_people_are_told_in_a_few_lines():
    """And the rest is counted."""
    ledger = MemoryLedger(clock=SteppingClock())
    enrol(ledger, LEAD)
    for number in range(25):
        enrol(ledger, MemorySigner(f"person-{number}"), by=LEAD)
    assert "and 6 more" in told(ledger)

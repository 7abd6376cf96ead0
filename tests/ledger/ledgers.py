"""Small ledgers with people in them, written the way the workflow writes them."""

from datetime import UTC, datetime

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.answer import Approval
from modelwright.authority.statement import APPROVAL, CARD, ENROLMENT, REVOCATION, Enrolment, Revocation
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import canonical_json, plain
from modelwright.ledger.checkpoint import CHECKPOINT_KIND, checkpoint_of
from modelwright.ledger.memory import MemoryLedger
from modelwright.testing.people import MemorySigner, signer_named

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEAD, SECOND, STRANGER = signer_named("lead"), signer_named("second"), signer_named("stranger")
MACHINE = MemorySigner("ledger-of-this-machine", kind=ActorKind.SERVICE)
ACTOR = Actor(kind=ActorKind.PERSON, name="lead")


def noted(length=3, *, ledger=None):
    """A ledger with some notes in it."""
    ledger = ledger or MemoryLedger(clock=SteppingClock())
    for number in range(length):
        ledger.append("note", {"n": number}, actor=ACTOR)
    return ledger


def enrol(ledger, who, *, by=None, head=None):
    """Let somebody in, on somebody's word."""
    actor = (by or who).identity.actor()
    enrolment = Enrolment(identity=who.identity, actor=actor, reason="in person", head=head or ledger.head())
    body = {
        "enrolment": plain(enrolment),
        "card": who.sign(CARD, canonical_json(who.identity)).to_json(),
        "envelope": (by or who).sign(ENROLMENT, canonical_json(enrolment)).to_json(),
    }
    return ledger.append("identity.enrolled", body, actor=who.identity.actor())


def revoke(ledger, who, *, by, since=None):
    """Say that a key no longer counts."""
    said = Revocation(
        key_id=who.identity.key_id,
        actor=by.identity.actor(),
        reason="lost",
        head=ledger.head(),
        compromised_since=since,
    )
    body = {"revocation": plain(said), "envelope": by.sign(REVOCATION, canonical_json(said)).to_json()}
    return ledger.append("identity.revoked", body, actor=by.identity.actor())


def approval_by(who, *, subject="phase:1", head=""):
    """What somebody decided."""
    return Approval(
        subject=subject,
        decision="approve",
        artifacts={"report": "sha256:" + "1" * 64},
        contract_digest="sha256:" + "2" * 64,
        reason="as shown",
        actor=who.identity.actor(),
        head=head,
    )


def approve(ledger, who, *, signed=True, head=None, stated=None):
    """Write down what somebody decided, signed by whoever it is."""
    said = approval_by(who, head=(ledger.head() if head is None else head) if signed else "")
    body = {"subject": said.subject, "decision": said.decision, "approval": plain(stated or said)}
    if signed:
        body["envelope"] = who.sign(APPROVAL, canonical_json(said)).to_json()
    return ledger.append("approval.given", body, actor=who.identity.actor())


def state(ledger, who):
    """Write down a signed statement of a kind that the audit does not know."""
    said = {"reason": "for a week", "head": ledger.head()}
    envelope = who.sign("application/vnd.example+json", canonical_json(said))
    body = {"statement": said, "envelope": envelope.to_json()}
    return ledger.append("something.stated", body, actor=who.identity.actor())


def sign_head(ledger, *, by=MACHINE):
    """Sign where the head stands, and write that down."""
    envelope = checkpoint_of(ledger, by, at=NOW)
    ledger.append(CHECKPOINT_KIND, {"envelope": envelope.to_json()}, actor=ACTOR)
    return envelope


def peopled():
    """A ledger with two people, an answer of each, a signed head, and a note after it."""
    ledger = noted()
    enrol(ledger, LEAD)
    enrol(ledger, SECOND, by=LEAD)
    approve(ledger, LEAD)
    approve(ledger, SECOND)
    sign_head(ledger)
    return noted(1, ledger=ledger)


def rewritten(ledger, place, *, change=None):
    """The same entries, the one at a place left out or changed, chained anew: consistent in itself."""
    other = MemoryLedger(clock=SteppingClock())
    for entry in ledger.entries():
        if entry.sequence != place:
            other.append(entry.kind, dict(entry.body), actor=entry.actor, artifacts=entry.artifacts)
        elif change is not None:
            other.append(entry.kind, change, actor=entry.actor, artifacts=entry.artifacts)
    return other

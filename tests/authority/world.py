"""A ledger with people in it, as tests of trust and signatures need it."""

from datetime import UTC, datetime, timedelta

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.answer import Approval
from modelwright.authority.statement import APPROVAL, ENROLMENT, REVOCATION, Enrolment, Revocation
from modelwright.authority.trust import trust_of
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import canonical_json
from modelwright.ledger.memory import MemoryLedger
from modelwright.testing.people import MemorySigner, card_of, signer_named

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERVICE = Actor(kind=ActorKind.SERVICE, name="demo")
LEAD, SECOND, THIRD = (signer_named(name, role="owner") for name in ("lead", "second", "third"))
CODER = MemorySigner("coder", kind=ActorKind.AGENT)


class World:
    """A ledger in memory, and what can be said in it."""

    def __init__(self):
        """Start with one entry."""
        self.ledger = MemoryLedger(clock=SteppingClock())
        self.note()

    @property
    def trust(self):
        """Who is known now."""
        return trust_of(self.ledger.entries())

    def note(self, kind="note", body=None):
        """Append anything."""
        return self.ledger.append(kind, body or {}, actor=SERVICE)

    def enrol(self, newcomer, *, by=None, head=None, card=None, actor=None):
        """Enrol somebody on somebody's word; the first on their own."""
        by = by or newcomer
        enrolment = Enrolment(
            identity=newcomer.identity,
            actor=actor or by.identity.actor(),
            reason="known in person",
            head=self.ledger.head() if head is None else head,
        )
        body = {
            "card": (card or card_of(newcomer)).to_json(),
            "envelope": by.sign(ENROLMENT, canonical_json(enrolment)).to_json(),
        }
        return self.ledger.append("identity.enrolled", body, actor=by.identity.actor())

    def revoke(self, target, *, by, since=None, head=None):
        """Revoke somebody's key on somebody's word."""
        revocation = Revocation(
            key_id=target.identity.key_id,
            actor=by.identity.actor(),
            reason="lost",
            head=self.ledger.head() if head is None else head,
            compromised_since=since,
        )
        body = {"envelope": by.sign(REVOCATION, canonical_json(revocation)).to_json()}
        return self.ledger.append("identity.revoked", body, actor=by.identity.actor())

    def approval(self, signer, **changes):
        """An answer of somebody about a promotion, bound to the ledger as it is now."""
        fields = {
            "subject": "promotion:v1",
            "decision": "approve",
            "artifacts": {"bundle": "sha256:" + "1" * 64},
            "contract_digest": "sha256:" + "c" * 64,
            "reason": "gates passed",
            "actor": signer.identity.actor(),
            "expires": NOW + timedelta(days=400),
            "head": self.ledger.head(),
        }
        return Approval(**(fields | changes))

    def answer(self, signer, *, envelope=None, said=None, **changes):
        """Write a signed answer down and return its entry."""
        approval = said or self.approval(signer, **changes)
        envelope = envelope or signer.sign(APPROVAL, canonical_json(approval))
        body = {
            "subject": approval.subject,
            "approval": approval_body(approval),
            "envelope": envelope.to_json(),
        }
        return self.ledger.append("approval.given", body, actor=approval.actor)

    def again(self, entry):
        """Append the same once more."""
        return self.ledger.append(entry.kind, dict(entry.body), actor=entry.actor)


def approval_body(approval):
    """An approval as an entry holds it."""
    from modelwright.kernel.digest import plain

    return plain(approval)

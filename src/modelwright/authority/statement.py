"""Statements: what is signed in an envelope, and how it is read back to exactly what was signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from modelwright.authority.actor import Actor
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, open_envelope
from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import IntegrityBroken

__all__ = [
    "APPROVAL",
    "CARD",
    "ENROLMENT",
    "REVOCATION",
    "Enrolment",
    "Revocation",
    "read_card",
    "signed_record",
]

APPROVAL = "application/vnd.modelwright.approval+json"
"""A person's answer about one subject."""
CARD = "application/vnd.modelwright.identity+json"
"""The public part of an identity, signed by its own key."""
ENROLMENT = "application/vnd.modelwright.enrolment+json"
"""The word of somebody that an identity belongs to this ledger."""
REVOCATION = "application/vnd.modelwright.revocation+json"
"""The word of somebody that a key no longer counts."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Somebody is known in this ledger from here on.

    Examples:
        >>> Enrolment.__slots__
        ('identity', 'actor', 'reason', 'head')
    """

    identity: Identity
    """Who."""
    actor: Actor
    """Who vouches; the first identity of a ledger vouches for itself."""
    reason: str
    """How one knows that the key is theirs."""
    head: str = ""
    """The ledger's head when it was signed, which binds it to this ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A key no longer counts from here on.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> lead = Actor(kind=ActorKind.PERSON, name="lead")
        >>> Revocation(key_id="sha256:00", actor=lead, reason="lost").compromised_since is None
        True
    """

    key_id: str
    """Whose key."""
    actor: Actor
    """Who says so."""
    reason: str
    """Why."""
    head: str = ""
    """The ledger's head when it was signed."""
    compromised_since: datetime | None = None
    """Since when the key may have been in other hands: what it signed from then on is void; None when it is
    lost or laid aside only."""


def signed_record(envelope: Envelope, kind: type[T], *, payload_type: str) -> T:
    """Return the record an envelope holds; whether the signature fits is for `open_envelope` to say.

    Only canonical bytes are read: a payload has one meaning, and nothing rides along that the record lacks.

    Args:
        envelope: The envelope.
        kind: The record's type.
        payload_type: What the envelope must say it holds.

    Raises:
        IntegrityBroken: When it holds something else.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> lead = Actor(kind=ActorKind.PERSON, name="lead")
        >>> payload = canonical_json(Revocation(key_id="sha256:00", actor=lead, reason="lost"))
        >>> envelope = Envelope(payload_type=REVOCATION, payload=payload, signatures=())
        >>> signed_record(envelope, Revocation, payload_type=REVOCATION).reason
        'lost'
    """
    if envelope.payload_type != payload_type:
        raise _rejected("another kind of statement was signed", envelope.payload_type, payload_type)
    try:
        record = msgspec.json.decode(envelope.payload, type=kind)
        canonical = canonical_json(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _rejected(f"what was signed is no {kind.__name__}", str(error), f"a {kind.__name__}") from error
    if canonical != envelope.payload:
        raise _rejected("what was signed is not in canonical form", "other bytes", "canonical JSON")
    return record


def read_card(card: Envelope) -> Identity:
    """Return the identity on a card, which shows by its own signature that the key is its holder's.

    Raises:
        IntegrityBroken: When it is no card, or the signature on it is by another key.

    Examples:
        >>> read_card(Envelope(payload_type="text/plain", payload=b"", signatures=()))
        Traceback (most recent call last):
        modelwright.kernel.errors.IntegrityBroken: another kind of statement was signed ...
    """
    identity = signed_record(card, Identity, payload_type=CARD)
    if not open_envelope(card, keys={identity.key_id: identity})[0].allows:
        raise _rejected("the card is not signed by the key on it", "another signature, or none", "its own")
    return identity


def _rejected(what: str, found: str, expected: str) -> IntegrityBroken:
    return IntegrityBroken(
        what,
        why="a signature counts for exactly what was signed",
        next_step="sign it again with the command that makes such statements",
        found=found,
        expected=expected,
    )

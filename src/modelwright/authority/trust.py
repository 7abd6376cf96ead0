"""Trust: whose key was known when. Folded out of the ledger, entry by entry, and never stored twice.

The first identity of a project is trusted on first use, as an SSH client trusts a host it sees for the first
time; each further one is vouched for by a person who is enrolled already. A key is enrolled once: revoked, it
never comes back.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, open_envelope
from modelwright.authority.statement import (
    ENROLMENT,
    REVOCATION,
    Enrolment,
    Revocation,
    read_card,
    signed_record,
)
from modelwright.kernel.digest import short
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["Member", "Recorded", "Trust", "TrustFold", "trust_of"]

ROOT = "sha256:" + "0" * 64
"""What a statement names as the ledger's head while the ledger is empty."""


class Recorded(Protocol):
    """What trust reads of a ledger entry.

    Examples:
        >>> def place(entry: Recorded) -> int:
        ...     return entry.sequence
    """

    @property
    def sequence(self) -> int:
        """Place in the ledger."""
        ...

    @property
    def kind(self) -> str:
        """Kind of fact."""
        ...

    @property
    def at(self) -> datetime:
        """When it was written."""
        ...

    @property
    def actor(self) -> Actor:
        """Who wrote it."""
        ...

    @property
    def body(self) -> Mapping[str, object]:
        """The fact."""
        ...

    @property
    def digest(self) -> str:
        """Digest of the entry."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An identity that was enrolled in this ledger, and what became of it.

    Examples:
        >>> Member.__slots__[0]
        'identity'
    """

    identity: Identity
    """Who."""
    sequence: int
    """The entry that enrolled it."""
    by: str
    """Key id of who vouched; its own for the first identity."""
    revoked: int | None = None
    """The entry that revoked it; None while it stands."""
    reason: str = ""
    """Why it was revoked."""
    void_from: int | None = None
    """The first entry whose signatures by this key are void: the key was in other hands by then."""

    @property
    def first(self) -> bool:
        """Whether this is the identity that was trusted on first use."""
        return self.by == self.identity.key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Who was known when.

    Examples:
        >>> Trust().present, Trust().begun is None
        ((), True)
    """

    members: Mapping[str, Member] = field(default_factory=dict)
    """Everyone who was ever enrolled, by key id, in order."""
    refused: tuple[str, ...] = ()
    """Enrolments and revocations in the ledger that do not count, and why."""
    places: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Where in the ledger each entry stands, by its digest."""

    @property
    def begun(self) -> int | None:
        """The entry with the first enrolment; None while nobody is enrolled."""
        return next((member.sequence for member in self.members.values()), None)

    @property
    def keys(self) -> Mapping[str, Identity]:
        """Every identity that was ever enrolled, by key id."""
        return {key_id: member.identity for key_id, member in self.members.items()}

    @property
    def length(self) -> int:
        """How many entries the ledger had."""
        return len(self.places)

    @property
    def present(self) -> tuple[Identity, ...]:
        """Those whose next signature would count."""
        after = self.length + 1
        return tuple(
            member.identity
            for key_id, member in self.members.items()
            if self.standing(key_id, sequence=after).allows
        )

    def standing(self, key_id: str, *, sequence: int) -> Outcome:
        """Say whether a signature by this key counts in this entry.

        Args:
            key_id: Whose key.
            sequence: The place of the entry; one more than there are for the next one.
        """
        member = self.members.get(key_id)
        what = f"the key {short(key_id)} stood at entry {sequence}"
        if member is None:
            return Outcome(
                status=Status.FAILED,
                what=what,
                evidence=(f"the key {short(key_id)} is not enrolled in this project",),
                next_step="ask an enrolled person: modelwright identity enrol FILE",
            )
        flaw = self._flaw(member, sequence)
        if flaw:
            return Outcome(
                status=Status.FAILED,
                what=what,
                evidence=(flaw,),
                next_step="make a new identity, have it enrolled, and sign again",
            )
        return Outcome(
            status=Status.PASSED, what=what, evidence=(f"{member.identity.name} ({short(key_id)})",)
        )

    def _flaw(self, member: Member, sequence: int) -> str:
        """Say why a signature in this entry does not count; empty when it does."""
        name = member.identity.name
        if sequence <= member.sequence:
            return f"{name} was enrolled only in entry {member.sequence}"
        if member.revoked is not None and sequence > member.revoked:
            return f"the key of {name} was revoked in entry {member.revoked}: {member.reason}"
        if member.void_from is not None and sequence >= member.void_from:
            return f"the key of {name} was in other hands from entry {member.void_from} on: {member.reason}"
        if member.first:
            return ""
        voucher = self._flaw(self.members[member.by], member.sequence)
        return f"the enrolment of {name} does not count: {voucher}" if voucher else ""

    def told(self) -> tuple[str, ...]:
        """Return one line for each identity: whose key it is, since when, and on whose word."""
        lines = []
        for key_id, member in self.members.items():
            word = (
                "trusted on first use"
                if member.first
                else f"enrolled by {self.members[member.by].identity.name}"
            )
            flaw = self._flaw(member, self.length + 1)
            line = f"{member.identity.name} {short(key_id)}, {word} in entry {member.sequence}"
            lines.append(f"{line}; {flaw}" if flaw else line)
        return tuple(lines)


class TrustFold:
    """Reads a ledger from its first entry and remembers who was known when.

    Examples:
        >>> TrustFold().trust().begun is None
        True
    """

    def __init__(self) -> None:
        """Start before the first entry."""
        self._members: dict[str, Member] = {}
        self._refused: list[str] = []
        self._places: dict[str, int] = {}
        self._latest: list[datetime] = []

    def read(self, entry: Recorded) -> None:
        """Take the next entry into account.

        Args:
            entry: The entry that follows the last one.
        """
        if entry.kind == "identity.enrolled":
            self._tell(entry, self._enrol(entry))
        elif entry.kind == "identity.revoked":
            self._tell(entry, self._revoke(entry))
        self._places[entry.digest] = entry.sequence
        self._latest.append(max(entry.at, self._latest[-1]) if self._latest else entry.at)

    def trust(self) -> Trust:
        """Return who is known so far."""
        return Trust(
            members=MappingProxyType(self._members),
            refused=tuple(self._refused),
            places=MappingProxyType(self._places),
        )

    def _tell(self, entry: Recorded, flaw: str) -> None:
        if flaw:
            self._refused.append(f"entry {entry.sequence} ({entry.kind}) does not count: {flaw}")

    def _fresh(self, head: str) -> bool:
        """Whether a statement names an entry of this ledger as its head, or the ledger is empty."""
        return head in self._places or (head == ROOT and not self._places)

    def _enrol(self, entry: Recorded) -> str:
        """Enrol an identity; return why it does not count, empty when it does."""
        try:
            envelope, enrolment = _enrolment_in(entry)
        except IntegrityBroken as error:
            return error.what
        key_id = enrolment.identity.key_id
        if not self._fresh(enrolment.head):
            return "it was signed for another ledger, or another past of this one"
        if not folded(enrolment.identity.name):
            return "the identity has no name"
        if key_id in self._members:
            return f"the key {short(key_id)} was enrolled before, and a key is enrolled once"
        namesake = self._namesake(enrolment.identity)
        if namesake:
            return namesake
        if not self._members:
            own = open_envelope(envelope, keys={key_id: enrolment.identity})[0]
            by = key_id if own.allows and enrolment.actor == enrolment.identity.actor() else ""
            if enrolment.identity.kind is not ActorKind.PERSON:
                return "the first identity of a project is a person"
        else:
            by = self._signer(envelope, enrolment.actor, entry.sequence)
        if not by:
            return "nobody who stands in this ledger signed it"
        self._members[key_id] = Member(identity=enrolment.identity, sequence=entry.sequence, by=by)
        return ""

    def _namesake(self, identity: Identity) -> str:
        for other in self.trust().present:
            if folded(other.name) == folded(identity.name):
                return f"'{identity.name}' reads like '{other.name}', who is enrolled already"
        return ""

    def _signer(self, envelope: Envelope, actor: Actor, sequence: int) -> str:
        """Return the key id of the enrolled person who says and signed it; empty when nobody did."""
        trust = self.trust()
        outcome, signers = open_envelope(envelope, keys=trust.keys)
        if not outcome.allows:
            return ""
        for signer in signers:
            own = (actor.kind, actor.name) == (ActorKind.PERSON, signer.name) == (signer.kind, signer.name)
            if own and trust.standing(signer.key_id, sequence=sequence).allows:
                return signer.key_id
        return ""

    def _revoke(self, entry: Recorded) -> str:
        """Revoke a key; return why it does not count, empty when it does."""
        try:
            envelope = Envelope.from_json(entry.body.get("envelope"))
            revocation = signed_record(envelope, Revocation, payload_type=REVOCATION)
        except IntegrityBroken as error:
            return error.what
        member = self._members.get(revocation.key_id)
        if member is None:
            return f"the key {short(revocation.key_id)} is not enrolled"
        if not self._fresh(revocation.head):
            return "it was signed for another ledger, or another past of this one"
        if not self._signer(envelope, revocation.actor, entry.sequence):
            return "nobody who stands in this ledger signed it"
        since = revocation.compromised_since
        void_from = None if since is None else bisect_left(self._latest, since) + 1
        earlier = [place for place in (void_from, member.void_from) if place is not None]
        self._members[revocation.key_id] = replace(
            member,
            revoked=entry.sequence if member.revoked is None else member.revoked,
            reason=revocation.reason,
            void_from=min(earlier, default=None),
        )
        return ""


def _enrolment_in(entry: Recorded) -> tuple[Envelope, Enrolment]:
    """Read an enrolment and see that who is enrolled holds the key.

    Raises:
        IntegrityBroken: When it is none, or the key may be somebody else's.
    """
    envelope = Envelope.from_json(entry.body.get("envelope"))
    enrolment = signed_record(envelope, Enrolment, payload_type=ENROLMENT)
    if read_card(Envelope.from_json(entry.body.get("card"))) != enrolment.identity:
        raise IntegrityBroken("the card is somebody else's")
    return envelope, enrolment


def trust_of(entries: Iterable[Recorded]) -> Trust:
    """Return who was known when, from all entries of a ledger in order.

    Args:
        entries: The entries, from the first.

    Examples:
        >>> trust_of(()).told()
        ()
    """
    fold = TrustFold()
    for entry in entries:
        fold.read(entry)
    return fold.trust()

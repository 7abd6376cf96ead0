"""Identities: make one, hand its public part on, vouch for somebody else's, and revoke what was lost."""

from dataclasses import dataclass
from datetime import UTC, datetime

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity
from modelwright.authority.statement import (
    ENROLMENT,
    REVOCATION,
    Enrolment,
    Revocation,
    read_card,
)
from modelwright.authority.trust import Member, Trust
from modelwright.kernel.digest import short
from modelwright.kernel.document import Callout, Document, Table, Text
from modelwright.kernel.errors import ApprovalRefused, UnknownName, UserFault
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import History, fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, enrol_first, no_key

__all__ = [
    "IdentityLine",
    "IdentityList",
    "create_identity",
    "enrol",
    "export_card",
    "identity_list",
    "revoke",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLine:
    """One identity: known in this project, on this machine, or both.

    Examples:
        >>> IdentityLine.__slots__[0]
        'name'
    """

    name: str
    """The name."""
    kind: str
    """person, service or agent."""
    roles: tuple[str, ...]
    """The roles it may act in."""
    key_id: str
    """Digest of the public key."""
    here: bool
    """Whether the private key is on this machine."""
    standing: str
    """What it is in this project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityList:
    """All identities known here.

    Examples:
        >>> IdentityList(identities=(), refused=()).document().title
        'Identities'
    """

    identities: tuple[IdentityLine, ...]
    """Those of the project in the order they were enrolled, then those of this machine."""
    refused: tuple[str, ...]
    """Entries about identities that do not count, and why."""

    def document(self) -> Document:
        """Render the identities."""
        rows = tuple(
            (
                line.name,
                line.kind,
                ", ".join(line.roles),
                short(line.key_id),
                "yes" if line.here else "",
                line.standing,
            )
            for line in self.identities
        )
        table = Table(columns=("name", "kind", "roles", "key", "key here", "in this project"), rows=rows)
        empty = Text(text="There are none yet: modelwright identity create NAME makes one.")
        warned = tuple(Callout(tone="failed", text=line) for line in self.refused)
        return Document(title="Identities", blocks=((table if rows else empty), *warned))


def create_identity(ports: Ports, name: str, *, roles: tuple[str, ...] = (), agent: bool = False) -> Identity:
    """Make an identity on this machine, under a passphrase that is asked for.

    Args:
        ports: The outside world.
        name: The name it will be known by.
        roles: The roles it may act in.
        agent: Whether it is for an agent: such a signature shows who did something, and never approves.

    Raises:
        ApprovalRefused: When an agent asks, or there is no terminal to type a passphrase at.
        UserFault: When the name cannot be one.
    """
    _demand_person(ports)
    kind = ActorKind.AGENT if agent else ActorKind.PERSON
    return ports.keys.create(name, at=ports.clock.now(), kind=kind, roles=roles).identity


def _demand_person(ports: Ports) -> None:
    if ports.actor.kind is not ActorKind.PERSON:
        raise ApprovalRefused(
            f"{ports.actor.label} is not a person: people make, vouch for and revoke identities",
            why="whoever can make keys can decide in their name",
            next_step="ask a person to do it",
        )


def identity_list(ports: Ports) -> IdentityList:
    """Return the identities of this project and of this machine.

    Args:
        ports: The outside world.
    """
    trust = fold(ports.ledger.entries()).trust
    here = {identity.key_id: identity for identity in ports.keys.identities()}
    lines = [
        _line(member.identity, here=key_id in here, standing=_standing(trust, member))
        for key_id, member in trust.members.items()
    ]
    lines += [
        _line(identity, here=True, standing="")
        for key_id, identity in here.items()
        if key_id not in trust.members
    ]
    return IdentityList(identities=tuple(lines), refused=trust.refused)


def _line(identity: Identity, *, here: bool, standing: str) -> IdentityLine:
    return IdentityLine(
        name=identity.name,
        kind=identity.kind.value,
        roles=identity.roles,
        key_id=identity.key_id,
        here=here,
        standing=standing,
    )


def _standing(trust: Trust, member: Member) -> str:
    outcome = trust.standing(member.identity.key_id, sequence=trust.length + 1)
    if not outcome.allows:
        return outcome.evidence[0]
    if member.first:
        return f"first, trusted on first use, entry {member.sequence}"
    return f"enrolled by {trust.members[member.by].identity.name}, entry {member.sequence}"


def export_card(ports: Ports, name: str) -> Envelope:
    """Return the public part of an identity on this machine, signed by itself, for a colleague to enrol.

    Args:
        ports: The outside world.
        name: Whose.

    Raises:
        UnknownName: When there is no such identity here.
    """
    known = {folded(identity.name): identity for identity in ports.keys.identities()}
    if folded(name) not in known:
        raise UnknownName.among("identity", name, [identity.name for identity in known.values()])
    return ports.keys.card(known[folded(name)])


def enrol(ports: Ports, card: Envelope, *, reason: str) -> Entry:
    """Vouch for somebody's identity: from here on their answers count in this project.

    The first identity of a project enrols itself; each further one is enrolled by a person who stands in it.

    Args:
        ports: The outside world.
        card: The public part, signed by itself.
        reason: How one knows that the key is theirs.

    Raises:
        IntegrityBroken: When the card is none, or signed by another key.
        ApprovalRefused: When this actor may not vouch, or the key or a namesake is known already.
    """
    _demand_person(ports)
    newcomer = read_card(card)
    history = fold(ports.ledger.entries())
    if history.trust.begun is None and newcomer in ports.keys.identities():
        signer = ports.keys.unlock(newcomer, purpose="be the first identity of this project")
        with ports.lock():
            entry = enrol_first(ports, signer)
        if entry is not None:
            return entry

    def prepare(_: datetime) -> Decision:
        past = fold(ports.ledger.entries())
        actor, identity = _voucher(ports, past, newcomer.name, reason)
        _demand_unknown(past.trust, newcomer, identity)
        return Decision(
            record=Enrolment(identity=newcomer, actor=actor, reason=reason.strip()),
            identity=identity,
            purpose=f"enrol {newcomer.name} ({short(newcomer.key_id)})",
            kind="identity.enrolled",
            name="enrolment",
            payload_type=ENROLMENT,
            facts={"key_id": newcomer.key_id, "name": newcomer.name, "card": card.to_json()},
        )

    return decide(ports, prepare)


def _voucher(ports: Ports, past: History, name: str, reason: str) -> tuple[Actor, Identity]:
    actor, identity = deciding(
        ports, f"identity:{name}", reason=reason, policy=past.policy, trust=past.trust, author=None
    )
    if identity is None:
        raise no_key(actor, ports.keys.identities())
    return actor, identity


def _demand_unknown(trust: Trust, newcomer: Identity, voucher: Identity) -> None:
    """Refuse a key that was enrolled before, and a name that reads like that of somebody who stands."""
    if newcomer.key_id in trust.members:
        raise ApprovalRefused(
            f"the key of {newcomer.name} was enrolled before",
            found=f"entry {trust.members[newcomer.key_id].sequence}",
            why="a key is enrolled once; revoked, it never comes back",
            next_step="modelwright identity list",
        )
    for other in (*trust.present, voucher):
        if folded(other.name) == folded(newcomer.name):
            raise ApprovalRefused(
                f"'{newcomer.name}' reads like '{other.name}', who is known here already",
                why="two keys under one name could pass for two people, or one person for another",
                next_step="revoke the old identity first, or choose a name that tells the two apart",
            )


def revoke(ports: Ports, name: str, *, reason: str, compromised_since: datetime | None = None) -> Entry:
    """Say that a key no longer counts: it was lost, laid aside, or is in other hands.

    Args:
        ports: The outside world.
        name: Whose key, by name or by the beginning of the key's digest.
        reason: Why.
        compromised_since: Since when it may have been in other hands: what it signed since is void.

    Raises:
        UnknownName: When nobody of this name stands in the project.
        ApprovalRefused: When this actor may not revoke, or nobody would be left who can vouch.
        UserFault: When the moment lies in the future.
    """
    _demand_person(ports)
    since = compromised_since
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    if since is not None and since > ports.clock.now():
        raise UserFault(
            "the key cannot be known to be in other hands from a future moment on",
            found=since.isoformat(),
            next_step="give the first moment you are not sure of",
        )

    def prepare(_: datetime) -> Decision:
        past = fold(ports.ledger.entries())
        target = _target(past.trust, name)
        actor, identity = _voucher(ports, past, target.name, reason)
        _demand_rest(past.trust, target)
        return Decision(
            record=Revocation(
                key_id=target.key_id, actor=actor, reason=reason.strip(), compromised_since=since
            ),
            identity=identity,
            purpose=f"revoke the key {short(target.key_id)} of {target.name}",
            kind="identity.revoked",
            name="revocation",
            payload_type=REVOCATION,
            facts={"key_id": target.key_id, "name": target.name},
        )

    return decide(ports, prepare)


def _target(trust: Trust, name: str) -> Identity:
    wanted = name.removeprefix("sha256:")
    for identity in trust.present:
        if folded(identity.name) == folded(name) or (
            len(wanted) >= 12 and identity.key_id.removeprefix("sha256:").startswith(wanted)
        ):
            return identity
    raise UnknownName.among("enrolled identity", name, [identity.name for identity in trust.present])


def _demand_rest(trust: Trust, target: Identity) -> None:
    people = [item for item in trust.present if item.kind is ActorKind.PERSON and item != target]
    if not people:
        raise ApprovalRefused(
            f"{target.name} is the last person who can sign in this project",
            why="with nobody left to vouch for anybody, nothing could be approved here any more",
            next_step="enrol the new identity first: modelwright identity enrol FILE",
        )

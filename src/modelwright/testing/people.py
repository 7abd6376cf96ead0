"""People with keys in memory: signers for tests, walks and benchmarks.

No command reaches them: a key that is made from a name is known to everybody who knows the name.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from modelwright.authority.actor import ActorKind
from modelwright.authority.envelope import Envelope, EnvelopeSignature
from modelwright.authority.identity import Identity, Signer, public_key_of
from modelwright.authority.statement import CARD
from modelwright.kernel.digest import canonical_json
from modelwright.workflow.identities import enrol
from modelwright.workflow.service import Service

__all__ = ["MemoryKeys", "MemorySigner", "card_of", "enrol_people", "signer_named"]

BORN = datetime(2026, 1, 1, tzinfo=UTC)
"""When all of them were made."""


class MemorySigner:
    """A signer whose private key lies in memory.

    Args:
        name: The name.
        kind: Person, service or agent.
        roles: The roles it may act in.
        seed: What the key is made from; the name when empty.

    Examples:
        >>> lead = MemorySigner("lead", roles=("owner",))
        >>> envelope = lead.sign("text/plain", b"yes")
        >>> envelope.signatures[0].keyid == lead.identity.key_id
        True
    """

    def __init__(
        self,
        name: str,
        *,
        kind: ActorKind = ActorKind.PERSON,
        roles: tuple[str, ...] = (),
        seed: str = "",
    ) -> None:
        """Make the key."""
        # cryptography is loaded here alone: importing this module stays quick.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        secret = hashlib.sha256(f"a key for tests: {seed or name}".encode()).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self._identity = Identity(
            name=name,
            kind=kind,
            roles=roles,
            public_key=public_key_of(self._key.public_key().public_bytes_raw()),
            created=BORN,
        )

    @property
    def identity(self) -> Identity:
        """The public part."""
        return self._identity

    def sign(self, payload_type: str, payload: bytes) -> Envelope:
        """Return an envelope with one signature."""
        envelope = Envelope(payload_type=payload_type, payload=payload, signatures=())
        signature = EnvelopeSignature(keyid=self._identity.key_id, sig=self._key.sign(envelope.signed))
        return Envelope(payload_type=payload_type, payload=payload, signatures=(signature,))


def signer_named(name: str, *, role: str = "") -> MemorySigner:
    """Return the signer of this name; the same name gives the same key everywhere.

    Examples:
        >>> signer_named("lead").identity == signer_named("lead").identity
        True
    """
    return MemorySigner(name, roles=(role,) if role else ())


def card_of(signer: Signer) -> Envelope:
    """Return the public part of an identity, signed by itself.

    Examples:
        >>> card_of(signer_named("lead")).payload_type
        'application/vnd.modelwright.identity+json'
    """
    return signer.sign(CARD, canonical_json(signer.identity))


def enrol_people(service: Service, *names: str, role: str = "") -> None:
    """Enrol people in a project: the first vouches for the others, and is trusted on first use.

    Args:
        service: The project; who acts in it does not matter.
        names: The names, which also make the keys.
        role: The role of all of them.
    """
    first, *others = (signer_named(name, role=role) for name in names)
    acting = replace(service.ports, actor=first.identity.actor(), keys=MemoryKeys(first), named=True)
    enrol(acting, card_of(first), reason="first here")
    for other in others:
        enrol(acting, card_of(other), reason="made for this test")


class MemoryKeys:
    """A ring of keys in memory, which asks nobody for a passphrase.

    Args:
        signers: The signers on the ring.

    Examples:
        >>> MemoryKeys(signer_named("lead")).identities()[0].name
        'lead'
    """

    def __init__(self, *signers: Signer) -> None:
        """Keep the signers."""
        self._signers: dict[str, Signer] = {signer.identity.key_id: signer for signer in signers}
        self.asked: list[str] = []
        """What each key was unlocked for."""

    def identities(self) -> tuple[Identity, ...]:
        """Return the public parts of all keys on the ring."""
        return tuple(signer.identity for signer in self._signers.values())

    def card(self, identity: Identity) -> Envelope:
        """Return the public part of an identity on the ring, signed by itself."""
        return card_of(self._signers[identity.key_id])

    def create(
        self, name: str, *, at: datetime, kind: ActorKind = ActorKind.PERSON, roles: tuple[str, ...] = ()
    ) -> Signer:
        """Make an identity and put it on the ring."""
        del at
        signer = MemorySigner(name, kind=kind, roles=roles)
        self._signers[signer.identity.key_id] = signer
        return signer

    def unlock(self, identity: Identity, *, purpose: str) -> Signer:
        """Return the signer of an identity on the ring."""
        self.asked.append(purpose)
        return self._signers[identity.key_id]

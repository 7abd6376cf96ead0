"""People with keys in memory: signers for tests, walks and benchmarks.

No command reaches them: a key that is made from a name is known to everybody who knows the name.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from modelwright.authority.actor import ActorKind
from modelwright.authority.envelope import Envelope, EnvelopeSignature
from modelwright.authority.identity import Identity, Signer, public_key_of

__all__ = ["MemoryKeys", "MemorySigner", "signer_named"]

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
        self._signers: Mapping[str, Signer] = {signer.identity.key_id: signer for signer in signers}
        self.asked: list[str] = []
        """What each key was unlocked for."""

    def identities(self) -> tuple[Identity, ...]:
        """Return the public parts of all keys on the ring."""
        return tuple(signer.identity for signer in self._signers.values())

    def unlock(self, identity: Identity, *, purpose: str) -> Signer:
        """Return the signer of an identity on the ring."""
        self.asked.append(purpose)
        return self._signers[identity.key_id]

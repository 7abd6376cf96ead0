"""Identities: a name, a kind and a public key; who holds the private key can sign in that name."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.envelope import Envelope
from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["PREFIX", "Identity", "Signer", "open_envelope", "public_key_of"]

PREFIX = "ed25519:"
"""What a public key begins with: the scheme, RFC 8032."""

KEY_BYTES = 32
"""The length of an Ed25519 public key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The public part of an identity.

    Examples:
        >>> from datetime import UTC
        >>> lead = Identity(
        ...     name="lead",
        ...     kind=ActorKind.PERSON,
        ...     roles=("owner",),
        ...     public_key=public_key_of(bytes(32)),
        ...     created=datetime(2026, 1, 1, tzinfo=UTC),
        ... )
        >>> lead.key_id[:15], lead.actor("owner").label
        ('sha256:66687aad', 'person lead as owner')
    """

    name: str
    """The name the identity is known by."""
    kind: ActorKind
    """Person, service or agent."""
    roles: tuple[str, ...]
    """The roles it may act in, such as `owner`; none means that it acts in no named role."""
    public_key: str
    """`ed25519:` and the base64 of the raw 32 bytes."""
    created: datetime
    """When it was made, UTC."""

    @property
    def raw_key(self) -> bytes:
        """The raw public key.

        Raises:
            IntegrityBroken: When the text is not an Ed25519 key.
        """
        scheme, _, text = self.public_key.partition(":")
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if f"{scheme}:" != PREFIX or len(raw) != KEY_BYTES or public_key_of(raw) != self.public_key:
            raise IntegrityBroken(
                f"the public key of '{self.name}' is not an Ed25519 key",
                why="signatures are checked with it",
                next_step="ask for the public part again: modelwright identity export NAME",
                expected=f"{PREFIX} and 32 bytes as base64",
            )
        return raw

    @property
    def key_id(self) -> str:
        """Digest of the raw public key: the name of the key, whatever its holder is called.

        Raises:
            IntegrityBroken: When the text is not an Ed25519 key.
        """
        return digest_of_bytes(self.raw_key)

    def actor(self, role: str = "") -> Actor:
        """Return the actor this identity signs as."""
        return Actor(kind=self.kind, name=self.name, role=role)

    def is_same_person_as(self, other: "Identity") -> bool:
        """Whether two identities have the same key, or names that read the same."""
        return self.public_key == other.public_key or folded(self.name) == folded(other.name)


def public_key_of(raw: bytes) -> str:
    """Return the text of a raw public key.

    Examples:
        >>> public_key_of(bytes(32))[:12]
        'ed25519:AAAA'
    """
    return PREFIX + base64.b64encode(raw).decode("ascii")


class Signer(Protocol):
    """Holds a private key, and signs with it.

    Promises of every member: the private key never leaves it; what it signs is the pre-authentication
    encoding of exactly the given type and bytes, and nothing else.

    Examples:
        >>> def signed_by(signer: Signer, text: bytes) -> str:
        ...     return signer.sign("text/plain", text).signatures[0].keyid
    """

    @property
    def identity(self) -> Identity:
        """The public part."""
        ...

    def sign(self, payload_type: str, payload: bytes) -> Envelope:
        """Return an envelope with one signature."""
        ...


def verify_signature(identity: Identity, *, message: bytes, signature: bytes) -> bool:
    """Whether a signature over a message is by the key of an identity."""
    # cryptography is loaded by the first signature that is checked, so that a start without one stays quick.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(identity.raw_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def open_envelope(
    envelope: Envelope, *, keys: Mapping[str, Identity]
) -> tuple[Outcome, tuple[Identity, ...]]:
    """Check the signatures of an envelope and say whose they are.

    A signature by a key that is not known says nothing, for or against; one that claims a known key and does
    not fit fails the envelope. What the payload says, and whether its signer may, is for others to judge.

    Args:
        envelope: The envelope.
        keys: The identities there are, by key id.

    Returns:
        Passed with the signers, each once; failed when a signature does not fit; unknown when nobody known
        signed.

    Examples:
        >>> outcome, signers = open_envelope(
        ...     Envelope(payload_type="text/plain", payload=b"yes", signatures=()), keys={}
        ... )
        >>> outcome.status.value, signers
        ('unknown', ())
    """
    what = "the envelope is signed by somebody known"
    signers: dict[str, Identity] = {}
    for signature in envelope.signatures:
        known = keys.get(signature.keyid)
        if known is None or known.key_id != signature.keyid:
            continue
        if not verify_signature(known, message=envelope.signed, signature=signature.sig):
            return (
                Outcome(
                    status=Status.FAILED,
                    what=what,
                    evidence=(f"the signature in the name of {known.name} does not fit what was signed",),
                    next_step="it was altered after it was signed, or never signed: ask for it again",
                ),
                (),
            )
        signers[known.key_id] = known
    if not signers:
        return (
            Outcome(
                status=Status.UNKNOWN,
                what=what,
                evidence=("no signature is by a key that is known here",),
                next_step="have the signer enrolled: modelwright identity enrol FILE",
            ),
            (),
        )
    told = tuple(f"signed by {identity.name}" for identity in signers.values())
    return Outcome(status=Status.PASSED, what=what, evidence=told), tuple(signers.values())

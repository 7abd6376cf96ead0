"""Envelopes: signed bytes in the form of DSSE, which tools of others read and check too.

Source: Dead Simple Signing Envelope, protocol and JSON envelope, v1.0
(https://github.com/secure-systems-lab/dsse/blob/master/protocol.md). What is signed is never the JSON around
the payload but its pre-authentication encoding, so that nothing has to be parsed before it is checked.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from modelwright.kernel.digest import Json, digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken

__all__ = ["Envelope", "EnvelopeSignature", "pae"]

LONGEST = 1 << 20
"""Bytes of an envelope that are read: decisions are short, and a stranger's file may not fill the memory."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding of a payload: the bytes that are signed.

    Args:
        payload_type: What the payload is.
        payload: The bytes.

    Examples:
        >>> pae("http://example.com/HelloWorld", b"hello world")
        b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """One signature of an envelope.

    Examples:
        >>> EnvelopeSignature(keyid="sha256:00", sig=b"").keyid
        'sha256:00'
    """

    keyid: str
    """Which key it claims to be by; a hint, never a proof."""
    sig: bytes
    """The signature over the pre-authentication encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload and who signed it.

    Examples:
        >>> envelope = Envelope(payload_type="text/plain", payload=b"yes", signatures=())
        >>> Envelope.from_json(envelope.to_json()) == envelope
        True
    """

    payload_type: str
    """What the payload is."""
    payload: bytes
    """The bytes that were signed."""
    signatures: tuple[EnvelopeSignature, ...]
    """The signatures."""

    @property
    def signed(self) -> bytes:
        """The bytes that the signatures are over."""
        return pae(self.payload_type, self.payload)

    @property
    def digest(self) -> str:
        """Digest of what was signed: two envelopes over the same words have the same, whoever signed."""
        return digest_of_bytes(self.signed)

    def to_json(self) -> dict[str, Json]:
        """Return the standard JSON form of the envelope, as a mapping."""
        return {
            "payload": base64.b64encode(self.payload).decode("ascii"),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": item.keyid, "sig": base64.b64encode(item.sig).decode("ascii")}
                for item in self.signatures
            ],
        }

    @classmethod
    def from_json(cls, found: object) -> "Envelope":
        """Read the standard JSON form: a mapping, or the text or bytes of one.

        Args:
            found: What was stored or sent.

        Raises:
            IntegrityBroken: When it is not an envelope.
        """
        if isinstance(found, str | bytes):
            found = _parsed(found)
        if not isinstance(found, dict):
            raise _rejected("it is no mapping")
        kind, listed = found.get("payloadType"), found.get("signatures")
        if not isinstance(kind, str) or not isinstance(listed, list | tuple):
            raise _rejected("payloadType or signatures are missing")
        signatures = []
        for item in listed:
            keyid = item.get("keyid", "") if isinstance(item, dict) else None
            if not isinstance(item, dict) or not isinstance(keyid, str):
                raise _rejected("a signature is no mapping")
            signatures.append(EnvelopeSignature(keyid=keyid, sig=_bytes(item.get("sig"), "sig")))
        return cls(
            payload_type=kind, payload=_bytes(found.get("payload"), "payload"), signatures=tuple(signatures)
        )


def _parsed(text: str | bytes) -> object:
    if len(text) > LONGEST:
        raise _rejected(f"it has more than {LONGEST} bytes")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _rejected(f"it is not JSON: {error}") from error


def _bytes(value: object, name: str) -> bytes:
    """Read base64, standard or URL-safe: the protocol allows both."""
    if not isinstance(value, str):
        raise _rejected(f"{name} is missing")
    try:
        return base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _rejected(f"{name} is not base64") from error


def _rejected(what: str) -> IntegrityBroken:
    return IntegrityBroken(
        f"this is not a signed envelope: {what}",
        why="only what was signed can be checked",
        next_step="ask for the file again; it has the form of a DSSE envelope",
    )

"""The sealed box: labels closed with a public key, so that only a scorer elsewhere can open them.

X25519 (RFC 7748) agrees on a key with a one-time key pair, HKDF with SHA-256 (RFC 5869) derives it, and
AES-SIV (RFC 5297) encrypts under it: the construction of HPKE's base mode (RFC 9180), with a cipher that
needs no nonce. The one-time key is derived from a secret of this project and the labels, not drawn: the same
labels under the same secret give the same bytes, so that a snapshot keeps its digest when it is taken again.
"""

import hashlib

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from modelwright.data.seal import KEY_BYTES, Seal, labels_to_bytes
from modelwright.kernel.errors import IntegrityBroken

__all__ = ["OWN_BYTES", "OwnSeal", "PublicSeal"]

OWN_BYTES = 32
"""Length of an X25519 key."""

MAGIC = b"MWBOX01\n"
"""What a box begins with."""

ID_LENGTH = 16
PURPOSE = b"modelwright sealed labels 1"


def _id(public: bytes) -> str:
    return hashlib.sha256(b"modelwright scorer" + public).hexdigest()[:ID_LENGTH]


def _cipher(shared: bytes, *, once: bytes, public: bytes) -> AESSIV:
    derived = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE + once + public)
    return AESSIV(derived.derive(shared))


class PublicSeal:
    """Closes labels for a scorer; it cannot open them again.

    Args:
        public: The scorer's public key, 32 bytes.
        project: A seal of this project alone, from which one-time keys are derived.

    Examples:
        >>> own = OwnSeal(bytes(range(32)))
        >>> seal = PublicSeal(own.public, project=Seal(bytes(64)))
        >>> labels = pl.DataFrame({"row_id": [4, 7], "y": ["no", "yes"]})
        >>> own.open(seal.close(labels))["y"].to_list(), seal.close(labels) == seal.close(labels)
        (['no', 'yes'], True)
    """

    __slots__ = ("_project", "_public", "seal_id")

    def __init__(self, public: bytes, *, project: Seal) -> None:
        """Keep both keys.

        Raises:
            IntegrityBroken: When the public key is none.
        """
        if len(public) != OWN_BYTES:
            raise IntegrityBroken(
                "the scorer's public key is no X25519 key",
                why="labels sealed with it could not be opened by anyone",
                next_step="check that MODELWRIGHT_SCORER names a Modelwright scorer",
                found=f"{len(public)} bytes",
                expected=f"{OWN_BYTES} bytes",
            )
        self._public = public
        self._project = project
        self.seal_id = _id(public)

    def close(self, frame: pl.DataFrame) -> bytes:
        """Encrypt a frame; the same frame gives the same bytes."""
        plain = labels_to_bytes(frame)
        secret = self._project.derive(PURPOSE + self._public + hashlib.sha256(plain).digest())
        private = X25519PrivateKey.from_private_bytes(secret)
        once = private.public_key().public_bytes_raw()
        shared = private.exchange(X25519PublicKey.from_public_bytes(self._public))
        header = MAGIC + self.seal_id.encode("ascii") + once
        return header + _cipher(shared, once=once, public=self._public).encrypt(plain, [header])


class OwnSeal:
    """The scorer's side: opens what was closed with its public key.

    Args:
        private: 32 secret bytes.

    Examples:
        >>> OwnSeal(bytes(range(32)))
        OwnSeal(seal_id='d73fcca0af8adbf7')
    """

    __slots__ = ("_private", "public", "seal_id")

    def __init__(self, private: bytes) -> None:
        """Keep the key."""
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()
        self.seal_id = _id(self.public)

    def __repr__(self) -> str:
        """Show the public name, never the key."""
        return f"OwnSeal(seal_id={self.seal_id!r})"

    def open(self, data: bytes) -> pl.DataFrame:
        """Decrypt what a `PublicSeal` closed.

        Raises:
            IntegrityBroken: When the bytes are no box, were changed, or are for another scorer.
        """
        length = len(MAGIC) + ID_LENGTH + OWN_BYTES
        header, body = data[:length], data[length:]
        if len(header) < length or not header.startswith(MAGIC):
            raise IntegrityBroken(
                "these bytes are no labels sealed for a scorer",
                why="only labels sealed with its public key can be scored by it",
                next_step="run phase 2 again to take a new snapshot",
            )
        once = header[-OWN_BYTES:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(once))
            plain = _cipher(shared, once=once, public=self.public).decrypt(body, [header])
        except (InvalidTag, ValueError) as error:
            raise IntegrityBroken(
                "the sealed labels were changed, or were sealed for another scorer",
                why="a score against changed labels says nothing",
                next_step="restore the artifact from a backup, or run phase 2 again",
                expected=f"labels sealed for {self.seal_id}",
            ) from error
        return pl.read_parquet(plain)

"""The seal: holdout labels encrypted so that only a holder of the key can read them."""

import hashlib
import hmac
import io
from typing import Protocol

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from modelwright.kernel.errors import IntegrityBroken, OurFault

__all__ = ["KEY_BYTES", "Seal", "Sealer", "labels_to_bytes"]

KEY_BYTES = 64
"""Length of a key: AES-256 in SIV mode takes two keys of 32 bytes."""

MAGIC = b"MWSEAL1\n"
"""What sealed bytes begin with, so that anything else is told apart at once."""

ID_LENGTH = 16


def labels_to_bytes(frame: pl.DataFrame) -> bytes:
    """Return labels as the bytes that are encrypted.

    Args:
        frame: Row ids and labels.

    Examples:
        >>> labels_to_bytes(pl.DataFrame({"row_id": [1]}))[:4]
        b'PAR1'
    """
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()


class Sealer(Protocol):
    """What closes labels: a key of this machine, or the public key of a scorer elsewhere.

    Examples:
        >>> def close_all(sealer: Sealer, frame: pl.DataFrame) -> bytes:
        ...     return sealer.close(frame)
    """

    @property
    def seal_id(self) -> str:
        """The public name of the key."""
        ...

    def close(self, frame: pl.DataFrame) -> bytes:
        """Encrypt a frame; the same frame gives the same bytes."""
        ...


class Seal:
    """A key that closes and opens holdout labels.

    The cipher is AES-SIV (RFC 5297): authenticated, and deterministic without a nonce to lose, so that the
    same labels under the same key always give the same bytes and a snapshot keeps its digest.

    Args:
        key: 64 secret bytes. They stay out of `repr`, records and logs.
        seal_id: A public name of the key; taken from the key's digest when not given.

    Examples:
        >>> seal = Seal(bytes(64))
        >>> labels = pl.DataFrame({"row_id": [4, 7], "y": ["no", "yes"]})
        >>> seal.open(seal.close(labels))["y"].to_list()
        ['no', 'yes']
        >>> seal
        Seal(seal_id='41d8f822be48d7a7')
    """

    __slots__ = ("_cipher", "_seed", "seal_id")

    def __init__(self, key: bytes, seal_id: str | None = None) -> None:
        """Keep the cipher; the key itself is not kept as an attribute.

        Raises:
            OurFault: When the key has the wrong length.
        """
        if len(key) != KEY_BYTES:
            raise OurFault(
                "a seal was given a key of the wrong length",
                why="a short key does not protect the labels",
                next_step="report this: keys are made by Modelwright itself",
                found=len(key),
                expected=KEY_BYTES,
            )
        self._cipher = AESSIV(key)
        # What one-time keys are derived from; the key itself cannot be told from it.
        self._seed = hmac.digest(key, b"modelwright one-time keys", "sha256")
        self.seal_id = seal_id or hashlib.sha256(b"modelwright seal" + key).hexdigest()[:ID_LENGTH]

    def __repr__(self) -> str:
        """Show the public name, never the key."""
        return f"Seal(seal_id={self.seal_id!r})"

    def close(self, frame: pl.DataFrame) -> bytes:
        """Encrypt a frame; the same frame gives the same bytes."""
        header = MAGIC + self.seal_id.encode("ascii").ljust(ID_LENGTH)[:ID_LENGTH]
        return header + self._cipher.encrypt(labels_to_bytes(frame), [header])

    def derive(self, purpose: bytes) -> bytes:
        """Return 32 secret bytes for a purpose; the same purpose gives the same bytes."""
        return hmac.digest(self._seed, purpose, "sha256")

    def open(self, data: bytes) -> pl.DataFrame:
        """Decrypt what `close` made.

        Raises:
            IntegrityBroken: When the bytes are not sealed labels, were changed, or belong to another key.
        """
        length = len(MAGIC) + ID_LENGTH
        header, body = data[:length], data[length:]
        if not header.startswith(MAGIC) or len(header) < length:
            raise IntegrityBroken(
                "these bytes are not sealed labels",
                why="only labels sealed by this project can be scored against",
                next_step="run phase 2 again to take a new snapshot",
            )
        found = header[len(MAGIC) :].decode("ascii", "replace").strip()
        if found != self.seal_id:
            raise IntegrityBroken(
                "the labels were sealed with another key",
                why="without their key the holdout labels cannot be read by anyone",
                next_step="restore the key of this project to the key folder, or take a new snapshot",
                found=found,
                expected=self.seal_id,
            )
        try:
            plain = self._cipher.decrypt(body, [header])
        except InvalidTag as error:
            raise IntegrityBroken(
                "the sealed labels were changed after they were sealed",
                why="a score against changed labels says nothing",
                next_step="restore the artifact from a backup, or run phase 2 again",
            ) from error
        return pl.read_parquet(io.BytesIO(plain))

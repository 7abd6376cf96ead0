"""Checkpoints: each fitted model on disk as soon as it is there, so that a killed training goes on."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from modelwright.candidates.catalogue import load_model
from modelwright.candidates.estimator import Model
from modelwright.ledger.artifacts import write_atomically

__all__ = ["Checkpoints"]

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """One model as it lies on disk."""

    format: str
    """Its stored form."""
    files: dict[str, bytes]
    """Its files."""


class Checkpoints:
    """Models of one training, by member and fold.

    A file is written whole or not at all and starts with the digest of the rest; one that does not fit is
    treated as if it were not there. Every model, new or taken over, goes through its stored form, so that a
    resumed training ends in the same bits as an undisturbed one.

    Args:
        folder: Where they lie; None keeps nothing.
        key: Digest of everything the models depend on.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> Checkpoints(None, key="sha256:ab").keep("prior-1", PriorModel((0.5, 0.5))).scores
        (0.5, 0.5)
    """

    def __init__(self, folder: Path | None, *, key: str) -> None:
        """Keep the place; nothing is made yet."""
        self._folder = None if folder is None else folder / key.removeprefix("sha256:")[:32]
        self.taken_over = 0

    def _path(self, name: str) -> Path | None:
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        return None if self._folder is None else self._folder / f"{safe}.checkpoint"

    def find(self, name: str) -> Model | None:
        """Return the model of this name, if it was kept whole."""
        path = self._path(name)
        if path is None or not path.exists():
            return None
        data = path.read_bytes()
        if hashlib.sha256(data[DIGEST_BYTES:]).digest() != data[:DIGEST_BYTES]:
            return None
        stored = msgspec.msgpack.decode(data[DIGEST_BYTES:], type=_Stored)
        self.taken_over += 1
        return load_model(stored.format, stored.files)

    def keep(self, name: str, model: Model) -> Model:
        """Put a model on disk and return it as it was stored.

        Raises:
            StorageFailed: When the disk is full, read-only or gone.
        """
        files: Mapping[str, bytes] = dict(model.files())
        path = self._path(name)
        if path is not None:
            payload = msgspec.msgpack.encode(_Stored(format=model.format, files=dict(files)))
            write_atomically(path, hashlib.sha256(payload).digest() + payload)
        return load_model(model.format, files)

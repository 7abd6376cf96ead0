"""Seal keys: one secret file a project, in a folder outside every project."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from modelwright.adapters.private_files import create_private, make_private, read_private
from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.sealed_box import OWN_BYTES, OwnSeal
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault

__all__ = ["SealKeys"]

PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
"""What a project's id may look like; it becomes a file name."""

OWN = "scorer.key"
"""The key of a scorer that serves other machines."""


class SealKeys:
    """The keys under one folder, one a project, made once and never changed.

    Args:
        home: The folder of keys; it lies outside the project, so that a copy of the project holds no key.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     keys = SealKeys(Path(folder))
        ...     keys.seal_for("p1").seal_id == keys.seal_for("p1").seal_id
        True
    """

    def __init__(self, home: Path) -> None:
        """Keep the folder's path; it is made when the first key is."""
        self.home = home

    def path(self, project_id: str) -> Path:
        """Return where the key of a project lies.

        Raises:
            UserFault: When the id could leave the folder.
        """
        if not PROJECT.fullmatch(project_id):
            raise UserFault(
                f"'{project_id}' cannot be the id of a project",
                why="it names a file in the folder of keys, and must not lead out of it",
                next_step="use letters, digits, - and _",
            )
        return self.home / f"{project_id}.seal"

    def seal_for(self, project_id: str) -> Seal:
        """Return the seal of a project, making its key the first time.

        Two processes that ask at once get the same key: a new key is written whole beside and then linked
        into place, which only one of them can do.

        Raises:
            UserFault: When the id could leave the folder, or others may read the key.
            StorageFailed: When the folder cannot be written or read.
            IntegrityBroken: When the key file is not a key.
        """
        path = self.path(project_id)
        key = self._key(path, lambda: AESSIV.generate_key(KEY_BYTES * 8), what="seal key", length=KEY_BYTES)
        return Seal(key)

    def make_own_seal(self) -> OwnSeal:
        """Return the seal of a scorer that serves other machines, making its key the first time.

        Raises:
            UserFault: When others can reach the key.
            StorageFailed: When the folder cannot be written or read.
            IntegrityBroken: When the key file is not a key.
        """
        path = self.home / OWN
        return OwnSeal(self._key(path, lambda: os.urandom(OWN_BYTES), what="scorer's key", length=OWN_BYTES))

    def own_seal(self) -> OwnSeal | None:
        """Return the seal of a scorer that serves other machines, None where this folder is of none."""
        return self.make_own_seal() if (self.home / OWN).exists() else None

    def _key(self, path: Path, make: Callable[[], bytes], *, what: str, length: int) -> bytes:
        try:
            make_private(self.home)
            if not os.path.lexists(path):
                create_private(path, make())
            key = read_private(path)
        except OSError as error:
            raise StorageFailed(
                f"the {what} {path.name} cannot be written or read: {error.strerror or error}",
                why="without it holdout labels can be neither sealed nor scored",
                next_step=f"make {self.home} writable for you, or name another key folder",
            ) from error
        if len(key) != length:
            raise IntegrityBroken(
                f"the {what} {path.name} is damaged",
                why="labels sealed with it cannot be opened with anything else",
                next_step="restore it from a backup; without one, delete it and take a new snapshot",
                found=f"{len(key)} bytes",
                expected=f"{length} bytes",
            )
        return key

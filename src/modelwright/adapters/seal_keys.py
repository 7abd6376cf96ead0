"""Seal keys: one secret file a project, in a folder outside every project."""

import contextlib
import os
import re
import stat
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault

__all__ = ["SealKeys"]

PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
"""What a project's id may look like; it becomes a file name."""

PRIVATE = 0o600
"""Readable by its owner alone."""


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
        try:
            if not path.exists():
                self._create(path)
            mode = stat.S_IMODE(path.stat().st_mode)
            key = path.read_bytes()
        except OSError as error:
            raise StorageFailed(
                f"the seal key of project {project_id} cannot be written or read: {error.strerror or error}",
                why="without it holdout labels can be neither sealed nor scored",
                next_step=f"make {self.home} writable for you, or name another key folder",
            ) from error
        if mode & 0o077:
            raise UserFault(
                f"others may read the seal key {path.name}",
                why="who can read the key can read the holdout labels",
                next_step=f"chmod 600 '{path}'",
                found=f"{mode:04o}",
                expected=f"{PRIVATE:04o}",
            )
        if len(key) != KEY_BYTES:
            raise IntegrityBroken(
                f"the seal key {path.name} is damaged",
                why="labels sealed with it cannot be opened with anything else",
                next_step="restore it from a backup; without one, delete it and take a new snapshot",
                found=f"{len(key)} bytes",
                expected=f"{KEY_BYTES} bytes",
            )
        return Seal(key)

    def _create(self, path: Path) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file for its owner alone. What a kill leaves of it was never anybody's key.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=self.home)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(AESSIV.generate_key(KEY_BYTES * 8))
                stream.flush()
                os.fsync(stream.fileno())
            # Unlike a rename, a link fails when somebody else was faster, and their key stands.
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(self.home, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

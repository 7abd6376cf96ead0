"""Artifacts: evidence stored under the digest of its bytes, written whole or not at all."""

import contextlib
import errno
import os
from pathlib import Path
from threading import get_ident
from typing import TypeVar

from modelwright.kernel.digest import digest_of_bytes, digest_of_file
from modelwright.kernel.errors import IntegrityBroken, StorageFailed
from modelwright.ledger.codec import decode, encode

__all__ = ["ArtifactStore", "write_atomically"]

T = TypeVar("T")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each forced into the one that holds it: a power loss takes none."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        _sync_folder(place.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a kill at any instant leaves the old or the new content, never half.

    The bytes go to a temporary name in the same folder, are flushed to the disk, and are renamed.

    Raises:
        StorageFailed: When the disk is full, read-only or gone; the old content stays.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     target = Path(folder, "deep", "a.txt")
        ...     write_atomically(target, b"x")
        ...     target.read_bytes()
        b'x'
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.part")
    try:
        _make_folder(path.parent)
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise StorageFailed(
            f"could not write {path.name}: {error.strerror or error}",
            why="evidence that is not on disk does not exist; what was stored before is unharmed",
            next_step="free disk space and run again"
            if full
            else "check that the folder is writable and run again",
        ) from error
    finally:  # also when Ctrl-C comes in between: nothing half-written is left lying about
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _holds(path: Path, digest: str) -> bool:
    try:
        return digest_of_file(path) == digest
    except OSError:
        return False


class ArtifactStore:
    """Bytes under their digest, below one folder.

    Args:
        root: The folder; made when the first artifact is put.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = ArtifactStore(Path(folder))
        ...     store.get(store.put(b"evidence"))
        b'evidence'
    """

    def __init__(self, root: Path) -> None:
        """Keep the folder's path."""
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the artifact of this digest lies, whether or not it is there.

        Raises:
            IntegrityBroken: When `digest` is not a digest (so that no path can leave the store).
        """
        name = digest.removeprefix("sha256:")
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise IntegrityBroken(
                f"'{digest}' is not a digest",
                why="artifacts are found by digest alone",
                next_step="run `modelwright verify`",
                expected="sha256:<64 hex digits>",
            )
        return self.root / name[:2] / name

    def put(self, data: bytes) -> str:
        """Store bytes and return their digest; storing the same bytes again changes nothing.

        Raises:
            StorageFailed: When the disk is full, read-only or gone.
        """
        digest = digest_of_bytes(data)
        path = self.path(digest)
        if not _holds(path, digest):
            write_atomically(path, data)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes of this digest, checked.

        Raises:
            IntegrityBroken: When the artifact is missing or its bytes were changed.
            StorageFailed: When the disk does not give it out.
        """
        path = self.path(digest)
        if not path.exists():
            raise IntegrityBroken(
                f"artifact {digest[:19]} is missing",
                why="a record points at it as evidence",
                next_step="run the phase that made it again, or restore the folder from a backup",
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StorageFailed(
                f"artifact {digest[:19]} cannot be read: {error.strerror or error}",
                why="a record points at it as evidence",
                next_step="check that the folder is there and readable",
            ) from error
        found = digest_of_bytes(data)
        if found != digest:
            raise IntegrityBroken(
                f"artifact {digest[:19]} was changed after it was stored",
                why="evidence that can be edited is no evidence",
                next_step="run the phase that made it again, or restore the folder from a backup",
                found=found,
                expected=digest,
            )
        return data

    def has(self, digest: str) -> bool:
        """Whether an artifact of this digest is there (its bytes are checked on reading)."""
        return self.path(digest).exists()

    def put_record(self, record: object) -> str:
        """Store a frozen record as canonical JSON and return its digest."""
        return self.put(encode(record))

    def get_record(self, digest: str, kind: type[T]) -> T:
        """Return the record of this digest as `kind`, checked."""
        return decode(self.get(digest), kind)

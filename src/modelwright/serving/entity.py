"""Entities in the log: keyed hashes; who holds the key finds the answers about one entity, nobody else."""

import os
from hashlib import blake2b
from pathlib import Path

from modelwright.features.value import label_of
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault

__all__ = ["EntityHash", "read_log_key"]

KEY_BYTES = 32


class EntityHash:
    """Turns what names an entity into a keyed hash (BLAKE2b, RFC 7693).

    Without the key a hash cannot be traced back by trying all client numbers.

    Args:
        key: The project's log key.

    Examples:
        >>> same = EntityHash(b"k" * 32)
        >>> same.of(7) == same.of("7") == same.of(7.0), same.of(8) == same.of(7), same.of(None)
        (True, False, None)
    """

    def __init__(self, key: bytes) -> None:
        """Keep the key."""
        self._state = blake2b(key=key, digest_size=16)

    def of(self, value: object) -> str | None:
        """Return the hash of an entity, None for none."""
        label = label_of(value)
        if label is None:
            return None
        state = self._state.copy()
        state.update(label.encode("utf-8", errors="surrogatepass"))
        return state.hexdigest()


def read_log_key(path: Path, *, log_folder: Path) -> bytes:
    """Return the project's log key, made on first use; it must not lie beside what it protects.

    Raises:
        UserFault: When the key would lie inside the log's folder.
        IntegrityBroken: When the file is not a key.
        StorageFailed: When it can be neither read nor made.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     key = read_log_key(Path(folder, "log.key"), log_folder=Path(folder, "log"))
        ...     key == read_log_key(Path(folder, "log.key"), log_folder=Path(folder, "log"))
        True
    """
    if log_folder.resolve() in path.resolve().parents:
        raise UserFault(
            "the log key would lie inside the log",
            why="who copies the log would copy the key that protects it",
            next_step="keep the key outside of the log's folder",
            found=path,
        )
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(handle, os.urandom(KEY_BYTES))
            os.fsync(handle)
            os.close(handle)
            # A link fails when another process was first; its key is the one that counts.
            try:
                os.link(temporary, path)
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise StorageFailed(
            f"the log key cannot be read or made: {error.strerror or error}",
            why="entities may stand in the log as keyed hashes only",
            next_step=f"make {path.parent} writable",
        ) from error
    if len(key) != KEY_BYTES:
        raise IntegrityBroken(
            "the log key is not a key",
            why="entities hashed with it could be guessed or not be found again",
            next_step="restore the file from a copy",
            found=f"{len(key)} bytes",
            expected=f"{KEY_BYTES} bytes",
        )
    return key

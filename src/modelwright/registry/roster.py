"""The roster: versions and their standing in a file, for a server that reads no ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode
from modelwright.registry.version import Version

__all__ = ["read_roster", "write_roster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roster:
    """The file a server reads standing from."""

    versions: tuple[Version, ...]
    """All versions."""


def write_roster(path: Path, listed: Iterable[Version]) -> None:
    """Write versions and standing where a server reads them; the ledger stays with the project.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_roster(Path(folder, "versions.json"), ())
        ...     read_roster(Path(folder, "versions.json"))
        ()
    """
    write_atomically(path, encode(_Roster(versions=tuple(listed))))


def read_roster(path: Path) -> Sequence[Version]:
    """Return the versions a server may know.

    Raises:
        IntegrityBroken: When the roster is missing or cannot be read.

    Examples:
        >>> read_roster.__name__
        'read_roster'
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IntegrityBroken(
            f"the roster of versions cannot be read: {path} ({error.strerror or error})",
            why="a version whose standing is not known is not served",
            next_step="write it from the ledger: `modelwright serve` does so before it starts",
        ) from error
    return decode(data, _Roster).versions

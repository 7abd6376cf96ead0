"""File sets: the files behind one path — a file, a folder or a pattern — and one digest over all of them."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelwright.kernel.digest import digest_of, digest_of_file

__all__ = ["FileSet", "find_files"]

PATTERN = re.compile(r"[*?\[]")
"""What makes a path a pattern, unless a file of exactly that name is there."""

UNSEEN = ("_", ".")
"""Files and folders whose names begin so are bookkeeping of whoever wrote the others, such as `_SUCCESS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """The files behind one path, in the order of their names.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "b.csv").write_text("x")
        ...     _ = Path(folder, "a.csv").write_text("x")
        ...     found = find_files(Path(folder))
        ...     (found.kind, found.names())
        ('folder', ('a.csv', 'b.csv'))
    """

    kind: Literal["file", "folder", "pattern"]
    """What the path is."""
    base: Path
    """The folder that names are told from."""
    files: tuple[Path, ...]
    """Every file, sorted by its name below the base."""

    def names(self) -> tuple[str, ...]:
        """Return each file's name below the base, with forward slashes."""
        return tuple(file.relative_to(self.base).as_posix() for file in self.files)

    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(file.stat().st_size for file in self.files)

    def state(self) -> str:
        """Return a digest of names, sizes and times: it tells at once whether anything was touched.

        The time of the last change is the kernel's: a modification time alone can be set back by anybody.
        """
        looks = [file.stat() for file in self.files]
        told = [(look.st_size, look.st_ino, look.st_mtime_ns, look.st_ctime_ns) for look in looks]
        return digest_of(dict(zip(self.names(), told, strict=True)))

    def digest(self, digest_file: Callable[[Path], str] = digest_of_file) -> str:
        """Return the digest of the file, or over the names and digests of all of them.

        A single file has the digest of its bytes. Of a folder or pattern it is the digest of the sorted names
        and digests: it does not depend on where the folder lies or in which order the system lists it.

        Args:
            digest_file: Gives the digest of one file.
        """
        if self.kind == "file":
            return digest_file(self.files[0])
        digests = [digest_file(file) for file in self.files]
        return digest_of(dict(zip(self.names(), digests, strict=True)))


def find_files(path: Path) -> FileSet | None:
    """Return the files behind a path; None when there is nothing.

    Args:
        path: A file, a folder (searched to its bottom, hidden files and those that begin with `_` left out),
            or a pattern with `*`, `**`, `?` or `[...]`.

    Examples:
        >>> find_files(Path("nowhere/*.csv")) is None
        True
    """
    if path.is_file():
        return FileSet(kind="file", base=path.parent, files=(path,))
    if path.is_dir():
        return FileSet(kind="folder", base=path, files=_sorted(path, _below(path)))
    parts = path.parts
    place = next((index for index, part in enumerate(parts) if PATTERN.search(part)), None)
    if place is None:
        return None
    base = Path(*parts[:place]) if place else Path()
    if not base.is_dir():
        return None
    found = [file for file in base.glob(str(Path(*parts[place:]))) if file.is_file()]
    return FileSet(kind="pattern", base=base, files=_sorted(base, found)) if found else None


def _below(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(UNSEEN)]
        listed = (Path(place, name) for name in names if not name.startswith(UNSEEN))
        found += [file for file in listed if file.is_file()]  # neither pipes nor links that lead nowhere
    return found


def _sorted(base: Path, files: list[Path]) -> tuple[Path, ...]:
    return tuple(sorted(files, key=lambda file: file.relative_to(base).as_posix()))

"""Private files: opened without following links, their owner's alone, refused when others can reach them."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from modelwright.kernel.errors import UserFault

__all__ = ["check_private", "create_private", "make_private", "open_private", "read_private"]

PRIVATE = 0o600
"""Readable by its owner alone."""

FOLDER = 0o700
"""Entered by its owner alone."""


def make_private(folder: Path) -> None:
    """Make a folder for its owner alone; one that is there must be a folder of this user, not a link.

    Raises:
        UserFault: When it is a link, another user's, or writable for others.
        OSError: When it cannot be made.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as base:
        ...     make_private(Path(base, "keys"))
        ...     oct(Path(base, "keys").stat().st_mode & 0o777)
        '0o700'
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise _refused(folder, "is a link", "put the folder itself there")
    _check_owner(folder, found, others=0o022, cure=f"chmod 700 '{folder}'")


def create_private(path: Path, data: bytes) -> None:
    """Write a new file for its owner alone; one that is there already stands.

    Two processes that create it at once end with the same file: it is written whole beside and then linked
    into place, which only one of them can do.

    Raises:
        OSError: When it cannot be written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as base:
        ...     create_private(Path(base, "key"), b"first")
        ...     create_private(Path(base, "key"), b"second")
        ...     read_private(Path(base, "key"))
        b'first'
    """
    # mkstemp makes the file for its owner alone. What a kill leaves of it was never anybody's key.
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # Unlike a rename, a link fails when somebody else was faster, and their file stands.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_private(path: Path, flags: int) -> int:
    """Open a file that must be this user's own, for nobody else, and no link; return its descriptor.

    Raises:
        UserFault: When it is a link, no plain file, another user's, or others may read or write it.
        OSError: When it cannot be opened.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as base:
        ...     handle = open_private(Path(base, "key"), os.O_RDWR | os.O_CREAT)
        ...     print(oct(os.fstat(handle).st_mode & 0o777))
        ...     os.close(handle)
        0o600
    """
    if path.is_symlink():
        raise _refused(path, "is a link", "put the file itself there")
    # Without waiting: a named pipe that stands in place of a file would hold the process for ever.
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE)
    try:
        check_private(path, os.fstat(handle))
    except UserFault:
        os.close(handle)
        raise
    return handle


def check_private(path: Path, found: os.stat_result) -> None:
    """Refuse what is no plain file of this user's own that nobody else can reach.

    Args:
        path: Where it lies, for the message.
        found: What it is.

    Raises:
        UserFault: When it is not.

    Examples:
        >>> check_private.__name__
        'check_private'
    """
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "is no plain file", "put the file itself there")
    _check_owner(path, found, others=0o077, cure=f"chmod 600 '{path}'")


def read_private(path: Path) -> bytes:
    """Return the bytes of a private file.

    Raises:
        UserFault: When it is not private.
        OSError: When it cannot be read.

    Examples:
        >>> read_private.__name__
        'read_private'
    """
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as stream:
        return stream.read()


def _check_owner(path: Path, found: os.stat_result, *, others: int, cure: str) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        told = f"user {found.st_uid}"
        raise _refused(path, "belongs to another user", f"chown it to user {os.geteuid()}", found=told)
    if mode & others:
        raise _refused(path, "can be reached by others", cure, found=f"{mode:04o}")


def _refused(path: Path, what: str, cure: str, *, found: str | None = None) -> UserFault:
    return UserFault(
        f"{path.name} {what}",
        why="who can replace what lies beside the seal key can read the holdout labels or forge looks",
        next_step=cure,
        found=found,
    )

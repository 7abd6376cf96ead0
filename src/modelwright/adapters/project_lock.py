"""One writer at a time in a project, across processes; a killed holder lets go by itself."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from modelwright.kernel.errors import OurFault, ProjectBusy, StorageFailed

__all__ = ["ProjectLock"]

LONGEST_NOTE = 200
"""Bytes of the holder's note that are read back."""


class ProjectLock:
    """A lock on a file (flock), held as long as the `with` block runs and never waited for.

    The file stays behind; what counts is the lock on it, which the operating system drops when its holder
    ends, however it ends.

    Args:
        path: The lock file; its folder is made when missing.
        purpose: What the holder does, told to whoever finds the lock taken.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, ProjectLock(Path(folder, "lock"), purpose="run"):
        ...     print("alone")
        alone
    """

    def __init__(self, path: Path, *, purpose: str = "work") -> None:
        """Keep the place; take nothing yet."""
        self.path = path
        self.purpose = purpose
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            ProjectBusy: When another process (or another lock in this one) holds it; it is named.
            StorageFailed: When the lock file cannot be opened.
        """
        if self._handle is not None:
            raise OurFault(
                f"the lock {self.path.name} is already held by this object", next_step="report this"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise StorageFailed(
                f"cannot open the lock file {self.path}: {error.strerror or error}",
                why="two writers at once could harm the project",
                next_step="check that the folder is there and writable",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            note = os.pread(handle, LONGEST_NOTE, 0).decode("utf-8", errors="replace").strip()
            os.close(handle)
            raise ProjectBusy(
                f"another process is working in this project: {note or 'it left no note'}",
                why="two writers at once could harm the project",
                next_step="wait until it has ended, or stop it, and run again",
            ) from error
        self._handle = handle
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}, {self.purpose}\n".encode()[:LONGEST_NOTE], 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

"""Anchors in a file: one signed head a line, to be kept where who writes the ledger cannot write."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from modelwright.kernel.errors import UserFault
from modelwright.ledger.artifacts import write_atomically

__all__ = ["AnchorFile"]

LONGEST = 16 << 20
"""Bytes of a file of anchors that are read: many thousands of them."""


class AnchorFile:
    """A file with a signed head on each line.

    Args:
        path: The file; made with the first anchor.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     place = AnchorFile(Path(folder, "heads.jsonl"))
        ...     _ = place.put(b"{}"), place.put(b"{}")
        ...     [line for _, line in place.lines()]
        [b'{}', b'{}']
    """

    def __init__(self, path: Path) -> None:
        """Keep the path; open nothing yet."""
        self.path = path

    def put(self, line: bytes) -> str:
        """Add a line; the file holds all lines or the ones before.

        Raises:
            StorageFailed: When it cannot be written.
            UserFault: When the path is not that of a file.
        """
        before = b"".join(text + b"\n" for _, text in self.lines()) if self.path.exists() else b""
        write_atomically(self.path, before + line + b"\n")
        return str(self.path)

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Yield every line, each with where it lies.

        Raises:
            UserFault: When there is no such file, or it is too long for one of anchors.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as stream:
                plain = stat.S_ISREG(os.fstat(handle).st_mode)
                data = stream.read(LONGEST + 1) if plain else b""
        except OSError as error:
            raise UserFault(
                f"the anchors in {self.path} cannot be read: {error.strerror or error}",
                why="a ledger is compared with what was signed and kept elsewhere",
                next_step="name the file that modelwright ledger anchor --to wrote",
            ) from error
        if not plain or len(data) > LONGEST:
            raise UserFault(
                f"{self.path} is no file of anchors",
                why="each line of one is a signed head",
                next_step="name the file that modelwright ledger anchor --to wrote",
                found=f"more than {LONGEST} bytes" if plain else "no regular file",
            )
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                yield f"{self.path.name}:{number}", line

"""The scorer's own book of looks: which questions the sealed labels were asked, beside their key."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from modelwright.evaluation.scorer import check_looks
from modelwright.kernel.digest import canonical_json, short
from modelwright.kernel.errors import IntegrityBroken, StorageFailed

__all__ = ["LookBook"]


class LookBook:
    """One file of questions per sealed label set; a line is written before its answer is given.

    A question that was asked before is no new look: its answer is the same. The book lies with the keys,
    outside the project, so that looks count that went around the project's ledger.

    Args:
        home: The folder of keys.
        sealed_labels: Digest of the sealed labels.

    Examples:
        >>> import tempfile
        >>> from datetime import UTC
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     book = LookBook(Path(folder), "sha256:" + "0" * 64)
        ...     at = datetime(2026, 1, 1, tzinfo=UTC)
        ...     first = book.enter("sha256:a", allowed=1, at=at, run_id="r1", purpose="phase 11")
        ...     again = book.enter("sha256:a", allowed=1, at=at, run_id="r1", purpose="phase 11")
        >>> first, again
        (1, 1)
    """

    def __init__(self, home: Path, sealed_labels: str) -> None:
        """Keep where the book lies; it is made with the first look."""
        self.path = home / "looks" / f"{short(sealed_labels)}.jsonl"

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.open("a+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                yield stream
        except OSError as error:
            raise StorageFailed(
                f"the book of looks cannot be written: {error.strerror or error}",
                why="a look that is not counted would be a look too many",
                next_step=f"make {self.path.parent} writable for you and ask again",
            ) from error

    def _read(self, stream: IO[bytes]) -> list[str]:
        """Return the questions; a last line that was cut short is taken out, for no answer left after it."""
        stream.seek(0)
        kept, _, torn = stream.read().rpartition(b"\n")
        if torn:
            stream.truncate(len(kept) + 1 if kept else 0)
        questions = []
        for line in kept.splitlines():
            try:
                entry = json.loads(line)
                questions.append(str(entry["question"]))
            except (ValueError, KeyError, TypeError) as error:
                raise IntegrityBroken(
                    f"the book of looks {self.path.name} is damaged",
                    why="how often the sealed labels were asked can no longer be told",
                    next_step="restore it from a backup, or take a new snapshot with new test rows",
                ) from error
        return questions

    def enter(self, question: str, *, allowed: int, at: datetime, run_id: str, purpose: str) -> int:
        """Write down a question and return how many different ones were asked, this one included.

        Raises:
            LooksExhausted: When the question is new and the looks are used up; nothing is written then.
            StorageFailed: When the book cannot be written.
            IntegrityBroken: When the book is damaged.
        """
        with self._opened() as stream:
            asked = dict.fromkeys(self._read(stream))
            if question in asked:
                return len(asked)
            check_looks(len(asked), allowed)
            entry = {"question": question, "at": at, "run": run_id, "purpose": purpose}
            stream.write(canonical_json(entry) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
            return len(asked) + 1

"""The scorer's own book of looks: which questions sealed labels were asked, and what they were told.

One file for each seal, beside its key. Each line holds the digest of the one before, so that a line cannot
be changed or taken out of the middle unnoticed; that the end was cut off shows beside the ledger.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from modelwright.adapters.private_files import create_private, make_private, open_private, read_private
from modelwright.adapters.row_sample import RowSample, same_rows
from modelwright.evaluation.reuse import Rung, Standing, Told
from modelwright.evaluation.scorer import BookedLook, check_looks, report_digest
from modelwright.kernel.digest import digest_of_bytes, short
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault
from modelwright.ledger.codec import decode, encode

__all__ = ["LookBook", "OpenBook"]


MOST_LOOKS = 50
"""Looks at the same rows, whatever a contract says; levels are so high by then that nothing passes."""

MOST_OPENED = 5
"""How often everything may be told about the same rows, under however many contracts: many whole reports
together would give single labels away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of the book: rows that were seen for the first time, a question, or what it was told."""

    before: str = ""
    labels: str = ""
    rows: RowSample | None = None
    look: BookedLook | None = None
    question: str = ""
    told: str = ""
    bits: int = 0
    level: float = 0.0
    metric: str = ""
    rung: Rung | None = None
    reply: str = ""
    report: str = ""


class OpenBook:
    """The book while its lock is held.

    Examples:
        >>> OpenBook.__name__
        'OpenBook'
    """

    def __init__(self, stream: IO[bytes], lines: list[_Line], head: str, answers: Path) -> None:
        """Keep what was read."""
        self._stream = stream
        self._lines = lines
        self._head = head
        self._answers = answers

    @property
    def looks(self) -> tuple[BookedLook, ...]:
        """Every look, with what was told."""
        told = {line.question: line for line in self._lines if line.question}
        booked = [line.look for line in self._lines if line.look is not None]
        return tuple(
            look
            if look.question not in told
            else replace(
                look,
                told=told[look.question].told,
                bits=told[look.question].bits,
                level=told[look.question].level,
                report=told[look.question].report,
            )
            for look in booked
        )

    def reply(self, question: str) -> bytes | None:
        """Return the bytes that answered a question before; None when no answer left.

        Raises:
            IntegrityBroken: When the stored answer was changed or is missing.
        """
        digest = next((line.reply for line in reversed(self._lines) if line.question == question), "")
        if not digest:
            return None
        try:
            data = read_private(self._answers / digest.removeprefix("sha256:"))
        except OSError as error:
            raise _damaged("an answer that was given before is missing") from error
        if digest_of_bytes(data) != digest:
            raise _damaged("an answer that was given before was changed")
        return data

    def sample_of(self, sealed_labels: str) -> RowSample | None:
        """Return the sample of rows that were asked about before, None for new ones."""
        return next((line.rows for line in self._lines if line.rows and line.labels == sealed_labels), None)

    def enter(self, look: BookedLook, sample: RowSample) -> Standing:
        """Write down a question before anything is computed, and return what earlier looks have told.

        A question that is there already, unanswered because of a kill, keeps its number.

        Raises:
            LooksExhausted: When the question is new and the looks are used up; nothing is written then.
        """
        if all(line.rows is None or line.labels != look.sealed_labels for line in self._lines):
            family = self._family(look.sealed_labels, sample)
            check_looks(self._taken(family), self._allowed(family, look))
            self._append(_Line(labels=look.sealed_labels, rows=sample))
        family = self._family(look.sealed_labels, sample)
        look = replace(look, allowed=self._allowed(family, look))
        mine = next((other for other in self.looks if other.question == look.question), None)
        if mine is None:
            taken = self._taken(family)
            check_looks(taken, look.allowed)
            mine = replace(look, number=taken + 1)
            self._append(_Line(look=mine))
        asked = {other.question for other in self.looks if other.sealed_labels in family}
        told = [line for line in self._lines if line.question in asked]
        rungs = {line.metric: line.rung for line in told if line.rung is not None}
        opened = {line.question for line in told if line.told == "everything"}
        opener = next((other.number for other in reversed(self.looks) if other.question in opened), 0)
        return Standing(
            look=mine.number,
            allowed=mine.allowed,
            bits=sum(line.bits for line in told),
            rungs=rungs,
            opened_before=opener,
        )

    def is_open(self, look: BookedLook, sample: RowSample) -> bool:
        """Whether everything was told under this look's contract, or as often as is allowed for its rows."""
        family = self._family(look.sealed_labels, sample)
        opened = [
            other for other in self.looks if other.told == "everything" and other.sealed_labels in family
        ]
        mine = (look.contract_digest, look.sealed_labels)
        return len(opened) >= MOST_OPENED or any(
            (other.contract_digest, other.sealed_labels) == mine for other in opened
        )

    def answered(self, question: str, told: Told, *, reply: bytes) -> None:
        """Keep an answer and write down what it told, before it leaves.

        Raises:
            StorageFailed: When it cannot be written; the answer must not leave then.
        """
        look = told.report.look
        digest = digest_of_bytes(reply)
        make_private(self._answers)
        create_private(self._answers / digest.removeprefix("sha256:"), reply)
        self._append(
            _Line(
                question=question,
                told="" if look is None else look.told,
                bits=told.bits,
                level=told.report.level,
                metric=told.report.primary,
                rung=told.rung,
                reply=digest,
                report=report_digest(told.report),
            )
        )

    def _family(self, labels: str, sample: RowSample) -> set[str]:
        """Return all sealed labels that are about the same rows."""
        known = {line.labels: line.rows for line in self._lines if line.rows is not None}
        return {labels} | {name for name, rows in known.items() if same_rows(rows, sample)}

    def _allowed(self, family: set[str], look: BookedLook) -> int:
        """Return how many looks there are: what the first look's contract said; a later one may say fewer."""
        agreed = next((other.allowed for other in self.looks if other.sealed_labels in family), MOST_LOOKS)
        return min(agreed, look.allowed, MOST_LOOKS)

    def _taken(self, family: set[str]) -> int:
        return len({look.question for look in self.looks if look.sealed_labels in family})

    def _append(self, line: _Line) -> None:
        data = encode(replace(line, before=self._head))
        self._stream.write(data + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._lines.append(line)
        self._head = digest_of_bytes(data)


class LookBook:
    """One file of questions per seal: a line before an answer is computed, another before it leaves.

    A question that was asked before is no new look: its answer is the same bytes. Looks at other labels of
    the same rows count together, so that a new snapshot brings no new looks.

    Args:
        home: The folder of keys.
        seal_id: Public name of the seal.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with LookBook(Path(folder), "0123456789abcdef").opened() as book:
        ...         book.looks
        ()
    """

    def __init__(self, home: Path, seal_id: str) -> None:
        """Keep where the book lies; it is made with the first look.

        Raises:
            UserFault: When the name could leave the folder.
        """
        if not (seal_id.isascii() and seal_id.isalnum()):
            raise UserFault(
                f"'{short(seal_id)}' cannot be the name of a seal",
                why="it names a file in the folder of keys, and must not lead out of it",
                next_step="hand in the snapshot as phase 2 stored it",
            )
        self.path = home / "looks" / f"{seal_id}.jsonl"
        self.answers = home / "answers"

    @contextmanager
    def opened(self) -> Iterator[OpenBook]:
        """Hold the book's lock and read it; scorers that ask at once take turns.

        Raises:
            StorageFailed: When the book cannot be written.
            IntegrityBroken: When the book is damaged.
        """
        try:
            make_private(self.path.parent)
            stream = os.fdopen(open_private(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT), "r+b")
        except OSError as error:
            raise self._unwritable(error) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX)
                lines, head = _read(stream)
                yield OpenBook(stream, lines, head, self.answers)
            except OSError as error:
                raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageFailed:
        return StorageFailed(
            f"the book of looks cannot be written: {error.strerror or error}",
            why="a look that is not counted would be a look too many",
            next_step=f"make {self.path.parent} a folder of yours, without links in it, and ask again",
        )


def _read(stream: IO[bytes]) -> tuple[list[_Line], str]:
    """Return the lines; a last one that was cut short is taken out, for no answer left after it."""
    stream.seek(0)
    kept, _, torn = stream.read().rpartition(b"\n")
    if torn:
        stream.truncate(len(kept) + 1 if kept else 0)
    lines: list[_Line] = []
    head = ""
    for data in kept.splitlines():
        try:
            line = decode(data, _Line)
        except IntegrityBroken as error:
            raise _damaged(f"line {len(lines) + 1} cannot be read") from error
        if line.before != head:
            raise _damaged(f"line {len(lines) + 1} does not follow the one before")
        head = digest_of_bytes(data)
        lines.append(line)
    return lines, head


def _damaged(what: str) -> IntegrityBroken:
    return IntegrityBroken(
        f"the book of looks is damaged: {what}",
        why="how often the sealed labels were asked can no longer be told",
        next_step="restore it from a backup, or take a new snapshot with new test rows",
    )

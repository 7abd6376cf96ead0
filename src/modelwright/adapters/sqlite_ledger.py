"""The default ledger: one SQLite file, standard library only.

WAL mode with full synchronisation: an entry that was returned is on the disk, and a kill at any instant
leaves the old or the new ledger. Writers take turns through `BEGIN IMMEDIATE`, so two processes never
make a fork. Triggers refuse updates and deletions by hand; `verify` finds those that went around them. A
link in place of the file is refused, and so is a file that was exchanged or removed while it was open: an
entry written to a file nobody finds again would be lost.
"""

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from modelwright.authority.actor import Actor
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import Json
from modelwright.kernel.errors import IntegrityBroken, ModelwrightError, ProjectBusy, StorageFailed
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.chain import chained, check_chain, checked, opened, selected, unreadable
from modelwright.ledger.entry import GENESIS, Entry, Link, refuse_to_overwrite

__all__ = ["SqliteLedger"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER IF NOT EXISTS entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_are_not_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are never removed'); END;
"""
LAST = "SELECT sequence, kind, payload, digest FROM entries ORDER BY sequence DESC LIMIT 1"
AFTER = "SELECT sequence, kind, payload, digest FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?"
COUNT = "SELECT count(*) FROM entries"
ADD = "INSERT INTO entries (sequence, kind, payload, digest) VALUES (?, ?, ?, ?)"

BATCH = 1000
"""Entries read at a time."""

PAUSE = 0.005
"""Seconds between two attempts to set up a file that another process is setting up."""

BESIDE = ("", "-wal", "-shm")
"""The file and those SQLite keeps beside it."""

FULL_OR_GONE = ("full", "readonly", "read-only", "disk i/o", "unable to open", "permission")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection, and what it was opened on."""

    process: int
    """The process that opened it."""
    file: tuple[int, int]
    """Device and number of the file."""
    connection: sqlite3.Connection
    """The connection."""


def _swapped(what: str) -> IntegrityBroken:
    return IntegrityBroken(
        what,
        why="entries would be read from, or written to, another ledger than the project's own",
        next_step="put the file itself back where it was; then `modelwright ledger verify`, with an anchor",
    )


def _told(error: sqlite3.Error, path: Path) -> ModelwrightError:
    """Turn what SQLite says into what a person can act on."""
    said = str(error)
    if "locked" in said or "busy" in said:
        return ProjectBusy(
            f"the ledger {path.name} is being written by another process",
            why="entries are added one after the other",
            next_step="wait until it has ended and run again",
        )
    if any(word in said.lower() for word in FULL_OR_GONE):
        return StorageFailed(
            f"the ledger {path.name} cannot be read or written: {said}",
            why="a decision that is not on disk does not exist; what was stored before is unharmed",
            next_step="check free space and that the folder is writable, then run again",
        )
    return IntegrityBroken(
        f"the ledger {path.name} is damaged: {said}",
        why="evidence that cannot be read is no evidence",
        next_step="restore the file from a copy; `modelwright ledger verify` checks it",
    )


class SqliteLedger:
    """The ledger in one SQLite file; made at the first entry, so that reading leaves no trace.

    May be shared between threads; a process that forks opens its own connection.

    Args:
        path: The database file.
        clock: Tells when each entry is written.
        patience: Seconds to wait for another writer.

    Examples:
        >>> import tempfile
        >>> from modelwright.authority.actor import ActorKind
        >>> from modelwright.kernel.clock import SteppingClock
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ledger = SqliteLedger(Path(folder, "ledger.db"), clock=SteppingClock())
        ...     entry = ledger.append("note", {"n": 1}, actor=Actor(kind=ActorKind.PERSON, name="lead"))
        ...     ledger.close()
        >>> entry.sequence
        1
    """

    def __init__(self, path: Path, *, clock: Clock, patience: float = 10.0) -> None:
        """Keep the place; open nothing yet."""
        self.path = path
        self._clock = clock
        self._patience = patience
        self._open: _Opened | None = None
        self._lock = RLock()

    @property
    def _mine(self) -> _Opened | None:
        """What this very process opened."""
        return self._open if self._open is not None and self._open.process == os.getpid() else None

    def _absent(self) -> bool:
        """Whether there is no ledger yet: nothing was opened and no file is there."""
        return self._mine is None and self._file() is None

    def _file(self) -> tuple[int, int] | None:
        """Return device and number of the file, None when there is none.

        Raises:
            IntegrityBroken: When a link stands in its place.
        """
        try:
            found = os.lstat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(found.st_mode):
            raise _swapped(f"the ledger {self.path.name} is a link to another file")
        return found.st_dev, found.st_ino

    def _same(self, before: tuple[int, int] | None) -> tuple[int, int]:
        """Return the file that was opened, when it is the one that was there before."""
        now = self._file()
        if now is None or (before is not None and now != before):
            raise _swapped(f"the ledger {self.path.name} was exchanged while it was being opened")
        return now

    def _connection(self) -> sqlite3.Connection:
        file, mine = self._file(), self._mine
        if mine is not None:
            if file != mine.file:
                what = "removed" if file is None else "exchanged for another"
                raise _swapped(f"the ledger {self.path.name} was {what} while it was open")
            return mine.connection
        for suffix in BESIDE:
            if self.path.with_name(f"{self.path.name}{suffix}").is_symlink():
                raise _swapped(f"{self.path.name}{suffix} is a link to another file")
        connection = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
            now = self._same(file)
        except BaseException:
            connection.close()
            raise
        self._open = _Opened(os.getpid(), now, connection)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Set the modes and make the table; SQLite does not wait by itself while another process does."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(SCHEMA)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if (mine := self._mine) is not None:
                mine.connection.close()
            self._open = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Take the writers' turn: what is done in the block is kept whole or not at all."""
        with self._lock:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                connection = self._connection()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _told(error, self.path) from error
            except OSError as error:
                raise _told(sqlite3.OperationalError(f"unable to open: {error}"), self.path) from error

    def append(
        self,
        kind: str,
        body: Mapping[str, Json],
        *,
        actor: Actor,
        artifacts: Mapping[str, str] | None = None,
    ) -> Entry:
        """Add one entry after the head and return it, once it is on the disk.

        Raises:
            ProjectBusy: When another writer did not let go in time.
            StorageFailed: When the disk is full, read-only or gone; nothing was added.
            IntegrityBroken: When the file is damaged, or is not the one that was opened.
        """
        with self._writing() as connection:
            row = connection.execute(LAST).fetchone()
            link = chained(
                _link(row) if row else None,
                kind,
                body,
                at=self._clock.now(),
                actor=actor,
                artifacts=artifacts or {},
            )
            connection.execute(ADD, _row(link))
        return opened(link)

    def adopt(self, links: Iterable[Link]) -> int:
        """Fill an empty ledger with a whole chain, or leave it empty.

        Raises:
            UserFault: When there are entries already.
            IntegrityBroken: When the chain has a flaw, or the file is damaged.
            ProjectBusy: When another writer did not let go in time.
            StorageFailed: When the disk is full, read-only or gone.
        """
        with self._writing() as connection:
            refuse_to_overwrite(int(connection.execute(COUNT).fetchone()[0]))
            connection.executemany(ADD, map(_row, checked(links)))
            return int(connection.execute(COUNT).fetchone()[0])

    def links(self, *, after: int = 0) -> Iterator[Link]:
        """Yield entries as they are stored, in order, only after this sequence number.

        Raises:
            IntegrityBroken: When the file is damaged.
        """
        if self._absent():
            return
        while True:
            try:
                with self._lock:
                    rows = self._connection().execute(AFTER, (after, BATCH)).fetchall()
            except sqlite3.Error as error:
                raise _told(error, self.path) from error
            yield from map(_link, rows)
            if len(rows) < BATCH:
                return
            after = int(rows[-1][0])

    def entries(self, *, kinds: Collection[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield entries in order, only of these kinds when given, only after this sequence number.

        Raises:
            IntegrityBroken: When the file is damaged.
        """
        return selected(self.links(after=after), kinds)

    def head(self) -> str:
        """Return the digest of the last entry, GENESIS when there is none.

        Raises:
            IntegrityBroken: When the file is damaged.
        """
        if self._absent():
            return GENESIS
        try:
            with self._lock:
                row = self._connection().execute(LAST).fetchone()
        except sqlite3.Error as error:
            raise _told(error, self.path) from error
        return _link(row).digest if row else GENESIS

    def verify(self, *, head: str | None = None) -> Outcome:
        """Walk the chain: passed, or failed with the first entry that does not fit."""
        try:
            return check_chain(self.links(), head=head)
        except IntegrityBroken as error:
            return unreadable(error)


def _row(link: Link) -> tuple[int, str, str, str]:
    return link.sequence, link.kind, link.payload.decode(), link.digest


def _link(row: tuple[object, ...]) -> Link:
    match row:
        case (int(sequence), str(kind), str(payload), str(digest)):
            return Link(sequence=sequence, kind=kind, payload=payload.encode(), digest=digest)
        case _:
            raise IntegrityBroken(
                f"row {row[0]} of the ledger does not hold an entry",
                why="evidence that cannot be read is no evidence",
                next_step="restore the file from a copy; `modelwright ledger verify` checks it",
            )

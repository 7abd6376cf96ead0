"""The default ledger: one SQLite file, standard library only.

WAL mode with full synchronisation: an entry that was returned is on the disk, and a kill at any instant
leaves the old or the new ledger. Writers take turns through `BEGIN IMMEDIATE`, so two processes never
make a fork. Triggers refuse updates and deletions by hand; `verify` finds those that went around them.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from threading import RLock

from modelwright.authority.actor import Actor
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import Json
from modelwright.kernel.errors import IntegrityBroken, ModelwrightError, ProjectBusy, StorageFailed
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.chain import Link, chained, check_chain, opened
from modelwright.ledger.entry import GENESIS, Entry

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
ADD = "INSERT INTO entries (sequence, kind, payload, digest) VALUES (?, ?, ?, ?)"

BATCH = 1000
"""Entries read at a time."""

PAUSE = 0.005
"""Seconds between two attempts to set up a file that another process is setting up."""

FULL_OR_GONE = ("full", "readonly", "read-only", "disk i/o", "unable to open", "permission")


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
        self._open: tuple[int, sqlite3.Connection] | None = None
        self._lock = RLock()

    def _connection(self) -> sqlite3.Connection:
        if self._open is not None and self._open[0] == os.getpid():
            return self._open[1]
        connection = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._open = (os.getpid(), connection)
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
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None

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
            IntegrityBroken: When the file is damaged.
        """
        with self._lock:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                connection = self._connection()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    row = connection.execute(LAST).fetchone()
                    link = chained(
                        _link(row) if row else None,
                        kind,
                        body,
                        at=self._clock.now(),
                        actor=actor,
                        artifacts=artifacts or {},
                    )
                    connection.execute(ADD, (link.sequence, kind, link.payload.decode(), link.digest))
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _told(error, self.path) from error
            except OSError as error:
                raise _told(sqlite3.OperationalError(f"unable to open: {error}"), self.path) from error
        return opened(link)

    def _links(self, after: int = 0) -> Iterator[Link]:
        if not self.path.exists():
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
        for link in self._links(after):
            if kinds is None or link.kind in kinds:
                yield opened(link)

    def head(self) -> str:
        """Return the digest of the last entry, GENESIS when there is none.

        Raises:
            IntegrityBroken: When the file is damaged.
        """
        if not self.path.exists():
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
            return check_chain(self._links(), head=head)
        except IntegrityBroken as error:
            return Outcome(
                status=Status.FAILED,
                what="every entry is as it was written",
                evidence=(error.what,),
                next_step=error.next_step,
            )


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

"""The embedded feature store: one SQLite file, standard library only.

Write-ahead logging: look-ups go on while features are materialised, from any number of processes. What is
kept here can always be made again from the feature tables.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

from modelwright.features.online_codec import decode_row, encode_row, key_text, microseconds, moment_at
from modelwright.features.store import EntityKey, OnlineRow
from modelwright.kernel.errors import StorageFailed

__all__ = ["SqliteFeatureStore"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS features (
    view TEXT NOT NULL,
    entity TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (view, entity)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stamps (view TEXT PRIMARY KEY, as_of INTEGER NOT NULL) STRICT;
"""
PUT = """
INSERT INTO features VALUES (?, ?, ?, ?) ON CONFLICT (view, entity) DO UPDATE
SET as_of = excluded.as_of, payload = excluded.payload WHERE excluded.as_of >= as_of
"""
GET = "SELECT payload FROM features WHERE view = ? AND entity = ?"
STAMP = """
INSERT INTO stamps VALUES (?, ?) ON CONFLICT (view) DO UPDATE SET as_of = max(as_of, excluded.as_of)
"""
STAMPED = "SELECT as_of FROM stamps WHERE view = ?"

PATIENCE = 10.0
"""Seconds a writer waits for another."""


class SqliteFeatureStore:
    """A feature store in a file.

    Args:
        path: The file; it is made when it is not there, with its folder.

    Examples:
        >>> import tempfile
        >>> from datetime import UTC
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = SqliteFeatureStore(Path(folder, "features.db"))
        ...     store.put(
        ...         "calls", [OnlineRow(entity=("a",), as_of=datetime(2026, 1, 1, tzinfo=UTC), values={})]
        ...     )
        ...     found = store.get("calls", ("a",)) is not None
        ...     store.close()
        >>> found
        True
    """

    def __init__(self, path: Path) -> None:
        """Keep where it lies; the first question opens it."""
        self._path = path
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None

    def _connection(self) -> sqlite3.Connection:
        """Return the connection; to be called with the lock held."""
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            made = sqlite3.connect(
                self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            try:
                made.execute("PRAGMA journal_mode = WAL")
                made.execute("PRAGMA synchronous = NORMAL")
                made.executescript(SCHEMA)
            except sqlite3.Error:
                made.close()
                raise
            self._opened = made
        return self._opened

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageFailed:
        return StorageFailed(
            f"the feature store {self._path} does not answer: {error}",
            why="features that cannot be looked up are unknown, and rows without them get the fallback",
            next_step="check the disk; when the file is damaged, remove it and materialise again",
        )

    def put(self, view: str, rows: Sequence[OnlineRow]) -> None:
        """Keep rows, all of them or none.

        Raises:
            StorageFailed: When the disk is full, read-only or gone.
        """
        values = [(view, key_text(row.entity), microseconds(row.as_of), encode_row(row)) for row in rows]
        with self._told(), self._lock:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(PUT, values)
                connection.execute("COMMIT")
            except sqlite3.Error:
                connection.execute("ROLLBACK")
                raise

    def get(self, view: str, entity: EntityKey) -> OnlineRow | None:
        """Return the row of an entity; None when it has none.

        Raises:
            StorageFailed: When the file cannot be read.
            IntegrityBroken: When what is stored is no row.
        """
        try:  # the one call that is counted in microseconds goes without a context of its own
            with self._lock:
                found = (self._opened or self._connection()).execute(GET, (view, key_text(entity))).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        return None if found is None else decode_row(entity, found[0])

    def stamp(self, view: str, as_of: datetime) -> None:
        """Say that all rows of a view are as of this moment; an earlier moment changes nothing.

        Raises:
            StorageFailed: When the disk is full, read-only or gone.
        """
        with self._told(), self._lock:
            self._connection().execute(STAMP, (view, microseconds(as_of)))

    def stamped(self, view: str) -> datetime | None:
        """Return the moment all rows of a view are of; None when it was never complete.

        Raises:
            StorageFailed: When the file cannot be read.
        """
        with self._told(), self._lock:
            found = self._connection().execute(STAMPED, (view,)).fetchone()
        return None if found is None else moment_at(found[0])

    def close(self) -> None:
        """Close the file; nothing is lost, and the next question opens it again."""
        with self._told(), self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

"""SQLite as a source: opened read-only, one transaction, nothing but reading allowed."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import polars as pl

from modelwright.adapters.database_faults import gone, refused
from modelwright.adapters.row_table import table_of
from modelwright.kernel.errors import DataInvalid

__all__ = ["read_sqlite"]

READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}
"""All that a query may do: no writing, no attaching of other files, no settings."""

SECONDS = 10.0
"""How long somebody else may hold the file before it counts as busy."""


def read_sqlite(path: Path, statements: Sequence[tuple[str, str]]) -> list[pl.DataFrame]:
    """Return the answers to these statements, all of one state of the database.

    Args:
        path: The file.
        statements: What each is called in messages, and its SQL.

    Raises:
        DataInvalid: When there is no such file, it is no database, or a statement cannot be answered.
        ServiceFailed: When somebody else holds it.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.db")
        ...     with closing(sqlite3.connect(path)) as database:
        ...         _ = database.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        ...     read_sqlite(path, [("t", "SELECT a FROM t")])[0].rows()
        [(1,)]
    """
    if not path.is_file():
        raise DataInvalid(
            f"there is no file {path}",
            why="without data there is nothing to learn from",
            next_step="check the `url`: sqlite:///file in the project's folder, sqlite:////file anywhere",
        )
    frames = []
    try:
        with closing(
            sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=SECONDS, isolation_level=None
            )
        ) as database:
            database.execute("BEGIN")
            database.set_authorizer(_allow)
            for name, statement in statements:
                frames.append(_answer(database, name, statement))
    except sqlite3.Error as error:
        raise gone(path.name, str(error)) from error
    return frames


def _answer(database: sqlite3.Connection, name: str, statement: str) -> pl.DataFrame:
    try:
        cursor = database.execute(statement)
        return table_of([column[0] for column in cursor.description or ()], cursor)
    except sqlite3.Error as error:
        if "locked" in str(error) or "busy" in str(error) or "I/O" in str(error):
            raise
        raise refused(name, str(error)) from error


def _allow(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY

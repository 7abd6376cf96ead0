"""What PostgreSQL says when it refuses, turned into what a person can act on."""

from typing import TYPE_CHECKING

from modelwright.kernel.errors import (
    IntegrityBroken,
    ModelwrightError,
    ProjectBusy,
    ServiceFailed,
    StorageFailed,
    UserFault,
)

if TYPE_CHECKING:  # the extra; whoever calls has it
    from psycopg import Error

__all__ = ["refused", "told"]

WHO = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "role ",
    "not permitted to log",
)
"""Words by which a server refuses a user; it gives no code before one is let in."""

BUSY = {"55P03", "40001", "40P01", "23505"}
"""Lock not available, serialization failure, deadlock, unique violation: another writer was there."""

READ_ONLY = {"25006"}
"""Read-only transaction: a standby, or a database that was made read-only."""

MAY_NOT = {"42501"}
"""Insufficient privilege."""

FULL = "53"
"""The class of insufficient resources: disk, memory, connections."""

GONE = ("08", "57P")
"""The classes of connection exceptions and of a server that shuts down."""

ONCE_MORE = "start the server and run again: an entry that was kept is found, and none is written twice"


def refused(error: "Error", place: str) -> ModelwrightError:
    """Return what it means that no connection came about.

    Args:
        error: What PostgreSQL, or the way to it, said.
        place: The server and database, without user and password.
    """
    said = " ".join(str(error).split())
    if any(word in said for word in WHO):
        return UserFault(
            f"PostgreSQL at {place} does not let this user in: {said}",
            why="the ledger is read and written in the name of the URL's user",
            next_step="check the user in MODELWRIGHT_LEDGER, and its password in ~/.pgpass or PGPASSWORD",
        )
    if "database" in said and "does not exist" in said:
        return UserFault(
            f"there is no such database at {place}: {said}",
            why="Modelwright makes its schema, and leaves making databases to their owner",
            next_step="check the URL in MODELWRIGHT_LEDGER, or make the database: createdb",
        )
    return ServiceFailed(
        f"PostgreSQL at {place} cannot be reached: {said}",
        why="the ledger lies there; without it nothing can be decided or looked up",
        next_step=ONCE_MORE,
    )


def told(error: "Error", place: str) -> ModelwrightError:
    """Return what it means that a statement was refused or not answered.

    Args:
        error: What PostgreSQL, or the way to it, said.
        place: The server and database, without user and password.
    """
    said, code = " ".join(str(error).split()), error.sqlstate or ""
    if code in BUSY:
        return ProjectBusy(
            f"the ledger at {place} is being written by another process: {said}",
            why="entries are added one after the other",
            next_step="wait until it has ended and run again",
        )
    if code in READ_ONLY or code.startswith(FULL):
        return StorageFailed(
            f"the ledger at {place} cannot be written: {said}",
            why="a decision that is not stored does not exist; what was stored before is unharmed",
            next_step="name the primary server in MODELWRIGHT_LEDGER, or give it room, and run again",
        )
    if code in MAY_NOT:
        return StorageFailed(
            f"this user may not write the ledger at {place}: {said}",
            why="a decision that is not stored does not exist; what was stored before is unharmed",
            next_step="have the owner grant CREATE on the database, or USAGE on the schema with SELECT and "
            "INSERT on its entries",
        )
    if not code or code.startswith(GONE):
        return ServiceFailed(
            f"PostgreSQL at {place} is gone: {said}",
            why="what it did not confirm is there whole or not at all; what it confirmed before is unharmed",
            next_step=ONCE_MORE,
        )
    return IntegrityBroken(
        f"the ledger at {place} is not as Modelwright made it: {said}",
        why="evidence that cannot be read is no evidence",
        next_step="restore the database from a copy; `modelwright ledger verify` checks it",
    )

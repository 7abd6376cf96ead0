"""What databases say when they refuse, turned into what a person can act on, in one voice."""

from modelwright.kernel.errors import DataInvalid, MissingExtra, ServiceFailed, UserFault

__all__ = ["gone", "not_installed", "not_let_in", "refused"]


def not_installed(extra: str, name: str) -> MissingExtra:
    """Return the error for a database whose driver is not there.

    Examples:
        >>> print(not_installed("duckdb", "DuckDB"))
        reading DuckDB needs the optional package 'duckdb'.
        Next: pip install 'modelwright[duckdb]'.
    """
    return MissingExtra.needed(extra, f"reading {name}")


def not_let_in(place: str, said: str) -> UserFault:
    """Return the error for a database that does not know this user, or that there is none of this name.

    Examples:
        >>> not_let_in("mysql://db/a", "access denied").next_step[:18]
        'check user, server'
    """
    return UserFault(
        f"{place} lets nobody in: {said}",
        why="the source is read in the name of the URL's user",
        next_step="check user, server and database in the contract's `url`, and the password in the place "
        "that `password_from` names",
    )


def refused(name: str, said: str) -> DataInvalid:
    """Return the error for a query that the database does not answer.

    Examples:
        >>> refused("sqlite:///a.db#t", "no such table: t").why
        'without its rows there is nothing to learn from'
    """
    return DataInvalid(
        f"{name} cannot be read: {said}",
        why="without its rows there is nothing to learn from",
        next_step="check `table` or `query` in the contract, and that the user may read; it never writes",
    )


def gone(place: str, said: str) -> ServiceFailed:
    """Return the error for a server that cannot be reached, or is gone in the middle.

    Examples:
        >>> gone("mysql://db/a", "connection refused").exit_code.name
        'WORLD_FAULT'
    """
    return ServiceFailed(
        f"{place} does not answer, or was lost while it was read: {said}",
        why="rows that came before are not the whole table; nothing of them was kept",
        next_step="check that the server is up and run again",
    )

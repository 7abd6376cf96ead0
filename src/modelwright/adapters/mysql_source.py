"""MySQL and MariaDB as a source: one transaction that cannot write, rows streamed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import polars as pl

from modelwright.adapters.database_faults import gone, not_installed, not_let_in, refused
from modelwright.adapters.row_table import table_of
from modelwright.adapters.source_secret import hidden
from modelwright.contracts.source import masked_url

if TYPE_CHECKING:  # the extra; whoever calls has it
    from pymysql.connections import Connection

__all__ = ["read_mysql"]

CONNECT_SECONDS = 10
"""How long a server may take to answer at all."""

DENIED = {1044, 1045, 1049, 1698}
"""Codes by which a server refuses a user, or knows no such database."""

LOST = {2003, 2006, 2013, 2014, 2055, 1053, 1317}
"""Codes of a connection that did not come about or did not last."""


def read_mysql(url: str, statements: Sequence[tuple[str, str]], *, password: str = "") -> list[pl.DataFrame]:
    """Return the answers to these statements, all of one state of the database: that of the first one.

    Args:
        url: Where the database is, without a password.
        statements: What each is called in messages, and its SQL.
        password: The password, when the server asks for one.

    Raises:
        MissingExtra: When the extra `mysql` is not installed.
        UserFault: When the server lets nobody in.
        DataInvalid: When a statement cannot be answered.
        ServiceFailed: When the server cannot be reached, or is lost on the way.

    Examples:
        >>> read_mysql.__name__
        'read_mysql'
    """
    try:
        import pymysql  # the extra `mysql`
        from pymysql.cursors import SSCursor
    except ModuleNotFoundError as error:
        raise not_installed("mysql", "MySQL") from error
    place, parts = masked_url(url), urlsplit(url)
    try:
        connection: Connection = pymysql.connect(
            host=parts.hostname or "localhost",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=password,
            database=parts.path.lstrip("/") or None,
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            cursorclass=SSCursor,
        )
    except (pymysql.Error, OSError) as error:
        denied = error.args[0] in DENIED if error.args else False
        raise (not_let_in if denied else gone)(place, hidden(error, password=password)) from error
    frames = []
    with connection:
        for name, statement in (
            ("", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
            ("", "START TRANSACTION READ ONLY"),
            *statements,
        ):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(statement)
                    if name:
                        names = [column[0] for column in cursor.description or ()]
                        frames.append(table_of(names, iter(cursor.fetchone, None)))
            except (pymysql.Error, OSError) as error:
                said = hidden(error, password=password)
                lost = isinstance(error, OSError) or not error.args or error.args[0] in LOST
                raise (gone(place, said) if lost else refused(name or place, said)) from error
    return frames

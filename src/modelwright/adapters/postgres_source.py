"""PostgreSQL as a source: one transaction that cannot write, each table by COPY, as PostgreSQL writes it."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from modelwright.adapters.database_faults import gone, not_installed, not_let_in, refused
from modelwright.adapters.source_secret import hidden
from modelwright.contracts.source import masked_url

if TYPE_CHECKING:  # the extra; whoever calls has it
    from psycopg import Connection

__all__ = ["read_postgres"]

CONNECT_SECONDS = 10
"""How long a server may take to answer at all."""

NULL = "\x01"
"""How a missing value is written; no text consists of this character alone."""

OPTIONS = (
    "-c default_transaction_read_only=on -c datestyle=ISO -c timezone=UTC -c intervalstyle=iso_8601 "
    "-c client_encoding=UTF8"
)
"""How values are written, and that nothing is."""

MOMENT = "%Y-%m-%d %H:%M:%S%.f"
KINDS: Mapping[int, str] = {
    **dict.fromkeys((20, 21, 23, 26), "integer"),
    **dict.fromkeys((700, 701), "float"),
    16: "boolean",
    1082: "date",
    1114: "moment",
    1184: "zoned",
}
"""PostgreSQL's numbers of types; all others come as PostgreSQL writes them, decimals with every digit."""

WHO = (
    "authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "role ",
    "not permitted",
    "does not exist",
)
"""Words by which a server refuses a user or a database; it gives no code before one is let in."""

NOT_HERS = ("42", "22", "25", "26")
"""Classes of codes that are about the statement: syntax and names, values, read-only."""


def read_postgres(
    url: str, statements: Sequence[tuple[str, str]], *, password: str = ""
) -> list[pl.DataFrame]:
    """Return the answers to these statements, all of one state of the database (repeatable read).

    Args:
        url: Where the database is, without a password.
        statements: What each is called in messages, and its SQL.
        password: The password, when the server asks for one and it does not lie in `~/.pgpass`.

    Raises:
        MissingExtra: When the extra `postgres` is not installed.
        UserFault: When the server lets nobody in.
        DataInvalid: When a statement cannot be answered.
        ServiceFailed: When the server cannot be reached, or is lost on the way.

    Examples:
        >>> read_postgres.__name__
        'read_postgres'
    """
    try:
        import psycopg  # the extra `postgres`
    except ModuleNotFoundError as error:
        raise not_installed("postgres", "PostgreSQL") from error
    place = masked_url(url)
    try:
        connection = psycopg.connect(
            url, password=password or None, connect_timeout=CONNECT_SECONDS, options=OPTIONS
        )
    except psycopg.Error as error:
        said = hidden(error, password=password)
        raise (not_let_in if any(word in said for word in WHO) else gone)(place, said) from error
    frames = []
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        for name, statement in statements:
            try:
                frames.append(_answer(connection, statement))
            except psycopg.Error as error:
                said = hidden(error, password=password)
                about = (error.sqlstate or "").startswith(NOT_HERS) or error.sqlstate == "0A000"
                raise (refused(name, said) if about else gone(place, said)) from error
    finally:
        connection.close()
    return frames


def _answer(connection: "Connection", statement: str) -> pl.DataFrame:
    # PostgreSQL prepares one command at a time: a second one behind a semicolon is refused here, before COPY,
    # which would run it. The statement comes from the contract; that it cannot write is the server's promise.
    probe = f"SELECT * FROM ({statement}\n) AS source LIMIT 0"  # noqa: S608 - prepared, in a transaction that cannot write
    described = connection.execute(probe.encode(), prepare=True).description or ()
    copy = f"COPY ({statement}\n) TO STDOUT (FORMAT csv, HEADER false, NULL '{NULL}')"
    held = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(copy.encode()) as pieces:
        for piece in pieces:
            held.write(piece)
    names = [column.name for column in described]
    if not held.tell():
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    held.seek(0)
    texts = pl.read_csv(
        held,
        has_header=False,
        # Two columns of one name are told apart here and refused by their names further on.
        new_columns=names if len(set(names)) == len(names) else None,
        infer_schema=False,
        null_values=[NULL],
        empty_string_is_null=False,
    )
    kinds = [KINDS.get(column.type_code, "") for column in described]
    return pl.DataFrame([_typed(text, kind) for text, kind in zip(texts.iter_columns(), kinds, strict=True)])


def _typed(text: pl.Series, kind: str) -> pl.Series:
    try:
        match kind:
            case "integer":
                return text.cast(pl.Int64)
            case "float":
                return text.cast(pl.Float64)
            case "boolean":
                return text == "t"
            case "date":
                return text.str.to_date("%Y-%m-%d")
            case "moment":
                return text.str.to_datetime(MOMENT, time_unit="us")
            case "zoned":
                return text.str.to_datetime(MOMENT + "%#z", time_unit="us", time_zone="UTC")
            case _:
                return text
    except pl.exceptions.PolarsError:  # infinity, or a year before our era: kept as it is written
        return text

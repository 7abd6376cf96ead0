"""DuckDB as a source: opened read-only, without access to any other file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from modelwright.adapters.database_faults import gone, not_installed, refused
from modelwright.kernel.errors import DataInvalid

if TYPE_CHECKING:  # the extra; whoever calls has it
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

__all__ = ["read_duckdb"]

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}
"""A query reads the tables of its database and nothing else of the machine."""

AS_TEXT = ("INTERVAL", "TIME", "TIME WITH TIME ZONE", "UUID", "BIT", "ENUM")
"""Types that have no column of their own in a frame."""


def read_duckdb(path: Path, statements: Sequence[tuple[str, str]]) -> list[pl.DataFrame]:
    """Return the answers to these statements, all of one state of the database.

    Args:
        path: The file.
        statements: What each is called in messages, and its SQL.

    Raises:
        MissingExtra: When the extra `duckdb` is not installed.
        DataInvalid: When there is no such file, it is no database, or a statement cannot be answered.
        ServiceFailed: When another process has it open for writing.

    Examples:
        >>> read_duckdb.__name__
        'read_duckdb'
    """
    try:
        import duckdb  # the extra `duckdb`
    except ModuleNotFoundError as error:
        raise not_installed("duckdb", "DuckDB") from error
    if not path.is_file():
        raise DataInvalid(
            f"there is no file {path}",
            why="without data there is nothing to learn from",
            next_step="check the `url`: duckdb:///file in the project's folder, duckdb:////file anywhere",
        )
    try:
        database = duckdb.connect(str(path), read_only=True, config=LOCKED_DOWN)
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise (gone(path.name, said) if "lock" in said.lower() else refused(path.name, said)) from error
    frames = []
    with database:
        database.execute("BEGIN TRANSACTION")
        for name, statement in statements:
            try:
                frames.append(_answer(database, name, statement))
            except (duckdb.Error, pl.exceptions.PolarsError) as error:
                raise refused(name, str(error).splitlines()[0]) from error
    return frames


def _answer(database: "DuckDBPyConnection", name: str, statement: str) -> pl.DataFrame:
    parsed = database.extract_statements(statement)
    if len(parsed) != 1 or parsed[0].type.name not in {"SELECT", "SELECT_STATEMENT"}:
        raise refused(name, "it is not one SELECT")
    relation = database.sql(statement)
    kinds = [str(kind).partition("(")[0].upper() for kind in relation.types]
    columns = [
        f"CAST({_quoted(column)} AS VARCHAR) AS {_quoted(column)}" if kind in AS_TEXT else _quoted(column)
        for column, kind in zip(relation.columns, kinds, strict=True)
    ]
    return pl.DataFrame(_Stream(relation.project(", ".join(columns))))


class _Stream:
    """Only the stream of a relation: Polars keeps the class of what it is given, DuckDB complains at exit."""

    def __init__(self, relation: "DuckDBPyRelation") -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

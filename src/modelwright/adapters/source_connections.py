"""Every source that is no file of this machine, behind one door: databases, object stores, lakes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from modelwright.adapters.duckdb_source import read_duckdb
from modelwright.adapters.lake_source import read_delta, read_iceberg
from modelwright.adapters.lakefs_source import lakefs_place
from modelwright.adapters.mysql_source import read_mysql
from modelwright.adapters.object_source import read_objects, storage_options
from modelwright.adapters.postgres_source import read_postgres
from modelwright.adapters.source_secret import password_of
from modelwright.adapters.sqlite_source import read_sqlite
from modelwright.contracts.source import Source
from modelwright.data.source_origin import Origin, digest_of_rows, put_in_order
from modelwright.data.source_port import Delivery

__all__ = ["SourceConnections"]


class SourceConnections:
    """Fetches what a contract names beyond files.

    Tables of one database are read in one transaction that cannot write. Connections are closed at the end of
    each call; nothing is kept between calls.

    Args:
        root: The folder relative paths start from.
        variables: The environment: passwords by name, and how object stores are reached.

    Examples:
        >>> SourceConnections(Path(), variables={}).fetch([], key=())
        ()
    """

    def __init__(self, root: Path, *, variables: Mapping[str, str]) -> None:
        """Keep where to look; connect to nothing."""
        self._root = root
        self._variables = variables

    def fetch(self, sources: Sequence[Source], *, key: tuple[str, ...]) -> tuple[Delivery, ...]:
        """Fetch these sources, in order."""
        fetched: dict[int, Delivery] = {}
        for places in self._together(sources):
            if sources[places[0]].url:
                tables = self._database([sources[place] for place in places])
                fetched |= {
                    place: _delivered(sources[place], table, key=key)
                    for place, table in zip(places, tables, strict=True)
                }
            else:
                fetched |= {place: self._objects(sources[place], key=key) for place in places}
        return tuple(fetched[place] for place in range(len(sources)))

    def _together(self, sources: Sequence[Source]) -> list[list[int]]:
        """Group the places of sources that are read in one transaction."""
        groups: dict[tuple[str, str], list[int]] = {}
        for place, source in enumerate(sources):
            groups.setdefault((source.url or source.name, source.password_from), []).append(place)
        return list(groups.values())

    def _database(self, sources: Sequence[Source]) -> list[pl.DataFrame]:
        first = sources[0]
        quote = "`" if first.scheme == "mysql" else '"'
        statements = [(source.name, _statement(source, quote)) for source in sources]
        password = password_of(first, variables=self._variables, root=self._root)
        match first.scheme:
            case "sqlite":
                return read_sqlite(self._file(first.url), statements)
            case "duckdb":
                return read_duckdb(self._file(first.url), statements)
            case "mysql":
                return read_mysql(first.url, statements, password=password)
            case _:
                return read_postgres(first.url, statements, password=password)

    def _file(self, url: str) -> Path:
        """Return the file of an embedded database: three slashes for the project's folder, four for any."""
        path = Path(unquote(url.partition("://")[2].partition("?")[0].removeprefix("/")))
        return path if path.is_absolute() else self._root / path

    def _objects(self, source: Source, *, key: tuple[str, ...]) -> Delivery:
        options = storage_options(self._variables) if source.scheme else {}
        place, commit = source.path, ""
        if source.scheme == "lakefs":
            found = lakefs_place(source.path, variables=self._variables)
            place, options, commit = found.path, dict(found.options), found.commit
        elif not source.scheme and not Path(place).is_absolute():
            place = str(self._root / place)
        if source.format in {"delta", "iceberg"}:
            read = read_delta if source.format == "delta" else read_iceberg
            table = read(place, as_of=source.as_of, options=options, name=source.name)
            version = table.version + (f" lakefs:{commit}" if commit else "")
            return _delivered(source, table.frame, key=key, kind=source.format, version=version)
        got = read_objects(place, format=source.format, options=options, name=source.name)
        origin = Origin(
            name=source.name,
            kind="object",
            digest=digest_of_rows(got.frame),
            version=f"lakefs:{commit}" if commit else "",
            rows=got.frame.height,
            files=got.files,
        )
        return Delivery(frame=got.frame, origin=origin)


def _statement(source: Source, quote: str) -> str:
    if source.query:
        return source.query.strip().rstrip(";").rstrip()
    parts = source.table.split(".")
    quoted = ".".join(quote + part.replace(quote, quote * 2) + quote for part in parts)
    return f"SELECT * FROM {quoted}"  # noqa: S608 - every part is quoted above


def _delivered(
    source: Source, frame: pl.DataFrame, *, key: tuple[str, ...], kind: str = "database", version: str = ""
) -> Delivery:
    ordered = put_in_order(frame, key=key, query=source.query)
    origin = Origin(
        name=source.name, kind=kind, digest=digest_of_rows(ordered), version=version, rows=ordered.height
    )
    return Delivery(frame=ordered, origin=origin)

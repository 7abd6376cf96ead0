"""Where a contract is drafted from: a file, a folder, a pattern, an object, a lake's table, or a database."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.kernel.errors import Fault, UserFault
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # the data room is loaded only when a table is read
    import polars as pl

    from modelwright.contracts.source import Source

__all__ = ["DataPlace", "place_of", "read_place", "source_of"]

NEARBY = 3
"""A table so many folders above the project still belongs with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlace:
    """Where a table lies, in the words of a contract's source.

    Examples:
        >>> place_of("sqlite:///calls.db", table="calls").url
        'sqlite:///calls.db'
        >>> place_of("calls/*.csv").path
        'calls/*.csv'
    """

    path: str = ""
    """A file, a folder, a pattern, or an object such as `s3://bucket/calls.parquet`."""
    url: str = ""
    """A database instead."""
    table: str = ""
    """The table of the database."""
    query: str = ""
    """Or the one SELECT that gives the table."""
    password_from: str = ""
    """Where its password lies."""
    format: str = "auto"
    """The format of a path."""
    sheet: str = ""
    """The sheet of a workbook."""
    as_of: str = ""
    """The version of a lake's table."""


def place_of(data: str, **asked: str) -> DataPlace:
    """Return where a table lies, from how a person wrote it.

    Args:
        data: A path, or a URL: of an object store or of a database.
        **asked: What else a source may say, such as `table` or `sheet`.
    """
    from modelwright.contracts.source_coherence import OBJECT_STORES

    scheme, mark, _ = data.partition("://")
    database = bool(mark) and scheme.lower() not in OBJECT_STORES
    return DataPlace(path="" if database else data, url=data if database else "", **asked)


def source_of(place: DataPlace, *, root: Path) -> "Source":
    """Return a place as the contract shall write it; files near the project relative to it.

    Args:
        place: Where the table lies; files start from where the command is typed.
        root: The project.

    Raises:
        UserFault: When it cannot be read, or holds a password; every fault of it.
    """
    from pydantic import ValidationError

    from modelwright.contracts.incoherence import Values
    from modelwright.contracts.source import Source, masked_url
    from modelwright.contracts.source_coherence import SOURCE_RULES

    written = {key: value for key, value in asdict(place).items() if value}
    values = Values({"data": {"sources": [written]}})
    wrong = [fault for rule in SOURCE_RULES for fault in rule(values)]
    faults = [Fault(str(fault.path[-1]), fault.what, next_step=fault.cure) for fault in wrong]
    try:
        source = Source.model_validate(written)
    except ValidationError as error:
        faults += [Fault(str(one["loc"][-1]), one["msg"]) for one in error.errors()]
        source = None
    if faults or source is None:
        raise UserFault(
            f"{masked_url(place.url or place.path)} is no source",
            why="a contract names where its table lies, and how it is read",
            next_step="correct what is told; `modelwright init --help` shows how sources are written",
            faults=faults,
        )
    if source.scheme:
        return source
    return source.model_copy(update={"path": _shown(Path(place.path).resolve(), root.resolve()).as_posix()})


def read_place(ports: Ports, place: DataPlace) -> "pl.DataFrame":
    """Read the table of a place as it stands.

    Args:
        ports: The outside world.
        place: Where it lies.

    Raises:
        UserFault: When the place is no source, or lets nobody in.
        DataInvalid: When the table cannot be read.
        ServiceFailed: When a server does not answer.
    """
    from modelwright.data.source import read_table
    from modelwright.data.source_files import plain_frame

    source = source_of(place, root=ports.project.root)
    if source.remote:
        (delivery,) = ports.connector().fetch([source], key=())
        return plain_frame(delivery.frame, source.name)
    return read_table(Path(place.path), format=source.format, sheet=source.sheet)


def _shown(source: Path, root: Path) -> Path:
    """Write a nearby file relative to the project, so that both can move together; a far one as it is."""
    for levels, folder in enumerate((root, *root.parents[:NEARBY])):
        if source.is_relative_to(folder) and folder != folder.parent:
            return Path(*[".."] * levels) / source.relative_to(folder)
    return source

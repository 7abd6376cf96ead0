"""Reading rows with their features: the sources first, then every feature table as of each row's moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.duration import parse_duration
from modelwright.contracts.feature import Aggregate, FeatureTable
from modelwright.contracts.source import Source
from modelwright.data.asof import FeatureView, Timeline
from modelwright.data.conform import conform
from modelwright.data.formats import Manner
from modelwright.data.source import Reading, read_with_notes
from modelwright.data.source_files import gather, plain_frame
from modelwright.data.source_origin import Origin
from modelwright.data.source_port import NoConnector, SourceConnector
from modelwright.data.window import Window
from modelwright.kernel.errors import DataInvalid, Fault

__all__ = ["TypedTable", "feature_view", "joined_columns", "read_feature_tables", "read_rows"]

NUMERIC = frozenset(("sum", "mean", "min", "max"))
MOMENT = Column(type="datetime")
NUMBER = Column(type="number")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypedTable:
    """One feature table as the contract reads it.

    Examples:
        >>> TypedTable.__slots__[0]
        'view'
    """

    view: FeatureView
    """What is made of it."""
    frame: pl.DataFrame
    """Its rows, in the types of what is made of them."""
    origin: Origin
    """Where it came from, in which version."""
    notes: tuple[str, ...] = ()
    """What was changed on the way, and what a person should know."""


def _length(written: str) -> timedelta | None:
    return parse_duration(written) if written else None


def _window(aggregate: Aggregate, table: str) -> Window:
    return Window(
        name=aggregate.named(table),
        function=aggregate.function,
        column=aggregate.column,
        length=_length(aggregate.window),
    )


def feature_view(table: FeatureTable) -> FeatureView:
    """Compile what the contract says of a feature table.

    Examples:
        >>> table = FeatureTable(
        ...     name="paid",
        ...     source=Source(path="p.csv"),
        ...     entity=("id",),
        ...     event_time="t",
        ...     columns=("v",),
        ...     ttl="2d",
        ... )
        >>> feature_view(table).ttl
        datetime.timedelta(days=2)
    """
    nothing = timedelta(0)
    return FeatureView(
        name=table.name,
        entity=table.entity,
        on=table.on,
        event_time=table.event_time,
        created_time=table.created_time,
        columns=table.columns,
        windows=tuple(_window(aggregate, table.name) for aggregate in table.aggregates),
        ttl=_length(table.ttl),
        delay=_length(table.delay) or nothing,
        horizon=_length(table.horizon) or nothing,
        cutoff=table.cutoff,
    )


def joined_columns(contract: Contract) -> tuple[str, ...]:
    """Return the columns that are made of feature tables, in order.

    Examples:
        >>> joined_columns.__name__
        'joined_columns'
    """
    return tuple(name for table in contract.data.feature_tables for name in table.outputs)


def _located(source: Source, root: Path) -> Path:
    path = Path(source.path)
    return path if path.is_absolute() else root / path


def _fetched(
    sources: Sequence[Source], root: Path, connector: SourceConnector
) -> list[tuple[pl.DataFrame, Origin, tuple[str, ...]]]:
    """Bring feature tables here as they stand; what needs a connector comes together."""
    remote = [source for source in sources if source.remote]
    deliveries = iter(connector.fetch(remote, key=()) if remote else ())
    found = []
    for source in sources:
        if source.remote:
            got = next(deliveries)
            found.append((plain_frame(got.frame, source.name), got.origin, got.notes))
            continue
        manner = Manner(format=source.format, sheet=source.sheet)
        files = gather(_located(source, root), manner, name=source.name)
        if files.faults:
            raise DataInvalid(
                f"the files of {source.name} do not agree",
                why="a feature table is one table",
                next_step="write them again alike, or name fewer of them",
                faults=files.faults,
            )
        found.append((files.frame, files.origin, files.notes))
    for source, (_, origin, _) in zip(sources, found, strict=True):
        if source.digest is not None and source.digest != origin.digest:
            raise DataInvalid(
                f"{source.name} is not the data the contract names",
                why="a contract with a digest holds for these bytes alone",
                next_step="restore it, or amend the contract with the new digest",
                found=origin.digest,
                expected=source.digest,
            )
    return found


def _types(table: FeatureTable, contract: Contract) -> dict[str, Column]:
    """Return how columns of a feature table are read: keys as those of the rows, values as they become."""
    columns = contract.data.columns
    found = {name: columns[key] for name, key in zip(table.entity, table.keys, strict=True)}
    found[table.event_time] = MOMENT
    if table.created_time:
        found[table.created_time] = MOMENT
    for name in table.columns:
        found.setdefault(name, columns[f"{table.name}_{name}"])
    for aggregate in table.aggregates:
        if aggregate.column and aggregate.function in NUMERIC:
            found.setdefault(aggregate.column, NUMBER)
        elif aggregate.column and aggregate.function == "last":
            found.setdefault(aggregate.column, columns[aggregate.named(table.name)])
    return found


def _typed(
    table: FeatureTable, contract: Contract, frame: pl.DataFrame, where: str
) -> tuple[pl.DataFrame, list[Fault], list[str]]:
    faults: list[Fault] = []
    notes: list[str] = []
    columns = []
    types = _types(table, contract)
    for name in feature_view(table).reads:
        if name not in frame.columns:
            continue
        if name in types:
            result = conform(frame[name], types[name], where=where)
            faults += result.faults
            notes += result.notes
            columns.append(result.values)
        else:
            columns.append(frame[name])
    return pl.DataFrame(columns), faults, notes


def read_feature_tables(
    contract: Contract, *, root: Path, connector: SourceConnector | None = None
) -> tuple[TypedTable, ...]:
    """Read every feature table of a contract in the types of what is made of it.

    Args:
        contract: Declares the tables and the columns they become.
        root: The folder relative paths start from.
        connector: Fetches what is no file of this machine.

    Raises:
        DataInvalid: When a table cannot be read, is not the one that was named, or does not fit; every fault
            of every table.

    Examples:
        >>> read_feature_tables.__name__
        'read_feature_tables'
    """
    tables = contract.data.feature_tables
    fetched = _fetched([table.source for table in tables], root, connector or NoConnector())
    made, faults = [], []
    for table, (frame, origin, told) in zip(tables, fetched, strict=True):
        typed, wrong, notes = _typed(table, contract, frame, table.source.name)
        faults += wrong
        made.append(TypedTable(view=feature_view(table), frame=typed, origin=origin, notes=(*told, *notes)))
    if faults:
        raise DataInvalid(
            "feature tables do not fit the contract",
            why="what is not as described cannot be joined, checked or served",
            next_step="correct the tables or the contract and run again",
            faults=faults[:50],
        )
    return tuple(made)


def _whole_days(moments: pl.Series) -> bool:
    known = moments.drop_nulls()
    return bool(len(known)) and bool((known == known.dt.truncate("1d")).all())


def _joined(frame: pl.DataFrame, table: TypedTable, *, time: str) -> tuple[pl.DataFrame, list[str]]:
    view = table.view
    timeline = Timeline(view, table.frame)
    made = timeline.at(frame, time=time)
    notes = [f"{view.name}, {note}" for note in table.notes]
    if timeline.dropped:
        notes.append(f"{view.name}, {timeline.dropped:,} rows without entity or time belong to nobody")
    if not view.delay and _whole_days(table.frame[view.event_time]) and not _whole_days(frame[time]):
        told = "all its times are midnights: where a row tells of a whole day, declare `delay: 1d`"
        notes.append(f"{view.name}, {told}")
    empty = [name for name in made.columns if frame.height and made[name].null_count() == frame.height]
    notes += [f"{name} is known for no row" for name in empty]
    return made, notes


def read_rows(contract: Contract, *, root: Path, connector: SourceConnector | None = None) -> Reading:
    """Read the rows of a contract, features joined as they were known at the time of each row.

    Args:
        contract: Names sources, feature tables, columns and types.
        root: The folder relative paths start from.
        connector: Fetches what is no file of this machine.

    Raises:
        DataInvalid: When a source or feature table cannot be read or does not fit.
        UserFault: When a source needs a connector and none is given.

    Examples:
        >>> read_rows.__name__
        'read_rows'
    """
    data = contract.data
    if not data.feature_tables:
        return read_with_notes(contract, root=root, connector=connector)
    made_later = set(joined_columns(contract))
    own = {name: column for name, column in data.columns.items() if name not in made_later}
    bare = contract.model_copy(
        update={"data": data.model_copy(update={"columns": own, "feature_tables": ()})}
    )
    reading = read_with_notes(bare, root=root, connector=connector)
    tables = read_feature_tables(contract, root=root, connector=connector)
    time = data.feature_time or data.event_time or ""
    notes = list(reading.notes)
    faults: list[Fault] = []
    columns = {column.name: column for column in reading.frame.iter_columns()}
    for table in tables:
        made, told = _joined(reading.frame, table, time=time)
        notes += told
        for name in made.columns:
            spec = data.columns[name]
            if spec.role != "excluded":
                result = conform(made[name], spec, where=table.view.name)
                faults += result.faults
                columns[name] = result.values
    if faults:
        raise DataInvalid(
            "joined features are not of the type the contract says",
            why="what is not as described cannot be checked or served",
            next_step="correct their type in data.columns",
            faults=faults[:50],
        )
    ordered = [columns[name] for name in data.columns if name in columns]
    origins = (*reading.origins, *(table.origin for table in tables))
    return Reading(frame=pl.DataFrame(ordered), notes=tuple(notes), origins=origins)

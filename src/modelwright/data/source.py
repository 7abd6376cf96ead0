"""Sources: files to one table, exactly as the contract describes it, or all faults at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.source import Source
from modelwright.data.conform import conform
from modelwright.data.formats import LONGEST_LINE, Manner
from modelwright.data.snapshot import ROW_ID
from modelwright.data.source_drift import formula_cells
from modelwright.data.source_files import MOST_FAULTS, gather, located, plain_frame
from modelwright.data.source_origin import Origin
from modelwright.data.source_port import NoConnector, SourceConnector
from modelwright.kernel.errors import DataInvalid, Fault, nearest

__all__ = [
    "Reading",
    "column_faults",
    "conform_table",
    "read_sources",
    "read_table",
    "read_with_notes",
    "source_digests",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A table as the contract describes it, with where it came from and what was changed on the way.

    Examples:
        >>> Reading(frame=pl.DataFrame({"a": [1]})).notes
        ()
    """

    frame: pl.DataFrame
    """The stacked table in the contract's types; excluded columns are not in it."""
    notes: tuple[str, ...] = ()
    """What was changed: blanks, codes and infinities read as missing, spellings rewritten, repeated rows left
    out; counted."""
    origins: tuple[Origin, ...] = ()
    """Each source as it was read: which bytes or rows, in which version."""

    @property
    def digests(self) -> Mapping[str, str]:
        """Each source's name, as the contract writes it, and the digest of what was read."""
        return {origin.name: origin.digest for origin in self.origins}


def read_table(
    path: Path,
    *,
    format: str = "auto",  # noqa: A002 - the contract's own word
    sheet: str = "",
    longest_line: int = LONGEST_LINE,
) -> pl.DataFrame:
    r"""Read a file, a folder of files or a pattern as it stands: CSV, TSV, Parquet, JSON Lines, Arrow, Excel.

    Args:
        path: The file; a folder, with partitions such as `year=2026` as columns; or a pattern, `calls/*.csv`.
        format: `csv`, `parquet`, `jsonl`, `arrow`, `excel`, or `auto` to go by the ending.
        sheet: The sheet of a workbook; empty takes the first.
        longest_line: Bytes in which every line of a text file must end.

    Returns:
        The table, its columns of plain types.

    Raises:
        DataInvalid: When a file is missing, empty, damaged, in another format than its name says, not
            UTF-8, far too wide, without rows, has blank or repeated column names, nested values or a line
            without end; when files do not agree; or when one is changed while it is read.
        UnknownName: When the ending, the format or the sheet is not known.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "calls.csv").write_text("age,y\n31,no\n52,yes\n")
        ...     read_table(Path(folder, "calls.csv")).shape
        (2, 2)
    """
    manner = Manner(format=format, sheet=sheet, longest_line=longest_line)
    gathered = gather(path, manner, name=path.name)
    if gathered.faults:
        raise DataInvalid(
            f"the files of {path.name} do not agree",
            why="a source is one table",
            next_step="write them again alike, or name fewer of them",
            faults=gathered.faults[:MOST_FAULTS],
        )
    return gathered.frame


def _located(source: Source, root: Path) -> Path:
    path = Path(source.path)
    return path if path.is_absolute() else root / path


def column_faults(frame: pl.DataFrame, contract: Contract, where: str) -> list[Fault]:
    """Return what the columns of a table and those of the contract do not agree on.

    Args:
        frame: The table as it stands in the source.
        contract: Names the columns.
        where: The source, for messages.

    Examples:
        >>> column_faults.__name__
        'column_faults'
    """
    declared = contract.data.columns
    faults = []
    for name in frame.columns:
        if name not in declared:
            close = nearest(name, [other for other in declared if other not in frame.columns])
            cure = (
                f"is it '{close}' of the contract?"
                if close
                else "add it to data.columns, role excluded to leave it out"
            )
            faults.append(Fault(f"{where}, column {name}", "not described in the contract", next_step=cure))
    for name, column in declared.items():
        if name not in frame.columns and column.role != "excluded":
            close = nearest(name, frame.columns)
            cure = (
                f"did you mean '{close}'?" if close else "correct the source or take it out of data.columns"
            )
            faults.append(
                Fault(f"{where}, column {name}", "described in the contract, not in the file", next_step=cure)
            )
    if ROW_ID in frame.columns:
        cure = "rename the column in the source"
        faults.append(
            Fault(f"{where}, column {ROW_ID}", "this name is used for the row's position", next_step=cure)
        )
    return faults


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Arrival:
    """One source as it arrived, before the contract is laid on it."""

    frame: pl.DataFrame
    origin: Origin
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def _arrivals(contract: Contract, root: Path, connector: SourceConnector) -> list[_Arrival]:
    """Bring every source here; those that need a connector come together, so that they belong together."""
    excluded = contract.data.of_role("excluded")
    remote = [source for source in contract.data.sources if source.remote]
    fetched = iter(connector.fetch(remote, key=contract.data.primary_key) if remote else ())
    arrivals = []
    for source in contract.data.sources:
        if source.remote:
            delivery = next(fetched)
            frame = plain_frame(delivery.frame.drop(excluded, strict=False), source.name)
            arrivals.append(_Arrival(frame=frame, origin=delivery.origin, notes=delivery.notes))
        else:
            manner = Manner(format=source.format, sheet=source.sheet)
            got = gather(_located(source, root), manner, name=source.name, ignored=excluded)
            arrivals.append(_Arrival(frame=got.frame, origin=got.origin, faults=got.faults, notes=got.notes))
    return arrivals


def _check_digest(source: Source, origin: Origin) -> None:
    if source.digest is not None and origin.digest != source.digest:
        kind = "file" if origin.kind == "file" else "data"
        raise DataInvalid(
            f"{source.name} is not the {kind} the contract names",
            why="a contract with a digest holds for these bytes alone",
            next_step=f"restore the {kind}, or amend the contract with the new digest",
            found=origin.digest,
            expected=source.digest,
        )


def conform_table(
    frame: pl.DataFrame, contract: Contract, *, where: str
) -> tuple[pl.DataFrame, list[Fault], list[str]]:
    """Return a table in the contract's types, with all faults and all notes.

    Args:
        frame: The table as it stands in the source.
        contract: Names the columns and their types.
        where: The source, for messages.

    Examples:
        >>> conform_table.__name__
        'conform_table'
    """
    faults = column_faults(frame, contract, where)
    kept = [name for name, spec in contract.data.columns.items() if spec.role != "excluded"]
    kept = [name for name in kept if name in frame.columns]
    notes: list[str] = list(formula_cells(frame.select(kept)))
    columns = []
    for name in kept:
        result = conform(frame[name], contract.data.columns[name], where=where)
        faults.extend(result.faults)
        notes.extend(result.notes)
        columns.append(result.values)
    return pl.DataFrame(columns), faults, notes


def read_with_notes(contract: Contract, *, root: Path, connector: SourceConnector | None = None) -> Reading:
    """Read, stack and type the contract's sources; tell where they came from and what was changed on the way.

    Nothing is given unless every source was read whole: a source that changes meanwhile, or a connection that
    is lost, is an error.

    Args:
        contract: Names the sources, the columns and their types.
        root: The folder relative paths start from.
        connector: Fetches what is no file of this machine: databases, object stores, lakes.

    Raises:
        DataInvalid: When a source cannot be read or does not fit the contract, with every fault of every one.
        UserFault: When a source needs a connector and none is given.

    Examples:
        >>> read_with_notes.__name__
        'read_with_notes'
    """
    frames: list[pl.DataFrame] = []
    faults: list[Fault] = []
    notes: list[str] = []
    arrivals = _arrivals(contract, root, connector or NoConnector())
    for source, arrival in zip(contract.data.sources, arrivals, strict=True):
        _check_digest(source, arrival.origin)
        notes.extend(f"{source.name}, {note}" for note in arrival.notes)
        faults.extend(
            Fault(f"{source.name}, {one.where}", one.what, next_step=one.next_step) for one in arrival.faults
        )
        if arrival.faults:
            continue
        frame, wrong, told = conform_table(arrival.frame, contract, where=source.name)
        frames.append(frame)
        faults.extend(wrong)
        notes.extend(f"{source.name}, {note}" for note in told)
    if faults:
        more = len(faults) - MOST_FAULTS
        raise DataInvalid(
            "the data does not fit the contract" + (f" ({more} more faults not listed)" if more > 0 else ""),
            why="what is not described, or not as described, cannot be checked or served",
            next_step="correct the data or the contract and run again",
            faults=faults[:MOST_FAULTS],
        )
    stacked = pl.concat(frames)
    origins = tuple(arrival.origin for arrival in arrivals)
    if contract.data.duplicates == "keep":
        return Reading(frame=stacked, notes=tuple(notes), origins=origins)
    kept = stacked.unique(keep="first", maintain_order=True)
    if dropped := stacked.height - kept.height:
        notes.append(f"{dropped:,} rows equal to an earlier one left out")
    return Reading(frame=kept, notes=tuple(notes), origins=origins)


def read_sources(contract: Contract, *, root: Path, connector: SourceConnector | None = None) -> pl.DataFrame:
    """Read, stack and type the contract's sources.

    Spellings are rewritten, missing codes, blanks and infinities become empty, dates and numbers written as
    text are parsed, excluded columns are dropped, and so are repeated rows where the contract says so.
    `read_with_notes` counts each of these and says where the rows came from.

    Args:
        contract: Names the sources, the columns and their types.
        root: The folder relative paths start from.
        connector: Fetches what is no file of this machine: databases, object stores, lakes.

    Raises:
        DataInvalid: When a source cannot be read or does not fit the contract, with every fault of every one.

    Examples:
        >>> read_sources.__name__
        'read_sources'
    """
    return read_with_notes(contract, root=root, connector=connector).frame


def source_digests(contract: Contract, *, root: Path) -> Mapping[str, str]:
    """Return each source's name, as the contract writes it, and the digest of its files.

    What is no file of this machine has no digest before it is read and is left out: see `Reading.digests`.

    Raises:
        DataInvalid: When a file is missing.

    Examples:
        >>> source_digests.__name__
        'source_digests'
    """
    return {
        source.name: located(_located(source, root), format=source.format).digest()
        for source in contract.data.sources
        if not source.remote
    }

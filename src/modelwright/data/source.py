"""Sources: files to one table, exactly as the contract describes it, or all faults at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.source import Source
from modelwright.data.conform import conform, plainly
from modelwright.data.formats import READERS, detect_format
from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import DataInvalid, Fault, nearest

__all__ = ["Reading", "read_sources", "read_table", "read_with_notes", "source_digests"]

MOST_FAULTS = 50
"""Faults listed of one file; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A table as the contract describes it, with what was changed on the way.

    Examples:
        >>> Reading(frame=pl.DataFrame({"a": [1]})).notes
        ()
    """

    frame: pl.DataFrame
    """The stacked table in the contract's types; excluded columns are not in it."""
    notes: tuple[str, ...] = ()
    """What was changed: blanks, codes and infinities read as missing, spellings rewritten, repeated rows left
    out; counted."""


def read_table(path: Path, *, format: str = "auto") -> pl.DataFrame:  # noqa: A002 - the contract's own word
    r"""Read one file as it stands: CSV or TSV, Parquet, JSON Lines, Arrow.

    Args:
        path: The file.
        format: `csv`, `parquet`, `jsonl`, `arrow`, or `auto` to go by the ending.

    Returns:
        The table, its columns of plain types.

    Raises:
        DataInvalid: When the file is missing, empty, damaged, in another format than its name says, not
            UTF-8, far too wide, without rows, or has blank or repeated column names or nested values.
        UnknownName: When the ending or the format is not known.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "calls.csv").write_text("age,y\n31,no\n52,yes\n")
        ...     read_table(Path(folder, "calls.csv")).shape
        (2, 2)
    """
    if not path.exists():
        near = (
            nearest(path.name, [other.name for other in path.parent.iterdir()])
            if path.parent.is_dir()
            else None
        )
        raise DataInvalid(
            f"there is no file {path}",
            why="without data there is nothing to learn from",
            next_step=f"did you mean '{near}'?"
            if near
            else "check the path; it is taken from the project's folder",
        )
    if not path.is_file():
        raise DataInvalid(
            f"{path} is a folder, not a file",
            why="a source is one table",
            next_step="name the file, or list several files as sources of the contract",
        )
    if path.stat().st_size == 0:
        raise DataInvalid(
            f"{path.name} is empty",
            why="without rows there is nothing to learn from",
            next_step="check how the file was written and export it again",
            found="0 bytes",
        )
    frame = READERS[detect_format(path, format)](path)
    if frame.height == 0:
        raise DataInvalid(
            f"{path.name} has columns but no rows",
            why="without rows there is nothing to learn from",
            next_step="check how the file was written and export it again",
            found=f"{frame.width} columns, 0 rows",
        )
    return _plain(frame, path.name)


def _plain(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    faults = []
    columns = []
    for column in frame.iter_columns():
        try:
            columns.append(plainly(column))
        except ValueError as error:
            cure = "flatten the values into columns of their own"
            faults.append(Fault(f"column {column.name}", str(error), next_step=cure))
    if faults:
        raise DataInvalid(
            f"{name} holds nested or binary values",
            why="a table is made of numbers, text, booleans and dates",
            next_step="export the file again without these columns",
            faults=faults[:MOST_FAULTS],
        )
    return pl.DataFrame(columns)


def _located(source: Source, root: Path) -> Path:
    path = Path(source.path)
    return path if path.is_absolute() else root / path


def _column_faults(frame: pl.DataFrame, contract: Contract, where: str) -> list[Fault]:
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


def _read_one(source: Source, contract: Contract, root: Path) -> tuple[pl.DataFrame, list[Fault], list[str]]:
    path = _located(source, root)
    frame = read_table(path, format=source.format)
    if source.digest is not None and (found := digest_of_file(path)) != source.digest:
        raise DataInvalid(
            f"{source.path} is not the file the contract names",
            why="a contract with a digest holds for these bytes alone",
            next_step="restore the file, or amend the contract with the new digest",
            found=found,
            expected=source.digest,
        )
    faults = _column_faults(frame, contract, source.path)
    notes: list[str] = []
    columns = []
    for name, spec in contract.data.columns.items():
        if name in frame.columns and spec.role != "excluded":
            result = conform(frame[name], spec, where=source.path)
            faults.extend(result.faults)
            notes.extend(result.notes)
            columns.append(result.values)
    return pl.DataFrame(columns), faults, notes


def read_with_notes(contract: Contract, *, root: Path) -> Reading:
    """Read, stack and type the contract's sources, and tell what was changed on the way.

    Args:
        contract: Names the sources, the columns and their types.
        root: The folder relative paths start from.

    Raises:
        DataInvalid: When a file cannot be read or does not fit the contract, with every fault of every file.

    Examples:
        >>> read_with_notes.__name__
        'read_with_notes'
    """
    frames: list[pl.DataFrame] = []
    faults: list[Fault] = []
    notes: list[str] = []
    for source in contract.data.sources:
        frame, wrong, told = _read_one(source, contract, root)
        frames.append(frame)
        faults.extend(wrong)
        notes.extend(f"{source.path}, {note}" for note in told)
    if faults:
        more = len(faults) - MOST_FAULTS
        raise DataInvalid(
            "the data does not fit the contract" + (f" ({more} more faults not listed)" if more > 0 else ""),
            why="what is not described, or not as described, cannot be checked or served",
            next_step="correct the data or the contract and run again",
            faults=faults[:MOST_FAULTS],
        )
    stacked = pl.concat(frames)
    if contract.data.duplicates == "keep":
        return Reading(frame=stacked, notes=tuple(notes))
    kept = stacked.unique(keep="first", maintain_order=True)
    if dropped := stacked.height - kept.height:
        notes.append(f"{dropped:,} rows equal to an earlier one left out")
    return Reading(frame=kept, notes=tuple(notes))


def read_sources(contract: Contract, *, root: Path) -> pl.DataFrame:
    """Read, stack and type the contract's sources.

    Spellings are rewritten, missing codes, blanks and infinities become empty, dates and numbers written as
    text are parsed, excluded columns are dropped, and so are repeated rows where the contract says so.
    `read_with_notes` counts each of these.

    Args:
        contract: Names the sources, the columns and their types.
        root: The folder relative paths start from.

    Raises:
        DataInvalid: When a file cannot be read or does not fit the contract, with every fault of every file.

    Examples:
        >>> read_sources.__name__
        'read_sources'
    """
    return read_with_notes(contract, root=root).frame


def source_digests(contract: Contract, *, root: Path) -> Mapping[str, str]:
    """Return each source's path, as the contract writes it, and the digest of its bytes.

    Raises:
        DataInvalid: When a file is missing.

    Examples:
        >>> source_digests.__name__
        'source_digests'
    """
    found = {}
    for source in contract.data.sources:
        path = _located(source, root)
        if not path.is_file():
            raise DataInvalid(
                f"there is no file {path}",
                why="a source that is gone cannot be recorded",
                next_step="restore the file or correct data.sources",
            )
        found[source.path] = digest_of_file(path)
    return found

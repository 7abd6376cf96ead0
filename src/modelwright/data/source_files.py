"""Files, folders and patterns read as one table: partitions, empty parts, drift, changes while reading."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from modelwright.data.conform import plainly
from modelwright.data.formats import ENDINGS, READERS, Manner, detect_format
from modelwright.data.source_drift import Batch, stack
from modelwright.data.source_origin import Origin
from modelwright.data.source_version import dvc_version
from modelwright.kernel.errors import DataInvalid, Fault, nearest
from modelwright.kernel.fileset import FileSet, find_files

__all__ = ["Gathered", "gather", "located", "partition_of", "plain_frame", "read_part", "unchanged"]

MOST_FAULTS = 50
"""Faults listed of one file; more are counted."""

MOST_FILES = 50_000
"""Files of one source; so many small ones are better written as fewer."""

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""How Hive writes a partition without a value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """A source's files as one table.

    Examples:
        >>> Gathered.__slots__[0]
        'frame'
    """

    frame: pl.DataFrame
    """The rows, of plain types, in the order of the files."""
    origin: Origin
    """Which bytes they are."""
    faults: tuple[Fault, ...] = ()
    """What the files do not agree on."""
    notes: tuple[str, ...] = ()
    """What a person should know about how they were read."""


def located(path: Path, *, format: str = "auto") -> FileSet:  # noqa: A002 - the contract's own word
    """Return the files of a source.

    Raises:
        DataInvalid: When nothing is there, or a folder holds no table, too many files, or several formats.

    Examples:
        >>> located(Path("nowhere.csv"))
        Traceback (most recent call last):
        ...
        modelwright.kernel.errors.DataInvalid: there is no file nowhere.csv...
    """
    found = find_files(path)
    if found is None:
        raise _missing(path)
    if found.kind == "file":
        return found
    kinds = {file: ENDINGS.get(file.suffix.lower()) for file in found.files}
    tables = found.files if format != "auto" else tuple(file for file in found.files if kinds[file])
    if not tables:
        raise DataInvalid(
            f"{path.name} holds no table",
            why="without data there is nothing to learn from",
            next_step=f"put files there that end in one of {', '.join(ENDINGS)}, or name their `format`",
            found=f"{len(found.files):,} files",
        )
    if len(tables) > MOST_FILES:
        raise DataInvalid(
            f"{path.name} holds too many files",
            why="each is opened, checked and digested",
            next_step="write them as fewer, larger ones",
            found=f"{len(tables):,}",
            expected=f"{MOST_FILES:,} or fewer",
        )
    formats = sorted({str(kinds[file]) for file in tables})
    if format == "auto" and len(formats) > 1:
        raise DataInvalid(
            f"{path.name} holds files of several formats",
            why="a source is one table, and what lies beside it may be a copy or something else",
            next_step="name the files by a pattern, such as `*.parquet`, or their `format`",
            found=", ".join(formats),
        )
    return replace(found, files=tables)


def _missing(path: Path) -> DataInvalid:
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, beside)
    return DataInvalid(
        f"there is no file {path}",
        why="without data there is nothing to learn from",
        next_step=f"did you mean '{near}'?"
        if near
        else "check the path; it is taken from the project's folder",
    )


@contextmanager
def unchanged(path: Path, *, name: str, format: str = "auto") -> Iterator[tuple[FileSet, str]]:  # noqa: A002 - the contract's own word
    """Give the files of a source and their digest, and refuse what was read when it differs afterwards.

    Args:
        path: The file, folder or pattern.
        name: What messages call it.
        format: The format that is read.

    Raises:
        DataInvalid: When nothing is there; on leaving, when a file was changed, added or removed meanwhile.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.csv").write_text("x")
        ...     with unchanged(Path(folder, "a.csv"), name="a.csv") as (files, digest):
        ...         files.names(), digest[:7]
        (('a.csv',), 'sha256:')
    """
    files = located(path, format=format)
    before = _digest(files, name)
    yield files, before
    try:
        after = _digest(located(path, format=format), name)
    except DataInvalid as error:
        after = error.what
    if after != before:
        raise DataInvalid(
            f"{name} was changed while it was read",
            why="half of one state and half of another is a table that never was",
            next_step="wait until whoever writes it is done, then run again; nothing was stored",
            found=after,
            expected=before,
        )


def _digest(files: FileSet, name: str) -> str:
    try:
        return files.digest()
    except OSError as error:
        raise DataInvalid(
            f"{name} cannot be read: {error.strerror or error}",
            why="a source is read whole or not at all",
            next_step="check that the files are there and that you may read them",
        ) from error


def partition_of(name: str) -> dict[str, str | None]:
    """Return what the folders of a path say about its rows, as Hive writes it.

    Examples:
        >>> partition_of("year=2026/city=S%C3%A3o/part-0.parquet")
        {'year': '2026', 'city': 'São'}
    """
    pairs = [part.partition("=") for part in name.split("/")[:-1] if "=" in part]
    return {key: None if value == NO_VALUE else unquote(value) for key, _, value in pairs if key}


def read_part(path: Path, manner: Manner, *, name: str = "") -> Batch:
    """Read one file as it stands.

    Args:
        path: The file.
        manner: How to read it.
        name: What messages call it.

    Raises:
        DataInvalid: When it cannot be read, or holds nested values.

    Examples:
        >>> read_part.__name__
        'read_part'
    """
    frame = READERS[detect_format(path, manner.format)](path, manner)
    zoned = {
        column: dtype.time_zone is not None
        for column, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime)
    }
    return Batch(name=name or path.name, frame=plain_frame(frame, name or path.name), zoned=zoned)


def plain_frame(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a table whose columns are of plain types.

    Raises:
        DataInvalid: When it holds nested or binary values; every such column is named.

    Examples:
        >>> plain_frame(pl.DataFrame({"a": [1]}), "a.csv").shape
        (1, 1)
    """
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


def gather(path: Path, manner: Manner, *, name: str, ignored: Collection[str] = ()) -> Gathered:
    """Read a file, or all files of a folder or pattern, as one table.

    Args:
        path: Where it lies.
        manner: How its files are read.
        name: What the contract and messages call it.
        ignored: Columns that are left out, and need not agree between files.

    Raises:
        DataInvalid: When a file cannot be read, nothing holds rows, or something changed meanwhile.

    Examples:
        >>> gather.__name__
        'gather'
    """
    with unchanged(path, name=name, format=manner.format) as (files, digest):
        batches, empty = _batches(files, manner)
        stacked = stack(batches, ignored=ignored)
        frame, faults = (
            _with_partitions(stacked.frame, batches) if not stacked.faults else (stacked.frame, [])
        )
        size = files.size()
        tracked = dvc_version(path, files)
    notes = [f"{part} holds no rows" for part in empty[:MOST_FAULTS]] + list(stacked.notes)
    origin = Origin(
        name=name,
        kind=files.kind,
        digest=digest,
        version=tracked.version,
        rows=frame.height,
        files=len(files.files),
        size=size,
    )
    return Gathered(
        frame=frame,
        origin=origin,
        faults=(*stacked.faults, *faults),
        notes=(*notes, *([tracked.note] if tracked.note else [])),
    )


def _batches(files: FileSet, manner: Manner) -> tuple[list[Batch], list[str]]:
    """Read each file; of several, those without rows are named and left out."""
    batches: list[Batch] = []
    empty: list[str] = []
    nothing: DataInvalid | None = None
    for file, name in zip(files.files, files.names(), strict=True):
        shown = file.name if files.kind == "file" else name
        if file.stat().st_size == 0:
            nothing = _no_bytes(shown)
        elif (batch := read_part(file, manner, name=shown)).frame.height:
            batches.append(batch)
            continue
        else:
            nothing = _no_rows(shown, batch.frame.width)
        empty.append(shown)
    if nothing is not None and not batches:
        raise nothing
    return batches, empty


def _no_bytes(name: str) -> DataInvalid:
    return DataInvalid(
        f"{name} is empty",
        why="without rows there is nothing to learn from",
        next_step="check how the file was written and export it again",
        found="0 bytes",
    )


def _no_rows(name: str, width: int) -> DataInvalid:
    return DataInvalid(
        f"{name} has columns but no rows",
        why="without rows there is nothing to learn from",
        next_step="check how the file was written and export it again",
        found=f"{width} columns, 0 rows",
    )


def _with_partitions(frame: pl.DataFrame, batches: Sequence[Batch]) -> tuple[pl.DataFrame, list[Fault]]:
    """Add what the folders say as columns; a number where every folder names one."""
    told = [partition_of(batch.name) for batch in batches]
    keys = list(dict.fromkeys(key for pairs in told for key in pairs))
    faults = []
    lengths = [batch.frame.height for batch in batches]
    for key in keys:
        lacking = [batch.name for batch, pairs in zip(batches, told, strict=True) if key not in pairs]
        if lacking:
            cure = "lay all files out in the same folders"
            told_of = f"{len(lacking):,} files lie in no folder {key}=..., such as {lacking[0]}"
            faults.append(Fault(f"partition {key}", told_of, next_step=cure))
            continue
        texts = [pairs[key] for pairs in told]
        values = pl.Series(key, texts, dtype=pl.String).gather(_repeated(lengths))
        if key in frame.columns:
            same = frame[key].cast(pl.String).eq_missing(values)
            if not same.all():
                cure = "write the files again: folder and column name the same thing"
                told_of = f"{int((~same).sum()):,} rows say something else than their folder"
                faults.append(Fault(f"partition {key}", told_of, next_step=cure))
            continue
        numbers = values.cast(pl.Int64, strict=False)
        plain = numbers.null_count() == values.null_count() and (numbers.cast(pl.String) == values).all()
        frame = frame.with_columns(numbers if plain else values)
    return frame, faults


def _repeated(lengths: Sequence[int]) -> pl.Series:
    places = pl.Series(range(len(lengths)), dtype=pl.UInt32)
    return places.repeat_by(pl.Series(lengths, dtype=pl.UInt32)).explode()

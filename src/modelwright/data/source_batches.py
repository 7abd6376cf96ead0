"""Sources in pieces: tables larger than memory, read, typed and checked a batch of rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.source import Source
from modelwright.data.dates import parse_dates
from modelwright.data.formats import BROKEN, Manner, check_text, detect_format, separator_of
from modelwright.data.source import conform_table
from modelwright.data.source_files import MOST_FAULTS, partition_of, plain_frame, unchanged
from modelwright.kernel.errors import DataInvalid, UserFault
from modelwright.kernel.fileset import FileSet

__all__ = ["read_batches"]

ROWS = 100_000
"""Rows of a batch when nothing else is said: a few dozen megabytes for a table of thirty columns."""

WORDS = ("text", "category", "boolean")
"""Types whose values look different when a whole column of them is read as numbers."""

SLASHED = r"^\d{1,2}/\d{1,2}/"
"""A date that can be read either way round, until another row settles which is the day."""


def read_batches(contract: Contract, *, root: Path, rows: int = ROWS) -> Iterator[pl.DataFrame]:
    """Read the contract's files piece by piece, each in the contract's types.

    The pieces put together are what `read_sources` gives, when `data.duplicates` is `keep`: rows that repeat
    far apart are not compared. Memory holds one piece and what its reader looks ahead.

    Args:
        contract: Names the sources, the columns and their types.
        root: The folder relative paths start from.
        rows: Rows of a piece.

    Yields:
        The pieces, in order.

    Raises:
        DataInvalid: When a file cannot be read, does not fit the contract, or was changed on the way; what
            was given before is then not to be used.
        UserFault: When a source is no file of this machine, or a workbook.

    Examples:
        >>> read_batches.__name__
        'read_batches'
    """
    for source in contract.data.sources:
        if source.remote or source.format == "excel":
            raise UserFault(
                f"{source.name} cannot be read in pieces",
                why="a database, an object or a workbook comes whole",
                next_step="export it to Parquet or CSV first, or read it with read_sources",
            )
        path = Path(source.path)
        path = path if path.is_absolute() else root / path
        with unchanged(path, name=source.name, format=source.format) as (files, digest):
            if source.digest is not None and digest != source.digest:
                raise DataInvalid(
                    f"{source.name} is not the data the contract names",
                    why="a contract with a digest holds for these bytes alone",
                    next_step="restore the data, or amend the contract with the new digest",
                    found=digest,
                    expected=source.digest,
                )
            yield from _source(source, files, contract, rows)


def _source(source: Source, files: FileSet, contract: Contract, rows: int) -> Iterator[pl.DataFrame]:
    manner = Manner(format=source.format)
    settled: dict[str, str] = {}
    start = 0
    for file, name in zip(files.files, files.names(), strict=True):
        if file.stat().st_size == 0:
            continue
        told = partition_of(name) if files.kind != "file" else {}
        try:
            for piece in _pieces(file, manner, contract, rows):
                whole = piece.with_columns(
                    pl.lit(value, dtype=pl.String).alias(key) for key, value in told.items()
                )
                plain = plain_frame(whole.drop(contract.data.of_role("excluded"), strict=False), name)
                where = f"{source.name}, rows from {start:,}"
                typed, faults, _ = conform_table(plain, contract, where=where)
                _settle(plain, contract, settled, where)
                if faults:
                    raise DataInvalid(
                        "the data does not fit the contract",
                        why="what is not described, or not as described, cannot be checked or served",
                        next_step="correct the data or the contract and run again",
                        faults=faults[:MOST_FAULTS],
                    )
                start += typed.height
                yield typed
        except BROKEN as error:
            first = str(error).strip().splitlines()
            raise DataInvalid(
                f"{name} cannot be read: {first[0] if first else type(error).__name__}",
                why="a table that is read in part is a wrong table",
                next_step="the file seems cut short or damaged: copy or export it again",
            ) from error


def _settle(frame: pl.DataFrame, contract: Contract, settled: dict[str, str], where: str) -> None:
    """Refuse dates whose day comes first in one piece and second in another."""
    for name, spec in contract.data.columns.items():
        if spec.type != "datetime" or name not in frame.columns or frame.schema[name] != pl.String:
            continue
        if not frame[name].str.contains(SLASHED).any():
            continue
        way = parse_dates(frame[name]).format
        if settled.setdefault(name, way) != way:
            raise DataInvalid(
                f"column {name} of {where} is written in another way than before",
                why="a date read the wrong way round is worse than none",
                next_step="write ISO dates, such as 2026-01-31",
                found=way,
                expected=settled[name],
            )


def _pieces(file: Path, manner: Manner, contract: Contract, rows: int) -> Iterator[pl.DataFrame]:
    kind = detect_format(file, manner.format)
    if kind in {"csv", "jsonl"}:
        check_text(file, manner.longest_line)
    if kind == "csv":
        scan = pl.scan_csv(file, separator=separator_of(file), infer_schema=False, glob=False)
        pieces: Iterator[pl.DataFrame] = scan.collect_batches(chunk_size=rows)
    elif kind == "jsonl":
        scan = pl.scan_ndjson(file, infer_schema_length=None)
        pieces = scan.collect_batches(chunk_size=rows)
    else:
        scan = pl.scan_parquet(file, glob=False) if kind == "parquet" else pl.scan_ipc(file, glob=False)
        pieces = _slices(scan, rows)
    spelled = _spelled(scan, contract, written=kind == "csv")
    for piece in pieces:
        yield piece.with_columns(spelled)


def _slices(scan: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    total = int(scan.select(pl.len()).collect().item())
    for start in range(0, total, rows):
        yield scan.slice(start, rows).collect()


def _spelled(scan: pl.LazyFrame, contract: Contract, *, written: bool) -> list[pl.Expr]:
    """Say how columns of words that hold numbers alone are spelled, so that every piece spells them alike.

    A whole column of numbers is spelled as integers when all of them are whole. A piece does not know of the
    others; they are looked at once before, in a streaming pass.
    """
    schema = scan.collect_schema()
    words = [
        name
        for name, dtype in schema.items()
        if _is_of_words(contract.data.columns.get(name))
        and (dtype.is_float() or (written and dtype == pl.String))
    ]
    if not words:
        return []
    asked = []
    for name in words:
        value = pl.col(name)
        number = value.cast(pl.Float64, strict=False)
        digits = value.cast(pl.String).str.contains(r"^[+-]?\d+$")
        asked += [
            (value.is_null() | (digits & value.cast(pl.Int64, strict=False).is_not_null()))
            .all()
            .alias(f"integers {name}"),
            (value.is_null() | number.is_not_null()).all().alias(f"numbers {name}"),
            (number.is_null() | (number == number.floor())).all().alias(f"whole {name}"),
            value.is_not_null().any().alias(f"some {name}"),
        ]
    (found,) = scan.select(asked).collect(engine="streaming").rows(named=True)
    spelled = []
    for name in words:
        if not (found[f"some {name}"] and found[f"numbers {name}"]):
            continue
        number = pl.col(name).cast(pl.Float64)
        if found[f"integers {name}"]:
            spelled.append(pl.col(name).cast(pl.Int64))
        else:
            spelled.append(number if found[f"whole {name}"] else number.cast(pl.String))
    return spelled


def _is_of_words(spec: Column | None) -> bool:
    return spec is not None and spec.role != "excluded" and spec.type in WORDS

"""File formats: what each needs to be read whole, and what each kind of broken file is told."""

import csv
import json
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from modelwright.data.workbook import read_workbook
from modelwright.kernel.errors import DataInvalid, Fault, UnknownName

__all__ = [
    "BROKEN",
    "ENDINGS",
    "LONGEST_LINE",
    "MOST_COLUMNS",
    "READERS",
    "Manner",
    "check_names",
    "check_text",
    "detect_format",
    "separator_of",
]

MOST_COLUMNS = 5_000
"""A wider table is refused before it is read: neither a person nor a model can account for its columns."""

LONGEST_HEADER = 4 << 20
"""Bytes in which the first line of a text file must end."""

LONGEST_LINE = 64 << 20
"""Bytes in which every other line must end: a file without line ends would take all memory at once."""

CHUNK = 1 << 20
"""Bytes checked at a time."""

ENDINGS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
}
"""File ending to format."""

MAGIC: Mapping[bytes, str] = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"PK\x03\x04": "a ZIP archive (such as an Excel workbook)",
    b"\x1f\x8b": "a gzip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
}
"""First bytes that tell what a file is, whatever its name says."""

WORKBOOKS = {MAGIC[b"PK\x03\x04"], MAGIC[b"\xd0\xcf\x11\xe0"]}
"""What the bytes of a workbook look like."""

BROKEN = (pl.exceptions.PolarsError, OSError, ValueError, OverflowError, EOFError)
"""What a reader raises on bytes it cannot make sense of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a file is to be read.

    Examples:
        >>> Manner().format
        'auto'
    """

    format: str = "auto"
    """`csv`, `parquet`, `jsonl`, `arrow`, `excel`, or `auto` to go by the ending."""
    sheet: str = ""
    """The sheet of a workbook; empty takes the first."""
    longest_line: int = LONGEST_LINE
    """Bytes in which every line of a text file must end."""


def detect_format(path: Path, format: str) -> str:  # noqa: A002 - the contract's own word
    r"""Return the format to read a file as, checked against its first bytes.

    Raises:
        UnknownName: When the ending is not known.
        DataInvalid: When the bytes are of another format than the name says.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.csv").write_text("x\n1\n")
        ...     detect_format(Path(folder, "a.csv"), "auto")
        'csv'
    """
    chosen = ENDINGS.get(path.suffix.lower()) if format == "auto" else format
    with path.open("rb") as stream:
        head = stream.read(16)
    actual = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    if chosen is None:
        if actual in READERS:
            return str(actual)
        raise UnknownName.among(
            "file ending", path.suffix or path.name, ENDINGS, why="the ending tells how to read the file"
        )
    if chosen not in READERS:
        raise UnknownName.among("format", chosen, READERS)
    if chosen == "excel" and actual in WORKBOOKS:
        return chosen
    if actual is not None and actual != chosen:
        cure = "give the file its right ending" if actual in READERS else "export it as CSV or Parquet"
        raise DataInvalid(
            f"{path.name} is named like {chosen} but holds something else",
            why="bytes read in the wrong format give no table or a wrong one",
            next_step=cure,
            found=actual,
            expected=chosen,
        )
    if actual is None and chosen in {"parquet", "arrow", "excel"}:
        raise DataInvalid(
            f"{path.name} is named like {chosen} but does not begin like one",
            why="bytes read in the wrong format give no table or a wrong one",
            next_step="give a text table the ending .csv, .tsv or .jsonl, or export the file again",
            found=repr(head[:8]),
            expected={"parquet": "PAR1", "arrow": "ARROW1"}.get(chosen, "a workbook"),
        )
    return chosen


def check_names(path: Path, names: list[str]) -> None:
    """Refuse a header whose columns cannot be told apart.

    Raises:
        DataInvalid: When there are too many columns, or names are blank or repeated; all at once.

    Examples:
        >>> check_names(Path("a.csv"), ["age", "job"])
    """
    if len(names) > MOST_COLUMNS:
        raise DataInvalid(
            f"{path.name} has too many columns",
            why="a contract describes every column, and nobody can describe so many",
            next_step="select the columns that matter, or turn repeated measurements into rows",
            found=f"{len(names):,}",
            expected=f"{MOST_COLUMNS:,} or fewer",
        )
    faults = [
        Fault(f"column {place}", "the name is blank", next_step="give it a name in the header")
        for place, name in enumerate(names, 1)
        if not name.strip()
    ]
    for name, count in Counter(names).items():
        if name.strip() and count > 1:
            places = ", ".join(str(place) for place, other in enumerate(names, 1) if other == name)
            told = f"the name stands {count} times (columns {places})"
            faults.append(Fault(f"column '{name}'", told, next_step="rename all but one"))
    if faults:
        raise DataInvalid(
            f"the header of {path.name} does not name its columns",
            why="a column is found by its name alone",
            next_step="correct the header and run again",
            faults=faults,
        )


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        head = stream.readline(LONGEST_HEADER + 1)
        if len(head) <= LONGEST_HEADER:
            return head
    commas = max(head.count(mark) for mark in (b",", b";", b"\t"))
    raise DataInvalid(
        f"the first line of {path.name} does not end within {LONGEST_HEADER >> 20} MiB",
        why="a header that long is no header, and reading on could take all memory",
        next_step="check that the file has line ends and select the columns that matter",
        found=f"{commas:,} separators so far",
        expected=f"{MOST_COLUMNS:,} columns or fewer",
    )


def _line_too_long(path: Path, start: int, longest: int) -> DataInvalid:
    return DataInvalid(
        f"a line of {path.name} that begins at byte {start:,} does not end within {longest:,} bytes",
        why="one line is held in memory whole, and a file without line ends would take all of it",
        next_step="check that the file has line ends (\\n) and was not cut or joined on the way",
        expected=f"lines of {longest:,} bytes or fewer",
    )


def check_text(path: Path, longest: int = LONGEST_LINE) -> None:
    r"""Refuse a text file that is not UTF-8 or has a line that does not end; it is read in pieces.

    Args:
        path: The file.
        longest: Bytes in which every line must end.

    Raises:
        DataInvalid: With the byte where it goes wrong.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.csv").write_text("x\n1\n")
        ...     check_text(Path(folder, "a.csv"))
    """
    decoder = getincrementaldecoder("utf-8")()
    offset = 0
    line = 0
    with path.open("rb") as stream:
        while True:
            piece = stream.read(CHUNK)
            line = _line_start(path, piece, offset, line, longest)
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                raise DataInvalid(
                    f"{path.name} is not UTF-8 at byte {offset - held + error.start:,}",
                    why="text read in the wrong encoding becomes other text without notice",
                    next_step=_encoding_cure(path),
                    found=f"byte 0x{error.object[error.start]:02x}",
                    expected="UTF-8",
                ) from error
            if not piece:
                return
            offset += len(piece)


def _line_start(path: Path, piece: bytes, offset: int, line: int, longest: int) -> int:
    """Return where the line begins that a piece ends in."""
    if len(piece) <= longest:
        first = piece.find(b"\n")
        if (offset + (len(piece) if first < 0 else first)) - line > longest:
            raise _line_too_long(path, line, longest)
        return line if first < 0 else offset + piece.rfind(b"\n") + 1
    for row in piece.splitlines(keepends=True):  # only where lines must be shorter than a piece
        end = offset + len(row)
        if end - line > longest:
            raise _line_too_long(path, line, longest)
        line = end if row.endswith(b"\n") else line
        offset = end
    return line


def _encoding_cure(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(2)
    name = "UTF-16" if head in {b"\xff\xfe", b"\xfe\xff"} else "ISO-8859-1"
    return f"convert it, such as `iconv -f {name} -t UTF-8 {path.name} > utf8-{path.name}`"


def _broken(path: Path, kind: str, error: Exception, cure: str) -> DataInvalid:
    first = str(error).strip().splitlines()
    return DataInvalid(
        f"{path.name} cannot be read as {kind}: {first[0] if first else type(error).__name__}",
        why="a table that is read in part is a wrong table",
        next_step=cure,
    )


def separator_of(path: Path) -> str:
    r"""Return what separates the fields of a CSV file, its header checked.

    Raises:
        DataInvalid: When the header does not end, is not text, or does not tell columns apart.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.csv").write_text("x;y\n1;2\n")
        ...     separator_of(Path(folder, "a.csv"))
        ';'
    """
    header = _first_line(path)
    try:
        line = header.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        check_text(path)
        raise
    marks = [",", ";", "\t", "|"]
    separator = "\t" if path.suffix.lower() in {".tsv", ".tab"} else max(marks, key=line.count)
    check_names(path, next(csv.reader([line], delimiter=separator), []))
    if "\x00" in line:
        raise _broken(path, "csv", ValueError("the header holds a NUL byte"), "export it again as text")
    return separator


def _read_csv(path: Path, manner: Manner) -> pl.DataFrame:
    separator = separator_of(path)
    check_text(path, manner.longest_line)
    try:
        return pl.read_csv(
            path,
            separator=separator,
            infer_schema_length=None,
            glob=False,
            truncate_ragged_lines=False,
            raise_if_empty=True,
        )
    except BROKEN as error:
        cure = (
            f"check quotes and that every line has as many fields, separated by {separator!r}, as the header"
        )
        raise _broken(path, "csv", error, cure) from error


def _read_parquet(path: Path, manner: Manner) -> pl.DataFrame:  # noqa: ARG001 - one signature for all
    cure = "the file seems cut short or damaged: copy or export it again"
    try:
        names = list(pl.read_parquet_schema(path))
        check_names(path, names)
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except BROKEN as error:
        raise _broken(path, "parquet", error, cure) from error


def _read_arrow(path: Path, manner: Manner) -> pl.DataFrame:  # noqa: ARG001 - one signature for all
    cure = "the file seems cut short or damaged: copy or export it again"
    try:
        check_names(path, list(pl.read_ipc_schema(path)))
        return pl.read_ipc(path.read_bytes())
    except BROKEN as error:
        raise _broken(path, "arrow", error, cure) from error


def _read_excel(path: Path, manner: Manner) -> pl.DataFrame:
    header, table = read_workbook(path, sheet=manner.sheet)
    check_names(path, header)
    return table


def _read_jsonl(path: Path, manner: Manner) -> pl.DataFrame:
    first = _first_line(path)
    check_text(path, manner.longest_line)
    cure = 'write one JSON object a line, such as {"age": 31, "y": "no"}'
    pairs: list[str] = []

    def note(items: list[tuple[str, object]]) -> dict[str, object]:
        pairs[:] = [name for name, _ in items]
        return dict(items)

    try:
        record = json.loads(first, object_pairs_hook=note)
        if not isinstance(record, dict):
            kind = type(record).__name__
            raise _broken(path, "jsonl", ValueError(f"line 1 holds a {kind}, not an object"), cure)
        check_names(path, pairs)
        frame = pl.read_ndjson(path, infer_schema_length=None)
    except BROKEN as error:
        raise _broken(path, "jsonl", error, cure) from error
    check_names(path, frame.columns)
    return frame


READERS: Mapping[str, Callable[[Path, Manner], pl.DataFrame]] = {
    "csv": _read_csv,
    "parquet": _read_parquet,
    "jsonl": _read_jsonl,
    "arrow": _read_arrow,
    "excel": _read_excel,
}
"""Format to what reads it."""

"""Labels that come back: late, twice, or corrected. Every arrival is kept; the last one counts."""

import fcntl
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import DataInvalid, Fault, IntegrityBroken, StorageFailed

__all__ = ["LABEL_SCHEMA", "LabelLine", "add_labels", "append_labels", "read_labels"]

FILE = "labels.jsonl"

LONGEST_LINE = 1 << 20
"""Bytes looked at for the end of the last line; no label is longer."""

LABEL_SCHEMA = pl.Schema(
    {
        "request_id": pl.String(),
        "row": pl.Int64(),
        "label": pl.String(),
        "value": pl.Float64(),
        "at": pl.Datetime("us", "UTC"),
        "arrivals": pl.Int64(),
    }
)
"""Columns of `read_labels`: one row for each answer that has a label. `label` is the label as text, `value`
as a number where it is one, `at` when it came last, `arrivals` how often it came."""


class LabelLine(msgspec.Struct, kw_only=True, frozen=True):
    """What became true, for one answer.

    Examples:
        >>> from datetime import UTC
        >>> LabelLine(request_id="r1", label="yes", at=datetime(2026, 1, 1, tzinfo=UTC)).row
        0
    """

    request_id: str
    """The request whose answer it belongs to."""
    row: int = 0
    """Place of the row in the request."""
    label: str | float
    """The class or the value."""
    at: datetime
    """When it arrived, UTC."""


def _drop_torn_end(handle: int) -> None:
    """Cut a line that a kill left without its end: it was never acknowledged."""
    size = os.fstat(handle).st_size
    start = max(0, size - LONGEST_LINE)
    tail = os.pread(handle, size - start, start)
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(handle, start + tail.rfind(b"\n") + 1)


def append_labels(folder: Path, lines: Sequence[LabelLine]) -> None:
    """Append labels; when this returns they are on the disk.

    Raises:
        StorageFailed: When they cannot be written.

    Examples:
        >>> append_labels.__name__
        'append_labels'
    """
    data = msgspec.json.Encoder().encode_lines(lines)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _drop_torn_end(handle)
            done = os.write(handle, data)
            while done < len(data):  # a disk that is nearly full takes a part and refuses the next one
                done += os.write(handle, data[done:])
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageFailed(
            f"labels cannot be written: {error.strerror or error}",
            why="quality is measured on labels that came back",
            next_step=f"free space in {folder} and send the labels again; sending twice does no harm",
        ) from error


def add_labels(folder: Path, frame: pl.DataFrame, *, clock: Clock) -> int:
    """Add labels from a frame with `request_id`, `label` and, where requests hold several rows, `row`.

    Returns:
        How many labels were added.

    Raises:
        DataInvalid: When a column is missing or a value is; every fault is listed.
        StorageFailed: When they cannot be written.

    Examples:
        >>> import tempfile
        >>> from modelwright.kernel.clock import SteppingClock
        >>> late = pl.DataFrame({"request_id": ["r1", "r1"], "label": ["no", "yes"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     added = add_labels(Path(folder), late, clock=SteppingClock())
        ...     known = read_labels(Path(folder))
        >>> added, known["label"].to_list(), known["arrivals"].to_list()
        (2, ['yes'], [2])
    """
    faults = [
        Fault(f"column {name}", "missing", next_step=f"the frame has {', '.join(frame.columns)}")
        for name in ("request_id", "label")
        if name not in frame.columns
    ]
    faults += [
        Fault(f"column {name}", f"{frame[name].null_count()} values are missing")
        for name in ("request_id", "label", "row")
        if name in frame.columns and frame[name].null_count()
    ]
    if faults:
        raise DataInvalid(
            "these labels cannot be joined",
            why="a label belongs to one answer",
            next_step="give request_id and label for every row",
            faults=faults,
        )
    at = clock.now()
    rows = frame["row"].to_list() if "row" in frame.columns else [0] * frame.height
    lines = [
        LabelLine(
            request_id=str(request),
            row=int(row),
            label=float(label)
            if isinstance(label, int | float) and not isinstance(label, bool)
            else str(label),
            at=at,
        )
        for request, row, label in zip(
            frame["request_id"].to_list(), rows, frame["label"].to_list(), strict=True
        )
    ]
    if lines:
        append_labels(folder, lines)
    return len(lines)


def _number(label: str | float) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def _text(label: str | float) -> str:
    if isinstance(label, str):
        return label
    return str(int(label)) if float(label).is_integer() else repr(float(label))


def read_labels(folder: Path) -> pl.DataFrame:
    """Return the label that counts for each answer, with the columns of `LABEL_SCHEMA`.

    Raises:
        IntegrityBroken: When a complete line cannot be read.

    Examples:
        >>> read_labels(Path("nowhere")).height
        0
    """
    path = folder / FILE
    if not path.exists():
        return pl.DataFrame(schema=LABEL_SCHEMA)
    data = path.read_bytes()
    try:
        lines = msgspec.json.Decoder(LabelLine).decode_lines(data[: data.rfind(b"\n") + 1])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IntegrityBroken(
            f"{path.name} holds a line that is no label: {error}",
            why="quality would be measured on something else",
            next_step="correct the line, or restore the file from a copy",
        ) from error
    last: dict[tuple[str, int], LabelLine] = {}
    arrivals: dict[tuple[str, int], int] = {}
    for item in lines:
        key = (item.request_id, item.row)
        last[key] = item
        arrivals[key] = arrivals.get(key, 0) + 1
    return pl.DataFrame(
        {
            "request_id": [item.request_id for item in last.values()],
            "row": [item.row for item in last.values()],
            "label": [_text(item.label) for item in last.values()],
            "value": [_number(item.label) for item in last.values()],
            "at": [item.at for item in last.values()],
            "arrivals": [arrivals[key] for key in last],
        },
        schema=LABEL_SCHEMA,
    )

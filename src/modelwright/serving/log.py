"""The prediction log: one JSON line for each answer, in the hands of the system before the answer leaves.

A killed server loses no answer it gave: lines are written with one system call before the answer is sent.
A machine that loses its power may lose the lines of the last flush interval. No feature stands in the
log unless the contract allows it by name, and entities stand there as keyed hashes only.
"""

import contextlib
import errno
import os
import re
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed

__all__ = ["LOG_SCHEMA", "LogLine", "PredictionLog", "read_log", "segments"]

SEGMENT = re.compile(r"predictions-\d{8}T\d{12}Z-\d+-\d+\.jsonl")

LOG_SCHEMA = pl.Schema(
    {
        "request_id": pl.String(),
        "row": pl.Int64(),
        "at": pl.Datetime("us", "UTC"),
        "version": pl.String(),
        "arm": pl.String(),
        "status": pl.Int64(),
        "latency_ms": pl.Float64(),
        "prediction": pl.String(),
        "value": pl.Float64(),
        "score": pl.Float64(),
        "scores": pl.List(pl.Float64()),
        "confidence": pl.Float64(),
        "fallback": pl.Boolean(),
        "fallback_reason": pl.String(),
        "review": pl.Boolean(),
        "entity": pl.String(),
        "error": pl.String(),
        "fields": pl.String(),
    }
)
"""Columns of `read_log`. `prediction` is the answer as text (null when there was none) and `value` the
answer as a number for regression; `score` is the positive class's probability, the highest probability,
or the value; `fields` is a JSON object of the allow-listed inputs."""


class LogLine(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One answer, as it stands in the log.

    Examples:
        >>> line = LogLine(request_id="r1", at=datetime(2026, 1, 1, tzinfo=UTC), version="v1", status=200)
        >>> msgspec.json.encode(line)
        b'{"request_id":"r1","at":"2026-01-01T00:00:00Z","version":"v1"}'
    """

    request_id: str
    """Names the request; labels come back under it."""
    row: int = 0
    """Place of the row in the request, from 0."""
    at: datetime
    """When the answer was made, UTC."""
    version: str | None
    """The version that answered; None when none did."""
    arm: str = "champion"
    """`champion`, `challenger` or `forced`."""
    status: int = 200
    """HTTP status of the whole answer: 200, or what the error was."""
    latency_ms: float = 0.0
    """From the arrival of the whole request to the answer being made."""
    prediction: str | float | None = None
    """The class or the value; None when there was none."""
    scores: list[float] | None = None
    """Probabilities in the order of the classes, or the one value; None when the model did not answer."""
    confidence: float | None = None
    """The highest probability; None for regression and where the model did not answer."""
    fallback: bool = False
    """Whether the fallback answered."""
    fallback_reason: str | None = None
    """Why it did: `deadline` or `model error`."""
    review: bool = False
    """Whether a person was asked to look first."""
    entity: str | None = None
    """Keyed hash of the entity; None when the request named none."""
    error: str | None = None
    """What kind of error was answered; None for predictions."""
    fields: dict[str, str | float | bool | None] | None = None
    """Inputs that the contract allows in the log, by name."""


class PredictionLog:
    """Writes lines to segments; one writer a segment, so that no two ever mix.

    Args:
        folder: Where the segments lie; made when missing.
        clock: Tells when a segment begins.
        flush_ms: How often written lines are forced to the disk; the bound of what a power loss can take.
        segment_bytes: Size at which a new segment begins.

    Examples:
        >>> import tempfile
        >>> from modelwright.kernel.clock import SteppingClock
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = PredictionLog(Path(folder), clock=SteppingClock())
        ...     log.write(
        ...         [LogLine(request_id="r1", at=SteppingClock().now(), version="v1", prediction="yes")]
        ...     )
        ...     log.close()
        ...     read_log(Path(folder))["prediction"].to_list()
        ['yes']
    """

    def __init__(
        self, folder: Path, *, clock: Clock, flush_ms: float = 200.0, segment_bytes: int = 64_000_000
    ) -> None:
        """Open the first segment and start flushing."""
        self._folder = folder
        self._clock = clock
        self._limit = segment_bytes
        self._encoder = msgspec.json.Encoder()
        self._lock = threading.Lock()
        self._count = 0
        self._size = 0
        self._dirty = False
        self._torn = False
        self._trouble: OSError | None = None
        self._handle = self._open()
        self._stop = threading.Event()
        self._flusher = threading.Thread(target=self._flush_every, args=(flush_ms / 1000,), daemon=True)
        self._flusher.start()

    def _open(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            stamp = self._clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            while True:
                name = f"predictions-{stamp}-{os.getpid()}-{self._count}.jsonl"
                self._count += 1
                with contextlib.suppress(FileExistsError):
                    mode = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
                    return os.open(self._folder / name, mode, 0o600)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StorageFailed:
        return StorageFailed(
            f"the prediction log cannot be written: {error.strerror or error}",
            why="an answer that is not logged can neither be judged nor explained later",
            next_step=f"free space in {self._folder} and make it writable",
        )

    def write(self, lines: Iterable[LogLine]) -> None:
        """Hand lines to the system; when this returns, killing the process loses none of them.

        Raises:
            StorageFailed: When they cannot be written; the log holds none of them then.
        """
        data = self._encoder.encode_lines(lines)
        with self._lock:
            if self._trouble is not None:
                raise self._failed(self._trouble)
            try:
                if self._torn or (self._size and self._size + len(data) > self._limit):
                    self._rotate()
                done = os.write(self._handle, data)
                while done < len(data):
                    done += os.write(self._handle, data[done:])
            except OSError as error:
                self._take_back()
                raise self._failed(error) from error
            self._size += len(data)
            self._dirty = True

    def _take_back(self) -> None:
        """Cut what was written of lines that did not fit; where that fails, nothing follows it."""
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:
            self._torn = True

    def _rotate(self) -> None:
        handle = self._open()
        os.fsync(self._handle)
        os.close(self._handle)
        self._handle = handle
        self._size = 0
        self._torn = False

    def flush(self) -> None:
        """Force what was written to the disk.

        Raises:
            StorageFailed: When the disk refuses; what was written meanwhile may be lost with the power.
        """
        with self._lock:
            if not self._dirty:
                return
            self._dirty = False
            handle = os.dup(self._handle)
        # Outside of the lock: answers must not wait for the disk.
        try:
            os.fsync(handle)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            os.close(handle)

    def _flush_every(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            try:
                self.flush()
                self._trouble = None
            except StorageFailed as error:
                # Told at the next write: no answer leaves while the disk does not keep what it is given.
                self._trouble = OSError(errno.EIO, error.what)
                self._dirty = True

    def close(self) -> None:
        """Flush and stop; closing again changes nothing."""
        if not self._stop.is_set():
            self._stop.set()
            self._flusher.join()
            self.flush()
            os.close(self._handle)


def segments(folder: Path) -> tuple[Path, ...]:
    """Return the log's segments, oldest first.

    Examples:
        >>> segments(Path("nowhere"))
        ()
    """
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if SEGMENT.fullmatch(path.name)))


def _lines(path: Path) -> list[LogLine]:
    """Decode a segment; a last line without its end was never acknowledged and does not count."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        return msgspec.json.Decoder(LogLine).decode_lines(whole)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IntegrityBroken(
            f"{path.name} holds a line that is no answer: {error}",
            why="a log with changed lines is no evidence",
            next_step="restore the segment from a copy, or move it out of the folder",
        ) from error


def _score(scores: Sequence[float] | None) -> float | None:
    if not scores:
        return None
    return scores[1] if len(scores) == 2 else max(scores)


def read_log(folder: Path, *, after: datetime | None = None) -> pl.DataFrame:
    """Return the log as a frame with the columns of `LOG_SCHEMA`, in the order it was written.

    Args:
        folder: The folder of the segments.
        after: Only answers after this moment; all when not given.

    Raises:
        IntegrityBroken: When a complete line cannot be read.

    Examples:
        >>> read_log(Path("nowhere")).height
        0
    """
    lines = [line for path in segments(folder) for line in _lines(path) if after is None or line.at > after]
    number = {index for index, line in enumerate(lines) if isinstance(line.prediction, int | float)}
    columns: dict[str, list[object]] = {
        name: [getattr(line, name) for line in lines]
        for name in LOG_SCHEMA
        if name not in {"prediction", "value", "score", "fields"}
    }
    columns["prediction"] = [None if line.prediction is None else str(line.prediction) for line in lines]
    columns["value"] = [line.prediction if index in number else None for index, line in enumerate(lines)]
    columns["score"] = [_score(line.scores) for line in lines]
    columns["fields"] = [
        msgspec.json.encode(line.fields).decode() if line.fields is not None else None for line in lines
    ]
    return pl.DataFrame({name: columns[name] for name in LOG_SCHEMA}, schema=LOG_SCHEMA, strict=False)

"""Contract validation: a million rows and thirty columns, against one query that only counts.

In memory both run in turn. From Parquet a process of its own streams the file, so that its peak memory is
what validating takes, the interpreter and its libraries included.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measurement import Measurement, timed
from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import ROW_ID
from modelwright.data.validate import validate

ROWS = 1_000_000
NUMBERS, CODES, NAMES = 10, 8, 12
"""Columns of each kind: fractions, whole numbers, categories."""

CATEGORIES = tuple(f"kind {number}" for number in range(8))
ROUNDS = 7
MOST_SECONDS = 12.0
BAR = 1.3
STREAM_SECONDS, STREAM_MEGABYTES = 0.5, 500.0
STREAMS = 5


def table(rows: int, *, seed: int = 7) -> pl.DataFrame:
    """A table with nulls everywhere, some values out of range, and a few strange categories."""
    chance = np.random.default_rng(seed)
    known = [*CATEGORIES, "strange"]
    rare = np.array([*[0.9999 / len(CATEGORIES)] * len(CATEGORIES), 0.0001])
    columns: dict[str, pl.Series] = {}
    for number in range(NUMBERS):
        columns[f"number{number}"] = pl.Series(chance.normal(50, 12, rows))
    for number in range(CODES):
        columns[f"code{number}"] = pl.Series(chance.integers(0, 1000, rows))
    for number in range(NAMES):
        codes = np.searchsorted(np.cumsum(rare), chance.random(rows) * rare.sum())
        columns[f"name{number}"] = pl.Series(known).gather(codes)
    frame = pl.DataFrame(columns)
    empty = pl.Series(chance.random(rows) < 0.001)
    return frame.with_columns(pl.when(empty).then(None).otherwise(pl.all()).name.keep())


def contract() -> Contract:
    """Thirty promises that nothing is empty, and thirty about values."""
    columns: dict[str, dict[str, object]] = {}
    for place in range(NUMBERS):
        columns[f"number{place}"] = {"type": "number", "range": [0, 100], "nulls": False}
    for place in range(CODES):
        columns[f"code{place}"] = {"type": "integer", "range": [0, 998], "nulls": False}
    for place in range(NAMES):
        columns[f"name{place}"] = {"type": "category", "categories": list(CATEGORIES), "nulls": False}
    columns["name0"]["role"] = "target"
    return Contract.model_validate(
        {
            "name": "wide",
            "decision": {
                "goal": "call likely clients first",
                "owner": "campaign lead",
                "action": "order of calls",
                "success_metric": {"name": "sales per call"},
            },
            "prediction": {"task": "multiclass", "target": "name0"},
            "data": {"sources": [{"path": "wide.parquet"}], "columns": columns},
            "evaluation": {"primary": "log_loss"},
        }
    )


def limit(frame: pl.DataFrame) -> pl.DataFrame:
    """One lazy query that counts what breaks each of the sixty promises, and nothing more."""
    counts = []
    known = pl.Enum(CATEGORIES)
    for name, dtype in frame.schema.items():
        value = pl.col(name)
        counts.append(value.is_null().sum().alias(f"{name} empty"))
        if dtype == pl.String:
            # The fastest way there is: several times faster than asking `is_in`.
            strange = value.is_not_null() & value.cast(known, strict=False).is_null()
            counts.append(strange.sum().alias(f"{name} strange"))
        else:
            highest = 100 if dtype.is_float() else 998
            counts.append((~value.is_between(0, highest)).sum().alias(f"{name} outside"))
    return frame.lazy().select(counts).collect()


def measure(rows: int = ROWS) -> tuple[Measurement, ...]:
    """Both in turn, in memory; the contract's answer carries the row ids of what failed as well."""
    frame, agreed = table(rows), contract()
    seen, counted = validate(frame, agreed), limit(frame)
    failing = sum(check.failing for check in seen.checks)
    assert failing == sum(counted.row(0)), "the two do not find the same rows"
    assert ROW_ID not in frame.columns
    ours: list[float] = []
    least: list[float] = []
    began = time.perf_counter()
    while len(ours) < ROUNDS and time.perf_counter() - began < MOST_SECONDS:
        ours += timed(lambda: validate(frame, agreed), times=1)
        least += timed(lambda: limit(frame), times=1)
    shape = f"{rows:,} rows x {frame.width} columns, 60 checks"
    times, peak = streamed(frame)
    return (
        Measurement(
            name="contract validation",
            unit="s",
            values=tuple(ours),
            bar=None,
            note=f"{shape}, presence and types besides, with row ids of what failed",
        ),
        Measurement(name="one query that only counts", unit="s", values=tuple(least), bar=None, note=shape),
        Measurement(
            name="contract validation over the query",
            unit="x",
            values=tuple(mine / other for mine, other in zip(ours, least, strict=True)),
            bar=BAR,
        ),
        Measurement(
            name="contract validation, streamed from Parquet",
            unit="s",
            values=times,
            bar=STREAM_SECONDS,
            note=f"{shape}, in a process of its own",
        ),
        Measurement(
            name="peak memory of that process",
            unit="MB",
            values=(peak,),
            bar=STREAM_MEGABYTES,
            note="interpreter and libraries included",
        ),
    )


def streamed(frame: pl.DataFrame) -> tuple[tuple[float, ...], float]:
    """Seconds of each of a few validations of the table as a file, and the peak memory in megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wide.parquet")
        frame.write_parquet(path, row_group_size=100_000)
        command = [sys.executable, "-m", "benchmarks.validation", str(path)]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return tuple(answer["seconds"]), answer["megabytes"]


def stream(path: Path) -> None:
    """Validate a file a few times, and print what it took."""
    agreed = contract()
    seconds = timed(lambda: validate(pl.scan_parquet(path), agreed), times=STREAMS, warm=1)
    # What getrusage calls the peak is at least what the parent held when it started this process.
    (peak,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    megabytes = int(peak.split()[1]) / 1024
    print(json.dumps({"seconds": seconds, "megabytes": megabytes}))


if __name__ == "__main__":
    stream(Path(sys.argv[1]))

"""Files larger than memory: ten million rows read in pieces and typed by the contract, below 1 GB.

A process of its own reads, so that its peak memory is what reading takes, the interpreter and its libraries
included.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measurement import Measurement
from modelwright.contracts.contract import Contract
from modelwright.data.source_batches import read_batches

ROWS = 10_000_000
CHUNK = 1_000_000
MEGABYTES = 1_000.0
KINDS = ("csv", "parquet")

COLUMNS: dict[str, dict[str, object]] = {
    "id": {"type": "integer", "role": "context"},
    "amount": {"type": "number"},
    "age": {"type": "integer", "range": [0, 120]},
    "job": {"type": "category"},
    "on": {"type": "datetime", "role": "context"},
    "y": {"type": "category", "role": "target"},
}


def contract(path: str) -> Contract:
    """A contract over one file."""
    return Contract.model_validate(
        {
            "name": "pieces",
            "decision": {
                "goal": "call likely clients first",
                "owner": "lead",
                "action": "order of calls",
                "success_metric": {"name": "sales per call"},
            },
            "prediction": {"task": "binary", "target": "y", "positive": "yes"},
            "data": {"sources": [{"path": path}], "columns": COLUMNS},
            "evaluation": {"primary": "roc_auc"},
            "gates": {"lines": ["roc_auc >= 0"]},
        }
    )


def make(folder: Path, rows: int) -> None:
    """Write the same rows as CSV and as Parquet."""
    chance = np.random.default_rng(7)
    with (folder / "calls.csv").open("wb") as stream:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            frame = pl.DataFrame(
                {
                    "id": np.arange(start, start + count),
                    "amount": chance.normal(50, 12, count).round(2),
                    "age": chance.integers(18, 90, count),
                    "job": chance.choice(["clerk", "student", "retired"], count),
                    "on": chance.choice(["2026-01-31", "2026-02-28"], count),
                    "y": chance.choice(["yes", "no"], count),
                }
            )
            stream.write(frame.write_csv(include_header=start == 0).encode())
    pl.scan_csv(folder / "calls.csv").sink_parquet(folder / "calls.parquet", row_group_size=250_000)


def read(folder: Path, name: str) -> None:
    """Read a file in pieces; print seconds, rows and peak megabytes."""
    start = time.perf_counter()
    rows = sum(piece.height for piece in read_batches(contract(name), root=folder))
    # What getrusage calls the peak is at least what the parent held when it started this process.
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    peak = int(line.split()[1]) / 1000
    print(json.dumps({"seconds": time.perf_counter() - start, "rows": rows, "megabytes": peak}))


def measure(rows: int = ROWS) -> list[Measurement]:
    """Write the files, and read each in a process of its own."""
    measurements = []
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), rows)
        for kind in KINDS:
            size = (Path(folder) / f"calls.{kind}").stat().st_size / 1e6
            command = [sys.executable, "-m", "benchmarks.pieces", folder, f"calls.{kind}"]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            assert told["rows"] == rows
            note = f"{rows:,} rows, {size:,.0f} MB on disk"
            measurements += [
                Measurement(
                    name=f"{kind} in pieces, peak memory",
                    unit="MB",
                    values=(told["megabytes"],),
                    bar=MEGABYTES,
                    note=note,
                ),
                Measurement(
                    name=f"{kind} in pieces",
                    unit="rows/s",
                    values=(rows / told["seconds"],),
                    bar=None,
                    note=note,
                ),
            ]
    return measurements


if __name__ == "__main__":
    read(Path(sys.argv[1]), sys.argv[2])

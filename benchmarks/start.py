"""The wait before the first word: `modelwright --help`, and `modelwright status` in a project."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Measurement

REPETITIONS = 11
HELP_BAR_MS = 150.0
STATUS_BAR_MS = 250.0

COMMAND = Path(sys.executable).with_name("modelwright")


def repeated(words: Sequence[str | Path], place: Path) -> tuple[float, ...]:
    """Milliseconds of each run; the first one warms the disk and writes bytecode, and does not count."""
    times = []
    for _ in range(REPETITIONS + 1):
        start = time.perf_counter()
        subprocess.run(words, cwd=place, check=True, capture_output=True)
        times.append((time.perf_counter() - start) * 1e3)
    return tuple(times[1:])


def make_project(place: Path) -> None:
    """A project with a drafted contract over two hundred rows."""
    rows = [f"r{number},{number % 7},{number % 13},{int(number % 7 > 3)}" for number in range(200)]
    (place / "table.csv").write_text("\n".join(["id,calls,age,left", *rows, ""]), encoding="utf-8")
    subprocess.run(
        [COMMAND, "init", "churn", "--data", "table.csv", "--target", "left", "--yes"],
        cwd=place,
        check=True,
        capture_output=True,
    )


def measure() -> tuple[Measurement, ...]:
    """An empty interpreter for context, then the two commands in a fresh project."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_project(place)
        return (
            Measurement(
                name="python -c pass",
                unit="ms",
                values=repeated([sys.executable, "-c", "pass"], place),
                bar=None,
            ),
            Measurement(
                name="modelwright --help",
                unit="ms",
                values=repeated([COMMAND, "--help"], place),
                bar=HELP_BAR_MS,
            ),
            Measurement(
                name="modelwright status",
                unit="ms",
                values=repeated([COMMAND, "status"], place),
                bar=STATUS_BAR_MS,
            ),
        )

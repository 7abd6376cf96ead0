"""The wait before the first word: `--help`, `status`, and a `run` that finds everything up to date."""

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.life import COMMAND, finished_life, scratch, variables
from benchmarks.measurement import Measurement, Moment, timed

REPETITIONS = 11
MOST_SECONDS = 8.0
HELP_BAR_MS = 150.0
STATUS_BAR_MS = 250.0


def repeated(
    name: str, words: Sequence[str | Path], place: Path, *, environment: Mapping[str, str], bar: float | None
) -> Measurement:
    """Milliseconds of each run; the first one warms the disk and writes bytecode, and does not count.

    Args:
        name: What it is called in the table.
        words: The command.
        place: Where it runs.
        environment: What it is started with.
        bar: The most the median may be.
    """
    used: list[float] = []

    def work() -> None:
        before = Moment.now()
        subprocess.run(words, cwd=place, env=environment, check=True, capture_output=True)
        used.append((Moment.now() - before).processor * 1e3)

    taken = timed(work, times=REPETITIONS, seconds=MOST_SECONDS, warm=1)
    return Measurement(
        name=name,
        unit="ms",
        values=tuple(seconds * 1e3 for seconds in taken),
        bar=bar,
        note=f"{statistics.median(used[1:]):.0f} ms of processor time, which neighbours move less",
    )


def make_project(place: Path, environment: Mapping[str, str]) -> None:
    """A project with a drafted contract over two hundred rows."""
    rows = [f"r{number},{number % 7},{number % 13},{int(number % 7 > 3)}" for number in range(200)]
    (place / "table.csv").write_text("\n".join(["id,calls,age,left", *rows, ""]), encoding="utf-8")
    words: list[str | Path] = [COMMAND, "init", "churn", "--data", "table.csv", "--target", "left", "--yes"]
    subprocess.run(words, cwd=place, env=environment, check=True, capture_output=True)


def measure() -> tuple[Measurement, ...]:
    """An empty interpreter for context; the commands in a fresh project, and in one that is finished."""
    place, life = scratch(), finished_life()
    fresh, finished = variables(place), life.variables
    make_project(place, fresh)
    program = str(COMMAND)
    nothing = [sys.executable, "-c", "pass"]
    return (
        repeated("python -c pass", nothing, place, environment=fresh, bar=None),
        repeated("modelwright --help", [program, "--help"], place, environment=fresh, bar=HELP_BAR_MS),
        repeated(
            "modelwright status, fresh project",
            [program, "status"],
            place,
            environment=fresh,
            bar=STATUS_BAR_MS,
        ),
        repeated(
            "modelwright status, finished life",
            [program, "status"],
            life.project,
            environment=finished,
            bar=STATUS_BAR_MS,
        ),
        repeated(
            "modelwright run with nothing to do",
            [program, "run"],
            life.project,
            environment=finished,
            bar=None,
        ),
    )

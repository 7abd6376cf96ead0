"""The wait before the first word: `--help`, `status`, and a `run` that finds everything up to date."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.life import COMMAND, finished_life, scratch, variables
from benchmarks.measurement import Measurement, timed

REPETITIONS = 11
MOST_SECONDS = 8.0
HELP_BAR_MS = 150.0
STATUS_BAR_MS = 250.0


def repeated(words: Sequence[str | Path], place: Path, environment: Mapping[str, str]) -> tuple[float, ...]:
    """Milliseconds of each run; the first one warms the disk and writes bytecode, and does not count."""

    def work() -> None:
        subprocess.run(words, cwd=place, env=environment, check=True, capture_output=True)

    taken = timed(work, times=REPETITIONS, seconds=MOST_SECONDS, warm=1)
    return tuple(seconds * 1e3 for seconds in taken)


def make_project(place: Path, environment: Mapping[str, str]) -> None:
    """A project with a drafted contract over two hundred rows."""
    rows = [f"r{number},{number % 7},{number % 13},{int(number % 7 > 3)}" for number in range(200)]
    (place / "table.csv").write_text("\n".join(["id,calls,age,left", *rows, ""]), encoding="utf-8")
    words: list[str | Path] = [COMMAND, "init", "churn", "--data", "table.csv", "--target", "left", "--yes"]
    subprocess.run(words, cwd=place, env=environment, check=True, capture_output=True)


def first_words() -> tuple[Measurement, ...]:
    """An empty interpreter for context, then the two commands in a fresh project."""
    place = scratch()
    environment = variables(place)
    make_project(place, environment)
    return (
        Measurement(
            name="python -c pass",
            unit="ms",
            values=repeated([sys.executable, "-c", "pass"], place, environment),
            bar=None,
            note="what no program in Python can be below",
        ),
        Measurement(
            name="modelwright --help",
            unit="ms",
            values=repeated([COMMAND, "--help"], place, environment),
            bar=HELP_BAR_MS,
        ),
        Measurement(
            name="modelwright status, fresh project",
            unit="ms",
            values=repeated([COMMAND, "status"], place, environment),
            bar=STATUS_BAR_MS,
        ),
    )


def measure() -> tuple[Measurement, ...]:
    """The commands in a fresh project, and in one whose twelve phases are done."""
    life = finished_life()
    return (
        *first_words(),
        Measurement(
            name="modelwright status, finished life",
            unit="ms",
            values=repeated([COMMAND, "status"], life.project, life.variables),
            bar=STATUS_BAR_MS,
        ),
        Measurement(
            name="modelwright run with nothing to do",
            unit="ms",
            values=repeated([COMMAND, "run"], life.project, life.variables),
            bar=None,
            note="what each further `run` costs before it does anything",
        ),
    )

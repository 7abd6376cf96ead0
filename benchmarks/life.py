"""A finished life of a model to measure on: what `modelwright demo` leaves behind, made once a run."""

import atexit
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modelwright.settings import read_settings
from modelwright.wiring import build_service
from modelwright.workflow.ports import Progress
from modelwright.workflow.service import Service

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""

COMMAND = Path(sys.executable).with_name("modelwright")
"""The command line, as it is installed beside this interpreter."""

DATA = ROOT / "examples" / "data" / "bank_marketing.parquet"
"""The table of the demonstration: UCI Bank Marketing, 41,188 rows."""

LONGEST_SECONDS = 240.0
"""A demonstration that takes longer is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A finished demonstration.

    Examples:
        >>> Life(folder=Path("demo-out"), seconds=30.0).project.name
        'calls'
    """

    folder: Path
    """Where it lies, keys included."""
    seconds: float
    """Wall time of the whole command."""

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "calls"

    @property
    def variables(self) -> dict[str, str]:
        """The environment to work in this project with."""
        return variables(self.folder)

    def open(self) -> Service:
        """Return the one door to the project."""
        return open_there(self.folder)


def variables(folder: Path) -> dict[str, str]:
    """Return an environment whose keys lie in a folder of this run.

    Args:
        folder: Where keys and projects of the run lie.

    Examples:
        >>> variables(Path("place"))["MODELWRIGHT_ACTOR"]
        'demonstration'
    """
    home = str(folder / "home")
    return {**os.environ, "MODELWRIGHT_HOME": home, "MODELWRIGHT_ACTOR": "demonstration"}


def open_there(folder: Path, *, progress: Progress | None = None) -> Service:
    """Return the door to the project in a folder that holds its keys too; the project need not be begun.

    Args:
        folder: Where project and keys lie.
        progress: Where long work says how far it is.
    """
    project = folder / "calls"
    project.mkdir(parents=True, exist_ok=True)
    return build_service(project, read_settings(variables(folder)), progress=progress)


def scratch(prefix: str = "modelwright-bench-") -> Path:
    """Return a new folder that is removed when the benchmarks end.

    Args:
        prefix: How its name begins.
    """
    place = tempfile.TemporaryDirectory(prefix=prefix)
    atexit.register(place.cleanup)
    return Path(place.name)


@cache
def finished_life() -> Life:
    """Run the demonstration from nothing and return what it left, with the time it took."""
    tell("the demonstration, from nothing (it is measured, and later benchmarks work on what it leaves)")
    folder = scratch()
    start = time.perf_counter()
    subprocess.run(
        [COMMAND, "demo", "--fresh", "--data", DATA, "--out", folder / "out"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=LONGEST_SECONDS,
    )
    return Life(folder=folder / "out", seconds=time.perf_counter() - start)


def tell(text: str) -> None:
    """Say what is being done, where it does not mix with the results.

    Args:
        text: One line.
    """
    print(f"    ... {text}", file=sys.stderr, flush=True)

"""Contract validation by others: a million rows, thirty columns, sixty checks, beside ours in the same run.

Each library runs in a process of its own, over the same table read from Parquet before the clock starts, one
round warm. Ours is timed right before and right after it, and that is what its ratio is over.
"""

import json
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import validation
from benchmarks.measurement import Measurement, timed
from benchmarks.peers.environment import Environment, NotInstalled
from modelwright.data.validate import validate

LIBRARIES = {
    "pandera": ("pandera[polars]",),
    "pointblank": ("pointblank",),
    "dataframely": ("dataframely",),
    "great-expectations": ("great-expectations", "pyarrow"),
}
"""What is compared, and what is installed for it beside Polars."""

ROUNDS = 5
MOST_SECONDS = 120.0
"""No library may take longer, its start included."""

CONTEST = Path(__file__).with_name("contest.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one library took, and what ours took right before and after it."""

    version: str
    """The library, with its version."""
    found: int
    """Values it found that break a promise."""
    seconds: tuple[float, ...]
    """Each of its validations."""
    ours: tuple[float, ...] = ()
    """Ours beside it."""


def measure(environment: Environment, *, rows: int = validation.ROWS) -> tuple[Measurement, ...]:
    """Time every library with ours before and after it; what could not be installed or run is told.

    Args:
        environment: Where the libraries are installed.
        rows: Rows of the table.
    """
    frame, agreed = validation.table(rows), validation.contract()
    found = sum(check.failing for check in validate(frame, agreed).checks)
    others: list[Told] = []

    def ours() -> tuple[float, ...]:
        return tuple(timed(lambda: validate(frame, agreed), times=ROUNDS))

    with tempfile.TemporaryDirectory() as folder:
        table, categories = Path(folder, "wide.parquet"), Path(folder, "categories.json")
        frame.write_parquet(table)
        categories.write_text(json.dumps(validation.CATEGORIES), encoding="utf-8")
        for library, packages in LIBRARIES.items():
            try:
                python = environment.python(library, packages)
                before = ours()
                told = _run(python, library, table, categories)
            except NotInstalled as reason:
                print(f"  {library} is left out: {reason}", flush=True)
                continue
            others.append(replace(told, ours=(*before, *ours())))
            print(f"  {told.version}: {told.found:,} values found, ours {found:,}", flush=True)
    return _measurements(others or [Told(version="", found=0, seconds=(), ours=ours())], frame.height)


def _run(python: Path, library: str, table: Path, categories: Path) -> Told:
    """Time one library; what it says when it breaks is the reason why it is left out."""
    command = [str(python), str(CONTEST), library, str(table), str(categories), str(ROUNDS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"not ready after {MOST_SECONDS:.0f} s") from error
    if done.returncode:
        raise NotInstalled((done.stderr.strip() or "it ended without a word").splitlines()[-1][:200])
    answer = json.loads(done.stdout.splitlines()[-1])
    return Told(version=answer["version"], found=answer["found"], seconds=tuple(answer["seconds"]))


def _measurements(others: list[Told], rows: int) -> tuple[Measurement, ...]:
    note = f"{rows:,} rows x 30 columns, 60 checks; a bounded sample of rows that failed"
    ours = tuple(second for told in others for second in told.ours)
    made = [Measurement(name="contract validation", unit="s", values=ours, bar=None, note=note)]
    for told in others:
        if not told.seconds:
            continue
        middle = statistics.median(told.ours)
        ratios = tuple(one / middle for one in told.seconds)
        made.append(Measurement(name=told.version, unit="s", values=told.seconds, bar=None))
        made.append(Measurement(name=f"{told.version} over ours", unit="x", values=ratios, bar=None))
    return tuple(made)

"""Runs the benchmarks named on the command line, or all of them, and prints each bar beside its figure.

The exit code says that everything could be measured, not that every bar is met: machines are shared and
noisy, and a missed bar is printed as such. The whole run stops by itself, uses this machine alone, and
leaves its results in `bench-out/`.
"""

import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

# OpenMP reads it when the first library that uses it is loaded: as on the command line, it comes first.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from benchmarks.report import Section, machine, table, write

BENCHMARKS = (
    "start",
    "demo",
    "overhead",
    "core_size",
    "canary",
    "alert",
    "serving",
    "batch",
    "validation",
    "profiling",
    "pieces",
    "features",
    "ledger",
    "approval",
    "evaluation",
    "scoring",
    "leakage",
    "long_training",
)
"""In the order they run: the bars of the whole product first."""

MOST_SECONDS = 720.0
"""No benchmark begins after so long."""

OUT = Path("bench-out")


def main(names: list[str]) -> int:
    """Measure, print, keep, and tell unknown names from known ones."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}.")
        return 2
    began, sections, left = time.perf_counter(), [], []
    before = machine()
    for name in names or BENCHMARKS:
        if time.perf_counter() - began > MOST_SECONDS:
            left.append(name)
            continue
        print(f"{name}", flush=True)
        start = time.perf_counter()
        module = import_module(f"benchmarks.{name}")
        section = Section(
            name=name,
            about=(module.__doc__ or "").splitlines()[0],
            measurements=module.measure(),
            seconds=time.perf_counter() - start,
        )
        sections.append(section)
        for measurement in section.measurements:
            print(f"  {measurement.line()}", flush=True)
    seconds = time.perf_counter() - began
    print(f"\n{table(sections)}\n\n{seconds:.0f} s; {machine().told}")
    write(OUT, sections, before=before, after=machine(), seconds=seconds)
    print(f"kept in {OUT / 'results.md'} and {OUT}/*.json")
    if left:
        print(f"not measured, for the time was up: {', '.join(left)}")
    return int(bool(left))


if __name__ == "__main__":
    # Asked to stop, it stops what it started and removes its folders, as it does at the end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(sys.argv[1:]))

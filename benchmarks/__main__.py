"""Runs the benchmarks named on the command line, or all of them, and prints each bar beside its figure.

The exit code says that everything could be measured, not that every bar is met: machines are shared and
noisy, and a missed bar is printed as such.
"""

import sys
from importlib import import_module

BENCHMARKS = ("start", "core_size")


def main(names: list[str]) -> int:
    """Measure, print, and tell unknown names from known ones."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}.")
        return 2
    print("minimum / median / maximum")
    for name in names or BENCHMARKS:
        for measurement in import_module(f"benchmarks.{name}").measure():
            print(f"  {measurement.line()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

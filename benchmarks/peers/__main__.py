"""Compares with other libraries, installed in environments of their own: `python -m benchmarks.peers data`.

Needs a package index. The environments lie in the system's folder for scratch files, or in the folder named
second, and are used again.
"""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks.peers.environment import Environment
from benchmarks.report import Section, machine, table, write

CONTESTS = ("data",)
"""What is compared."""

OUT = Path("bench-out") / "peers"


def main(arguments: list[str]) -> int:
    """Install, measure, print and keep; 1 when no library could be installed."""
    name = arguments[0] if arguments else "data"
    if name not in CONTESTS:
        print(f"There is no comparison {name}; there are: {', '.join(CONTESTS)}.")
        return 2
    scratch = Path(arguments[1]) if len(arguments) > 1 else Path(tempfile.gettempdir(), "modelwright-peers")
    before, began = machine(), time.perf_counter()
    module = import_module(f"benchmarks.peers.{name}")
    measured = module.measure(Environment(scratch))
    seconds = time.perf_counter() - began
    about = (module.__doc__ or "").splitlines()[0]
    sections = [Section(name=f"peers-{name}", about=about, measurements=measured, seconds=seconds)]
    print(f"\n{table(sections)}\n\n{seconds:.0f} s; {machine().told}")
    OUT.parent.mkdir(exist_ok=True)
    write(OUT, sections, before=before, after=machine(), seconds=seconds)
    print(f"kept in {OUT}")
    if len(measured) == 1:
        print("No other library could be installed: a package index that pip reaches is needed.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

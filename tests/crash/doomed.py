"""The command line as a process that ends at an exact instant: killed, interrupted, held, or out of disk.

Run as `python -m tests.crash.doomed DOOM WORD...`: it counts the durable steps the command line takes (a file
put in its place, an entry written to the ledger and committed, a process started) and meets its doom just
before the step that was named. Nothing of ours is replaced: the steps are told by the interpreter's audit
events and by SQLite's own trace.
"""

import json
import os
import resource
import signal
import sqlite3
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDERS = ("artifacts", "bundles", "cache", "checkpoints", "reports", "serving")
"""Folders whose names tell what kind of file was put in its place."""


@dataclass(frozen=True, kw_only=True)
class Doom:
    """What happens, and just before which step."""

    signal: int = 0
    """The signal the process sends itself; 0 for none."""
    step: str = ""
    """The step's name, such as `artifacts`, `entry look.taken`, `commit`, `process`; any step when empty."""
    count: int = 1
    """The how-manieth step of that name."""
    after: int = 0
    """So many steps later."""
    largest_file: int = 0
    """From that step on no file may grow beyond so many bytes, as on a full disk; 0 for no limit."""

    def words(self) -> str:
        """The doom as the program is told it."""
        return json.dumps(asdict(self))


class Steps:
    """Counts steps and meets the doom."""

    def __init__(self, doom: Doom) -> None:
        """Count from nothing."""
        self.doom = doom
        self.seen = 0
        self.left: int | None = None
        self.untraced: list[sqlite3.Connection] = []

    def __call__(self, name: str) -> None:
        """Count one step that is about to be taken."""
        if self.left is None and self.doom.step in {"", name}:
            self.seen += 1
            if self.seen == self.doom.count:
                self.left = self.doom.after
        if self.left is not None:
            self.left -= 1
            if self.left == -1:
                self.meet(name)

    def meet(self, name: str) -> None:
        """Let the doom happen."""
        if self.doom.signal:
            sys.stderr.write(f"doomed before: {name}\n")
            sys.stderr.flush()
            os.kill(os.getpid(), self.doom.signal)
        if self.doom.largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.doom.largest_file, resource.RLIM_INFINITY))

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Translate what the interpreter tells into steps."""
        if event == "os.rename":
            parts = Path(os.fsdecode(arguments[1])).parts
            self(next((folder for folder in FOLDERS if folder in parts), "file"))
        elif event == "subprocess.Popen":
            self("process")
        elif event == "sqlite3.connect/handle":
            self.untraced.append(arguments[0])
        elif event == "os.mkdir":
            # Only a connection that is made takes a trace; the ledger looks for its folder before it writes.
            while self.untraced:
                self.untraced.pop().set_trace_callback(self.sql)

    def sql(self, statement: str) -> None:
        """Translate what SQLite is about to do into steps."""
        if statement.startswith("INSERT INTO entries"):
            self(f"entry {statement.split(chr(39))[1]}")
        elif statement == "COMMIT":
            self("commit")


def main() -> int:
    """Set the doom up and call the command line."""
    from modelwright.surfaces.cli.main import main as command_line

    doom = Doom(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    steps = Steps(doom)
    sys.addaudithook(steps.audit)
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    code = command_line(sys.argv[2:])
    sys.stderr.write(f"steps: {steps.seen}\n")
    # The work is over; what measures this process may still have to write.
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return code


if __name__ == "__main__":
    sys.exit(main())

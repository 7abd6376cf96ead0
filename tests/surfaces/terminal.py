"""What the tests of the command line share: a small table, a process, and a person at a terminal."""

import csv
import os
import pty
import random
import re
import select
import subprocess
import sys
import time

PROGRAM = (sys.executable, "-m", "modelwright.surfaces.cli.main")

TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios\n"
    "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
    "os.setsid()\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
"""Makes the terminal on standard input the one whose Ctrl-C reaches the program."""

PATIENCE = 30.0
"""Seconds to wait for words on a slow machine before giving up."""

STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def write_calls(path, rows=400, seed=3):
    """Write a table of calls with a leak: `duration` is known only after the call."""
    draw = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["age", "visits", "job", "duration", "bought"])
        for _ in range(rows):
            age, visits = draw.randint(18, 80), draw.randint(0, 9)
            bought = draw.random() < (0.05 if visits < 5 else 0.9)
            seconds = round(draw.gauss(400 if bought else 150, 60), 1)
            job = draw.choice(["clerk", "student", "retired"])
            out.writerow([age, visits, job, seconds, "yes" if bought else "no"])
    return path


def environment(home, **more):
    """The environment a person has: nothing of the machine under test shines through."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COVERAGE", "PYTHON"))}
    return {
        **kept,
        "HOME": str(home),
        "MODELWRIGHT_ACTOR": "lead",
        "MODELWRIGHT_HOME": str(home / "modelwright"),
        "MODELWRIGHT_THREADS": "1",
        "PATH": "/usr/bin:/bin",
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        **more,
    }


def call(*words, cwd, env, **options):
    """Run the command line as a process of its own, without a terminal."""
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )


class Terminal:
    """A person at a terminal: reads what is shown, types, and waits for the end."""

    def __init__(self, *words, cwd, env, program=PROGRAM):
        """Start the command line, or another program, on a new terminal."""
        self._here, there = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *program, *words],
            cwd=cwd,
            env=env,
            stdin=there,
            stdout=there,
            stderr=there,
        )
        os.close(there)
        self.shown = ""
        self._read = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._here)

    def _more(self, until):
        """Read what is shown next; false at the end, or when nothing came in time."""
        ready, _, _ = select.select([self._here], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._here, 65536)
        except OSError:  # the other end has closed: Linux says so with an error
            return False
        self.shown += STEERING.sub("", data.decode("utf-8", errors="replace")).replace("\r", "")
        return bool(data)

    def expect(self, words):
        """Wait until these words are shown, after those expected before."""
        until = time.monotonic() + PATIENCE
        while (at := self.shown.find(words, self._read)) < 0:
            if not self._more(until):
                raise AssertionError(f"{words!r} was not shown after:\n{self.shown}")
        self._read = at + len(words)

    def type(self, words):
        """Type a line."""
        os.write(self._here, words.encode() + b"\n")

    def interrupted(self):
        """Press Ctrl-C until the program says so, as people do, and return the exit code.

        Pressed in the instant before the program begins to read, once is not enough for any Python program.
        """
        until = time.monotonic() + PATIENCE
        while "interrupted" not in self.shown and time.monotonic() < until:
            os.write(self._here, b"\x03")
            again = time.monotonic() + 0.5
            while "interrupted" not in self.shown and self._more(again):
                pass
        return self.ended()

    def ended(self):
        """Wait for the end and return the exit code."""
        until = time.monotonic() + PATIENCE
        while self._more(until):
            pass
        return self._process.wait(timeout=PATIENCE)

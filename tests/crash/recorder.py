"""The command line as a process that writes down what it made durable, and in which order.

Run as `python -m tests.crash.recorder FOLDER WORD...`. Into FOLDER go the bytes of every file at the moments
it was forced to the disk, and a journal of what happened: forced files and folders, renames, links, removals,
new folders, and what the ledger was about to commit. What was never forced is what a power loss may take.
"""

import hashlib
import json
import os
import stat
import sys
import threading
from pathlib import Path


class Journal:
    """Keeps the order of events that concern one project's folder."""

    def __init__(self, folder: Path, roots: tuple[Path, ...]) -> None:
        """Keep where the bytes go, and which folders are of interest."""
        self.folder = folder
        self.roots = tuple(root.resolve() for root in roots)
        self.events: list[dict[str, object]] = []
        self.untraced: list[object] = []
        self.pending: dict[str, object] = {}
        self.real_sync = os.fsync
        self._inside = threading.local()

    def note(self, **event: object) -> None:
        """Write one event down."""
        self.events.append(event)

    def concerns(self, path: Path) -> bool:
        """Whether a path lies in the project or in the folder of keys."""
        return any(path.is_relative_to(root) for root in self.roots)

    def keep(self, path: Path) -> str:
        """Keep a file's bytes as they are now and return their digest."""
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        (self.folder / digest).write_bytes(data)
        return digest

    def sync(self, handle: int) -> None:
        """Force a file or folder to the disk, and write down which, with its bytes."""
        self.real_sync(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if not self.concerns(path):
            return
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            self.note(op="folder", path=str(path))
        else:
            self.note(op="sync", path=str(path), digest=self.quietly(self.keep, path))

    def quietly(self, act, *arguments):
        """Do something of ours without writing it down."""
        self._inside.busy = True
        try:
            return act(*arguments)
        finally:
            self._inside.busy = False

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Translate what the interpreter tells into events."""
        if getattr(self._inside, "busy", False):
            return
        if event in {"os.rename", "os.link"}:
            source, target = (Path(os.fsdecode(name)).absolute() for name in arguments[:2])
            if self.concerns(target):
                digest = self.quietly(self.keep, source) if source.is_file() else ""
                self.note(op=event[3:], path=str(target), source=str(source), digest=digest)
        elif event == "os.remove":
            path = Path(os.fsdecode(arguments[0])).absolute()
            if self.concerns(path):
                self.note(op="remove", path=str(path))
        elif event == "os.mkdir":
            path = Path(os.fsdecode(arguments[0])).absolute()
            if self.concerns(path):
                self.note(op="mkdir", path=str(path), there=path.exists())
            # Only a connection that is made takes a trace; the ledger looks for its folder before it writes.
            while self.untraced:
                self.untraced.pop().set_trace_callback(self.sql)
        elif event == "sqlite3.connect/handle":
            self.untraced.append(arguments[0])

    def sql(self, statement: str) -> None:
        """Tell what the ledger is about to commit: the artifacts that an entry names."""
        if statement.startswith("INSERT INTO entries"):
            payload = statement[statement.index("{") : statement.rindex("}") + 1].replace("''", "'")
            self.pending = json.loads(payload)
        elif statement == "COMMIT" and self.pending:
            named = sorted(set(self.pending["artifacts"].values()))
            self.note(op="commit", kind=self.pending["kind"], artifacts=named)
            self.pending = {}


def main() -> int:
    """Record one command."""
    from modelwright.surfaces.cli.main import main as command_line

    words = sys.argv[2:]
    root = Path(words[words.index("-C") + 1])
    journal = Journal(Path(sys.argv[1]), (root, root.parent / "home"))
    os.fsync = journal.sync
    sys.addaudithook(journal.audit)
    code = command_line(words)
    with (journal.folder / "journal.json").open("w", encoding="utf-8") as stream:
        json.dump(journal.events, stream)
    return code


if __name__ == "__main__":
    sys.exit(main())

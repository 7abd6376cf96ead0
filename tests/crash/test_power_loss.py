"""Power loss: whatever was not forced to the disk is gone, and what is left is the old state or the new one.

Each command is recorded once: which bytes it forced to the disk, and in which order files were put in their
place and entries committed. Then the power fails after every single event. Two worst cases are looked at: no
folder remembers what it was not forced to remember; and every folder does, while bytes that were not forced
are lost (as file systems do that write names before bytes).
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.crash.stages import PATIENCE, ROOT, environment
from tests.crash.works import WORKS, words

RECORDED = ("init", "run until 3", "approve", "freeze", "amend", "promote", "rollout drill", "ledger export")
"""Commands whose writing is replayed."""

LOST = "lost"
"""Bytes that were never forced to the disk."""

OWN_CARE = ("ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal")
"""Files whose order SQLite looks after; it is tested by its authors, with synchronous=FULL."""


def recorded(shelf, name, folder):
    """Run a command on a copy of its project and return what it did, event by event."""
    root = shelf.copy(name, folder / "project")
    kept = folder / "kept"
    kept.mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.crash.recorder", str(kept), "-C", str(root), *words(name, root)],
        cwd=ROOT, env=environment(root), capture_output=True, text=True, timeout=PATIENCE, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode in WORKS[name].ends, ran.stderr
    return root, json.loads((kept / "journal.json").read_text())


class Disk:
    """What is on the disk for certain, and what only the memory knows."""

    def __init__(self):
        """Nothing happened yet: what was there before is safe."""
        self.bytes = {}
        self.names = {}
        self.unsure = {}
        self.unsure_folders = set()

    def do(self, event):
        """Let one event happen."""
        path = event.get("path", "")
        match event["op"]:
            case "sync":
                self.bytes[path] = event["digest"]
            case "rename" | "link":
                synced = self.bytes.get(event["source"])
                self.unsure[path] = event["digest"] if synced == event["digest"] else LOST
                if event["op"] == "rename":
                    self.bytes.pop(event["source"], None)
            case "remove":
                self.unsure.pop(path, None)
            case "mkdir" if not event["there"]:
                self.unsure_folders.add(path)
            case "folder":
                inside = [name for name in self.unsure if str(Path(name).parent) == path]
                for name in inside:
                    self.names[name] = self.unsure.pop(name)
                self.unsure_folders -= {
                    name for name in self.unsure_folders if str(Path(name).parent) == path
                }
            case _:
                pass

    def torn(self):
        """Names that would stand for bytes that are lost, if folders are remembered and bytes are not."""
        return sorted(name for name, digest in {**self.names, **self.unsure}.items() if digest == LOST)

    def certain(self, name):
        """Whether a file is on the disk under its name, in folders that are there."""
        above = {str(parent) for parent in Path(name).parents}
        return self.names.get(name, LOST) != LOST and not above & self.unsure_folders


@pytest.fixture(scope="module", params=RECORDED)
def replayed(request, shelf, tmp_path_factory):
    """A command's events, with the project it worked in."""
    root, events = recorded(shelf, request.param, tmp_path_factory.mktemp("power"))
    assert any(event["op"] == "sync" for event in events)
    return root, events


def test_no_name_ever_stands_for_bytes_that_a_power_loss_takes(replayed):
    """Forced first, put in place then: each name stands for all of the old bytes or all of the new."""
    _, events = replayed
    disk = Disk()
    for number, event in enumerate(events):
        disk.do(event)
        assert disk.torn() == [], f"after event {number}: {event}"


def test_an_entry_is_committed_only_after_the_evidence_it_names_is_on_the_disk(replayed):
    """Otherwise the ledger would remember an approval of something that is gone."""
    root, events = replayed
    disk = Disk()
    store = root / ".modelwright" / "artifacts"
    written = {event["path"]: event["digest"] for event in events if event["op"] == "rename"}
    bundles = {digest: path for path, digest in written.items() if path.endswith(".mwb")}
    for event in events:
        disk.do(event)
        for named in event.get("artifacts", ()):
            digest = named.removeprefix("sha256:")
            path = bundles.get(digest, str(store / digest[:2] / digest))
            if path in written:
                assert disk.certain(path), f"{event['kind']} names {path}, which is not certain yet"


def test_in_the_end_everything_that_was_written_is_certain(replayed):
    """A command that says it is done has nothing left in the memory of the machine."""
    root, events = replayed
    disk = Disk()
    for event in events:
        disk.do(event)
    left = [
        name
        for name in {**disk.unsure, **dict.fromkeys(disk.unsure_folders, "")}
        if Path(name).name not in OWN_CARE and "scratch" not in name and "cache" not in name
    ]
    assert sorted(name for name in left if Path(name).exists()) == [], root

"""The project lock: one writer at a time, and a killed one holds up nobody."""

import subprocess
import sys

import pytest

from modelwright.adapters.project_lock import ProjectLock
from modelwright.kernel.errors import ExitCode, OurFault, ProjectBusy, StorageFailed

HOLDER = """
import sys
from pathlib import Path
from modelwright.adapters.project_lock import ProjectLock

with ProjectLock(Path(sys.argv[1]), purpose="training"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path):
    """A process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_who_holds_the_lock(tmp_path):
    """At once: the lock is not waited for."""
    process = holder(tmp_path / "lock")
    with pytest.raises(ProjectBusy) as caught, ProjectLock(tmp_path / "lock"):
        pass
    assert f"process {process.pid}, training" in str(caught.value)
    assert caught.value.exit_code is ExitCode.BUSY
    process.communicate()
    with ProjectLock(tmp_path / "lock"):
        pass


def test_a_killed_holder_lets_go_by_itself(tmp_path):
    """Kill -9 leaves no stale lock to remove by hand."""
    process = holder(tmp_path / "lock")
    process.kill()
    process.communicate()
    with ProjectLock(tmp_path / "lock", purpose="run"):
        assert (tmp_path / "lock").read_text(encoding="utf-8").endswith("run\n")


def test_the_lock_is_let_go_when_the_work_fails(tmp_path):
    """And may be taken again by the same object."""
    lock = ProjectLock(tmp_path / "deep" / "lock")
    with pytest.raises(ZeroDivisionError), lock:
        _ = 1 / 0
    with lock, pytest.raises(ProjectBusy), ProjectLock(tmp_path / "deep" / "lock"):
        pass


def test_taking_the_same_lock_inside_itself_is_our_fault(tmp_path):
    """It would wait for itself."""
    lock = ProjectLock(tmp_path / "lock")
    with lock:
        with pytest.raises(OurFault, match="already held"):
            lock.__enter__()
        with pytest.raises(ProjectBusy), ProjectLock(tmp_path / "lock"):
            pass


def test_a_link_in_place_of_the_lock_is_refused(tmp_path):
    """It could point at a file of someone else's."""
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(StorageFailed, match="cannot open the lock file"), ProjectLock(tmp_path / "lock"):
        pass
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"

"""What a killed process left unfinished is cleared; what a living one is writing is not."""

import os
import subprocess
import sys

import pytest

from modelwright.kernel.errors import StorageFailed
from modelwright.workflow.project import Project
from modelwright.workflow.scratch import clear_leftovers, scratch_folder


@pytest.fixture
def project(tmp_path):
    """An empty project."""
    return Project(root=tmp_path)


def gone():
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def begun(folder, process):
    """A file that a process began."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".a.json.{process}.7.part"
    path.write_bytes(b"half")
    return path


def test_files_of_processes_that_are_gone_are_removed(project):
    """Wherever the project is written to."""
    process = gone()
    left = [begun(place, process) for place in (project.root, project.artifacts / "ab", project.pipeline)]
    assert len(clear_leftovers(project)) == 3
    assert not any(path.exists() for path in left)


@pytest.mark.parametrize("process", [os.getpid(), 1], ids=["of the same user", "of another"])
def test_files_of_living_processes_are_left_alone(project, process):
    """Such as a server of the same user, or of another one."""
    path = begun(project.serving, process)
    assert clear_leftovers(project) == ()
    assert path.exists()


@pytest.mark.parametrize("name", [".a.part", ".a.json.x.7.part", f".a.json.{10**30}.7.part"])
def test_a_strange_name_is_only_removed_when_no_process_can_have_it(project, name):
    """What others put there is not ours to take away."""
    project.store.mkdir()
    (project.store / name).write_bytes(b"?")
    assert clear_leftovers(project) == ((f".modelwright/{name}",) if "00000" in name else ())


def test_scratch_of_a_killed_run_is_removed_folder_and_all(project):
    """It is only cleared under the lock, when nobody works in it."""
    with scratch_folder(project) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "rows.parquet").write_bytes(b"rows")
        assert clear_leftovers(project) == (folder.relative_to(project.root).as_posix(),)
    assert list(project.scratch.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_as_such(project):
    """Something else has its name."""
    project.store.mkdir()
    project.scratch.write_bytes(b"a file")
    with pytest.raises(StorageFailed, match="no room to work in"), scratch_folder(project):
        raise AssertionError

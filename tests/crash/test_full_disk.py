"""A full disk: told as such, with what was stored unharmed, and the work finished once there is room."""

import pytest
from tests.crash.doomed import Doom
from tests.crash.stages import STAGES, begun_files, call, end_state, reopened

WORLD_FAULT = 3


@pytest.mark.parametrize(
    ("name", "step", "count"),
    [
        ("snapshot", "artifacts", 3),
        ("snapshot", "entry phase.completed", 1),
        ("training", "checkpoints", 2),
        ("packing", "file", 6),
        ("judging", "process", 1),
        ("promotion", "entry approval.given", 1),
    ],
)
def test_a_disk_that_fills_up_is_told_and_the_work_ends_once_there_is_room(
    stages, tmp_path, name, step, count
):
    """Not a byte more from some step on: an artifact, a checkpoint, a bundle, the ledger, a child's file."""
    root = stages.copy(name, tmp_path)
    before = entries_of(root)
    ended = call(Doom(step=step, count=count, largest_file=1), *STAGES[name].words, root=root)
    assert ended.returncode == WORLD_FAULT, ended.stderr
    assert "Next: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert entries_of(root)[: len(before)] == before
    assert reopened(root).ledger.verify().allows
    service = reopened(root)
    STAGES[name].finish(service)
    assert end_state(service, STAGES[name]) == stages.ends[name]
    assert begun_files(root) == []


@pytest.mark.every_step
@pytest.mark.parametrize("name", STAGES)
def test_a_disk_that_is_full_from_any_step_on_is_told(stages, tmp_path, name):
    """Every file and every entry is in turn the first one that finds no room."""
    for number in range(1, 1000):
        root = stages.copy(name, tmp_path / str(number))
        ended = call(Doom(count=number, largest_file=1), *STAGES[name].words, root=root)
        if ended.returncode == 0:
            break
        assert ended.returncode == WORLD_FAULT, f"full from step {number} on: {ended.stderr}"
        assert "Traceback" not in ended.stderr
        service = reopened(root)
        STAGES[name].finish(service)
        assert end_state(service, STAGES[name]) == stages.ends[name], f"full from step {number} on"
    assert number > 3


def entries_of(root):
    """The digests of the ledger's entries."""
    return [entry.digest for entry in reopened(root).entries()]

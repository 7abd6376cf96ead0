"""A full disk: told as such, with what was stored unharmed, and the work finished once there is room."""

import pytest
from tests.crash.doomed import Doom
from tests.crash.stages import STAGES, begun_files, call, end_state, reopened

WORLD_FAULT = 3


@pytest.mark.parametrize(
    ("name", "largest"),
    [("snapshot", 2_000), ("snapshot", 64_000), ("training", 12_000), ("judging", 36_000), ("promotion", 1)],
)
def test_a_disk_that_is_full_is_told_and_the_work_ends_once_there_is_room(stages, tmp_path, name, largest):
    """No file may grow beyond a limit, which strikes artifacts, checkpoints, bundles or the ledger itself."""
    root = stages.copy(name, tmp_path)
    before = entries_of(root)
    ended = call(Doom(largest_file=largest), *STAGES[name].words, root=root)
    assert ended.returncode == WORLD_FAULT, ended.stderr
    assert "unharmed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert entries_of(root)[: len(before)] == before
    assert reopened(root).verify_ledger().allows
    service = reopened(root)
    STAGES[name].finish(service)
    assert end_state(service, STAGES[name]) == stages.ends[name]
    assert begun_files(root) == []


def entries_of(root):
    """The digests of the ledger's entries."""
    return [entry.digest for entry in reopened(root).entries()]

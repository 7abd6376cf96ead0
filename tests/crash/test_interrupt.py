"""Ctrl-C and two runs at once: told in words, with the project unharmed."""

import os
import random
import signal
import subprocess

import pytest
from tests.crash.doomed import Doom
from tests.crash.stages import PATIENCE, STAGES, call, end_state, reopened, start

INTERRUPTED = 130
BUSY = 8


@pytest.mark.parametrize(
    ("name", "step", "count"), [("snapshot", "artifacts", 2), ("training", "checkpoints", 2)]
)
def test_ctrl_c_ends_a_run_with_130_and_the_next_run_goes_on(stages, tmp_path, name, step, count):
    """What to type next is said; nothing is lost, asked twice or left half-written."""
    root = stages.copy(name, tmp_path)
    doom = Doom(signal=signal.SIGINT, step=step, count=count)
    ended = call(doom, *STAGES[name].words, root=root)
    assert ended.returncode == INTERRUPTED, ended.stderr
    assert "interrupted; the project is unharmed" in ended.stderr
    assert "Traceback" not in ended.stderr
    service = reopened(root)
    STAGES[name].finish(service)
    assert end_state(service, STAGES[name]) == stages.ends[name]


@pytest.mark.parametrize("seed", [21, 22])
def test_ctrl_c_at_a_random_instant_reaches_the_whole_group_and_harms_nothing(stages, tmp_path, seed):
    """As a terminal sends it: to the run, its server and its scorer at once."""
    root = stages.copy("training", tmp_path)
    code, said = interrupted_within(random.Random(seed).uniform(0.1, 1.5), "training", root)
    assert code in {0, INTERRUPTED}, said
    assert "Traceback" not in said
    service = reopened(root)
    STAGES["training"].finish(service)
    assert end_state(service, STAGES["training"]) == stages.ends["training"]


def interrupted_within(seconds, name, root):
    """Start the work of a stage, press Ctrl-C after so many seconds, and return how it ended."""
    with start(Doom(), *STAGES[name].words, root=root) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.mark.every_step
@pytest.mark.parametrize("seed", range(40))
def test_ctrl_c_at_any_random_instant_harms_nothing(stages, tmp_path, seed):
    """Stages and instants drawn by fixed seeds."""
    draw = random.Random(1000 + seed)
    name = draw.choice(sorted(STAGES))
    root = stages.copy(name, tmp_path)
    code, said = interrupted_within(draw.uniform(0.0, 6.0), name, root)
    assert code in {0, INTERRUPTED}, said
    assert "Traceback" not in said
    service = reopened(root)
    STAGES[name].finish(service)
    assert end_state(service, STAGES[name]) == stages.ends[name]


def test_the_second_of_two_runs_is_told_who_is_at_work(stages, tmp_path):
    """Exit code 8, and the first one goes on as if nothing had happened."""
    root = stages.copy("snapshot", tmp_path)
    doom = Doom(signal=signal.SIGSTOP, step="artifacts", count=2)
    with start(doom, *STAGES["snapshot"].words, root=root) as first:
        while not first.stderr.readline().startswith("doomed"):
            assert first.poll() is None
        second = call(Doom(), *STAGES["snapshot"].words, root=root)
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=PATIENCE)
    assert second.returncode == BUSY
    assert f"process {first.pid}" in second.stderr
    assert first.returncode == 0
    assert end_state(reopened(root), STAGES["snapshot"]) == stages.ends["snapshot"]

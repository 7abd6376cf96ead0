"""Killed with no chance to say goodbye, and run again: the end is that of an undisturbed run."""

import json
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from tests.crash.doomed import Doom
from tests.crash.stages import (
    PATIENCE,
    ROOT,
    STAGES,
    begun_files,
    call,
    end_state,
    environment,
    reopened,
    start,
)

KILL = signal.SIGKILL

TARGETED = [
    ("snapshot", Doom(signal=KILL, step="artifacts", count=3)),
    ("snapshot", Doom(signal=KILL, step="entry phase.completed", after=1)),
    ("training", Doom(signal=KILL, step="checkpoints", count=4)),
    ("judging", Doom(signal=KILL, step="entry look.taken", after=2)),
    ("judging", Doom(signal=KILL, step="entry look.answered", after=1)),
    ("judging", Doom(signal=KILL, step="entry version.registered", after=2)),
    ("promotion", Doom(signal=KILL, step="entry version.promoted")),
]
"""Where half-done work would hurt most: evidence without its entry, a look without its answer, and so on."""


def told(case):
    """A name for a case, as pytest shows it."""
    if isinstance(case, Doom):
        return f"{case.count}-{case.step.replace(' ', '-')}-{case.after}-later"
    return str(case)


def finished_after_kill(stages, name, root):
    """Check the project as the kill left it, finish the work as another process, and return the end."""
    service = reopened(root)
    assert service.ledger.verify().allows
    assert not [link for link in service.verify().links if link.status.value == "failed"]
    STAGES[name].finish(service)
    return end_state(service, STAGES[name])


def cleared(root):
    """Whether the next runs clear what was begun; an orphaned server writes for half a second yet."""
    until = time.monotonic() + PATIENCE
    while begun_files(root) and time.monotonic() < until:
        reopened(root).run(until=1)
    return not begun_files(root)


@pytest.mark.parametrize(("name", "doom"), TARGETED, ids=told)
def test_a_kill_at_a_delicate_instant_changes_nothing_in_the_end(stages, tmp_path, name, doom):
    """The next run goes on from what is on the disk, and clears what was begun."""
    root = stages.copy(name, tmp_path)
    ended = call(doom, *STAGES[name].words, root=root)
    assert ended.returncode == -KILL, ended.stderr
    assert finished_after_kill(stages, name, root) == stages.ends[name]
    assert cleared(root)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_kill_at_a_random_instant_of_training_changes_nothing_in_the_end(stages, tmp_path, seed):
    """Drawn by a fixed seed; a training that was quicker than the kill has to end the same, too."""
    root = stages.copy("training", tmp_path)
    killed_within(random.Random(seed).uniform(0.2, 2.0), "training", root)
    assert finished_after_kill(stages, "training", root) == stages.ends["training"]
    assert cleared(root)


def killed_within(seconds, name, root):
    """Start the work of a stage, kill it after so many seconds, and say whether it was still at work."""
    with start(Doom(), *STAGES[name].words, root=root) as process:
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=PATIENCE)
    return process.returncode == -KILL


def test_a_kill_while_packing_leaves_no_server_behind_and_changes_nothing_in_the_end(stages, tmp_path):
    """A kill gives the run no chance to stop its server; it ends by itself."""
    root = stages.copy("packing", tmp_path)
    ended = call(Doom(signal=KILL, step="process", after=4), *STAGES["packing"].words, root=root)
    assert ended.returncode == -KILL
    (left,) = (root / ".modelwright" / "scratch").glob("*/server.json")
    url = urlsplit(json.loads(left.read_bytes())["url"])
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and is_open(url):
        pass
    assert not is_open(url)
    assert finished_after_kill(stages, "packing", root) == stages.ends["packing"]
    assert cleared(root)


def is_open(url):
    """Whether somebody listens there."""
    with socket.socket() as asked:
        asked.settimeout(1.0)
        return asked.connect_ex((url.hostname, url.port)) == 0


@pytest.mark.every_step
@pytest.mark.parametrize("name", STAGES)
def test_a_kill_before_every_single_step_changes_nothing_in_the_end(stages, tmp_path, name):
    """Every file put in its place, every entry, every process started: each in turn is the last one."""
    for number in range(1, 1000):
        root = stages.copy(name, tmp_path / str(number))
        ended = call(Doom(signal=KILL, count=number), *STAGES[name].words, root=root)
        if ended.returncode == 0:
            break
        assert ended.returncode == -KILL, ended.stderr
        where = f"killed as step {number}: {ended.stderr.splitlines()[-1]}"
        assert finished_after_kill(stages, name, root) == stages.ends[name], where
        assert cleared(root), where
    assert number > 3


@pytest.mark.every_step
@pytest.mark.parametrize("seed", range(40))
def test_a_kill_at_any_random_instant_changes_nothing_in_the_end(stages, tmp_path, seed):
    """Stages and instants drawn by fixed seeds, each killed up to three times before it may end."""
    draw = random.Random(seed)
    name = draw.choice(sorted(STAGES))
    root = stages.copy(name, tmp_path)
    for _ in range(3):
        if not killed_within(draw.uniform(0.0, 6.0), name, root):
            break
    assert finished_after_kill(stages, name, root) == stages.ends[name]
    assert cleared(root)


@pytest.mark.every_step
@pytest.mark.parametrize("seed", range(5))
def test_a_life_killed_again_and_again_ends_like_an_undisturbed_one(stages, tmp_path, seed):
    """From the drafted contract to the champion, with people answering in between.

    Its phase 9 measured other latencies and its clock told other times, so verdict and bundle are others;
    what was learned, how often the labels were asked and who answers are the same.
    """
    draw = random.Random(100 + seed)
    root = stages.copy("snapshot", tmp_path)
    kills = 0
    while (code := lived_for(draw.uniform(1.0, 8.0 + kills), root)) == -KILL:
        kills += 1
    assert code == 0
    assert kills > 0
    service = reopened(root)
    assert cleared(root)
    for name in ("snapshot", "training"):
        assert end_state(service, STAGES[name])["outputs"] == stages.ends[name]["outputs"]
    end, undisturbed = end_state(service, STAGES["promotion"]), stages.ends["promotion"]
    for one in (end, undisturbed):
        one["versions"] = [replace(version, bundle_digest="") for version in one["versions"]]
    assert end == undisturbed


def lived_for(seconds, root):
    """Walk a life for so many seconds, kill it, and return how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.life", str(root)],
        cwd=ROOT,
        env=environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline() == "ready\n"
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    return process.returncode

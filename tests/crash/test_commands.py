"""Every command that writes, killed at random instants: the next one finds a whole project and heals it."""

import random
import signal
import subprocess

import pytest
from tests.crash.doomed import Doom
from tests.crash.stages import PATIENCE, call, start
from tests.crash.works import WORKS, cleared, facts, goes_on, sound, words

KILL = signal.SIGKILL

MANY = 14
"""Kills of each command in `make test-crash`."""

SAMPLE = ("init", "approve", "freeze", "amend", "promote", "rollout back", "score", "ledger import")
"""Commands that are killed once in every run of the suite."""


def healed(shelf, name, root):
    """Check the project as the kill left it, type the command again, and compare with an undisturbed one."""
    sound(root)
    again = call(Doom(), *words(name, root), root=root)
    assert again.returncode in WORKS[name].again, again.stderr
    assert "Traceback" not in again.stderr
    goes_on(name, root)
    assert facts(name, root) == shelf.undisturbed(name)[0]
    assert cleared(root) == []


def killed_before_a_step(shelf, name, folder, draw):
    """Kill the work just before one of its durable steps, drawn at random."""
    root = shelf.copy(name, folder)
    steps = shelf.undisturbed(name)[1]
    if not steps:  # what is only added to a file has no step before it
        return killed_at_an_instant(shelf, name, folder, draw)
    ended = call(Doom(signal=KILL, count=draw.randint(1, steps)), *words(name, root), root=root)
    assert ended.returncode == -KILL, ended.stderr
    return root


def killed_at_an_instant(shelf, name, folder, draw):
    """Kill the work some time after it began; it may have ended before."""
    root = folder / "calls" if (folder / "calls").exists() else shelf.copy(name, folder)
    with start(Doom(), *words(name, root), root=root) as process:
        try:
            process.communicate(timeout=draw.uniform(0.0, 1.2))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=PATIENCE)
    return root


@pytest.mark.parametrize("name", SAMPLE)
def test_a_command_that_was_killed_is_typed_again_and_all_is_well(shelf, tmp_path, name):
    """Before a step drawn by a fixed seed."""
    root = killed_before_a_step(shelf, name, tmp_path, random.Random(name))
    healed(shelf, name, root)


@pytest.mark.every_command
@pytest.mark.parametrize("seed", range(MANY))
@pytest.mark.parametrize("name", WORKS)
def test_a_command_that_was_killed_at_any_instant_heals(shelf, tmp_path, name, seed):
    """Half of them before a durable step, half after a random time; some are killed twice."""
    draw = random.Random(f"{name} {seed}")
    kill = killed_before_a_step if seed % 2 else killed_at_an_instant
    root = kill(shelf, name, tmp_path, draw)
    if seed % 3 == 0:
        sound(root)
        count = draw.randint(1, max(shelf.undisturbed(name)[1], 1))
        call(Doom(signal=KILL, count=count), *words(name, root), root=root)
    healed(shelf, name, root)


def raced(shelf, folder, seed):
    """Two commands at once in one project, the first killed at a step; return what became of the second."""
    draw = random.Random(seed)
    root = shelf.copy("approve", folder)
    steps = shelf.undisturbed("approve")[1]
    doom = Doom(signal=KILL, count=draw.randint(1, steps))
    with start(doom, *words("approve", root), root=root) as first:
        second = call(Doom(), "request-changes", "6", "--reason", "say more about costs", root=root)
        first.communicate(timeout=PATIENCE)
    return root, second


@pytest.mark.parametrize("seed", range(2))
def test_of_two_commands_at_once_the_one_that_lives_is_not_harmed_by_the_one_that_is_killed(
    shelf, tmp_path, seed
):
    """It does its work, or is told to wait; the ledger stays one chain, and the lock is free again."""
    root, second = raced(shelf, tmp_path, seed)
    assert second.returncode in {0, 8}, second.stderr
    healed(shelf, "approve", root)


@pytest.mark.every_command
@pytest.mark.parametrize("seed", range(2, 22))
def test_of_two_commands_at_once_one_may_be_killed_at_any_step(shelf, tmp_path, seed):
    """The same, twenty times."""
    root, second = raced(shelf, tmp_path, seed)
    assert second.returncode in {0, 8}, second.stderr
    healed(shelf, "approve", root)

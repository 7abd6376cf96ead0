"""A signed approval at a terminal: everything but the typing, from the command to its last word."""

import time
from collections.abc import Mapping
from pathlib import Path

from tests.surfaces.terminal import Terminal, call, environment, write_calls

from benchmarks.life import scratch
from benchmarks.measurement import Measurement

ROUNDS = 7
BAR_MS = 300.0
PASSPHRASE = "made up for this run"  # noqa: S105 - opens a key that is thrown away with the folder


def measure() -> tuple[Measurement, ...]:
    """Approve phase 1 of a small project again and again, as a person with an identity does."""
    folder = scratch()
    env = environment(folder / "home")
    write_calls(folder / "calls.csv")
    for words in (
        ("init", "calls", "--data", "calls.csv", "--target", "bought", "--mode", "standard"),
        ("run", "--until", "1"),
    ):
        call(*words, cwd=folder, env=env)
    with Terminal("identity", "create", "lead", cwd=folder, env=env) as person:
        for words in ("New passphrase", "The same again"):
            person.expect(words)
            person.type(PASSPHRASE)
        person.expect("can sign now")
        person.ended()
    whole, answered = zip(*(_approved(folder, env) for _ in range(ROUNDS)), strict=True)
    return (
        Measurement(
            name="signed approval beyond typing",
            unit="ms",
            values=tuple(1000 * seconds for seconds in whole),
            bar=BAR_MS,
            note="start of Python and unlocking of the key included",
        ),
        Measurement(
            name="signed approval, from Enter to the end",
            unit="ms",
            values=tuple(1000 * seconds for seconds in answered),
            bar=None,
            note="key unlocked, approval signed, checked and on the disk, program ended",
        ),
    )


def _approved(folder: Path, env: Mapping[str, str]) -> tuple[float, float]:
    """Approve once; return the seconds beyond typing, and those of them after Enter."""
    began = time.perf_counter()
    with Terminal("approve", "1", "--reason", "read and agreed", cwd=folder, env=env) as person:
        person.expect("Passphrase of lead to")
        asked = time.perf_counter()
        person.type(PASSPHRASE)
        code = person.ended()
    ended = time.perf_counter()
    assert code == 0, person.shown
    return ended - began, ended - asked

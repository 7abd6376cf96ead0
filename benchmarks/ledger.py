"""The ledger: ten thousand entries written, each on the disk before the next, and the chain walked."""

import time

from benchmarks.life import scratch
from benchmarks.measurement import Measurement, timed
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor, ActorKind

ENTRIES = 10_000
DIGEST = "sha256:" + "0" * 64
ROUNDS = 3
MOST_SECONDS = 15.0
"""Writing stops after so long; a slow disk gets fewer entries, and the figures say how many."""


def measure(entries: int = ENTRIES) -> tuple[Measurement, ...]:
    """Append one by one, then verify the whole chain several times."""
    ledger = SqliteLedger(scratch() / "ledger.db", clock=SystemClock())
    actor = Actor(kind=ActorKind.SERVICE, name="benchmark")
    began, written = time.perf_counter(), 0
    while written < entries and time.perf_counter() - began < MOST_SECONDS:
        written += 1
        ledger.append(
            "phase.completed",
            {"phase": 8, "name": "Training Infrastructure", "number": written, "contract_digest": DIGEST},
            actor=actor,
            artifacts={"run": DIGEST},
        )
    appending = time.perf_counter() - began

    def walk() -> None:
        assert ledger.verify().allows

    walks = timed(walk, times=ROUNDS, seconds=MOST_SECONDS)
    ledger.close()
    told = f"{written:,} entries"
    return (
        Measurement(
            name="ledger, append",
            unit="ms/entry",
            values=(appending / written * 1e3,),
            bar=None,
            note=f"{told}, each forced to the disk before the next",
        ),
        Measurement(name=f"ledger, verify {told}", unit="s", values=walks, bar=None),
    )

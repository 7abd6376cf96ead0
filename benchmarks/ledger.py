"""The ledger: entries written, each on the disk before the next, beside the bare disk; long chains walked."""

import os
import statistics
import time
from collections.abc import Iterator

from benchmarks.life import scratch
from benchmarks.measurement import Measurement, timed
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.digest import Json
from modelwright.ledger.audit import audit
from modelwright.ledger.chain import chained
from modelwright.ledger.entry import Link

APPENDED = 2_000
"""Entries that are written one by one."""
ENTRIES = 100_000
"""Entries of the chain that is walked."""
DIGEST = "sha256:" + "0" * 64
ROUNDS = 3
PAGE = 4096 + 24
"""One page of SQLite's log, with its head: what an entry makes the disk keep at the least."""
PARTS = 10
"""Medians a series of entries is told in."""
MOST_SECONDS = 15.0
"""Writing stops after so long; a slow disk gets fewer entries, and the figures say how many."""
ACTOR = Actor(kind=ActorKind.SERVICE, name="benchmark")


def _body(number: int) -> dict[str, Json]:
    return {"phase": 8, "name": "Training Infrastructure", "number": number, "contract_digest": DIGEST}


def _medians_ms(moments: list[float]) -> tuple[float, ...]:
    """Return the median of each of ten parts of a series."""
    size = max(1, len(moments) // PARTS)
    return tuple(
        statistics.median(moments[start : start + size]) * 1e3
        for start in range(0, size * min(PARTS, len(moments)), size)
    )


def _write(ledger: SqliteLedger, handle: int, times: int) -> tuple[list[float], list[float]]:
    """Append entries, and after each let the disk alone keep a page: both see the same machine."""
    entries: list[float] = []
    pages: list[float] = []
    began = time.perf_counter()
    while len(entries) < times and time.perf_counter() - began < MOST_SECONDS:
        start = time.perf_counter()
        ledger.append("phase.completed", _body(len(entries)), actor=ACTOR, artifacts={"run": DIGEST})
        entries.append(time.perf_counter() - start)
        start = time.perf_counter()
        os.write(handle, b"x" * PAGE)
        os.fsync(handle)
        pages.append(time.perf_counter() - start)
    return entries, pages


def _chain(length: int) -> Iterator[Link]:
    """Yield a chain as a long life would leave it."""
    clock, link = SystemClock(), None
    for number in range(length):
        link = chained(
            link, "phase.completed", _body(number), at=clock.now(), actor=ACTOR, artifacts={"run": DIGEST}
        )
        yield link


def measure(appended: int = APPENDED, entries: int = ENTRIES) -> tuple[Measurement, ...]:
    """Append one by one beside the bare disk, then verify and audit a long chain several times."""
    ledger = SqliteLedger(scratch() / "ledger.db", clock=SystemClock())
    handle = os.open(scratch() / "disk", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        moments, disk = _write(ledger, handle, appended)
    finally:
        os.close(handle)
        ledger.close()
    told = (
        f"medians of tenths of {len(moments):,}, each forced to the disk before the next (synchronous=FULL)"
    )

    long = SqliteLedger(scratch() / "long.db", clock=SystemClock())
    long.adopt(_chain(entries))

    def walk() -> None:
        assert long.verify().allows

    def look() -> None:
        assert audit(long.links()).outcome.allows

    walks = timed(walk, times=ROUNDS, seconds=MOST_SECONDS)
    audits = timed(look, times=ROUNDS, seconds=MOST_SECONDS)
    long.close()
    return (
        Measurement(name="ledger, append", unit="ms/entry", values=_medians_ms(moments), bar=2.0, note=told),
        Measurement(
            name="the disk alone: write and fsync of a page",
            unit="ms",
            values=_medians_ms(disk),
            bar=None,
            note=f"medians of tenths of {len(disk):,}, between the entries: the floor under the figure above",
        ),
        Measurement(name=f"ledger, verify {entries:,} entries", unit="s", values=walks, bar=3.0),
        Measurement(
            name=f"ledger, audit {entries:,} entries",
            unit="s",
            values=audits,
            bar=None,
            note="chain, people and signatures: what modelwright ledger verify does",
        ),
    )

"""Serving: one row in the process and through the server, requests a second, and the wait for readiness.

The model is the demonstration's champion, not the 200 trees on 30 numbers that the bars were set with, so
that absolute figures differ from theirs; ratios are against a bare server of the same model in this run.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.life import ROOT, Life, finished_life, scratch, tell
from benchmarks.load import Answered, ask
from benchmarks.measurement import Measurement
from modelwright.registry.bundle import Bundle
from modelwright.serving.engine import Engine
from modelwright.serving.process import ServerProcess
from modelwright.workflow.demonstration import open_world
from modelwright.workflow.live import server_settings
from modelwright.workflow.places import champion_bundle
from modelwright.workflow.service import Service

ROUNDS = 3
SINGLE_ROWS = 500
"""Rows of each round in the process."""

SECONDS = 1.5
"""How long each load lasts."""

CONNECTIONS = 32
BARE_SHARE = 0.6
READY_BAR_SECONDS = 2.0
ROW_BAR_MS = 1.0
P99_BAR_MS = 5.0
SIZE_BAR_MIB = 20.0


def percentiles(
    work: Callable[[Mapping[str, object]], object], rows: Sequence[Mapping[str, object]]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Milliseconds at p50 and p99 of each round, one row at a time."""
    middle, high = [], []
    for number in range(ROUNDS + 1):
        taken = []
        for row in rows[:SINGLE_ROWS]:
            start = time.perf_counter()
            work(row)
            taken.append((time.perf_counter() - start) * 1e3)
        if number:  # the round before warms
            middle.append(float(np.percentile(taken, 50)))
            high.append(float(np.percentile(taken, 99)))
    return tuple(middle), tuple(high)


def in_process(bundle: Bundle, rows: Sequence[Mapping[str, object]]) -> tuple[Measurement, ...]:
    """One row through the engine as the server calls it, and through the pipeline alone."""
    engine, pipeline = Engine(bundle), bundle.pipeline

    def whole(row: Mapping[str, object]) -> None:
        assert not engine.check([row])
        engine.answer(engine.matrix([row]))

    def alone(row: Mapping[str, object]) -> None:
        pipeline.decide(pipeline.scores_of_row(row))

    middle, high = percentiles(whole, rows)
    least, _ = percentiles(alone, rows)
    checked = "checked, encoded, scored, decided"
    return (
        Measurement(name="one row in process, p50", unit="ms", values=middle, bar=ROW_BAR_MS, note=checked),
        Measurement(name="one row in process, p99", unit="ms", values=high, bar=None, note=checked),
        Measurement(
            name="one row in process, pipeline alone, p50",
            unit="ms",
            values=least,
            bar=None,
            note="encoded, scored, decided",
        ),
        Measurement(
            name="size of the bundle",
            unit="MiB",
            values=(bundle.path.stat().st_size / 2**20,),
            bar=SIZE_BAR_MIB,
        ),
    )


@contextmanager
def bare_server(bundle: Bundle) -> Iterator[str]:
    """Run the bare server of a bundle while the block runs, and give its address."""
    state = scratch() / "url"
    words: list[str | Path] = [sys.executable, "-m", "benchmarks.bare_server", bundle.path, state]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while not (state.exists() and state.read_text(encoding="utf-8")):
            assert process.poll() is None, "the bare server ended"
            assert time.monotonic() < until, "the bare server did not start"
            time.sleep(0.05)
        yield state.read_text(encoding="utf-8")
    finally:
        process.terminate()
        process.wait(timeout=10)


def ready(service: Service, folder: Path) -> tuple[float, ...]:
    """Seconds from starting the server to its first word of readiness."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with ServerProcess(
            server_settings(service.ports), folder=folder, program=service.ports.server_program
        ):
            taken.append(time.perf_counter() - start)
    return tuple(taken)


def loads(url: str, bare: str, bodies: Sequence[bytes]) -> tuple[Measurement, ...]:
    """Both servers under the same loads, in turn; half of what saturates is asked at a fixed pace."""
    ask(url, bodies, connections=CONNECTIONS, seconds=0.3)
    ask(bare, bodies, connections=CONNECTIONS, seconds=0.3)
    one: list[Answered] = []
    many: list[Answered] = []
    half: list[Answered] = []
    plain: list[Answered] = []
    for number in range(ROUNDS):
        tell(f"loads of {SECONDS:g} s on loopback, round {number + 1} of {ROUNDS}")
        one.append(ask(url, bodies, connections=1, seconds=SECONDS))
        many.append(ask(url, bodies, connections=CONNECTIONS, seconds=SECONDS))
        plain.append(ask(bare, bodies, connections=CONNECTIONS, seconds=SECONDS))
        pace = many[-1].rate / 2
        half.append(ask(url, bodies, connections=CONNECTIONS, seconds=SECONDS, rate=pace))
    assert not any(load.failed for load in (*one, *many, *half, *plain))
    one_row = "JSON, validation, version, confidence, durable log, metrics"
    return (
        Measurement(
            name="server, one connection",
            unit="requests/s",
            values=tuple(load.rate for load in one),
            bar=None,
            note=one_row,
        ),
        *_latency("server, one connection", one, None),
        Measurement(
            name=f"server, {CONNECTIONS} connections",
            unit="requests/s",
            values=tuple(load.rate for load in many),
            bar=None,
            note=one_row,
        ),
        Measurement(
            name="bare ASGI server of the same model",
            unit="requests/s",
            values=tuple(load.rate for load in plain),
            bar=None,
            note="decodes, scores, encodes and nothing else",
        ),
        Measurement(
            name="server over the bare ASGI server",
            unit="x",
            values=tuple(mine.rate / other.rate for mine, other in zip(many, plain, strict=True)),
            bar=BARE_SHARE,
            sense="at least",
        ),
        *_latency("server at half of its most", half, P99_BAR_MS),
    )


def _latency(name: str, found: Sequence[Answered], bar: float | None) -> tuple[Measurement, Measurement]:
    middle = tuple(load.percentile(50) for load in found)
    high = tuple(load.percentile(99) for load in found)
    return (
        Measurement(name=f"{name}, p50", unit="ms", values=middle, bar=None),
        Measurement(name=f"{name}, p99", unit="ms", values=high, bar=bar),
    )


def measure() -> tuple[Measurement, ...]:
    """In the process, then through servers on loopback."""
    life: Life = finished_life()
    service = life.open()
    bundle, rows = champion_bundle(service.ports), open_world(service).rows[:2000]
    folder = service.ports.project.serving
    folder.mkdir(parents=True, exist_ok=True)
    bodies = [msgspec.json.encode({"rows": [row]}) for row in rows]
    started = Measurement(
        name="server, start to ready",
        unit="s",
        values=ready(service, folder),
        bar=READY_BAR_SECONDS,
    )
    server = ServerProcess(
        server_settings(service.ports), folder=folder, program=service.ports.server_program
    )
    with server, bare_server(bundle) as bare:
        return (*in_process(bundle, rows), started, *loads(server.url, bare, bodies))

"""The alert: from the request with which the world has drifted to a report that says so.

Traffic of a shifted world is sent to a server with its ordinary settings. From its last answer on, the
monitor looks four times a second, each look a whole `monitor` with its entry in the ledger, until a
shifted column is among the alerts. Inputs are counted every few seconds; the worlds drift at different
moments of that interval. Delivery ends with the report: there is no pager to time.
"""

import time
from collections.abc import Sequence

from benchmarks.life import finished_life, tell
from benchmarks.measurement import Measurement
from modelwright.serving.process import ServerProcess
from modelwright.serving.sketch import read_sketches
from modelwright.workflow.demonstration import World, open_world
from modelwright.workflow.live import server_settings
from modelwright.workflow.places import places_of
from modelwright.workflow.service import Service
from modelwright.workflow.traffic import send

WORLDS = 3
ROWS = 300
"""Requests of a drifted world; the contract judges windows of 200 answers or more."""

SHIFT = {"age": 12.0, "campaign": 3.0}
DRIFT = "DRIFT"
ANSWERED = 200
"""HTTP's word for yes."""

EVERY_SECONDS = 0.25
MOST_SECONDS = 20.0
BAR_SECONDS = 5.0


def counted(service: Service) -> int:
    """How many answers the server has written its counts of."""
    return sum(line.rows for line in read_sketches(places_of(service.ports).sketches))


def calm(service: Service, url: str, world: World, *, number: int) -> None:
    """Send ordinary traffic, and wait until it is counted."""
    before = counted(service)
    answers = list(send(url, world.rows, prefix=f"calm-{number}"))
    sent, until = sum(answer.status == ANSWERED for answer in answers), time.monotonic() + MOST_SECONDS
    while counted(service) < before + sent:
        assert time.monotonic() < until, "the inputs were not counted"
        time.sleep(0.02)


def drifted(service: Service, rows: int) -> bool:
    """Look once: is a shifted column among the alerts?"""
    alerts = service.monitor(rows=rows).alerts
    return any(alert.code == DRIFT and any(name in alert.identity for name in SHIFT) for alert in alerts)


def cross(service: Service, url: str, world: World, *, number: int) -> tuple[float, Sequence[float]]:
    """Let the world drift once; seconds until it is told, and of each look of the monitor."""
    answers = list(send(url, world.shifted(SHIFT).rows, prefix=f"drifted-{number}"))
    answered = sum(answer.status == ANSWERED for answer in answers)
    assert answered >= ROWS * 0.9
    crossed, looks = time.perf_counter(), []
    while True:
        start = time.perf_counter()
        found = drifted(service, answered)
        looks.append(time.perf_counter() - start)
        if found:
            return time.perf_counter() - crossed, looks
        assert time.perf_counter() - crossed < MOST_SECONDS, "the drift was not found"
        time.sleep(EVERY_SECONDS)


def measure() -> tuple[Measurement, ...]:
    """Several drifts, one after the other, with calm in between."""
    service = finished_life().open()
    world = open_world(service)
    waits: list[float] = []
    looks: list[float] = []
    settings, folder = server_settings(service.ports), service.ports.project.serving
    with ServerProcess(settings, folder=folder, program=service.ports.server_program) as server:
        for number in range(WORLDS):
            tell(f"a world that drifts, {number + 1} of {WORLDS}")
            ordinary, other = world.slice(2 * number * ROWS, ROWS), world.slice((2 * number + 1) * ROWS, ROWS)
            calm(service, server.url, ordinary, number=number)
            time.sleep(settings.sketch_seconds * number / WORLDS)
            waited, taken = cross(service, server.url, other, number=number)
            waits.append(waited)
            looks += taken
    return (
        Measurement(
            name="alert, from crossing to report",
            unit="s",
            values=tuple(waits),
            bar=BAR_SECONDS,
            note=f"inputs are counted every {settings.sketch_seconds:g} s, which is the most it can wait",
        ),
        Measurement(
            name="one look of the monitor",
            unit="s",
            values=tuple(looks),
            bar=None,
            note="log, counts and labels of this run, drift of all columns, ledger entry",
        ),
    )

"""The bad canary: from enough evidence against it to no request that it answers.

A model trained on shuffled labels gets the contract's first share of live traffic on loopback, and labels
arrive batch by batch. The rollout is watched as `modelwright rollout watch` does it, twice a second. When
the evidence became enough is not known from outside; it was not yet when the last look that held began.
So the time counted begins there: an upper bound, a whole interval between two looks included.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.life import finished_life, tell
from benchmarks.measurement import Measurement
from modelwright.serving.labels import add_labels
from modelwright.serving.process import ServerProcess
from modelwright.workflow.demonstration import World, label_frame, open_world
from modelwright.workflow.live import server_settings
from modelwright.workflow.places import places_of
from modelwright.workflow.service import Service
from modelwright.workflow.traffic import send

DRILLS = 3
BAR_SECONDS = 5.0
BATCH = 60
"""Requests between two deliveries of labels."""

MOST_REQUESTS = 12_000
AFTERWARDS = 200
"""Requests that are asked once the traffic is off it: none may be answered by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """One drill."""

    seconds: float
    """From the beginning of the last look that held to the bad version's last answer, or its rollback."""
    from_start: float
    """From its first share of the traffic on."""
    requests: int
    """Requests sent until then, to both versions together."""


class Watcher:
    """Watches the rollout in a thread of its own, and notes when each look began."""

    def __init__(self, service: Service) -> None:
        """Keep the door; nothing is watched yet."""
        self._service = service
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._stop = threading.Event()
        self.looks: list[float] = []
        self.ended = 0.0

    def start(self) -> None:
        """Begin watching."""
        self.looks.append(time.perf_counter())
        self._thread.start()

    def _watch(self) -> None:
        def wait(pause: float) -> bool:
            stopped = self._stop.wait(pause)
            self.looks.append(time.perf_counter())
            return stopped

        self._service.watch_rollout(wait)
        self.ended = time.perf_counter()

    @property
    def done(self) -> bool:
        """Whether the rollout has ended."""
        return bool(self.ended)

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join(timeout=10)


def drill(service: Service, open_door: Callable[[], Service], url: str, world: World) -> Caught:
    """Rehearse once.

    Args:
        service: The door of whoever sends traffic.
        open_door: Opens another for the watcher, as a process of its own would.
        url: Where the champion is served.
        world: Rows and outcomes.
    """
    bad = service.make_drill().version
    labels = places_of(service.ports).labels
    service.start_rollout(bad, drill=True)
    watcher, sent, last = Watcher(open_door()), 0, 0.0
    began = time.perf_counter()
    watcher.start()
    try:
        while not watcher.done and sent < MOST_REQUESTS:
            batch = world.slice(sent, BATCH)
            answers = []
            for answer in send(url, batch.rows, prefix=f"{bad}-{sent}"):
                answers.append(answer)
                last = time.perf_counter() if answer.version == bad else last
            sent += len(answers)
            add_labels(labels, label_frame(answers, batch.outcomes), clock=service.ports.clock)
        for answer in send(url, world.slice(sent, AFTERWARDS).rows, prefix=f"{bad}-after"):
            last = time.perf_counter() if answer.version == bad else last
    finally:
        watcher.close()
    state = service.rollout_state()
    assert watcher.done, "the bad version was not found"
    assert state is not None
    assert state.phase == "rolled back"
    off = max(last, watcher.ended)
    held = watcher.looks[-1] if len(watcher.looks) < 2 else watcher.looks[-2]
    return Caught(seconds=off - held, from_start=off - began, requests=sent)


def measure() -> tuple[Measurement, ...]:
    """Several drills against one server with its ordinary settings."""
    life = finished_life()
    service = life.open()
    world, folder, found = open_world(service), service.ports.project.serving, []
    settings = server_settings(service.ports)
    with ServerProcess(settings, folder=folder, program=service.ports.server_program) as server:
        for number in range(DRILLS):
            tell(f"a bad challenger under live traffic, {number + 1} of {DRILLS}")
            found.append(drill(service, life.open, server.url, world))
    return (
        Measurement(
            name="bad canary, enough evidence to traffic off it",
            unit="s",
            values=tuple(one.seconds for one in found),
            bar=BAR_SECONDS,
            note="upper bound: from the beginning of the last look that held",
        ),
        Measurement(
            name="bad canary, first request to traffic off it",
            unit="s",
            values=tuple(one.from_start for one in found),
            bar=None,
            note="10 % of the traffic of one connection, labels at once",
        ),
        Measurement(
            name="bad canary, requests until found",
            unit="requests",
            values=tuple(float(one.requests) for one in found),
            bar=None,
            note="to both versions together",
        ),
    )

"""Load on loopback: so many connections asking one row a request, for so long and never longer.

The client speaks just enough HTTP to send a prepared request and find the end of its answer, so that a
server on the other core is what is measured.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import numpy as np
import uvloop

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_SECONDS = 5.0
"""No load lasts longer."""

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
GOOD = b"HTTP/1.1 200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a load.

    Examples:
        >>> Answered(seconds=2.0, failed=0, latencies_ms=np.array([1.0, 3.0])).rate
        1.0
    """

    seconds: float
    """How long it lasted."""
    failed: int
    """Answers other than 200."""
    latencies_ms: np.ndarray
    """What each request waited; under a paced load from the moment it was due, so that no queue hides."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_ms) / self.seconds

    def percentile(self, percent: float) -> float:
        """Return a percentile of the waiting, in milliseconds."""
        return float(np.percentile(self.latencies_ms, percent))


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it is answered, or when the next request is due."""

    def __init__(self, requests: Sequence[bytes], *, first: float, every: float | None, until: float) -> None:
        self._requests = requests
        self._due = first
        self._every = every
        self._until = until
        self._sent = 0
        self._buffer = b""
        self.waited: list[float] = []
        self.failed = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._plan()

    def _plan(self) -> None:
        now = time.perf_counter()
        if self._every is None:
            self._due = now
        if max(now, self._due) >= self._until:
            self._transport.close()
        elif self._due <= now:
            self._ask()
        else:
            asyncio.get_running_loop().call_later(self._due - now, self._ask)

    def _ask(self) -> None:
        self._transport.write(self._requests[self._sent % len(self._requests)])
        self._sent += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(HEAD_END)
        if head < 0:
            return
        place = self._buffer.lower().find(LENGTH, 0, head) + len(LENGTH)
        length = int(self._buffer[place : self._buffer.find(b"\r", place)])
        if len(self._buffer) < head + len(HEAD_END) + length:
            return
        self.waited.append((time.perf_counter() - self._due) * 1e3)
        self.failed += not self._buffer.startswith(GOOD)
        self._buffer = b""
        if self._every is not None:
            self._due += self._every
        self._plan()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        if exc is not None:
            self.failed += 1


def _itself(asker: _Asker) -> _Asker:
    return asker


def request(url: str, body: bytes) -> bytes:
    """Return the bytes of one prediction request.

    Args:
        url: The server.
        body: Its JSON.

    Examples:
        >>> request("http://127.0.0.1:80", b"{}").splitlines()[0]
        b'POST /v1/predict HTTP/1.1'
    """
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(
    url: str, bodies: Sequence[bytes], *, connections: int, seconds: float, rate: float | None = None
) -> Answered:
    """Put a load on a server of this machine.

    Args:
        url: The server, on loopback.
        bodies: JSON of the requests, asked in turn.
        connections: How many ask at a time.
        seconds: How long; at most five.
        rate: Requests a second over all connections together; as many as are answered when not given.
    """
    place = urlsplit(url)
    host, port = place.hostname or "", place.port or 80
    assert host in LOOPBACK, "load is put on this machine alone"
    assert seconds <= MOST_SECONDS, "a load is short"
    requests = [request(url, body) for body in bodies]

    async def run() -> Answered:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        every = None if rate is None else connections / rate
        made = []
        for number in range(connections):
            first = began if every is None else began + every * number / connections
            turn = requests[number % len(requests) :] + requests[: number % len(requests)]
            asker = _Asker(turn, first=first, every=every, until=began + seconds)
            await loop.create_connection(partial(_itself, asker), host, port)
            made.append(asker)
        await asyncio.wait_for(asyncio.gather(*(asker.ended for asker in made)), seconds + MOST_SECONDS)
        return Answered(
            seconds=time.perf_counter() - began,
            failed=sum(asker.failed for asker in made),
            latencies_ms=np.array([value for asker in made for value in asker.waited]),
        )

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())

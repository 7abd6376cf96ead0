"""Traffic on loopback: bounded requests to a server on this machine, timed one by one."""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

from modelwright.kernel.errors import ServiceFailed, UserFault

__all__ = ["Sent", "send"]

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_REQUESTS = 50_000
"""No call sends more: load is bounded and stops by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request that was answered.

    Examples:
        >>> Sent(request_id="r1", status=200, version="v1", prediction="no", latency_ms=0.8).status
        200
    """

    request_id: str
    """The request's name; labels come back under it."""
    status: int
    """HTTP status."""
    version: str
    """The version that answered; empty when none did."""
    prediction: str | float | None
    """The answer to the first row."""
    latency_ms: float
    """Time the client waited, in milliseconds."""


def send(
    url: str, rows: Sequence[Mapping[str, object]], *, prefix: str, seconds: float = 5.0
) -> Iterator[Sent]:
    """Ask one row a request over one connection and yield each answer.

    Args:
        url: The server, on this machine.
        rows: The rows, one request each.
        prefix: Beginning of the request ids.
        seconds: How long one answer may take.

    Raises:
        UserFault: When the server is not on this machine, or there are too many rows.
        ServiceFailed: When the server does not answer.
    """
    place = urlsplit(url)
    if place.hostname not in LOOPBACK:
        raise UserFault(
            f"{place.hostname} is not this machine",
            why="traffic is made only on loopback",
            expected="127.0.0.1",
            next_step="point it at a server started here",
        )
    if len(rows) > MOST_REQUESTS:
        raise UserFault(
            "too many requests", found=len(rows), expected=f"at most {MOST_REQUESTS}", next_step="send fewer"
        )
    connection = http.client.HTTPConnection(str(place.hostname), place.port or 80, timeout=seconds)
    try:
        for number, row in enumerate(rows):
            yield _one(connection, row, f"{prefix}-{number}")
    except OSError as error:
        raise ServiceFailed(
            f"the server at {url} did not answer: {error}",
            why="without answers there is nothing to measure",
            next_step="look at what the server printed, and start it again",
        ) from error
    finally:
        connection.close()


def _one(connection: http.client.HTTPConnection, row: Mapping[str, object], request_id: str) -> Sent:
    body = json.dumps({"rows": [row]}, default=str).encode("utf-8")
    started = perf_counter()
    connection.request(
        "POST", "/v1/predict", body, {"Content-Type": "application/json", "X-Request-Id": request_id}
    )
    response = connection.getresponse()
    data = response.read()
    waited = (perf_counter() - started) * 1000
    answer = json.loads(data) if response.status == 200 else {}
    predictions = answer.get("predictions") or [{}]
    return Sent(
        request_id=request_id,
        status=response.status,
        version=str(answer.get("version", "")),
        prediction=predictions[0].get("prediction"),
        latency_ms=waited,
    )

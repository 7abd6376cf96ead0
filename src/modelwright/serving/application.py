"""The HTTP application: a raw ASGI callable. It reads, delegates and encodes; every rule is elsewhere."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter

import msgspec

from modelwright.kernel.errors import nearest
from modelwright.serving.answering import Answering, Asked
from modelwright.serving.label_intake import LabelIntake
from modelwright.serving.metrics import ServerMetrics
from modelwright.serving.problem import RequestRefused
from modelwright.serving.request import (
    Receive,
    RequestLimits,
    Scope,
    Send,
    decoded,
    header,
    listed,
    read_body,
    request_name,
)
from modelwright.serving.switchboard import Switchboard

__all__ = ["Application"]

Headers = Sequence[tuple[bytes, bytes]]
Endpoint = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"
PROBLEM = b"application/problem+json"


class Application:
    """The routes of one server.

    Args:
        answering: Answers rows.
        intake: Takes labels.
        board: Says who is in service.
        metrics: Shown under /metrics.
        limits: How much a request may ask.
        names: Makes names for requests that bring none.
        token: Demanded for labels and forced versions; empty for none.
        started: Called when the server starts.
        stopped: Called when it stops.

    Examples:
        >>> Application.__name__
        'Application'
    """

    def __init__(  # noqa: PLR0913 - what the routes stand on, each named at the call
        self,
        *,
        answering: Answering,
        intake: LabelIntake,
        board: Switchboard,
        metrics: ServerMetrics,
        limits: RequestLimits,
        names: Callable[[], str],
        token: str,
        started: Callable[[], Awaitable[None]],
        stopped: Callable[[], Awaitable[None]],
    ) -> None:
        """Lay out the routes."""
        self._answering = answering
        self._intake = intake
        self._board = board
        self._metrics = metrics
        self._limits = limits
        self._names = names
        self._token = token.encode()
        self._started = started
        self._stopped = stopped
        self._draining = False
        self._encoder = msgspec.json.Encoder()
        self._routes: Mapping[str, tuple[bytes, Endpoint]] = {
            "/v1/predict": (b"POST", self._predict),
            "/v1/labels": (b"POST", self._labels),
            "/v1/models": (b"GET", self._models),
            "/healthz": (b"GET", self._healthy),
            "/readyz": (b"GET", self._ready),
            "/metrics": (b"GET", self._show_metrics),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's start and stop."""
        if scope["type"] == "http":
            await self._handle(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._started()
                await send({"type": "lifespan.startup.complete"})
            else:
                self._draining = True
                await self._stopped()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"].encode()
        try:
            endpoint = self._endpoint(path, method)
            await endpoint(scope, receive, send)
        except RequestRefused as refused:
            await self._refuse(refused, send)

    def _endpoint(self, path: str, method: bytes) -> Endpoint:
        known = self._routes.get(path)
        if known is None:
            raise _not_found(path, self._routes)
        allowed, endpoint = known
        if method != allowed and not (allowed == b"GET" and method == b"HEAD"):
            raise RequestRefused(
                405,
                "method-not-allowed",
                "Method not allowed",
                f"{path} answers {allowed.decode()}.",
                headers=((b"allow", allowed),),
            )
        return endpoint

    async def _refuse(self, refused: RequestRefused, send: Send) -> None:
        problem = refused.problem
        body = self._encoder.encode(problem)
        # What is left of an unread body would be taken for the next request.
        cut = problem.status in {408, 413, 415}
        close: Headers = ((b"connection", b"close"),) if cut else ()
        await _respond(send, problem.status, body, PROBLEM, headers=(*refused.headers, *close))

    async def _predict(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = request_name(scope) or self._names()
        asked = Asked(request_id=name, began=perf_counter())
        self._metrics.begun()
        try:
            version = self._forced(scope)
            body = await read_body(scope, receive, self._limits)
            asked = Asked(request_id=name, began=perf_counter(), version=version)
            rows = listed(decoded(body), "rows", self._limits)
            envelope = await self._answering.answer(rows, asked)
        except RequestRefused as refused:
            if not refused.problem.errors and refused.problem.status != 503:
                self._metrics.refused(refused.problem.status)
                self._answering.log_refusal(refused, asked, version=None, arm="champion")
            refused.problem = msgspec.structs.replace(refused.problem, request_id=name)
            raise
        finally:
            self._metrics.ended()
        headers = ((b"x-request-id", name.encode()), (b"x-model-version", envelope.version.encode()))
        await _respond(send, 200, self._encoder.encode(envelope), JSON, headers=headers)

    def _forced(self, scope: Scope) -> str:
        given = header(scope, b"x-model-version")
        if given is None:
            return ""
        self._authorise(scope)
        return given[:200].decode("latin-1")

    def _authorise(self, scope: Scope) -> None:
        if not self._token:
            return
        given = header(scope, b"authorization") or b""
        if not hmac.compare_digest(given, b"Bearer " + self._token):
            raise RequestRefused(
                401,
                "token-needed",
                "Token needed",
                "Send 'Authorization: Bearer <token>' with the token of this server.",
                headers=((b"www-authenticate", b"Bearer"),),
            )

    async def _labels(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._authorise(scope)
        body = await read_body(scope, receive, self._limits)
        items = listed(decoded(body), "labels", self._limits)
        stored = await self._intake.take(items, self._board.target)
        self._metrics.labels(stored)
        await _respond(send, 200, self._encoder.encode({"stored": stored}), JSON)

    async def _models(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await _respond(send, 200, self._encoder.encode(self._board.overview()), JSON)

    async def _healthy(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await _respond(send, 200, b'{"status":"alive"}', JSON)

    async def _ready(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        if self._draining:
            raise RequestRefused(503, "stopping", "Stopping", "This server takes no new requests.")
        lines = self._board.lines
        told = {
            "status": "ready",
            "champion": lines.routing.champion,
            "challenger": lines.routing.challenger,
            "share": lines.routing.share,
            "routing_refused": lines.trouble,
            "without_verdict": list(self._board.without_verdict),
        }
        await _respond(send, 200, self._encoder.encode(told), JSON)

    async def _show_metrics(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await _respond(send, 200, self._metrics.exposition(), self._metrics.content_type.encode())


def _not_found(path: str, known: Mapping[str, object]) -> RequestRefused:
    close = nearest(path[:100], known)
    told = f"Did you mean {close}? " if close else ""
    return RequestRefused(404, "not-found", "No such path", f"{told}There are: {', '.join(known)}.")


async def _respond(send: Send, status: int, body: bytes, kind: bytes, *, headers: Headers = ()) -> None:
    length = str(len(body)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", length), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})

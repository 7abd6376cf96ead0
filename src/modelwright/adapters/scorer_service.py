"""The scorer as a service: the same questions and replies as the scoring process, over HTTPS, with a token.

It keeps its own home: its key, its book of looks, and the artifacts it was handed. The key never leaves it;
labels arrive sealed with its public half. Questions are answered one at a time.
"""

import asyncio
import hashlib
import hmac
import ssl
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from modelwright.adapters.listening import listen
from modelwright.adapters.process_guard import harden
from modelwright.adapters.scorer_process import answer
from modelwright.adapters.scorer_protocol import (
    ARTIFACTS,
    KEY,
    MOST_BYTES,
    PROTOCOL,
    QUESTIONS,
    VERSION_HEADER,
    PublicKey,
    check_token,
    is_loopback,
    words,
)
from modelwright.adapters.seal_keys import SealKeys
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import encode

__all__ = ["ScorerApplication", "ScorerPlan", "run_scorer"]

# ASGI itself types these as Any: what is in them depends on the kind of message.
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 120.0
"""How long a request may take to arrive."""

MOST_CONNECTIONS = 32
"""Connections at a time."""

GRACE_SECONDS = 30
"""How long a question under way may take once the service was asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerPlan:
    """How a scorer serves.

    Examples:
        >>> ScorerPlan(home=Path("scorer"), token="0123456789abcdef").host
        '127.0.0.1'
    """

    home: Path
    """Its own folder: key, book of looks, artifacts."""
    token: str
    """What clients must send."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8443
    """Port to listen on; 0 takes a free one."""
    certificate: Path | None = None
    """Certificate chain, PEM."""
    private_key: Path | None = None
    """The certificate's key, PEM."""


class _Refused(Exception):
    """A status to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ScorerApplication:
    """The routes: the public key, artifacts by digest, questions.

    Args:
        home: The scorer's own folder.
        token: What clients must send.
        clock: What time it is, for the book of looks.

    Examples:
        >>> ScorerApplication.__name__
        'ScorerApplication'
    """

    def __init__(self, *, home: Path, token: str, clock: Clock) -> None:
        """Make or read the key."""
        self._home = home
        self._token = hashlib.sha256(check_token(token).encode()).digest()
        self._clock = clock
        self._store = ArtifactStore(home / "artifacts")
        seal = SealKeys(home).make_own_seal()
        self._key = PublicKey(protocol=PROTOCOL, public_key=seal.public.hex(), seal_id=seal.seal_id)
        # One at a time: the book's lock would make them wait for each other anyway.
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            status, body = await self._answer(scope, receive)
        except _Refused as refused:
            status, body = refused.status, words(refused.status).encode()
        headers = [
            (b"content-length", str(len(body)).encode()),
            (b"content-type", b"application/octet-stream"),
            (b"cache-control", b"no-store"),
            (VERSION_HEADER.lower().encode(), PROTOCOL.encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        headers = dict(scope["headers"])
        self._check(headers)
        method, path = scope["method"], scope["path"]
        if path == KEY:
            _demand(method, "GET")
            return 200, encode(self._key)
        if path == QUESTIONS:
            _demand(method, "POST")
            question = await _body(headers, receive)
            return 200, await self._in_pool(self._scored, question)
        if path.startswith(ARTIFACTS):
            _demand(method, "HEAD", "PUT")
            digest = path.removeprefix(ARTIFACTS)
            if method == "HEAD":
                return await self._in_pool(self._known, digest), b""
            return await self._in_pool(self._kept, digest, await _body(headers, receive)), b""
        raise _Refused(404)

    async def _in_pool(self, work: Callable[..., Any], *given: object) -> Any:  # noqa: ANN401 - what work returns
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)

    def _check(self, headers: MutableMapping[bytes, bytes]) -> None:
        kind, _, token = headers.get(b"authorization", b"").partition(b" ")
        given = hashlib.sha256(token).digest()
        if kind.lower() != b"bearer" or not hmac.compare_digest(given, self._token):
            raise _Refused(401)
        if headers.get(VERSION_HEADER.lower().encode()) != PROTOCOL.encode():
            raise _Refused(426)

    def _scored(self, question: bytes) -> bytes:
        return answer(question, home=self._home, artifacts=self._store.root, clock=self._clock)

    def _known(self, digest: str) -> int:
        try:
            return 200 if self._store.has(digest) else 404
        except IntegrityBroken:
            raise _Refused(400) from None

    def _kept(self, digest: str, data: bytes) -> int:
        try:
            self._store.path(digest)
        except IntegrityBroken:
            raise _Refused(400) from None
        if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
            raise _Refused(422)
        try:
            self._store.put(data)
        except StorageFailed:
            raise _Refused(507) from None
        return 201


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _demand(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise _Refused(405)


async def _body(headers: MutableMapping[bytes, bytes], receive: Receive) -> bytes:
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        raise _Refused(400)
    if int(length) > MOST_BYTES:
        raise _Refused(413)
    pieces: list[bytes] = []
    taken, more = 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Refused(400)
                piece = message.get("body", b"")
                taken += len(piece)
                if taken > MOST_BYTES:
                    raise _Refused(413)
                pieces.append(piece)
                more = message.get("more_body", False)
    except TimeoutError:
        raise _Refused(408) from None
    return b"".join(pieces)


def run_scorer(plan: ScorerPlan, *, clock: Clock, listening: Callable[[str, str], None]) -> None:
    """Serve until the process is asked to stop; a question under way is answered first.

    Args:
        plan: How to serve.
        clock: What time it is, for the book of looks.
        listening: Called with the address and the public name of the key once the port is taken.

    Raises:
        UserFault: When it would listen to other machines without a certificate, or the token is too short.
        WorldFault: When the address is taken.

    Examples:
        >>> run_scorer.__name__
        'run_scorer'
    """
    secure = plan.certificate is not None
    if not secure and not is_loopback(plan.host):
        raise UserFault(
            f"the scorer would listen on {plan.host} without a certificate",
            why="token and predictions could be read on the way, and the token be used by others",
            next_step="give --cert and --key, or listen on 127.0.0.1",
        )
    harden()
    application = ScorerApplication(home=plan.home, token=plan.token, clock=clock)
    _check_certificate(plan)
    with listen(plan.host, plan.port) as listener:
        address = f"[{plan.host}]" if ":" in plan.host else plan.host
        scheme = "https" if secure else "http"
        seal = SealKeys(plan.home).make_own_seal()
        listening(f"{scheme}://{address}:{listener.getsockname()[1]}", seal.seal_id)
        config = uvicorn.Config(
            application,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_certfile=None if plan.certificate is None else str(plan.certificate),
            ssl_keyfile=None if plan.private_key is None else str(plan.private_key),
        )
        uvicorn.Server(config).run(sockets=[listener])
    sys.stderr.flush()


def _check_certificate(plan: ScorerPlan) -> None:
    if plan.certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            plan.certificate, plan.private_key
        )
    except (OSError, ssl.SSLError) as error:
        raise UserFault(
            f"the certificate cannot be used: {error.strerror or error}",
            why="without it nobody could tell this scorer from another",
            next_step="name a PEM certificate chain with --cert and its key with --key",
        ) from error

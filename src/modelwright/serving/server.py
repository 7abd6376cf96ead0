"""The server: the application on uvicorn, with its log, its watch over the routing, and an orderly end."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
import uvicorn

from modelwright.features.store import FeatureStore
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import IntegrityBroken, UserFault, WorldFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.serving.answering import Answering
from modelwright.serving.application import Application
from modelwright.serving.configuration import LOOPBACK, ServerSettings
from modelwright.serving.entity import EntityHash, read_log_key
from modelwright.serving.label_intake import LabelIntake
from modelwright.serving.log import PredictionLog
from modelwright.serving.metrics import ServerMetrics
from modelwright.serving.request import RequestLimits
from modelwright.serving.sketch import SketchWriter
from modelwright.serving.switchboard import Lines, Switchboard

__all__ = ["ServerState", "build_application", "run_server"]

GRACE_SECONDS = 10
"""How long requests under way may take once the server was asked to stop."""


class ServerState(msgspec.Struct, kw_only=True, frozen=True):
    """Where a server listens.

    Examples:
        >>> ServerState(url="http://127.0.0.1:8000", pid=1).pid
        1
    """

    url: str
    """Where it listens."""
    pid: int
    """Its process."""


def _token(settings: ServerSettings) -> str:
    if not settings.token_file:
        if settings.host not in LOOPBACK:
            raise UserFault(
                f"the server would listen on {settings.host} without a token",
                why="anyone who reaches that address could send labels and choose versions",
                next_step="name a token_file, or listen on 127.0.0.1",
            )
        return ""
    try:
        token = Path(settings.token_file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise IntegrityBroken(
            f"the token cannot be read: {error.strerror or error}",
            why="a server that should ask for a token must not start without one",
            next_step=f"write it to {settings.token_file}",
        ) from error
    if len(token) < 16:
        raise UserFault(
            "the token is too short",
            why="a short token can be guessed",
            next_step="write 16 characters or more to the token file",
            found=f"{len(token)} characters",
        )
    return token


class _Names:
    """Names for requests: unlike in this process by number, unlike other processes by start and pid."""

    def __init__(self, clock: Clock) -> None:
        self._prefix = f"{int(clock.now().timestamp() * 1e6):x}-{os.getpid():x}-"
        self._count = 0

    def __call__(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._count:x}"


class _Watch:
    """What runs beside the requests: following the routing, counting inputs."""

    def __init__(self, board: Switchboard, sketches: SketchWriter, metrics: ServerMetrics) -> None:
        self._board = board
        self._sketches = sketches
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, settings: ServerSettings) -> None:
        self._show(self._board.lines)
        self._tasks = [
            asyncio.create_task(self._follow(settings.poll_seconds)),
            asyncio.create_task(self._count(settings.sketch_seconds)),
        ]

    def _show(self, lines: Lines) -> None:
        routing = lines.routing
        shares = {routing.champion: 1.0 - routing.share}
        if routing.challenger is not None:
            shares[routing.challenger] = routing.share
        self._metrics.routed(shares, trouble=bool(lines.trouble))

    async def _follow(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            if self._board.changed():
                lines = await asyncio.to_thread(self._board.refresh)
                self._show(lines)
                if lines.trouble:
                    _tell("routing refused", lines.trouble)

    async def _count(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self._flush)

    def _flush(self) -> None:
        try:
            self._sketches.flush()
        except OSError as error:
            _tell("inputs could not be counted", str(error))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._flush()


def _tell(event: str, detail: str) -> None:
    """Say what happened as one JSON line on standard error; nothing of any request is in it."""
    line = msgspec.json.encode({"event": event, "detail": detail})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()


def build_application(
    settings: ServerSettings,
    *,
    clock: Clock,
    features: FeatureStore | None = None,
    listening: Callable[[], None] = lambda: None,
) -> Application:
    """Return the application with everything it stands on, or refuse to.

    Args:
        settings: Paths, limits and the contract.
        clock: Tells the time for log and labels.
        features: Where online features are looked up; None when rows bring all of them.
        listening: Called when the application has started.

    Raises:
        ModelwrightError: When a version that should answer may not: `ContractChanged`, `PhaseLocked`,
            `UnknownName` or `BundleRejected`, each with what is missing.

    Examples:
        >>> build_application.__name__
        'build_application'
    """
    token = _token(settings)
    metrics = ServerMetrics()
    board = Switchboard(
        roster=Path(settings.roster),
        routing=Path(settings.routing),
        contract_digest=settings.contract_digest,
        clock=clock,
    )
    logs = Path(settings.logs)
    entities = EntityHash(read_log_key(Path(settings.log_key), log_folder=logs))
    log = PredictionLog(logs, clock=clock, flush_ms=settings.flush_ms) if board.audit else None
    sketches = SketchWriter(Path(settings.sketches), clock=clock)
    watch = _Watch(board, sketches, metrics)
    pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="score")
    limits = RequestLimits(
        max_body_bytes=settings.max_body_bytes, max_rows=settings.max_rows, body_seconds=settings.body_seconds
    )

    async def started() -> None:
        watch.start(settings)
        listening()

    async def stopped() -> None:
        await watch.stop()
        pool.shutdown(wait=False, cancel_futures=True)
        if log is not None:
            log.close()

    answering = Answering(
        board=board,
        log=log,
        sketches=sketches,
        metrics=metrics,
        entities=entities,
        clock=clock,
        pool=pool,
        inline_rows=settings.inline_rows,
        timeout_ms=settings.timeout_ms,
        features=features,
    )
    return Application(
        answering=answering,
        intake=LabelIntake(Path(settings.labels), clock=clock),
        board=board,
        metrics=metrics,
        limits=limits,
        names=_Names(clock),
        token=token,
        started=started,
        stopped=stopped,
    )


def _listen(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise WorldFault(
            f"the server cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
            why="another process may have the port",
            next_step="stop the other process, choose another port, or port 0 for a free one",
        ) from error
    return listener


def run_server(settings: ServerSettings, *, clock: Clock, features: FeatureStore | None = None) -> None:
    """Serve until the process is asked to stop; requests under way are answered first.

    Args:
        settings: Paths, limits and the contract.
        clock: Tells the time for log and labels.
        features: Where online features are looked up; None when rows bring all of them.

    Raises:
        ModelwrightError: When what should answer may not, or the address is taken.

    Examples:
        >>> run_server.__name__
        'run_server'
    """
    listener = _listen(settings)
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{address}:{listener.getsockname()[1]}"

    def listening() -> None:
        if settings.state_file:
            state = ServerState(url=url, pid=os.getpid())
            write_atomically(Path(settings.state_file), msgspec.json.encode(state))

    with listener:
        application = build_application(settings, clock=clock, features=features, listening=listening)
        config = uvicorn.Config(
            application,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=settings.max_connections,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])

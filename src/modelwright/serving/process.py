"""A server as a process of its own: started, waited for, stopped in order. For demos, rollouts and tests."""

import http.client
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from os import getpid
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import msgspec

from modelwright.kernel.errors import ServiceFailed
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import encode
from modelwright.registry.bundle import Bundle
from modelwright.registry.versions import Version, write_roster
from modelwright.serving.configuration import ServerSettings
from modelwright.serving.router import Routing, write_routing
from modelwright.serving.server import ServerState

__all__ = ["ServerProcess", "rehearsal"]

LOOK_SECONDS = 0.02
"""How often a starting server is asked whether it is ready."""


class ServerProcess:
    """Runs a server while the block runs.

    Args:
        settings: How it is set up; `state_file` is filled in when it is empty.
        folder: Where its settings and its state are written.
        program: The command that runs a server with a settings file as its last argument.
        seconds: How long it may take to be ready.

    Examples:
        >>> ServerProcess.__name__
        'ServerProcess'
    """

    def __init__(
        self, settings: ServerSettings, *, folder: Path, program: Sequence[str], seconds: float = 20.0
    ) -> None:
        """Prepare; nothing is started yet."""
        self.folder = folder
        # A server that was started for a block of code must not outlive it, even when that code is killed.
        self.settings = replace(
            settings, parent=getpid(), state_file=settings.state_file or str(folder / "server.json")
        )
        self._program = tuple(program)
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start and wait until it is ready.

        Raises:
            ServiceFailed: When it ends or is not ready in time; what it said is in the message.
        """
        state = Path(self.settings.state_file)
        state.unlink(missing_ok=True)
        configured = self.folder / "server.settings.json"
        write_atomically(configured, encode(self.settings))
        self._said = self.folder / "server.err"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [*self._program, str(configured)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        until = monotonic() + self._seconds
        while monotonic() < until:
            if self._process.poll() is not None:
                raise self._failed(f"ended with {self._process.returncode}")
            if state.exists():
                self.url = msgspec.json.decode(state.read_bytes(), type=ServerState).url
                if self._ready():
                    return self
            sleep(LOOK_SECONDS)
        self.stop()
        raise self._failed(f"was not ready within {self._seconds:g} s")

    def _failed(self, how: str) -> ServiceFailed:
        said = self._said.read_text(encoding="utf-8", errors="replace").strip()
        return ServiceFailed(
            f"the server {how}: {said[-250:]}",
            why="nothing can be asked of it",
            next_step="put right what it says",
        )

    def _ready(self) -> bool:
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def pid(self) -> int:
        """The process, 0 when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> int | None:
        """Ask it to stop, wait until requests under way are answered, and return how it ended."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return self.exit_code

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def rehearsal(
    bundle: Bundle, *, folder: Path, program: Sequence[str], until: datetime | None = None
) -> ServerProcess:
    """Return a server of one bundle on this machine alone, for its certificate; its log is thrown away.

    Args:
        bundle: The bundle; one whose gates have not spoken is packed as a drill.
        folder: An empty folder for everything the server writes.
        program: The command that runs a server.
        until: Until when a bundle without a passed verdict may answer here; None lets none.

    Examples:
        >>> rehearsal.__name__
        'rehearsal'
    """
    manifest = bundle.manifest
    drill = manifest.purpose == "drill"
    version = Version(
        name=manifest.name,
        version=manifest.version,
        bundle_digest=bundle.digest,
        path=str(bundle.path.resolve()),
        contract_digest=manifest.contract_digest,
        run_id=manifest.run_id,
        verdict_status=manifest.verdict_status,
        standing="drill" if drill else "registered",
        override_until=until,
    )
    write_roster(folder / "versions.json", (version,))
    write_routing(folder / "routing.json", Routing(champion=manifest.version, drill=drill))
    settings = ServerSettings(
        roster=str(folder / "versions.json"),
        routing=str(folder / "routing.json"),
        contract_digest=manifest.contract_digest,
        logs=str(folder / "log"),
        labels=str(folder / "labels"),
        sketches=str(folder / "sketches"),
        log_key=str(folder / "log.key"),
        timeout_ms=30_000.0,
    )
    return ServerProcess(settings, folder=folder, program=program)

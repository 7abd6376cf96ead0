"""Servers for tests: everything one needs in a folder, asked in this process or in one of its own."""

import asyncio
import http.client
import json
import resource
import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tests.registry.bundles import version_for

from modelwright.kernel.clock import SteppingClock
from modelwright.registry.versions import write_roster
from modelwright.serving.configuration import ServerSettings
from modelwright.serving.router import Routing, write_routing
from modelwright.serving.server import build_application


class Place:
    """A folder with a roster, a routing and the settings of a server."""

    def __init__(self, folder, *bundles, routing=None, standings=None, **settings):
        """Write what a server reads."""
        self.folder = folder
        self.bundles = bundles
        folder.mkdir(parents=True, exist_ok=True)
        self.standings = standings or {}
        self.write_roster()
        self.route(routing or Routing(champion=bundles[0].version))
        given = {
            "roster": str(folder / "versions.json"),
            "routing": str(folder / "routing.json"),
            "contract_digest": bundles[0].manifest.contract_digest,
            "logs": str(folder / "log"),
            "labels": str(folder / "labels"),
            "sketches": str(folder / "sketches"),
            "log_key": str(folder / "log.key"),
            "timeout_ms": 20_000.0,
            "poll_seconds": 0.02,
            "sketch_seconds": 0.05,
        }
        self.settings = ServerSettings(**(given | settings))

    def write_roster(self):
        """The versions of the bundles, each with its standing."""
        write_roster(
            self.folder / "versions.json",
            [
                version_for(bundle, self.standings.get(bundle.version, "registered"))
                for bundle in self.bundles
            ],
        )

    def route(self, routing):
        """Replace the routing."""
        write_routing(self.folder / "routing.json", routing)

    def with_settings(self, **changes):
        """The settings with changes."""
        return replace(self.settings, **changes)


class InProcess:
    """The application asked without a socket; one request at a time."""

    def __init__(self, settings, *, clock=None):
        """Build it."""
        self.application = build_application(settings, clock=clock or SteppingClock())

    def ask(self, method, path, body=None, *, headers=None, pieces=None):
        """Status, headers and decoded body of one answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        given = {"content-type": "application/json", **(headers or {})}
        if "content-length" not in given:
            given["content-length"] = str(len(raw))
        scope = {
            "type": "http",
            "path": path,
            "method": method,
            "headers": [(key.encode(), value.encode()) for key, value in given.items() if value is not None],
        }
        parts = pieces or [{"type": "http.request", "body": raw, "more_body": False}]
        coming = iter(parts)
        sent = []

        async def receive():
            message = next(coming, None)
            if message is None:
                await asyncio.sleep(60)
            return message

        async def send(message):
            sent.append(message)

        asyncio.run(self.application(scope, receive, send))
        start, content = sent
        answered = {key.decode(): value.decode() for key, value in start["headers"]}
        text = content["body"]
        return start["status"], answered, json.loads(text) if "json" in answered["content-type"] else text

    def predict(self, *rows, **headers):
        """The answer to some rows."""
        return self.ask("POST", "/v1/predict", {"rows": list(rows)}, headers=headers)


def ask(url, method, path, body=None, *, headers=None, connection=None):
    """Status and decoded body of one answer over a real connection."""
    where = urlsplit(url)
    kept = connection or http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    raw = json.dumps(body).encode() if body is not None else None
    kept.request(method, path, raw, {"Content-Type": "application/json", **(headers or {})})
    response = kept.getresponse()
    text = response.read()
    if connection is None:
        kept.close()
    kind = response.headers.get("content-type", "")
    return response.status, json.loads(text) if "json" in kind else text


@contextmanager
def room_for(size):
    """No file can grow beyond a size: a full disk, for this process alone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def connect(url):
    """An open connection to a server."""
    where = urlsplit(url)
    return http.client.HTTPConnection(where.hostname, where.port, timeout=10)


def files_of(folder: Path):
    """Every byte below a folder, as one."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

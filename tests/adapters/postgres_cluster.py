"""A PostgreSQL server of the tests' own: made, started and stopped by them, on loopback, below one folder.

PostgreSQL refuses to run as the administrator; then it runs as `postgres`, the user its package makes.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from tools.services import HINT

ABSENT = (
    "PostgreSQL is not installed, and the ledger in it is tested against a real one: "
    f"{HINT}, or leave these tests out: -m 'not every_step and not postgres'"
)

SECONDS = 30.0
"""How long a server may take to start or stop on a busy machine."""


class Cluster:
    """One server with one database.

    Args:
        bin: The folder of PostgreSQL's programs.
    """

    user = "lead"
    password = "a word for the tests"

    def __init__(self, bin):  # noqa: A002 - the name PostgreSQL gives it
        """Make the files; the server is started apart."""
        self.bin = bin
        self.folder = Path(tempfile.mkdtemp(prefix="modelwright-pg-"))
        self.process = None
        self.port = _free_port()
        self._as = _as_somebody_else(self.folder)
        secret = self.folder / "secret"
        secret.write_text(self.password, encoding="utf-8")
        secret.chmod(0o644)
        options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth-local=trust"]
        self._run(
            "initdb",
            *("-D", str(self.folder / "data"), "-U", self.user, "--auth-host=scram-sha-256"),
            *(*options, f"--pwfile={secret}"),
        )

    def _run(self, program, *words):
        subprocess.run(
            [*self._as, str(self.bin / program), *words],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )

    def url(self, *, user=None, password=None, database="postgres", port=None):
        """Where the database is, over TCP on loopback."""
        who = f"{user or self.user}:{(password or self.password).replace(' ', '%20')}"
        return f"postgresql://{who}@127.0.0.1:{port or self.port}/{database}"

    def start(self):
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(*self._as, str(self.bin / "postgres"), "-D", str(self.folder / "data")),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"),
                    *("-c", f"unix_socket_directories={self.folder}", "-c", "shared_buffers=16MB"),
                    *("-c", "fsync=off", "-c", "max_connections=40", "-c", "autovacuum=off"),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            )
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                told = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                assert self.process.poll() is None, told
                assert time.monotonic() < deadline, told
                _wait_for_a_port(self.port, deadline)

    def stop(self, how=signal.SIGINT):
        """Stop the server: quickly and in order, or as a power cut would with SIGQUIT."""
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def execute(self, *statements, **options):
        """Do something by hand, as the owner of everything."""
        with psycopg.connect(self.url(**options), autocommit=True) as connection:
            found = [connection.execute(statement) for statement in statements]
            return found[-1].fetchall() if found[-1].description else None

    def remove(self):
        """Stop the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_a_port(port, deadline):
    """Poll until something listens; a refused connection answers at once."""
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        os.sched_yield()


def _as_somebody_else(folder):
    """How to start a program that refuses the administrator; the folder is given to who runs it."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    who = pwd.getpwnam(name)
    os.chown(folder, who.pw_uid, who.pw_gid)
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]

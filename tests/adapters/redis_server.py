"""A Redis server of the tests' own: started and stopped by them, on a socket below one folder."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tools.services import REDIS_HINT

ABSENT = (
    "Redis is not installed, and the feature store in it is tested against a real one: "
    f"{REDIS_HINT}, or leave these tests out: -m 'not every_step and not redis'"
)

SECONDS = 20.0
"""How long a server may take to start on a busy machine."""


class RedisServer:
    """One server that keeps nothing on the disk.

    Args:
        program: Where `redis-server` is.
    """

    def __init__(self, program):
        """Make the folder; the server is started apart."""
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="modelwright-redis-"))
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process = None

    def start(self):
        """Start the server and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *(str(self.program), "--port", "0", "--unixsocket", str(self.socket)),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as line:
                if line.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not answer")

    def stop(self):
        """Stop the server."""
        self.process.kill()
        self.process.wait()

    def remove(self):
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder)

"""Services that some tests need beside Python packages: PostgreSQL and Redis.

`python -m tools.services` prints the marks of the tests that can run here, for `pytest -m`. What is missing
is installed where that is possible without asking anybody: as the administrator, with apt-get. Where it is
not, the reason is told on standard error, and the tests that need it are left out by their mark.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EVERYWHERE = "not every_step and not every_command"
"""The marks of the tests that need nothing."""

PACKAGES = Path("/usr/lib/postgresql")
"""Where Debian's packages put the programs, by version."""

APT = (
    "apt-get",
    "-qq",
    *("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "DPkg::Lock::Timeout=60"),
)
MINUTES = 5
"""How long an installation may take."""

HINT = "install it (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql)"
REDIS_HINT = "install it (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis)"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest there is; None when it is not installed."""
    packaged = [path for path in PACKAGES.glob("*/bin") if path.parent.name.isdecimal()]
    newest = sorted(packaged, key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    folders = [*newest, *([Path(found).resolve().parent] if found else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def redis_server() -> Path | None:
    """Return the program of a Redis server; None when it is not installed."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, and the tests that need it."""

    mark: str
    """The mark of its tests."""
    name: str
    """What people call it."""
    package: str
    """Debian's package."""
    tests: str
    """What is tested with it."""
    hint: str
    """How to install it."""
    find: Callable[[], Path | None]
    """Where its programs are."""


SERVICES = (
    Service(
        mark="postgres",
        name="PostgreSQL",
        package="postgresql",
        tests="the ledger in PostgreSQL",
        hint=HINT,
        find=programs,
    ),
    Service(
        mark="redis",
        name="Redis",
        package="redis-server",
        tests="the feature store in Redis",
        hint=REDIS_HINT,
        find=redis_server,
    ),
)


def install(service: Service) -> str:
    """Install a service where that is possible without asking; return why not, empty when it is there."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "it is not installed, and installing it takes an administrator and apt-get"
    print(f"Installing {service.name} with apt-get, for the tests of {service.tests}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = (*APT, "install", "--yes", "--no-install-recommends", service.package)
    said = ""
    for command in (wanted, (*APT, "update"), wanted):
        try:
            ran = subprocess.run(
                command,
                env=environment,
                capture_output=True,
                text=True,
                timeout=MINUTES * 60,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"apt-get did not end: {error}"
        said = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        if service.find() is not None:
            return ""
    return f"apt-get could not install it: {said}"


def main() -> int:
    """Print the marks of the tests that can run here; with `--tell` only say again what cannot."""
    marks = EVERYWHERE
    for service in SERVICES:
        if service.find() is not None:
            continue
        reason = "it is not installed" if "--tell" in sys.argv else install(service)
        if reason:
            told = f"NOT RUN: the tests of {service.tests}, because {reason}. To run them, {service.hint}."
            print(told, file=sys.stderr)
            marks += f" and not {service.mark}"
    if "--tell" not in sys.argv:
        print(marks)
    return 0


if __name__ == "__main__":
    sys.exit(main())

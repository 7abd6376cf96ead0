"""The environment of peers: made beside the product's, so that nothing of theirs is ever required here."""

import subprocess
import sys
import time
from pathlib import Path

MOST_SECONDS = 180.0
"""Installing all of them ends after so long."""


class NotInstalled(Exception):
    """A library could not be installed or run; the message says why."""


class Environment:
    """A virtual environment a library, in one folder; what is installed already is used again.

    Args:
        folder: Where they are made.
        seconds: What all installations together may take.

    Examples:
        >>> Environment(Path("nowhere"), seconds=0.0).folder.name
        'nowhere'
    """

    def __init__(self, folder: Path, *, seconds: float = MOST_SECONDS) -> None:
        """Keep the place; make nothing yet."""
        self.folder = folder
        self._until = time.monotonic() + seconds

    def python(self, library: str, packages: tuple[str, ...]) -> Path:
        """Install packages beside Polars and return the interpreter that has them.

        Args:
            library: Names the environment.
            packages: What is installed with pip.

        Raises:
            NotInstalled: When there is no index, no such package, or no time left.
        """
        made = self.folder / library
        python, done = made / "bin" / "python", made / "installed"
        if done.is_file() and done.read_text(encoding="utf-8") == " ".join(packages):
            return python
        self._do([sys.executable, "-m", "venv", str(made)])
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        self._do([*install, "polars", *packages])
        done.write_text(" ".join(packages), encoding="utf-8")
        return python

    def _do(self, command: list[str]) -> None:
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise NotInstalled("the time for installing is up")
            done = subprocess.run(command, capture_output=True, text=True, timeout=left, check=False)
        except subprocess.TimeoutExpired as error:
            raise NotInstalled("installing took longer than allowed") from error
        except OSError as error:
            raise NotInstalled(str(error)) from error
        if done.returncode:
            wrong = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            said = wrong or done.stderr.splitlines() or ["pip ended without a word"]
            raise NotInstalled(f"it cannot be installed here: {said[-1][:200]}")

"""The model server as a program: settings in a file, the system's clock, named exit codes."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from modelwright.adapters.feature_store_place import open_feature_store
from modelwright.adapters.system_clock import SystemClock
from modelwright.kernel.errors import ModelwrightError, WorldFault
from modelwright.ledger.codec import decode
from modelwright.serving.configuration import ServerSettings
from modelwright.serving.server import run_server
from modelwright.settings import settings_here

__all__ = ["PROGRAM", "main"]

PROGRAM = (sys.executable, "-P", "-m", "modelwright.adapters.model_server")
"""The command that runs a server; the settings file comes last."""

ORPHANED_SECONDS = 0.5
"""How often a server looks whether the process it ends with is still there."""


def _end(_number: int, _frame: object) -> None:
    """End as asked. The server raises the signal again once requests under way are answered."""
    raise SystemExit(0)


def _end_with(parent: int) -> None:
    """End in order once the process that started this one is gone: a kill gives it no chance to say so."""
    while os.getppid() == parent:
        Event().wait(ORPHANED_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorldFault(
            f"the settings cannot be read: {path} ({error.strerror or error})",
            why="the server does not know what to serve",
            next_step="check the path",
        ) from error


def main(arguments: Sequence[str]) -> int:
    """Serve with the settings in a file until asked to stop; return how it ended.

    Examples:
        >>> main.__name__
        'main'
    """
    signal.signal(signal.SIGTERM, _end)
    try:
        settings = decode(_read(Path(arguments[0])), ServerSettings)
        if settings.parent:
            Thread(target=_end_with, args=(settings.parent,), name="parent", daemon=True).start()
        features = None
        if settings.features_file:
            # The address may hold a password: it comes from the environment and is in no file.
            url = settings_here().feature_store
            features = open_feature_store(
                url, file=Path(settings.features_file), prefix=settings.features_prefix
            )
        run_server(settings, clock=SystemClock(), features=features)
    except ModelwrightError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

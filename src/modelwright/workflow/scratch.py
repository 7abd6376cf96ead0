"""Scratch: where unfinished work lies, and the clearing away of what a killed process left there."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from modelwright.kernel.errors import StorageFailed
from modelwright.workflow.project import Project

__all__ = ["clear_leftovers", "scratch_folder"]

BEGUN = re.compile(r"\..+\.(?P<process>\d+)\.\d+\.part")
"""A file that was begun and not put in its place; its name tells which process writes it."""


@contextmanager
def scratch_folder(project: Project) -> Iterator[Path]:
    """Give an empty folder inside the project while a block runs, so that no row of it lies elsewhere.

    Args:
        project: The project.

    Raises:
        StorageFailed: When the disk is full, read-only or gone.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as root:
        ...     with scratch_folder(Project(root=Path(root))) as folder:
        ...         seen = folder.is_dir()
        ...     seen, folder.exists()
        (True, False)
    """
    try:
        project.scratch.mkdir(parents=True, exist_ok=True)
        held = TemporaryDirectory(dir=project.scratch, ignore_cleanup_errors=True)
    except OSError as error:
        raise StorageFailed(
            f"there is no room to work in: {error.strerror or error}",
            why="a bundle is served out of a scratch folder before it is trusted",
            next_step="check free space and that the project's folder is writable, then run again",
        ) from error
    with held as folder:
        yield Path(folder)


def clear_leftovers(project: Project) -> tuple[str, ...]:
    """Remove what processes that are gone left unfinished, and return the names.

    Call it only while the project's lock is held: then nobody else works in the scratch folder. A file that
    a living process is still writing, such as a running server, is left alone.

    Args:
        project: The project.

    Examples:
        >>> clear_leftovers(Project(root=Path("nowhere")))
        ()
    """
    found = sorted(project.scratch.glob("*"))
    places = (project.root.glob, project.pipeline.glob, project.store.rglob)
    for look in places:
        found += sorted(path for path in look(".*.part") if _is_left_over(path))
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    return tuple(path.relative_to(project.root).as_posix() for path in found)


def _is_left_over(path: Path) -> bool:
    named = BEGUN.fullmatch(path.name)
    return named is not None and not _is_alive(int(named["process"]))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True

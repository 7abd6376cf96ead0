"""Which files are reviewed: Python and notebooks below the paths, without what is vendored or generated."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from modelwright.kernel.errors import UserFault

__all__ = ["IGNORED", "collect"]

IGNORED = frozenset(
    {
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".modelwright",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "build",
        "dist",
        "eggs",
        "env",
        "node_modules",
        "site-packages",
        "third_party",
        "vendor",
        "venv",
    }
)
"""Folders whose files somebody else wrote, or nobody."""

ENDINGS = (".py", ".ipynb")


def _below(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted; links to folders are not followed, so that no loop can catch us."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            generated = (Path(entry.path) / "pyvenv.cfg").exists() or entry.name.endswith(".egg-info")
            if entry.name not in IGNORED and not generated:
                yield from _below(Path(entry.path))
        elif entry.name.endswith(ENDINGS) and not entry.is_dir():
            yield Path(entry.path)


def collect(paths: Sequence[Path], *, root: Path) -> tuple[tuple[Path, str], ...]:
    """Return the files to review, each once, with the name findings show: relative to root where it can be.

    Raises:
        UserFault: When a path does not exist.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.py").write_text("x = 1")
        ...     [shown for _, shown in collect([Path(folder)], root=Path(folder))]
        ['a.py']
    """
    found: dict[Path, str] = {}
    for path in paths:
        whole = path if path.is_absolute() else root / path
        if not whole.exists():
            raise UserFault(
                f"there is nothing at {path}",
                why="a review of nothing would look like a clean one",
                next_step="name a file or folder that exists",
            )
        for file in [whole] if whole.is_file() else _below(whole):
            real = file.resolve()
            shown = real.relative_to(root.resolve()) if real.is_relative_to(root.resolve()) else file
            found.setdefault(real, shown.as_posix())
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))

"""The environment of a training: Python, packages and the state of the code, read from the machine."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from modelwright._version import __version__
from modelwright.training.run import Environment

__all__ = ["capture"]

PACKAGES = (
    "lightgbm",
    "msgspec",
    "numpy",
    "polars",
    "pydantic",
    "scikit-learn",
    "scipy",
    "threadpoolctl",
)
"""Packages whose version can change what a training gives."""

PLUGINS = "modelwright."
"""Entry points by which installed packages join."""

GIT_SECONDS = 10.0
"""A repository that does not answer within this is treated as none."""


def capture(root: Path) -> Environment:
    """Return what a training in this folder runs on.

    Args:
        root: The project's folder; the commit is that of the repository it lies in.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     capture(Path(folder)).commit is None
        True
    """
    commit = _git(root, "rev-parse", "HEAD")
    changes = None if commit is None else _git(root, "status", "--porcelain", "--untracked-files=no")
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        packages=dict(_packages()),
        commit=commit,
        dirty=None if changes is None else bool(changes),
    )


@cache
def _packages() -> tuple[tuple[str, str], ...]:
    """Return names and versions; a process that runs keeps the packages it has loaded."""
    packages = {"modelwright": __version__}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:  # pragma: no cover - all of these are dependencies of the core
            packages[name] = "not installed"
    for distribution in distributions():
        if any(point.group.startswith(PLUGINS) for point in distribution.entry_points):
            packages[distribution.name] = distribution.version
    return tuple(sorted(packages.items()))


def _git(root: Path, *words: str) -> str | None:
    """Return what git says, or None when there is no git, no repository, or no commit."""
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607 - git is where the person's path says
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return ran.stdout.strip()

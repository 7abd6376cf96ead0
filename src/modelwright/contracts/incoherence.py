"""An incoherence, and the view of plain values in which rules look for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from modelwright.kernel.errors import nearest

__all__ = ["Incoherence", "Path", "Values", "suggestion"]

Path = tuple[str | int, ...]
"""Where a value stands: keys, and places in lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoherence:
    """Two parts of a contract that do not fit, or one that cannot be meant.

    Examples:
        >>> Incoherence(path=("decision", "goal"), what="vague", cure="name a behaviour").path[0]
        'decision'
    """

    path: Path
    """The place of the part to change."""
    what: str
    """What does not fit."""
    cure: str
    """What to do about it."""


def _inside(value: object, step: str | int) -> object:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, Mapping) else None
    return value[step] if isinstance(value, list | tuple) and step < len(value) else None


class Values:
    """The values of a contract, read without trusting their types.

    Examples:
        >>> Values({"prediction": {"task": "binary"}}).task
        'binary'
    """

    def __init__(self, raw: Mapping[str, object]) -> None:
        """Keep the values, and look up what most rules ask for."""
        self.raw = raw
        self.columns = {str(name): column for name, column in self.table("data", "columns").items()}
        self.task = self.text("prediction", "task")

    def get(self, *path: str | int) -> object:
        """Return what stands at a path; None when nothing does."""
        value: object = self.raw
        for step in path:
            value = _inside(value, step)
        return value

    def table(self, *path: str | int) -> Mapping[str, object]:
        """Return the mapping at a path; empty when there is none."""
        value = self.get(*path)
        return value if isinstance(value, Mapping) else {}

    def items(self, *path: str | int) -> list[object]:
        """Return the list at a path; empty when there is none."""
        value = self.get(*path)
        return list(value) if isinstance(value, list | tuple) else []

    def text(self, *path: str | int) -> str:
        """Return the text or number at a path as text; empty when there is neither."""
        value = self.get(*path)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def texts(self, *path: str | int) -> list[tuple[Path, str]]:
        """Return the items of the list at a path as text, each with its own path."""
        return [((*path, index), self.text(*path, index)) for index in range(len(self.items(*path)))]

    def number(self, *path: str | int, default: float) -> float:
        """Return the number at a path, or the default."""
        value = self.get(*path)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def column(self, name: str, key: str) -> str:
        """Return what a column says under a key, as text."""
        return self.text("data", "columns", name, key)

    def role(self, name: str) -> str:
        """Return a column's role; feature when it does not say."""
        return self.column(name, "role") or "feature"


def suggestion(name: str, options: Collection[str], otherwise: str) -> str:
    """Offer the nearest option, or say something else when none comes close.

    Examples:
        >>> suggestion("jobb", ["job", "age"], "name a column")
        "did you mean 'job'?"
    """
    close = nearest(name, options)
    return f"did you mean '{close}'?" if close else otherwise

"""Hyper-parameters: read by name and kind, with every fault told."""

from collections.abc import Mapping

from modelwright.candidates.estimator import Param
from modelwright.kernel.errors import Fault, TrainingFailed, nearest

__all__ = ["Params"]


class Params:
    """Hyper-parameters of one family, checked against its defaults.

    Args:
        family: The family's name, for messages.
        given: What was asked for.
        defaults: Every hyper-parameter the family has, with its default.

    Raises:
        TrainingFailed: When a name is unknown or a value is of another kind; all faults at once.

    Examples:
        >>> Params("boosting", {"leaves": 63}, defaults={"leaves": 31, "l2": 1.0}).number("l2")
        1.0
        >>> Params("boosting", {"leafs": 63}, defaults={"leaves": 31})
        Traceback (most recent call last):
        modelwright.kernel.errors.TrainingFailed: the family boosting cannot be set up so: 1 fault
          - leafs: no such hyper-parameter; did you mean 'leaves'?
        ...
    """

    def __init__(self, family: str, given: Mapping[str, Param], *, defaults: Mapping[str, Param]) -> None:
        """Check and keep the values."""
        faults = []
        for name, value in given.items():
            if name not in defaults:
                close = nearest(name, defaults)
                hint = f"did you mean '{close}'?" if close else "one of: " + ", ".join(defaults)
                faults.append(Fault(name, "no such hyper-parameter", next_step=hint))
            elif not _same_kind(value, defaults[name]):
                wanted = type(defaults[name]).__name__
                faults.append(Fault(name, f"{value!r} is not a {wanted}"))
        if faults:
            raise TrainingFailed(
                f"the family {family} cannot be set up so",
                why="a hyper-parameter that is not known would change nothing, silently",
                next_step="correct the members of the design",
                faults=faults,
            )
        self._values = {**defaults, **given}

    def number(self, name: str) -> float:
        """Return a number."""
        return float(self._values[name])

    def whole(self, name: str) -> int:
        """Return a whole number."""
        return int(self._values[name])

    def flag(self, name: str) -> bool:
        """Return yes or no."""
        return bool(self._values[name])

    def word(self, name: str) -> str:
        """Return a word."""
        return str(self._values[name])


def _same_kind(value: Param, default: Param) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))

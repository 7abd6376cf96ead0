"""Panels: several members of a role called side by side, all awaited, none lost silently."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from modelwright.kernel.errors import ModelwrightError, WorldFault

__all__ = ["Panel", "call_all"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Generic[T]):
    """What the members said, and who was lost.

    Examples:
        >>> call_all({"a": lambda: 1, "b": lambda: 2}, quorum=2).reports
        {'a': 1, 'b': 2}
    """

    reports: Mapping[str, T]
    """Report by focus."""
    lost: Mapping[str, str]
    """Why each lost member was lost, by focus."""


def call_all(members: Mapping[str, Callable[[], T]], *, quorum: int) -> Panel[T]:
    """Call every member in parallel, await all, and demand that at least `quorum` answered.

    Args:
        members: Calls by focus.
        quorum: The least number of answers.

    Raises:
        WorldFault: When fewer than `quorum` answered; every loss is named.

    Examples:
        >>> call_all({"only": lambda: "seen"}, quorum=1).lost
        {}
    """
    reports: dict[str, T] = {}
    lost: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=max(len(members), 1)) as executor:
        pending = {focus: executor.submit(call) for focus, call in members.items()}
        for focus, future in pending.items():
            try:
                reports[focus] = future.result()
            except (ModelwrightError, OSError, ValueError, ArithmeticError, LookupError) as error:
                lost[focus] = str(error).splitlines()[0] if str(error) else type(error).__name__
    if len(reports) < quorum:
        raise WorldFault(
            f"{len(lost)} of {len(members)} role members were lost: "
            + "; ".join(f"{focus}: {reason}" for focus, reason in lost.items()),
            why="a panel that is not complete enough is no second opinion",
            next_step="run the phase again",
            found=f"{len(reports)} answers",
            expected=f"{quorum} or more",
        )
    return Panel(reports=reports, lost=lost)

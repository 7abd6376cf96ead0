"""Outcomes: passed, failed or unknown, each with its evidence. Unknown blocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Outcome", "Status", "overall"]


class Status(StrEnum):
    """What a check can answer. There is no fourth answer and no boolean form.

    Examples:
        >>> Status.UNKNOWN.value
        'unknown'
    """

    PASSED = "passed"
    """Looked at, and it holds."""
    FAILED = "failed"
    """Looked at, and it does not hold."""
    UNKNOWN = "unknown"
    """Not looked at, or what was seen does not allow an answer. Blocks like a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer of one check, with what it rests on.

    Examples:
        >>> Outcome(status=Status.PASSED, what="roc_auc >= 0.75", evidence=("0.79 [0.78, 0.81]",)).allows
        True
    """

    status: Status
    """Passed, failed or unknown."""
    what: str
    """The question that was asked, short."""
    evidence: tuple[str, ...] = ()
    """What was seen: values, counts, digests, places. One short sentence each."""
    next_step: str = ""
    """What to do when it did not pass."""

    @property
    def allows(self) -> bool:
        """Whether the next step may go on: only a pass allows it."""
        return self.status is Status.PASSED

    def __bool__(self) -> bool:
        """Refuse to be a boolean: an outcome has three answers."""
        message = "an Outcome has three answers; ask for .status or .allows"
        raise TypeError(message)


def overall(outcomes: Iterable[Outcome], *, what: str) -> Outcome:
    """Join outcomes: failed if any failed, else unknown if any is unknown or there are none, else passed.

    Examples:
        >>> overall([], what="gates").status.value
        'unknown'
        >>> good = Outcome(status=Status.PASSED, what="a")
        >>> overall([good, Outcome(status=Status.UNKNOWN, what="b")], what="gates").status.value
        'unknown'
    """
    listed = tuple(outcomes)
    bad = [outcome for outcome in listed if outcome.status is Status.FAILED]
    open_ones = [outcome for outcome in listed if outcome.status is Status.UNKNOWN]
    if not listed:
        return Outcome(status=Status.UNKNOWN, what=what, evidence=("nothing was checked",))
    if bad or open_ones:
        status = Status.FAILED if bad else Status.UNKNOWN
        told = tuple(f"{outcome.what}: {outcome.status.value}" for outcome in (*bad, *open_ones))
        cure = next((outcome.next_step for outcome in (*bad, *open_ones) if outcome.next_step), "")
        return Outcome(status=status, what=what, evidence=told, next_step=cure)
    return Outcome(status=Status.PASSED, what=what, evidence=(f"{len(listed)} of {len(listed)} passed",))

"""Joints: places where evidence meets a decision, each with the faults that can reach it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.outcome import Outcome, Status

Attempt = Callable[[], Outcome]


@dataclass(frozen=True, kw_only=True)
class Joint:
    """One place, asked about one metric: once with sound evidence, then with each fault in turn."""

    name: str
    """Where it is."""
    takes: Callable[[str], bool]
    """Whether the metric can reach this joint."""
    sound: Callable[[str], Outcome]
    """What it answers to sound evidence; only then does a blocked fault prove anything."""
    faults: Callable[[str], Mapping[str, Attempt]]
    """Each fault by name, and what the joint answers to it."""


def passed(what: str) -> Outcome:
    """A joint that let something through."""
    return Outcome(status=Status.PASSED, what=what)


def answered(attempt: Attempt) -> Outcome:
    """What a joint says, a refusal of ours included; any other error escapes and fails the test."""
    try:
        return attempt()
    except ModelwrightError as error:
        told = "; ".join(fault.next_step for fault in error.faults if fault.next_step)
        return Outcome(
            status=Status.FAILED,
            what=type(error).__name__,
            evidence=(str(error),),
            next_step=error.next_step or told,
        )

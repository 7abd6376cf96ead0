"""The port of experiment trackers: a mirror of our own run record, never on the critical path."""

from collections.abc import Mapping
from typing import Protocol

from modelwright.kernel.outcome import Outcome
from modelwright.training.run import Run

__all__ = ["Tracker"]


class Tracker(Protocol):
    """Mirrors a run to a tracking system.

    Promises of every member: it raises nothing; a run that could not be mirrored is an outcome that is not
    passed, with the reason and the next step, and the training goes on.

    Examples:
        >>> def mirror(tracker: Tracker, run: Run, files: Mapping[str, bytes]) -> str:
        ...     return tracker.log(run, files=files).status.value
    """

    def log(self, run: Run, *, files: Mapping[str, bytes]) -> Outcome:
        """Mirror a run and the files of its pipeline."""
        ...

"""The port through which long work says how far it is."""

from typing import Protocol

__all__ = ["Progress", "Quiet"]


class Progress(Protocol):
    """Where training says how far it is.

    Examples:
        >>> def work(progress: Progress) -> None:
        ...     progress.step("fitting", 1, 5)
        >>> work(Quiet())
    """

    def step(self, text: str, done: int, total: int) -> None:
        """Say that `done` of `total` parts are finished, and what comes now."""
        ...


class Quiet:
    """Says nothing.

    Examples:
        >>> Quiet().step("fitting", 1, 5)
    """

    def step(self, text: str, done: int, total: int) -> None:
        """Do nothing."""

"""Time as an argument: who needs to know the hour is given a clock."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "SteppingClock"]


class Clock(Protocol):
    """Tells the time in UTC. The system's clock lives with the adapters.

    Examples:
        >>> def stamp(clock: Clock) -> str:
        ...     return clock.now().date().isoformat()
        >>> stamp(SteppingClock())
        '2026-01-01'
    """

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SteppingClock:
    """A clock for tests and replays: it starts where it is told and moves by a fixed step at each look.

    Args:
        start: The first moment returned; default 2026-01-01 00:00 UTC.
        step: How far each look moves the clock; default one second.

    Examples:
        >>> clock = SteppingClock()
        >>> (clock.now() - clock.now()).total_seconds()
        -1.0
    """

    def __init__(self, start: datetime | None = None, *, step: timedelta = timedelta(seconds=1)) -> None:
        """Set the clock."""
        self._next = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._step = step

    def now(self) -> datetime:
        """Return the present moment and move on by one step."""
        moment = self._next
        self._next = moment + self._step
        return moment

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self._next += by

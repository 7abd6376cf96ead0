"""The machine's own clock."""

from datetime import UTC, datetime

__all__ = ["SystemClock"]


class SystemClock:
    """Tells the machine's time in UTC.

    Examples:
        >>> SystemClock().now().tzinfo
        datetime.timezone.utc
    """

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(tz=UTC)

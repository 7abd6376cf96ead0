"""Spans: lengths of time as people type them, such as `24h` or `7d`."""

from datetime import timedelta

__all__ = ["emergency_of", "span_of"]


def span_of(text: str) -> timedelta:
    """Return a length of time.

    Raises:
        ContractInvalid: When it is none.

    Examples:
        >>> span_of("7d").days
        7
    """
    # Its room loads pydantic: only for whoever types a length of time.
    from modelwright.contracts.duration import parse_duration

    return parse_duration(text)


def emergency_of(text: str) -> timedelta:
    """Return how long a broken glass holds.

    Raises:
        UserFault: When it is no length of time, or longer than an emergency.

    Examples:
        >>> emergency_of("24h").days
        1
    """
    from modelwright.authority.override import duration_of

    return duration_of(text)

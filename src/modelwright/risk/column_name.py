"""Words of a column's name: hints that raise or lower a finding, never its only ground."""

import re

__all__ = ["words"]

PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
"""A word in snake case, kebab case or camel case."""


def words(name: str) -> tuple[str, ...]:
    """Return the words of a column name, lower case.

    Examples:
        >>> words("customerID"), words("days_since_last")
        (('customer', 'id'), ('days', 'since', 'last'))
    """
    return tuple(piece.lower() for piece in PIECE.findall(name))

"""Spending: how often evidence may be looked at without raising the rate of false alarms.

Looking again and again until something is significant finds something, always. So looks are taken at
counts fixed beforehand, each spends a part of the false alarm rate that was granted, and all parts
together never exceed it, however many looks there are (the union bound). In the spirit of Lan and DeMets,
"Discrete sequential boundaries for clinical trials" (1983).
"""

import math
from dataclasses import dataclass

__all__ = ["Looks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """When evidence is looked at, and how much of the false alarm rate each look spends.

    Examples:
        >>> looks = Looks(alpha=0.01, first=20, growth=1.5)
        >>> looks.counts(upto=70)
        (20, 30, 45, 67)
        >>> sum(looks.spent(look) for look in range(10_000)) < 0.01
        True
    """

    alpha: float
    """The false alarm rate granted to all looks together."""
    first: int = 20
    """The count at which the first look is taken."""
    growth: float = 1.25
    """How much larger each count is than the one before; more looks find sooner and spend more."""
    every: int | None = None
    """When set, looks are this many apart instead, as for a test on the most recent answers alone."""

    def counts(self, *, upto: int) -> tuple[int, ...]:
        """Return the counts of all looks that are due when `upto` answers are there."""
        if self.every is not None:
            return tuple(range(self.every, upto + 1, self.every))
        due: list[int] = []
        count = self.first
        while count <= upto:
            due.append(count)
            count = max(math.floor(count * self.growth), count + 1)
        return tuple(due)

    def spent(self, look: int) -> float:
        """Return what the look with this number (from 0) spends: shares of 1/k² that sum to one."""
        return self.alpha * 6 / (math.pi * (look + 1)) ** 2

"""A measurement beside its bar: what was measured, how often, and whether the bar is met."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure of the product, repeated, beside the most it may be.

    Examples:
        >>> Measurement(name="--help", unit="ms", values=(90.0, 100.0, 140.0), bar=150.0).line()
        '--help  90 / 100 / 140 ms  bar <= 150 ms  met'
    """

    name: str
    """What was measured."""
    unit: str
    """The unit of the values and of the bar."""
    values: Sequence[float]
    """What was measured, once per repetition."""
    bar: float | None
    """The most that the median may be; None for a figure that only gives context."""

    @property
    def median(self) -> float:
        """The figure that is held against the bar."""
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the median is within the bar."""
        return self.bar is None or self.median <= self.bar

    def line(self) -> str:
        """Minimum, median and maximum with the bar, for a terminal."""
        spread = " / ".join(f"{value:.4g}" for value in (min(self.values), self.median, max(self.values)))
        measured = f"{self.name}  {spread} {self.unit}"
        if self.bar is None:
            return measured
        verdict = "met" if self.is_met else f"missed by {self.median - self.bar:.4g} {self.unit}"
        return f"{measured}  bar <= {self.bar:.4g} {self.unit}  {verdict}"

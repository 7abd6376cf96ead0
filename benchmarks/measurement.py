"""A measurement beside its bar: what was measured, how often, and whether the bar is met."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Sense = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure of the product, repeated, beside its bar.

    Examples:
        >>> Measurement(name="--help", unit="ms", values=(90.0, 100.0, 140.0), bar=150.0).line()
        '--help  90 / 100 / 140 ms  bar <= 150 ms  met (67 % of it)'
        >>> Measurement(name="rows", unit="x", values=(0.4,), bar=0.8, sense="at least").verdict
        'missed: 0.4, 50 % of the bar'
    """

    name: str
    """What was measured."""
    unit: str
    """The unit of the values and of the bar."""
    values: Sequence[float]
    """What was measured, once per repetition."""
    bar: float | None
    """What the median is held against; None for a figure that only gives context."""
    sense: Sense = "at most"
    """Whether the median may be at most or must be at least the bar."""
    note: str = ""
    """What a reader has to know to read the figure rightly."""

    @property
    def median(self) -> float:
        """The figure that is held against the bar."""
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the median keeps the bar."""
        if self.bar is None:
            return True
        return self.median <= self.bar if self.sense == "at most" else self.median >= self.bar

    @property
    def spread(self) -> str:
        """Minimum, median and maximum."""
        return " / ".join(_figure(value) for value in (min(self.values), self.median, max(self.values)))

    @property
    def wanted(self) -> str:
        """The bar in words; empty when there is none."""
        if self.bar is None:
            return ""
        return f"{'<=' if self.sense == 'at most' else '>='} {_figure(self.bar)} {self.unit}"

    @property
    def verdict(self) -> str:
        """Whether the bar is met, and how far the median is from it; empty when there is none."""
        if self.bar is None:
            return ""
        if self.is_met:
            share = f" ({self.median / self.bar:.0%} of it)".replace("%", " %") if self.bar else ""
            return f"met{share}"
        share = f", {self.median / self.bar:.0%} of the bar".replace("%", " %") if self.bar else ""
        return f"missed: {_figure(self.median)}{share}"

    def line(self) -> str:
        """Everything in one line, for a terminal."""
        measured = f"{self.name}  {self.spread} {self.unit}"
        return measured if self.bar is None else f"{measured}  bar {self.wanted}  {self.verdict}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def timed(
    work: Callable[[], object], *, times: int, seconds: float = 30.0, warm: int = 0
) -> tuple[float, ...]:
    """Seconds of each call; fewer calls than asked for once the time is used up, but always one.

    Args:
        work: What is called.
        times: How often.
        seconds: No further call begins after so much time.
        warm: Calls before, which do not count.

    Examples:
        >>> len(timed(lambda: None, times=3)), len(timed(lambda: None, times=3, seconds=0.0))
        (3, 1)
    """
    for _ in range(warm):
        work()
    taken: list[float] = []
    began = time.perf_counter()
    while not taken or (len(taken) < times and time.perf_counter() - began < seconds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return tuple(taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A reading of both clocks: the wall's, and the processor time of this process and its children.

    Examples:
        >>> spent = Moment.now() - Moment.now()
        >>> spent.wall <= 0
        True
    """

    wall: float
    """Seconds on the wall."""
    processor: float
    """Seconds of processor time; those of a child count once it has ended."""

    @classmethod
    def now(cls) -> "Moment":
        """Read both clocks."""
        used = os.times()
        return cls(
            wall=time.perf_counter(),
            processor=used.user + used.system + used.children_user + used.children_system,
        )

    def __sub__(self, before: "Moment") -> "Moment":
        """Return the time between two readings."""
        return Moment(wall=self.wall - before.wall, processor=self.processor - before.processor)

    def __add__(self, other: "Moment") -> "Moment":
        """Return two times together."""
        return Moment(wall=self.wall + other.wall, processor=self.processor + other.processor)


NOTHING = Moment(wall=0.0, processor=0.0)
"""No time at all, to begin a sum with."""

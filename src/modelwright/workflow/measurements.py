"""Measurements: what one answer takes through the real server, and how big the bundle is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from scipy.stats import binom

from modelwright.evaluation.estimate import Estimate
from modelwright.kernel.document import Document, Facts, Table

__all__ = ["Measurements", "Percentile", "measured"]

ASKED = {"p50_latency": 0.50, "p95_latency": 0.95, "p99_latency": 0.99}
"""The percentiles that gates may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """One percentile of the latency, in milliseconds, with its interval.

    Examples:
        >>> Percentile(name="p50_latency", value=1.0, low=0.9, high=1.2).value
        1.0
    """

    name: str
    """The name gates use."""
    value: float
    """The percentile by nearest rank."""
    low: float
    """Lower end of its interval."""
    high: float
    """Upper end of its interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """Latency of single-row answers over loopback, and the size of the bundle.

    Examples:
        >>> measured([1.0, 2.0, 3.0], size_bytes=2_000_000, level=0.95).values["bundle_size"]
        2.0
    """

    requests: int
    """Answers that were timed."""
    level: float
    """Confidence level of the intervals."""
    percentiles: tuple[Percentile, ...]
    """The latency at the percentiles that gates may name."""
    size_mb: float
    """Size of the bundle, in megabytes (10^6 bytes)."""

    @property
    def values(self) -> Mapping[str, Estimate | float]:
        """The measurements under the names that gates use."""
        return {
            "bundle_size": self.size_mb,
            **{
                item.name: Estimate(
                    metric=item.name,
                    value=item.value,
                    low=item.low,
                    high=item.high,
                    level=self.level,
                    rows=self.requests,
                    direction="lower",
                )
                for item in self.percentiles
            },
        }

    def document(self) -> Document:
        """Render the measurements."""
        rows = tuple(
            (item.name, f"{item.value:.2f} ms", f"{item.low:.2f} to {item.high:.2f} ms")
            for item in self.percentiles
        )
        return Document(
            title="Measured in service",
            blocks=(
                Table(
                    columns=("latency", "value", f"{self.level:.0%} interval"),
                    rows=rows,
                    caption=f"{self.requests} answers of one row each to one client over loopback",
                ),
                Facts(items=(("Bundle", f"{self.size_mb:.2f} MB"),)),
            ),
        )


def measured(latencies_ms: Sequence[float], *, size_bytes: int, level: float) -> Measurements:
    """Summarise latencies by nearest-rank percentiles with distribution-free intervals.

    The ends of an interval are order statistics whose ranks are quantiles of the binomial distribution
    (Conover, Practical Nonparametric Statistics, 3rd ed., 1999, section 3.2).

    Args:
        latencies_ms: One latency an answer, in milliseconds.
        size_bytes: Size of the bundle.
        level: Confidence level, between 0 and 1.

    Raises:
        ValueError: When nothing was timed.

    Examples:
        >>> measured([5.0] * 20, size_bytes=0, level=0.95).percentiles[2].value
        5.0
    """
    ranked = sorted(latencies_ms)
    count = len(ranked)
    if not count:
        message = "nothing was timed"
        raise ValueError(message)

    def at(rank: float) -> float:
        return ranked[min(max(int(rank), 1), count) - 1]

    tail = (1 - level) / 2
    percentiles = tuple(
        Percentile(
            name=name,
            value=at(ceil(share * count)),
            low=at(float(binom.ppf(tail, count, share))),
            high=at(float(binom.ppf(1 - tail, count, share)) + 1),
        )
        for name, share in ASKED.items()
    )
    return Measurements(requests=count, level=level, percentiles=percentiles, size_mb=size_bytes / 1e6)

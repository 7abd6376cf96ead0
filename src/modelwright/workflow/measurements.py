"""Measurements: what one answer takes through the real server, and how big the bundle is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from modelwright.kernel.document import Document, Facts

__all__ = ["Measurements", "measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """Latency of single-row answers over loopback, and the size of the bundle.

    Examples:
        >>> measured([1.0, 2.0, 3.0], size_bytes=2_000_000).values["bundle_size"]
        2.0
    """

    requests: int
    """Answers that were timed."""
    p50_ms: float
    """Median, in milliseconds."""
    p95_ms: float
    """95th percentile, in milliseconds."""
    p99_ms: float
    """99th percentile, in milliseconds."""
    size_mb: float
    """Size of the bundle, in megabytes (10^6 bytes)."""

    @property
    def values(self) -> dict[str, float]:
        """The measurements under the names that gates use."""
        return {
            "p50_latency": self.p50_ms,
            "p95_latency": self.p95_ms,
            "p99_latency": self.p99_ms,
            "bundle_size": self.size_mb,
        }

    def document(self) -> Document:
        """Render the measurements."""
        return Document(
            title="Measured in service",
            blocks=(
                Facts(
                    items=(
                        ("Answers timed", f"{self.requests}, one row each, one client, over loopback"),
                        ("p50", f"{self.p50_ms:.2f} ms"),
                        ("p95", f"{self.p95_ms:.2f} ms"),
                        ("p99", f"{self.p99_ms:.2f} ms"),
                        ("Bundle", f"{self.size_mb:.2f} MB"),
                    )
                ),
            ),
        )


def measured(latencies_ms: Sequence[float], *, size_bytes: int) -> Measurements:
    """Summarise latencies by their nearest-rank percentiles.

    Args:
        latencies_ms: One latency an answer, in milliseconds.
        size_bytes: Size of the bundle.

    Raises:
        ValueError: When nothing was timed.

    Examples:
        >>> measured([5.0], size_bytes=0).p99_ms
        5.0
    """
    ranked = sorted(latencies_ms)
    if not ranked:
        message = "nothing was timed"
        raise ValueError(message)

    def at(share: float) -> float:
        return ranked[max(ceil(share * len(ranked)) - 1, 0)]

    return Measurements(
        requests=len(ranked), p50_ms=at(0.50), p95_ms=at(0.95), p99_ms=at(0.99), size_mb=size_bytes / 1e6
    )

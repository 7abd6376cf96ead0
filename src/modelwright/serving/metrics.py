"""Metrics of one server, as Prometheus reads them; names follow its conventions."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from modelwright.serving.envelope import Prediction

__all__ = ["ServerMetrics"]

LATENCIES = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Buckets in seconds: fine where answers are, coarse where trouble is."""

CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Buckets of confidence, from a coin's toss to certainty."""


class ServerMetrics:
    """Counts answers by version; every server has a registry of its own.

    Examples:
        >>> metrics = ServerMetrics()
        >>> metrics.refused(422)
        >>> b'modelwright_requests_total{status="422"} 1.0' in metrics.exposition()
        True
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        """Make the instruments."""
        self.registry = place = CollectorRegistry()
        self._requests = Counter(
            "modelwright_requests", "Predict requests by HTTP status.", ["status"], registry=place
        )
        self._predictions = Counter(
            "modelwright_predictions",
            "Rows answered, by version, arm and who answered.",
            ["version", "arm", "answered_by"],
            registry=place,
        )
        self._latency = Histogram(
            "modelwright_request_latency_seconds",
            "From the whole request to the answer being made.",
            ["version"],
            buckets=LATENCIES,
            registry=place,
        )
        self._confidence = Histogram(
            "modelwright_prediction_confidence",
            "Highest probability of an answer.",
            ["version"],
            buckets=CONFIDENCES,
            registry=place,
        )
        self._faults = Counter(
            "modelwright_row_faults", "Faults told about rows that were refused.", registry=place
        )
        self._labels = Counter("modelwright_labels_received", "Labels that came back.", registry=place)
        self._active = Gauge("modelwright_active_requests", "Predict requests under way.", registry=place)
        self._share = Gauge(
            "modelwright_routing_share", "Share of traffic by version.", ["version"], registry=place
        )
        self._trouble = Gauge(
            "modelwright_routing_refused", "1 while the routing is not followed.", registry=place
        )
        self._by_version: dict[tuple[str, str], tuple[Counter, Counter, Histogram, Histogram]] = {}
        self._ok = self._requests.labels("200")

    def answered(self, version: str, arm: str, predictions: list[Prediction], seconds: float) -> None:
        """Count one answered request."""
        key = (version, arm)
        kept = self._by_version.get(key)
        if kept is None:
            kept = (
                self._predictions.labels(version, arm, "model"),
                self._predictions.labels(version, arm, "fallback"),
                self._latency.labels(version),
                self._confidence.labels(version),
            )
            self._by_version[key] = kept
        model, fallback, latency, confidence = kept
        self._ok.inc()
        latency.observe(seconds)
        fallbacks = sum(prediction.fallback for prediction in predictions)
        if fallbacks:
            fallback.inc(fallbacks)
        if fallbacks < len(predictions):
            model.inc(len(predictions) - fallbacks)
        for prediction in predictions:
            if prediction.confidence is not None:
                confidence.observe(prediction.confidence)

    def refused(self, status: int, *, faults: int = 0) -> None:
        """Count one request that was not answered."""
        self._requests.labels(str(status)).inc()
        if faults:
            self._faults.inc(faults)

    def labels(self, count: int) -> None:
        """Count labels that came back."""
        self._labels.inc(count)

    def begun(self) -> None:
        """Count a request that is under way."""
        self._active.inc()

    def ended(self) -> None:
        """Count it no more."""
        self._active.dec()

    def routed(self, shares: dict[str, float], *, trouble: bool) -> None:
        """Show the routing in force."""
        self._share.clear()
        for version, share in shares.items():
            self._share.labels(version).set(share)
        self._trouble.set(1 if trouble else 0)

    def exposition(self) -> bytes:
        """Return everything in the text format."""
        return generate_latest(self.registry)

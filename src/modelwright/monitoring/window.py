"""Windows: what one version answered in a span of time, in aggregates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from modelwright.registry.reference import FeatureSketch, ReferenceProfile
from modelwright.serving.sketch import FeatureCounts, SketchLine

__all__ = ["Window", "count_answers", "spans", "windows"]

SERVER_ERROR = 500

MOST_WINDOWS = 30
"""Windows that are looked back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One span of time.

    Examples:
        >>> from datetime import UTC
        >>> day = datetime(2026, 1, 1, tzinfo=UTC)
        >>> none = FeatureCounts(counts=(0,), nulls=0)
        >>> Window(start=day, end=day + timedelta(days=1), features={}, score=none).rows
        0
    """

    start: datetime
    """When it begins."""
    end: datetime
    """When it ends; this moment is not part of it."""
    rows: int = 0
    """Rows answered, fallbacks included, errors not."""
    requests: int = 0
    """Requests, errors of the server included, errors of the caller not."""
    errors: int = 0
    """Requests that failed on the server's side."""
    fallbacks: int = 0
    """Rows the fallback answered."""
    reviews: int = 0
    """Rows a person was asked to look at."""
    p50_ms: float | None = None
    """Median latency; None without requests."""
    p95_ms: float | None = None
    """95th percentile of the latency."""
    p99_ms: float | None = None
    """99th percentile of the latency."""
    last_at: datetime | None = None
    """When the last request came."""
    features: Mapping[str, FeatureCounts]
    """Input column to its counts in the reference's bins."""
    sketched: int = 0
    """Rows behind these counts."""
    score: FeatureCounts
    """Scores in the reference's bins."""
    confidence: FeatureCounts | None = None
    """Confidence in the reference's bins; None for regression."""
    predictions: FeatureCounts | None = None
    """Answers by class; None for regression."""


def spans(
    log: pl.DataFrame, *, every: timedelta | None, rows: int | None, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Return the beginning and end of each window, oldest first, the last one ending now.

    Args:
        log: Answers, in the order of time.
        every: The length of a window; `now` ends the last one.
        rows: How many answers make a window instead, the last one being the newest.
        now: The present.

    Examples:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        >>> log = pl.DataFrame({"at": [noon - timedelta(hours=hours) for hours in (30, 2, 1)]})
        >>> len(spans(log, every=timedelta(days=1), rows=None, now=noon))
        2
        >>> [end.hour for _, end in spans(log, every=None, rows=2, now=noon)]
        [10, 12]
    """
    if rows is not None:
        at = log["at"].to_list()
        cuts = [at[place] for place in range(len(at) - rows, 0, -rows)][::-1]
        edges = ([at[0]] if at else [now]) + cuts + [now + timedelta(microseconds=1)]
        return tuple(pairwise(edges))[-MOST_WINDOWS:]
    length = every or timedelta(days=1)
    first = log["at"].min() if log.height else now
    oldest = first if isinstance(first, datetime) else now
    count = min(max(-(-(now - oldest) // length), 1), MOST_WINDOWS)
    return tuple((now - length * (index + 1), now - length * index) for index in range(count))[::-1]


def windows(
    log: pl.DataFrame,
    sketches: Sequence[SketchLine],
    *,
    reference: ReferenceProfile,
    between: Iterable[tuple[datetime, datetime]],
) -> tuple[Window, ...]:
    """Aggregate the answers of one version window by window.

    Args:
        log: The version's answers, with the columns of the prediction log.
        sketches: The version's sketches; one that spans two windows counts in the window where it began.
        reference: Gives the bins.
        between: Beginning and end of each window.

    Examples:
        >>> windows.__name__
        'windows'
    """
    made = []
    for start, end in between:
        part = log.filter((pl.col("at") >= start) & (pl.col("at") < end))
        inside = [line for line in sketches if start <= line.start < end]
        made.append(_window(part, inside, reference=reference, start=start, end=end))
    return tuple(made)


def _window(
    log: pl.DataFrame,
    sketches: Sequence[SketchLine],
    *,
    reference: ReferenceProfile,
    start: datetime,
    end: datetime,
) -> Window:
    answered = log.filter(pl.col("prediction").is_not_null() | (pl.col("status") == 200))
    requests = log.filter(
        (pl.col("row") == 0) & ~pl.col("status").is_between(400, SERVER_ERROR, closed="left")
    )
    latency = requests["latency_ms"].to_numpy()
    last = requests["at"].max()
    with np.errstate(invalid="ignore"):  # times without end have no percentile: NaN, which alerts
        percentiles = np.quantile(latency, (0.5, 0.95, 0.99)).tolist() if len(latency) else []
    model = answered.filter(~pl.col("fallback"))
    return Window(
        start=start,
        end=end,
        rows=answered.height,
        requests=requests.height,
        errors=requests.filter(pl.col("status") >= SERVER_ERROR).height,
        fallbacks=answered.filter(pl.col("fallback")).height,
        reviews=answered.filter(pl.col("review")).height,
        p50_ms=percentiles[0] if percentiles else None,
        p95_ms=percentiles[1] if percentiles else None,
        p99_ms=percentiles[2] if percentiles else None,
        last_at=last if isinstance(last, datetime) else None,
        features=_added(sketches),
        sketched=sum(line.rows for line in sketches),
        score=count_answers(model["score"], reference.scores),
        confidence=count_answers(model["confidence"], reference.confidence) if reference.confidence else None,
        predictions=count_answers(model["prediction"], reference.predictions)
        if reference.predictions
        else None,
    )


def _added(sketches: Sequence[SketchLine]) -> Mapping[str, FeatureCounts]:
    """Add sketches up; a column that was counted in other bins starts anew."""
    total: dict[str, FeatureCounts] = {}
    for line in sketches:
        for name, more in line.features.items():
            known = total.get(name)
            if known is None or len(known.counts) != len(more.counts):
                total[name] = more
                continue
            counts = tuple(a + b for a, b in zip(known.counts, more.counts, strict=True))
            total[name] = FeatureCounts(counts=counts, nulls=known.nulls + more.nulls)
    return total


def count_answers(values: pl.Series, sketch: FeatureSketch) -> FeatureCounts:
    """Count values in the bins of a sketch.

    Examples:
        >>> count_answers(
        ...     pl.Series([0.2, 0.7, None]), FeatureSketch(name="score", kind="number", edges=(0.5,))
        ... )
        FeatureCounts(counts=(1, 1), nulls=1)
        >>> classes = FeatureSketch(name="prediction", kind="category", categories=("no", "yes"))
        >>> count_answers(pl.Series(["yes", "maybe", None]), classes)
        FeatureCounts(counts=(0, 1, 1), nulls=1)
    """
    if sketch.kind == "number":
        numbers = values.cast(pl.Float64).to_numpy()
        present = numbers[np.isfinite(numbers)]
        places = np.searchsorted(np.asarray(sketch.edges), present, side="right")
        counts = np.bincount(places, minlength=len(sketch.edges) + 1)
        return FeatureCounts(counts=tuple(counts.tolist()), nulls=len(numbers) - len(present))
    tally = dict(values.drop_nulls().value_counts().iter_rows())
    named = [int(tally.pop(category, 0)) for category in sketch.categories]
    return FeatureCounts(counts=(*named, int(sum(tally.values()))), nulls=values.null_count())

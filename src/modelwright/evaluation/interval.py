"""Estimates with their intervals: every metric of several samples from one pass of resamples."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from modelwright.evaluation.bins import wilson
from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.metric import METRICS, Metric
from modelwright.evaluation.resample import Counts, counted, one_thread, percentiles
from modelwright.evaluation.sample import Index, Sample, Vector, Weighing

__all__ = ["SMALLEST_SUPPORT", "Asked", "Drawn", "draw", "estimate"]

SMALLEST_SUPPORT = 10
"""Rows of a second class that the interval of a ranking or class-averaged metric needs: with fewer, the
resamples are too alike to tell how far chance reaches."""


WORTH_A_THREAD = 20_000
"""From so many rows on, blocks of resamples are measured side by side."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A sample, which rows of the whole it is, and what to measure on it.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> Asked(sample=example("binary").sample, metrics=("roc_auc",)).rows is None
        True
    """

    sample: Sample
    """The sample."""
    metrics: Sequence[str]
    """The metrics to compute."""
    rows: Index | None = None
    """Positions of its rows in the whole; None for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """The value of one metric, and its values on the resamples.

    Examples:
        >>> Drawn(value=0.5, resampled=np.array([0.4, 0.6])).value
        0.5
    """

    value: float | None
    """The value on the rows as they are; None where it is not defined."""
    resampled: Vector
    """The values on the resamples, in the same order for all samples; NaN where not defined."""


def _measured(metric: Metric, view: Weighing, *, resampled: bool) -> Vector:
    measure = metric.resampled if resampled and metric.resampled else metric.measure
    if measure is None:
        return np.full(len(view.counts), np.nan)
    return measure(view)


def _side_by_side(
    measured: Callable[[Counts], dict[tuple[str, str], Vector]], blocks: Iterable[Counts]
) -> Iterator[dict[tuple[str, str], Vector]]:
    """Measure blocks in two threads, in order, while the next are drawn; the results are the same bits."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        under_way: deque[Future[dict[tuple[str, str], Vector]]] = deque()
        for block in blocks:
            under_way.append(pool.submit(measured, block))
            if len(under_way) > 2:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def draw(
    asked: Mapping[str, Asked],
    *,
    resamples: int,
    seed: int,
    groups: Index | None = None,
) -> Mapping[str, Mapping[str, Drawn]]:
    """Measure every sample as it is and on the same resamples of the whole.

    The samples share each resample, so that differences between them are differences on the same rows.

    Args:
        asked: What to measure, by name. All samples without `rows` have the same number of rows.
        resamples: Bootstrap resamples.
        seed: Seed of the resampling.
        groups: Number of each row's group when whole groups are resampled.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> found = draw(
        ...     {"all": Asked(sample=example("binary").sample, metrics=("brier",))}, resamples=100, seed=1
        ... )
        >>> round(found["all"]["brier"].value, 4), found["all"]["brier"].resampled.shape
        (0.1581, (100,))
    """
    metrics = {name: METRICS.get(name) for item in asked.values() for name in item.metrics}
    rows = max(len(item.sample) for item in asked.values())
    rng = np.random.default_rng(seed)

    def measured(counts: Counts) -> dict[tuple[str, str], Vector]:
        found = {}
        for key, item in asked.items():
            view = Weighing(item.sample, counts if item.rows is None else counts[:, item.rows])
            for name in item.metrics:
                found[key, name] = _measured(metrics[name], view, resampled=True)
        return found

    with one_thread():
        plain = {
            key: Weighing(item.sample, np.ones((1, len(item.sample)), dtype=np.uint16))
            for key, item in asked.items()
        }
        values = {
            (key, name): float(_measured(metrics[name], plain[key], resampled=False)[0])
            for key, item in asked.items()
            for name in item.metrics
        }
        blocks = counted(rows, resamples=resamples, rng=rng, groups=groups)
        pieces = list(map(measured, blocks) if rows < WORTH_A_THREAD else _side_by_side(measured, blocks))
    result: dict[str, dict[str, Drawn]] = {}
    for (key, name), value in values.items():
        result.setdefault(key, {})[name] = Drawn(
            value=value if np.isfinite(value) else None,
            resampled=np.concatenate([piece[key, name] for piece in pieces]),
        )
    return result


def estimate(name: str, drawn: Drawn, *, sample: Sample, level: float) -> Estimate:
    """Return the estimate of one metric with the percentile interval of its resamples.

    The interval of a share is never narrower than Wilson's, which does not collapse when all trials came
    out alike. Metrics that need two classes have no interval with fewer than ten rows of the second.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> sample = example("binary").sample
        >>> found = estimate("precision", Drawn(value=1.0, resampled=np.ones(100)), sample=sample, level=0.95)
        >>> round(found.low, 3), found.high
        (0.207, 1.0)
    """
    metric = METRICS.get(name)
    ends = None if drawn.value is None else percentiles(drawn.resampled, level=level)
    if metric.counts is not None and drawn.value is not None:
        view = Weighing(sample, np.ones((1, len(sample))))
        successes, trials = (float(counted[0]) for counted in metric.counts(view))
        closed = wilson(successes, trials, level=level)
        ends = closed if ends is None else (min(ends[0], closed[0]), max(ends[1], closed[1]))
    if metric.needs_classes and float(np.sort(sample.present)[-2]) < SMALLEST_SUPPORT:
        ends = None
    if ends is not None and drawn.value is not None:
        # Only a statistic with a bias, such as a calibration error near 0, can lie outside its percentiles.
        ends = min(ends[0], drawn.value), max(ends[1], drawn.value)
    return Estimate(
        metric=name,
        value=drawn.value,
        low=None if ends is None else ends[0],
        high=None if ends is None else ends[1],
        level=level,
        rows=len(sample),
        direction=metric.direction,
    )

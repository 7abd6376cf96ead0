"""Evaluation: the bootstrap of the area under the ROC curve, and of a whole report, on many rows."""

import time

import numpy as np

from benchmarks.measurement import Measurement
from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.interval import Asked, draw
from modelwright.evaluation.metric import METRICS, metrics_of
from modelwright.evaluation.sample import Sample
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

ROWS = 100_000
RESAMPLES = 2_000
ROUNDS = 3
BAR_SECONDS = 1.0


def measure() -> tuple[Measurement, ...]:
    """Draw the resamples and measure, on made-up scores of 12 % positives."""
    rng = np.random.default_rng(0)
    y = (rng.random(ROWS) < 0.12).astype(np.float64)
    score = 0.7 * rng.random(ROWS) + 0.3 * y
    sample = Sample(
        y,
        np.column_stack([1 - score, score]),
        target=TargetSpec(task="binary", name="y", classes=("no", "yes")),
        mistakes=Mistakes(),
        rule=DecisionRule(),
    )
    every = tuple(name for name in metrics_of("binary") if METRICS.get(name).measure is not None)

    def seconds(metrics: tuple[str, ...]) -> float:
        began = time.perf_counter()
        draw({"model": Asked(sample=sample, metrics=metrics)}, resamples=RESAMPLES, seed=1)
        return time.perf_counter() - began

    return (
        Measurement(
            name="bootstrap of the AUC, 100,000 rows, 2,000 resamples",
            unit="s",
            values=tuple(seconds(("roc_auc",)) for _ in range(ROUNDS)),
            bar=BAR_SECONDS,
            note="drawn and measured in two threads",
        ),
        Measurement(
            name=f"the same of all {len(every)} metrics of a binary task",
            unit="s",
            values=(seconds(every),),
            bar=None,
            note="one sample; a report has as many as there are slices and rivals",
        ),
    )

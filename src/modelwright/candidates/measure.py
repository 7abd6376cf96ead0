"""Measures for designs and runs: point values, undefined ones as None.

Intervals, slices and judgements are the matter of evaluation, on rows that no training has touched.
"""

from collections.abc import Callable, Mapping

import numpy as np

from modelwright.candidates.estimator import Vector
from modelwright.candidates.loss import loss_of
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec

__all__ = ["LOWER_IS_BETTER", "measures", "probe_metric"]

LOWER_IS_BETTER = frozenset(("log_loss", "brier", "rmse", "mae", "median_absolute_error"))
"""Measures that fall as a model gets better."""

BY_TASK: Mapping[str, tuple[str, ...]] = {
    "binary": ("roc_auc", "log_loss", "brier", "average_precision", "accuracy"),
    "multiclass": ("log_loss", "accuracy", "balanced_accuracy", "macro_f1"),
    "regression": ("rmse", "mae", "median_absolute_error", "r2", "bias"),
}
"""What is measured for each task."""


def probe_metric(primary: str, target: TargetSpec) -> str:
    """Return the measure designs are compared by: the contract's primary metric where it is one of these.

    Examples:
        >>> probe_metric("expected_cost", TargetSpec(task="regression", name="y"))
        'rmse'
    """
    known = BY_TASK[target.task]
    return primary if primary in known else ("log_loss" if target.classes else "rmse")


def measures(y: Vector, scores: Matrix, *, target: TargetSpec) -> dict[str, float | None]:
    """Return all measures of a task; None where one is undefined on these rows.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> made = measures(np.array([0.0, 0.0]), np.array([[0.9, 0.1], [0.8, 0.2]]), target=spec)
        >>> made["roc_auc"] is None, made["accuracy"]
        (True, 1.0)
    """
    if not len(y):
        return dict.fromkeys(BY_TASK[target.task])
    made: dict[str, float | None] = {}
    for name in BY_TASK[target.task]:
        loss = name in ("log_loss", "rmse")
        value = loss_of(y, scores, target=target) if loss else MEASURES[name](y, scores)
        made[name] = None if value is None or not np.isfinite(value) else float(value)
    return made


def _falling(y: Vector, scores: Matrix) -> tuple[Vector, Vector]:
    """Return how many positives and rows there are through each group of equal scores, highest first."""
    score = scores[:, 1]
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    ends = np.r_[np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1]
    return np.cumsum(y[order])[ends], ends + 1.0


def _roc_auc(y: Vector, scores: Matrix) -> float | None:
    positives, rows = _falling(y, scores)
    found, false = np.r_[0.0, positives], np.r_[0.0, rows - positives]
    pairs = found[-1] * false[-1]
    return float(np.trapezoid(found, false) / pairs) if pairs else None


def _average_precision(y: Vector, scores: Matrix) -> float | None:
    positives, rows = _falling(y, scores)
    more = np.diff(positives, prepend=0.0)
    return float(np.sum(more * positives / rows) / positives[-1]) if positives[-1] else None


def _balanced_accuracy(y: Vector, scores: Matrix) -> float | None:
    answers = np.argmax(scores, axis=1)
    return float(np.mean([np.mean(answers[y == label] == label) for label in np.unique(y)]))


def _macro_f1(y: Vector, scores: Matrix) -> float | None:
    answers = np.argmax(scores, axis=1)
    found = []
    for label in np.union1d(y, answers):
        hits = int(np.sum((answers == label) & (y == label)))
        named = int(np.sum(answers == label)) + int(np.sum(y == label))
        found.append(2 * hits / named)
    return float(np.mean(found))


def _r2(y: Vector, scores: Matrix) -> float | None:
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum((y - scores[:, 0]) ** 2)) / spread if spread > 0 else None


MEASURES: Mapping[str, Callable[[Vector, Matrix], float | None]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "brier": lambda y, scores: float(np.mean((scores[:, 1] - y) ** 2)),
    "accuracy": lambda y, scores: float(np.mean(np.argmax(scores, axis=1) == y)),
    "balanced_accuracy": _balanced_accuracy,
    "macro_f1": _macro_f1,
    "mae": lambda y, scores: float(np.mean(np.abs(scores[:, 0] - y))),
    "median_absolute_error": lambda y, scores: float(np.median(np.abs(scores[:, 0] - y))),
    "bias": lambda y, scores: float(np.mean(scores[:, 0] - y)),
    "r2": _r2,
}
"""How each is computed, beside the losses."""

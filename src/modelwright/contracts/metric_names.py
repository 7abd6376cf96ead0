"""The names a contract may use: metrics of each task, and what is measured beside them.

Only names stand here, so that a contract can be read without the numerics. How each is computed, and
which direction is better, is the matter of `modelwright.evaluation`.
"""

from collections.abc import Mapping

from modelwright.kernel.errors import UnknownName

__all__ = ["MEASUREMENTS", "METRIC_NAMES", "metric_names"]

METRIC_NAMES: Mapping[str, tuple[str, ...]] = {
    "binary": (
        "roc_auc",
        "log_loss",
        "brier",
        "average_precision",
        "accuracy",
        "precision",
        "recall",
        "f1",
        "balanced_accuracy",
        "specificity",
        "calibration_error",
        "expected_cost",
    ),
    "multiclass": (
        "log_loss",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "weighted_f1",
        "roc_auc_ovr",
        "calibration_error",
        "expected_cost",
    ),
    "regression": ("rmse", "mae", "median_absolute_error", "mape", "r2", "bias", "expected_cost"),
}
"""Metrics of each task, the default primary one first."""

MEASUREMENTS: Mapping[str, str] = {
    "p50_latency": "ms",
    "p95_latency": "ms",
    "p99_latency": "ms",
    "bundle_size": "MB",
}
"""What gates may name beside metrics, and the unit each is judged in."""


def metric_names(task: str) -> tuple[str, ...]:
    """Return the metric names of a task, the default primary one first.

    Raises:
        UnknownName: When there is no such task; the nearest is offered.

    Examples:
        >>> metric_names("regression")[0]
        'rmse'
    """
    if task not in METRIC_NAMES:
        raise UnknownName.among("task", task, METRIC_NAMES)
    return METRIC_NAMES[task]

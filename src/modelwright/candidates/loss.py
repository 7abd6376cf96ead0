"""The loss designs are compared by: log loss for classes, root mean squared error for values."""

import numpy as np

from modelwright.candidates.estimator import Vector
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec

__all__ = ["loss_name", "loss_of"]

SMALLEST = 1e-15
"""Probabilities are kept this far from 0, so that one sure mistake is expensive, not infinite."""


def loss_name(target: TargetSpec) -> str:
    """Return the name of the loss, as the metrics name it.

    Examples:
        >>> loss_name(TargetSpec(task="regression", name="y"))
        'rmse'
    """
    return "log_loss" if target.classes else "rmse"


def loss_of(y: Vector, scores: Matrix, *, target: TargetSpec, weight: Vector | None = None) -> float:
    """Return the loss of scores; lower is better.

    Examples:
        >>> spec = TargetSpec(task="regression", name="y")
        >>> loss_of(np.array([0.0, 0.0]), np.array([[3.0], [-3.0]]), target=spec)
        3.0
    """
    if target.classes:
        chosen = scores[np.arange(len(y)), y.astype(np.intp)]
        return float(np.average(-np.log(np.clip(chosen, SMALLEST, 1.0)), weights=weight))
    return float(np.sqrt(np.average((scores[:, 0] - y) ** 2, weights=weight)))

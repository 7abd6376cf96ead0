"""Scores as they come in: refused unless every number can be meant."""

import numpy as np

from modelwright.evaluation.sample import Matrix, Vector
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.tasks.target import TargetSpec

__all__ = ["check_actual", "check_scores", "refuse"]

SUM_TOLERANCE = 1e-6
"""How far probabilities of one row may miss 1."""


def check_scores(scores: Matrix, *, target: TargetSpec, rows: int, name: str = "scores") -> list[Fault]:
    """Return what is wrong with the scores of one model: shape, numbers, probabilities.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> [str(fault) for fault in check_scores(np.array([[0.5, np.nan]]), target=spec, rows=1)]
        ['scores: 1 of 1 rows hold a score that is not a finite number; mend the model: no number, no answer']
    """
    outputs = 1 if target.task == "regression" else len(target.classes)
    if scores.ndim != 2 or scores.shape != (rows, outputs):
        cure = "hand in one row of scores per row id, one column per class (one in all for regression)"
        return [Fault(name, f"shape {scores.shape} instead of {(rows, outputs)}", next_step=cure)]
    if scores.dtype.kind != "f":
        return [Fault(name, f"{scores.dtype} numbers", next_step="hand in 64-bit floating point numbers")]
    # Sound scores are told by sums and ends over everything; only unsound ones are looked at row by row.
    if not np.isfinite(scores).all():
        cure = "mend the model: no number, no answer"
        broken = int((~np.isfinite(scores).all(axis=1)).sum())
        told = f"{broken:,} of {rows:,} rows hold a score that is not a finite number"
        return [Fault(name, told, next_step=cure)]
    if target.task == "regression":
        return []
    faults = []
    if scores.size and (scores.min() < 0 or scores.max() > 1):
        outside = ((scores < 0) | (scores > 1)).any(axis=1)
        told = f"{int(outside.sum()):,} of {rows:,} rows hold a probability below 0 or above 1"
        faults.append(Fault(name, told, next_step="hand in probabilities, not margins"))
    elif (uneven := np.abs(np.einsum("rc->r", scores) - 1) > SUM_TOLERANCE).any():
        told = f"the probabilities of {int(uneven.sum()):,} of {rows:,} rows do not sum to 1"
        faults.append(Fault(name, told, next_step="divide each row by its sum"))
    return faults


def check_actual(y: Vector, *, target: TargetSpec) -> list[Fault]:
    """Return what is wrong with the actual values: none, missing ones, unknown classes.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> len(check_actual(np.array([0.0, 2.0]), target=spec)), check_actual(np.array([1.0]), target=spec)
        (1, [])
    """
    if y.ndim != 1 or len(y) == 0:
        return [Fault("labels", "there are no rows", next_step="hand in at least one row")]
    if not np.isfinite(y).all():
        told = f"{int((~np.isfinite(y)).sum()):,} of {len(y):,} labels are not finite numbers"
        return [Fault("labels", told, next_step="leave out rows whose label is not known")]
    if target.task != "regression" and not np.isin(y, np.arange(len(target.classes))).all():
        told = f"labels that are none of the {len(target.classes)} classes"
        return [Fault("labels", told, next_step="encode labels with the task that described the target")]
    return []


def refuse(faults: list[Fault]) -> None:
    """Raise all faults of one input together; nothing happens when there are none.

    Raises:
        DataInvalid: When there is a fault.

    Examples:
        >>> refuse([])
    """
    if faults:
        raise DataInvalid(
            "these predictions cannot be evaluated",
            why="a figure computed from numbers that cannot be meant would look like any other",
            next_step="correct what is listed and hand the predictions in again",
            faults=faults,
        )

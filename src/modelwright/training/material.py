"""The material of a training: matrix, targets, weights and folds, checked before anything is fitted."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from modelwright.candidates.estimator import Vector
from modelwright.candidates.folds import Fold, check_folds, folds_of
from modelwright.contracts.contract import Contract
from modelwright.features.out_of_fold import Rows, TargetColumns, target_columns
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix, matrix
from modelwright.kernel.errors import Fault, TrainingFailed
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.target import TargetSpec
from modelwright.training.config import TrainingConfig

__all__ = ["Material", "prepare"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """What the members are fitted on.

    Examples:
        >>> Material.__dataclass_fields__["folds"].name
        'folds'
    """

    plan: FeaturePlan
    """How columns became the matrix."""
    target: TargetSpec
    """What is predicted."""
    x: Matrix
    """Training rows."""
    y: Vector
    """Their encoded targets."""
    weight: Vector | None
    """Their weights; None when all count the same."""
    folds: tuple[Fold, ...]
    """The rounds of cross-fitting."""
    notes: tuple[str, ...]
    """What was seen on the way."""
    means: TargetColumns | None = None
    """Target means as folds may see them; None when the plan has none."""

    def fitted(self, rows: Rows) -> Matrix:
        """Return rows to fit on."""
        return self.x[rows] if self.means is None else self.means.fitted(self.x, rows)

    def held_out(self, rows: Rows, *, fit: Rows) -> Matrix:
        """Return rows that a fit on others holds out."""
        return self.x[rows] if self.means is None else self.means.held_out(self.x, rows, fit=fit)

    @property
    def outputs(self) -> int:
        """Columns of the scores."""
        return task_of(self.target.task).outputs(self.target)


def _weights(train: pl.DataFrame, contract: Contract) -> tuple[Vector | None, tuple[str, ...]]:
    names = contract.data.of_role("weight")
    if not names:
        return None, ()
    first, *others = names
    faults = [Fault("data.columns", f"{len(names)} columns have the role weight")] if others else []
    values = train[first].cast(pl.Float64, strict=False).fill_nan(None)
    for count, told in (
        (values.null_count(), "are missing or no numbers"),
        (int((values < 0).sum()), "are negative"),
        (int(values.is_infinite().sum()), "are infinite"),
    ):
        if count:
            faults.append(Fault(f"column {first}", f"{count} of {len(values)} weights {told}"))
    if not faults and not float(values.sum()) > 0:
        faults.append(Fault(f"column {first}", "no weight is above zero"))
    if faults:
        raise TrainingFailed(
            "the weights of the rows cannot be used",
            why="a weight says how often a row counts; nothing counts less than never",
            next_step="correct the column, or give it the role context in the contract",
            faults=faults,
        )
    weight = values.to_numpy()
    zero = int((weight == 0).sum())
    return weight, (f"{zero} rows have weight zero and teach nothing",) if zero else ()


def prepare(
    config: TrainingConfig,
    *,
    train: pl.DataFrame,
    plan: FeaturePlan,
    target: TargetSpec,
    contract: Contract,
) -> Material:
    """Turn the training part into material.

    Raises:
        DataInvalid: When targets are missing or unknown, or columns of the plan are.
        TrainingFailed: When weights are negative, folds would have one class, or the rows cannot be divided.

    Examples:
        >>> prepare.__name__
        'prepare'
    """
    names = [spec.name for spec in config.members]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if not names or doubled:
        raise TrainingFailed(
            f"members of a design share a name: {', '.join(doubled)}"
            if names
            else "the design has no member",
            why="members are told apart by name in weights and checkpoints",
            next_step="give each member a name of its own",
        )
    y = task_of(target.task).encode(train[target.name], target)
    if not np.isfinite(y).all():
        raise TrainingFailed(
            f"{int((~np.isfinite(y)).sum())} targets are not finite numbers",
            why="an infinite target has no error that can be lowered",
            next_step="correct these values",
        )
    weight, told = _weights(train, contract)
    folds = folds_of(train, y, contract, target=target, folds=config.folds, seed=config.seed)
    notes = (*told, *check_folds(folds, y, target=target))
    x = matrix(plan, train)
    return Material(
        plan=plan,
        target=target,
        x=x,
        y=y,
        weight=weight,
        folds=folds,
        notes=notes,
        means=target_columns(plan, train, contract, seed=config.seed),
    )

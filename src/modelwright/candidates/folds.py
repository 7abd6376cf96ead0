"""Folds: which rows a model is fitted on and which it is asked about, by the contract's split policy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.candidates.estimator import Vector
from modelwright.contracts.contract import Contract
from modelwright.data.fold import Fold, apart, walk_forward
from modelwright.data.moment import Moments, moments_of, stretch_of
from modelwright.data.snapshot import ROW_ID
from modelwright.data.split import each_alone
from modelwright.kernel.errors import Fault, TrainingFailed
from modelwright.tasks.target import TargetSpec

__all__ = ["Fold", "check_folds", "folds_of"]

Index = npt.NDArray[np.int64]

STRATA = 10
"""Quantile bins a numeric target is spread by."""


def folds_of(
    frame: pl.DataFrame, y: Vector, contract: Contract, *, target: TargetSpec, folds: int, seed: int
) -> tuple[Fold, ...]:
    """Divide training rows into folds as the contract divides rows into parts.

    Temporal: rows in order of time are cut into blocks; fold i learns from the blocks before block i and is
    asked about it, with the gap, embargo and history of the contract (`walk_forward`). Group: rows of a
    group stay together, large groups first, into the emptiest fold. Otherwise: spread evenly over classes,
    or over tenths of a numeric target.

    Args:
        frame: The training part.
        y: Its encoded targets.
        contract: The split policy and its columns.
        target: What is predicted.
        folds: How many.
        seed: Seed of the assignment.

    Raises:
        TrainingFailed: When the rows cannot be divided so: too few rows, groups or moments.

    Examples:
        >>> folds_of.__name__
        'folds_of'
    """
    split = contract.data.split
    if folds < 2:
        raise TrainingFailed(
            f"{folds} folds leave nothing to learn from or nothing to ask about",
            why="every row must be predicted by models that never saw it",
            next_step="use 2 folds or more",
        )
    if split.policy == "temporal":
        return _in_time(frame, contract, folds)
    if split.policy == "group":
        return _from_places(_by_group(frame[split.group or ""], folds, seed), folds)
    if frame.height < 2 * folds:
        raise TrainingFailed(
            f"{frame.height} rows cannot be divided into {folds} folds",
            why="a fold needs rows to be asked about and rows to learn from",
            next_step="bring more rows, or use fewer folds",
            found=frame.height,
            expected=f"{2 * folds} or more",
        )
    strata = np.zeros(len(y), dtype=np.int64)
    if target.classes:
        strata = y.astype(np.int64)
    elif split.policy == "stratified":
        ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable")
        strata = ranks * STRATA // len(y)
    return _from_places(_spread(strata, folds, seed), folds)


def check_folds(folds: Sequence[Fold], y: Vector, *, target: TargetSpec) -> tuple[str, ...]:
    """Look at the classes of each fold.

    Returns:
        Notes on folds that lack rare classes.

    Raises:
        TrainingFailed: When a fold would learn from a single class; every such fold is named.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> fold = Fold(fit=np.array([0]), held_out=np.array([1]))
        >>> check_folds([fold], np.array([0.0, 1.0]), target=spec)
        Traceback (most recent call last):
        modelwright.kernel.errors.TrainingFailed: folds with one class to learn from: 1 fault
          - fold 1: all 1 rows have the class 'no'
        ...
    """
    if not target.classes:
        return ()
    faults, notes = [], []
    for number, fold in enumerate(folds, 1):
        present = np.unique(y[fold.fit]).astype(np.int64)
        if len(present) == 1:
            told = f"all {len(fold.fit)} rows have the class '{target.classes[present[0]]}'"
            faults.append(Fault(f"fold {number}", told))
        elif len(present) < len(target.classes):
            absent = [label for code, label in enumerate(target.classes) if code not in set(present.tolist())]
            notes.append(f"fold {number} has no row to learn of: {', '.join(absent)}")
    if faults:
        raise TrainingFailed(
            "folds with one class to learn from",
            why="a model that has seen one class answers with it always",
            next_step="bring rows of the other class, use fewer folds, or choose another split policy",
            faults=faults,
        )
    return tuple(notes)


def _from_places(places: Index, folds: int) -> tuple[Fold, ...]:
    return tuple(
        Fold(fit=np.flatnonzero(places != number), held_out=np.flatnonzero(places == number))
        for number in range(folds)
    )


def _spread(strata: Index, folds: int, seed: int) -> Index:
    """Deal the rows of each stratum out in random order, going on where the stratum before stopped."""
    # The raw stream of a bit generator never changes between NumPy versions (NEP 19).
    keys = np.random.PCG64(seed).random_raw(len(strata))
    order = np.lexsort((keys, strata))
    places = np.empty(len(strata), dtype=np.int64)
    places[order] = np.arange(len(strata)) % folds
    return places


def _by_group(groups: pl.Series, folds: int, seed: int) -> Index:
    codes = each_alone(groups.cast(pl.String)).rank("dense").to_numpy().astype(np.int64) - 1
    sizes = np.bincount(codes)
    if len(sizes) < folds:
        raise TrainingFailed(
            f"{len(sizes)} groups in {groups.name} cannot be divided into {folds} folds",
            why="rows of a group stay together, so that no model has seen the group it is asked about",
            next_step="bring more groups, use fewer folds, or choose another split policy",
            found=len(sizes),
            expected=f"{folds} or more",
        )
    keys = np.random.PCG64(seed).random_raw(len(sizes))
    filled = np.zeros(folds, dtype=np.int64)
    place_of = np.empty(len(sizes), dtype=np.int64)
    for group in np.lexsort((keys, -sizes)):
        place = int(np.argmin(filled))
        place_of[group] = place
        filled[place] += sizes[group]
    return np.asarray(place_of[codes], dtype=np.int64)


def _in_time(frame: pl.DataFrame, contract: Contract, folds: int) -> tuple[Fold, ...]:
    split = contract.data.split
    if split.order == "rows":
        # Part and table may differ in rows: the place in the table is what a number of rows means.
        moments = Moments(at=frame[ROW_ID].cast(pl.Int64).to_numpy().astype(np.int64), per_second=0.0)
    else:
        moments = moments_of(frame, contract)
    made = walk_forward(
        moments.at,
        folds,
        gap=stretch_of(split.gap, moments, contract),
        embargo=stretch_of(split.embargo, moments, contract),
        history=stretch_of(split.history, moments, contract),
    )
    if not split.new_groups:
        return made
    codes = each_alone(frame[split.group or ""].cast(pl.String)).rank("dense").to_numpy().astype(np.int64)
    return apart(made, codes)

"""Folds that go forward in time, and the replay of a history: what was known when, and what was asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import parse_duration
from modelwright.data.moment import Index, moments_of, stretch_of
from modelwright.kernel.errors import TrainingFailed

__all__ = ["Fold", "Replayed", "apart", "replay", "walk_forward"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """One round of cross-fitting.

    Examples:
        >>> Fold(fit=np.array([0, 1]), held_out=np.array([2])).held_out.tolist()
        [2]
    """

    fit: Index
    """Rows the models of this fold learn from."""
    held_out: Index
    """Rows they are asked about."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Replayed:
    """One step of a replayed history.

    Examples:
        >>> Replayed(now=7, known=np.array([0]), asked=np.array([1])).now
        7
    """

    now: int
    """The moment of the step, in the unit of the time column (microseconds, days, or its own numbers)."""
    known: Index
    """Rows whose label was known by then."""
    asked: Index
    """Rows that were asked about from then until the next step."""


def walk_forward(
    moments: Index, folds: int, *, gap: int = 0, embargo: int = 0, history: int = 0
) -> tuple[Fold, ...]:
    """Divide rows into folds that learn from the past and are asked about the next stretch of time.

    Rows in order of time are cut into blocks of about equal size; fold i learns from the blocks before block
    i and is asked about it: a rolling origin (Tashman, International Journal of Forecasting 16, 2000). Rows
    of one moment are never parted. The first block is never asked about.

    Args:
        moments: The moment of each row.
        folds: How many folds.
        gap: Rows this close before the start of what is asked are not learned from: their labels were not
            known yet (purging; López de Prado, "Advances in Financial Machine Learning", 2018, chapter 7).
        embargo: Rows this close after the start are not asked about: their features look back into what was
            learned.
        history: Rows older than this before the start are not learned from; 0 learns from all.

    Raises:
        TrainingFailed: When there are too few moments, or a fold is left with nothing.

    Examples:
        >>> [fold.fit.tolist() for fold in walk_forward(np.arange(6), 2)]
        [[0, 1], [0, 1, 2, 3]]
        >>> [fold.fit.tolist() for fold in walk_forward(np.arange(6), 2, gap=2)]
        [[0], [0, 1, 2]]
    """
    ordered = np.sort(moments)
    cuts = [int(ordered[len(ordered) * block // (folds + 1)]) for block in range(1, folds + 1)]
    edges = sorted({cut for cut in cuts if cut > ordered[0]})
    if len(edges) < folds:
        raise TrainingFailed(
            f"{len(np.unique(moments))} moments cannot be divided into {folds + 1} blocks in order of time",
            why="a fold learns from the past of the rows it is asked about",
            next_step="bring a longer history, use fewer folds, or order by a finer time",
        )
    ends = [*edges[1:], int(ordered[-1]) + 1]
    made = []
    for start, end in zip(edges, ends, strict=True):
        learned = moments < start if not gap else moments <= start - gap
        if history:
            learned &= moments >= start - gap - history
        made.append(
            Fold(
                fit=np.flatnonzero(learned),
                held_out=np.flatnonzero((moments >= start + embargo) & (moments < end)),
            )
        )
    hollow = [number for number, fold in enumerate(made, 1) if not (fold.fit.size and fold.held_out.size)]
    if hollow:
        raise TrainingFailed(
            f"fold {', '.join(map(str, hollow))} of {folds} lacks rows to learn from or be asked about",
            why="gap, embargo and history leave rows out, and here they leave all of them out",
            next_step="use fewer folds, a shorter gap or embargo, or a longer history",
        )
    return tuple(made)


def apart(folds: tuple[Fold, ...], groups: Index) -> tuple[Fold, ...]:
    """Take from what each fold learns the rows of groups that it is asked about.

    Examples:
        >>> (fold,) = apart((Fold(fit=np.array([0, 1]), held_out=np.array([2])),), np.array([5, 6, 6]))
        >>> fold.fit.tolist()
        [0]
    """
    return tuple(
        Fold(fit=fold.fit[~np.isin(groups[fold.fit], groups[fold.held_out])], held_out=fold.held_out)
        for fold in folds
    )


def replay(frame: pl.DataFrame, contract: Contract, *, every: str) -> Iterator[Replayed]:
    """Walk through rows in order of time, as they were asked about, with the labels known at each step.

    A label is known at a step when its row's moment and the gap of the split (`label`: the delay of the
    label) lie before it. The first step has nothing known unless rows of earlier parts are in the table.

    Args:
        frame: Rows in any order: those of the backtest part, and earlier ones to learn from.
        contract: How rows are ordered, and how late labels come.
        every: Length of a step: a duration such as `7d`, or a number of steps.

    Raises:
        DataInvalid: When the rows cannot be ordered.
        UserFault: When the step is no length.

    Examples:
        >>> replay.__name__
        'replay'
    """
    split = contract.data.split
    moments = moments_of(frame, contract)
    length = max(stretch_of(every, moments, contract), 1)
    late = stretch_of(split.gap, moments, contract)
    if not late and contract.data.label.delay and moments.per_second:
        late = int(parse_duration(contract.data.label.delay) / timedelta(seconds=1) * moments.per_second)
    if frame.height == 0:
        return
    at: npt.NDArray[np.int64] = moments.at
    first, last = int(at.min()), int(at.max())
    for now in range(first, last + 1, length):
        asked = np.flatnonzero((at >= now) & (at < now + length))
        if asked.size:
            yield Replayed(now=now, known=np.flatnonzero(at + max(late, 1) <= now), asked=asked)

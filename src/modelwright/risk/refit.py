"""Refitting inside the folds: how much of a feature's strength comes from rows it should not have seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.kernel.errors import UserFault
from modelwright.risk.probe import fitted, matrix_of
from modelwright.risk.target_combination import skill

__all__ = ["Refit", "Step", "refit_gap"]

Step = Callable[[pl.DataFrame, npt.NDArray[np.float64], npt.NDArray[np.int64]], pl.DataFrame]
"""A preprocessing step: of a table, its targets, and the rows it may learn from, it makes a table of "
"features."""

FOLDS = 4
"""Folds inside which the step is fitted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """What a step is worth fitted on all rows, and fitted inside the folds.

    Examples:
        >>> Refit(everywhere=0.9, inside=0.1, error=0.05).leaks
        True
    """

    everywhere: float
    """Skill out of fold (0 to 1) of features fitted on all rows, held-out rows and their targets included."""
    inside: float
    """Skill of features fitted on the training rows of each fold alone."""
    error: float
    """Standard error of the difference, over the folds."""

    @property
    def leaks(self) -> bool:
        """Whether the difference is more than chance, and more than a trifle."""
        return self.everywhere - self.inside > max(0.02, 3 * self.error)


def refit_gap(
    step: Step, frame: pl.DataFrame, y: npt.NDArray[np.float64], *, classes: int, seed: int
) -> Refit:
    """Compare a preprocessing step fitted on all rows with the same step fitted inside folds.

    Selecting features by their targets on all rows, before folds are made, lets noise look like signal
    (Ambroise and McLachlan, PNAS 99, 2002); so does encoding, filling in and scaling, less so. The step is
    run both ways and a small model is asked about the held-out rows of each fold.

    Args:
        step: What is looked at; it must use only the rows it is given to learn from.
        frame: Labelled rows.
        y: Class numbers, or values.
        classes: How many classes; 0 for a number.
        seed: Draws the folds.

    Raises:
        UserFault: When the step does not give one row for each row it was given.

    Examples:
        >>> chance = np.random.default_rng(0)
        >>> rows = pl.DataFrame({"x": chance.normal(size=400)})
        >>> told = lambda frame, y, learn: frame.with_columns(mean=pl.lit(float(frame["x"][learn].mean())))
        >>> refit_gap(told, rows, (rows["x"] > 0).to_numpy() * 1.0, classes=2, seed=7).leaks
        False
    """
    chance = np.random.default_rng(seed)
    fold = chance.permutation(y.size) % FOLDS
    every = np.arange(y.size)
    reached: dict[str, list[float]] = {"everywhere": [], "inside": []}
    whole = _run(step, frame, y, every)
    for number in range(FOLDS):
        held, kept = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        for name, made in (("everywhere", whole), ("inside", _run(step, frame, y, kept))):
            reached[name].append(_asked(made, y, kept, held, classes=classes, seed=seed))
    difference = np.subtract(reached["everywhere"], reached["inside"])
    return Refit(
        everywhere=float(np.mean(reached["everywhere"])),
        inside=float(np.mean(reached["inside"])),
        error=float(np.std(difference, ddof=1) / np.sqrt(FOLDS)),
    )


def _run(
    step: Step, frame: pl.DataFrame, y: npt.NDArray[np.float64], learn: npt.NDArray[np.int64]
) -> pl.DataFrame:
    made = step(frame, y, learn)
    if made.height != frame.height:
        raise UserFault(
            f"the step gave {made.height} rows for {frame.height}",
            why="features belong to rows; which belongs to which cannot be told any more",
            next_step="keep every row, in order",
        )
    return made


def _asked(
    made: pl.DataFrame,
    y: npt.NDArray[np.float64],
    kept: npt.NDArray[np.int64],
    held: npt.NDArray[np.int64],
    *,
    classes: int,
    seed: int,
) -> float:
    scores = fitted(matrix_of(made, made.columns), y, kept, held, classes=classes, seed=seed)
    return skill(y[held], scores, classes=classes)

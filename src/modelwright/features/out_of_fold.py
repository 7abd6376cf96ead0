"""Out of fold: target means as a training may see them, each row by other rows alone.

A mean that a row's own target went into tells that target. Rows of a fit are encoded by each other in inner
folds, rows a fold holds out by the rows it fits on; what is served are means over all training rows.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.features.cell import clean_column
from modelwright.features.derived import DerivedSpec
from modelwright.features.plan import FeaturePlan
from modelwright.features.target_mean import smoothed_means, target_levels, target_numbers

__all__ = ["Rows", "TargetColumns", "target_columns"]

Numbers = npt.NDArray[np.float64]
"""Rows of a matrix."""

Rows = npt.NDArray[np.integer]
"""Positions of rows."""

INNER_FOLDS = 5
"""Parts in which the rows of a fit are encoded by each other."""


class TargetColumns:
    """The matrix columns that hold target means, as a training may see them.

    Args:
        plan: How columns become the matrix.
        train: The training rows, target included.
        contract: What the target is.
        seed: Divides rows into inner folds.

    Examples:
        >>> TargetColumns.__name__
        'TargetColumns'
    """

    def __init__(self, plan: FeaturePlan, train: pl.DataFrame, contract: Contract, *, seed: int) -> None:
        """Look each row's category up once."""
        self._seed = seed
        self._steps: list[tuple[slice, DerivedSpec, Rows]] = []
        for spec, place in plan.derived_places:
            if spec.kind == "target_mean":
                where = slice(place, place + len(spec.outputs))
                self._steps.append((where, spec, _codes(spec, train)))
        levels = target_levels(train, contract)
        self._numbers = target_numbers(train[contract.prediction.target], levels)

    def held_out(self, x: Numbers, rows: Rows, *, fit: Rows) -> Numbers:
        """Return rows of a matrix with the means of the rows a fold fits on."""
        made = x[rows]
        for where, spec, codes in self._steps:
            made[:, where] = self._means(spec, codes, fit)[codes[rows]]
        return made

    def fitted(self, x: Numbers, rows: Rows) -> Numbers:
        """Return rows of a matrix, each with the means of other rows among them."""
        made = x[rows]
        order = np.random.default_rng(self._seed).permutation(len(rows))
        part = np.empty(len(rows), dtype=np.int64)
        part[order] = np.arange(len(rows)) % INNER_FOLDS
        for number in range(INNER_FOLDS):
            mine = part == number
            for where, spec, codes in self._steps:
                made[np.ix_(mine, range(where.start, where.stop))] = self._means(spec, codes, rows[~mine])[
                    codes[rows[mine]]
                ]
        return made

    def _means(self, spec: DerivedSpec, codes: Rows, rows: Rows) -> Numbers:
        return smoothed_means(
            np.asarray(codes[rows], dtype=np.int64),
            self._numbers[rows],
            levels=len(spec.levels),
            smoothing=spec.smoothing,
        )


def target_columns(
    plan: FeaturePlan, train: pl.DataFrame, contract: Contract, *, seed: int
) -> TargetColumns | None:
    """Return the columns of target means of a plan; None when it has none.

    Examples:
        >>> target_columns.__name__
        'target_columns'
    """
    if not any(spec.kind == "target_mean" for spec in plan.derived):
        return None
    return TargetColumns(plan, train, contract, seed=seed)


def _codes(spec: DerivedSpec, frame: pl.DataFrame) -> Rows:
    (source,) = spec.inputs
    known = {level: place for place, level in enumerate(spec.levels)}
    labels = clean_column(source, frame[source.name])
    codes = labels.replace_strict(known, default=len(known), return_dtype=pl.Int64)
    return np.array(codes.fill_null(len(known)).to_numpy(), dtype=np.int64)

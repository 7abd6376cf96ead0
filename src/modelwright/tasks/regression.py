"""Regression: a number in its own unit."""

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.metric_names import metric_names
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.tasks.classes import missing_faults
from modelwright.tasks.target import TargetSpec
from modelwright.tasks.task import Vector

__all__ = ["REGRESSION", "RegressionTask"]

ABSOLUTE_METRICS = frozenset({"mae", "median_absolute_error"})
"""Metrics minimised by the median. Only a median survives a change of scale, so only they allow one."""

SKEWED = 1.0
"""Skewness above this is strong (Bulmer, Principles of Statistics, 1979)."""


class RegressionTask:
    """One number. Scores: one column with the value in the target's own unit.

    Examples:
        >>> RegressionTask().outputs(TargetSpec(task="regression", name="price"))
        1
    """

    name = "regression"
    metrics = metric_names("regression")

    def outputs(self, spec: TargetSpec) -> int:  # noqa: ARG002 - the port's signature
        """Return one: the value itself."""
        return 1

    def describe_target(self, column: pl.Series, contract: Contract) -> TargetSpec:
        """Settle the value's scale and its median.

        Raises:
            DataInvalid: When values are empty or infinite, are not numbers, or are all the same.
        """
        where = f"column {column.name}"
        if not column.dtype.is_numeric():
            cure = "set prediction.task to binary or multiclass, or declare the column's type as number"
            fault = Fault(where, f"values of type {column.dtype} are not numbers", next_step=cure)
            raise self._unfit(column, [fault])
        values = column.cast(pl.Float64).fill_nan(None)
        faults = missing_faults(column, values)
        known = values.drop_nulls()
        infinite = int(known.is_infinite().sum())
        if infinite:
            cure = "correct these values: an infinite target has no error that can be measured"
            faults.append(Fault(where, f"{infinite} values are infinite", next_step=cure))
        if known.n_unique() == 1:
            cure = "check that the target column is the right one: there is nothing to predict"
            faults.append(Fault(where, f"all rows have the value {known[0]:g}", next_step=cure))
        if faults:
            raise self._unfit(column, faults)
        array = known.to_numpy()
        absolute = contract.evaluation.primary in ABSOLUTE_METRICS
        skew = float(known.skew() or 0.0)
        transform = "log1p" if absolute and array.min() >= 0 and skew > SKEWED else "identity"
        return TargetSpec(
            task="regression",
            name=column.name,
            transform="log1p" if transform == "log1p" else "identity",
            prior=(float(np.median(array)),),
        )

    @staticmethod
    def _unfit(column: pl.Series, faults: list[Fault]) -> DataInvalid:
        return DataInvalid(
            f"the target {column.name} does not suit a regression",
            why="a regression learns a number from numbers that differ",
            next_step="correct the data or the contract and run again",
            faults=faults,
        )

    def encode(self, column: pl.Series, spec: TargetSpec) -> Vector:
        """Return the values in their own unit.

        Raises:
            DataInvalid: When a value is empty or not a number.
        """
        values = column.cast(pl.Float64, strict=False).fill_nan(None)
        if values.null_count():
            raise DataInvalid(
                f"the target {spec.name} holds values that are no number",
                why="a label that is not known cannot be compared with a prediction",
                next_step="correct these values",
                faults=missing_faults(column, values),
            )
        return values.to_numpy()

    def decode(self, spec: TargetSpec, encoded: Vector) -> pl.Series:
        """Return the values as a column."""
        return pl.Series(spec.name, encoded, dtype=pl.Float64)


REGRESSION = RegressionTask()
"""The one member; it holds no state."""

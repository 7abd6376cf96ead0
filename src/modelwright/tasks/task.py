"""The port of a task: how a kind of problem reads its target and what it is measured by."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.tasks.target import TargetSpec

__all__ = ["Task", "Vector"]

Vector = npt.NDArray[np.float64]
"""Encoded targets: class indices or values."""


class Task(Protocol):
    """One kind of problem.

    Promises of every member: it holds no state, `describe_target` tells all faults of a column at once, and
    `decode(spec, encode(column, spec))` gives back what stood in the column.

    Examples:
        >>> from modelwright.tasks.catalogue import task_of
        >>> task_of("binary").metrics[0]
        'roc_auc'
    """

    @property
    def name(self) -> str:
        """The name the contract uses."""
        ...

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics a contract may name for it, the default primary one first."""
        ...

    def outputs(self, spec: TargetSpec) -> int:
        """Return how many columns the scores have."""
        ...

    def describe_target(self, column: pl.Series, contract: Contract) -> TargetSpec:
        """Settle the target from the column and the contract.

        Raises:
            DataInvalid: With every fault of the column: wrong type, empty values, one class.
        """
        ...

    def encode(self, column: pl.Series, spec: TargetSpec) -> Vector:
        """Return class indices in the order of `spec.classes`, or the values in their own unit.

        Raises:
            DataInvalid: When a value is empty or not one that `spec` knows.
        """
        ...

    def decode(self, spec: TargetSpec, encoded: Vector) -> pl.Series:
        """Return the labels or values that these codes stand for."""
        ...

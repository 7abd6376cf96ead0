"""Multiclass: one of several classes."""

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.metric_names import metric_names
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.tasks.classes import (
    class_order,
    class_shares,
    decode_classes,
    encode_classes,
    missing_faults,
)
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec
from modelwright.tasks.task import Vector

__all__ = ["MOST_CLASSES", "MULTICLASS", "MulticlassTask"]

MOST_CLASSES = 1000
"""More distinct values than this are names or numbers, not classes."""


class MulticlassTask:
    """Three or more classes. Scores: one column per class, in the order of `TargetSpec.classes`.

    Examples:
        >>> MulticlassTask().outputs(TargetSpec(task="multiclass", name="y", classes=("a", "b", "c")))
        3
    """

    name = "multiclass"
    metrics = metric_names("multiclass")

    def outputs(self, spec: TargetSpec) -> int:
        """Return the number of classes."""
        return len(spec.classes)

    def describe_target(self, column: pl.Series, contract: Contract) -> TargetSpec:  # noqa: ARG002 - the port's signature
        """Settle the classes in their natural order.

        Raises:
            DataInvalid: When values are empty, there are fewer than three classes, or far too many.
        """
        labels = as_labels(column)
        faults = missing_faults(column, labels)
        classes = class_order(labels)
        where = f"column {column.name}"
        if len(classes) == 1:
            cure = "bring rows of other classes, or check that the target column is the right one"
            faults.append(Fault(where, f"all rows have the class '{classes[0]}'", next_step=cure))
        elif len(classes) == 2:
            cure = "set prediction.task to binary and name the positive class"
            faults.append(Fault(where, f"only 2 classes: {', '.join(classes)}", next_step=cure))
        elif len(classes) > MOST_CLASSES:
            cure = "set prediction.task to regression, or choose another target"
            faults.append(Fault(where, f"{len(classes)} distinct values are not classes", next_step=cure))
        if faults:
            raise DataInvalid(
                f"the target {column.name} does not suit a multiclass task",
                why="a model that tells classes apart needs labelled rows of each",
                next_step="correct the data or the contract and run again",
                faults=faults,
            )
        return TargetSpec(
            task="multiclass", name=column.name, classes=classes, prior=class_shares(labels, classes)
        )

    def encode(self, column: pl.Series, spec: TargetSpec) -> Vector:
        """Return the index of each row's class."""
        return encode_classes(column, spec)

    def decode(self, spec: TargetSpec, encoded: Vector) -> pl.Series:
        """Return the labels of these indices."""
        return decode_classes(spec, encoded)


MULTICLASS = MulticlassTask()
"""The one member; it holds no state."""

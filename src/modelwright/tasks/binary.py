"""Binary: yes or no, where yes triggers an action."""

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.metric_names import metric_names
from modelwright.kernel.errors import DataInvalid, Fault, nearest
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

__all__ = ["BINARY", "BinaryTask"]


class BinaryTask:
    """Two classes, one of which triggers the action. Scores: two columns, the second for the positive class.

    Examples:
        >>> BinaryTask().outputs(TargetSpec(task="binary", name="y", classes=("no", "yes")))
        2
    """

    name = "binary"
    metrics = metric_names("binary")

    def outputs(self, spec: TargetSpec) -> int:
        """Return two: the negative and the positive class."""
        return len(spec.classes)

    def describe_target(self, column: pl.Series, contract: Contract) -> TargetSpec:
        """Settle both classes; the positive one is the contract's.

        Raises:
            DataInvalid: When values are empty, there are not two classes, or the positive class is not there.
        """
        labels = as_labels(column)
        faults = missing_faults(column, labels)
        classes = class_order(labels)
        where = f"column {column.name}"
        if len(classes) == 1:
            cure = "bring rows of the other class, or check that the target column is the right one"
            faults.append(Fault(where, f"all rows have the class '{classes[0]}'", next_step=cure))
        elif len(classes) != 2:
            shown = ", ".join(classes[:6]) + (", ..." if len(classes) > 6 else "")
            cure = "set prediction.task to multiclass, or unite spellings with `replace` on the column"
            faults.append(Fault(where, f"{len(classes)} classes, not 2: {shown}", next_step=cure))
        positive = (contract.prediction.positive or "").strip()
        if positive not in classes:
            close = nearest(positive, classes)
            offered = f"did you mean '{close}'?" if close else f"set it to one of: {', '.join(classes[:6])}"
            told = f"prediction.positive is '{positive}'" if positive else "prediction.positive is not set"
            faults.append(Fault(where, f"{told}, which is no class", next_step=offered))
        if faults:
            raise DataInvalid(
                f"the target {column.name} does not suit a binary task",
                why="a model that tells two classes apart needs labelled rows of both",
                next_step="correct the data or the contract and run again",
                faults=faults,
            )
        negative = next(label for label in classes if label != positive)
        ordered = (negative, positive)
        return TargetSpec(
            task="binary", name=column.name, classes=ordered, prior=class_shares(labels, ordered)
        )

    def encode(self, column: pl.Series, spec: TargetSpec) -> Vector:
        """Return 1 for the positive class and 0 for the other."""
        return encode_classes(column, spec)

    def decode(self, spec: TargetSpec, encoded: Vector) -> pl.Series:
        """Return the labels of these codes."""
        return decode_classes(spec, encoded)


BINARY = BinaryTask()
"""The one member; it holds no state."""

"""What binary and multiclass share: classes found, shares counted, labels encoded."""

import numpy as np
import polars as pl

from modelwright.kernel.errors import DataInvalid, Fault, nearest
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec
from modelwright.tasks.task import Vector

__all__ = ["class_order", "class_shares", "decode_classes", "encode_classes", "missing_faults"]


def class_order(labels: pl.Series) -> tuple[str, ...]:
    """Return the distinct labels in their natural order: numbers by value, text by letters.

    Examples:
        >>> class_order(pl.Series(["10", "9", "9"]))
        ('9', '10')
    """
    found = [label for label in labels.unique().to_list() if label is not None]
    try:
        return tuple(sorted(found, key=float))
    except ValueError:
        return tuple(sorted(found))


def class_shares(labels: pl.Series, classes: tuple[str, ...]) -> tuple[float, ...]:
    """Return the share of each class, in the order of `classes`.

    Examples:
        >>> class_shares(pl.Series(["a", "b", "b", "b"]), ("a", "b"))
        (0.25, 0.75)
    """
    counted = dict(labels.value_counts().iter_rows())
    return tuple(counted.get(label, 0) / max(len(labels), 1) for label in classes)


def missing_faults(column: pl.Series, known: pl.Series) -> list[Fault]:
    """Return the fault of empty values, if any, naming how many and the first rows.

    Examples:
        >>> column = pl.Series("y", ["a", None])
        >>> print(missing_faults(column, column)[0])
        column y: the target is empty in 1 of 2 rows (first: row 1); fill these labels in, or leave ...
    """
    empty = known.is_null()
    count = int(empty.sum())
    if not count:
        return []
    first = ", ".join(str(row) for row in empty.arg_true().head(3).to_list())
    cure = "fill these labels in, or leave the rows out of the source: a label cannot be guessed"
    return [
        Fault(
            f"column {column.name}",
            f"the target is empty in {count} of {len(column)} rows (first: row {first})",
            next_step=cure,
        )
    ]


def encode_classes(column: pl.Series, spec: TargetSpec) -> Vector:
    """Return the index of each row's class.

    Raises:
        DataInvalid: When a value is empty or not one of the classes.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> encode_classes(pl.Series("y", ["yes", "no"]), spec).tolist()
        [1.0, 0.0]
    """
    labels = as_labels(column)
    positions = {label: float(index) for index, label in enumerate(spec.classes)}
    codes = labels.replace_strict(positions, default=None, return_dtype=pl.Float64)
    unknown = labels.filter(codes.is_null())
    if len(unknown):
        strange = unknown.drop_nulls().unique().sort().to_list()[:10]
        faults = [
            Fault(
                f"column {column.name}",
                f"'{label}' is not a class",
                next_step=f"did you mean '{close}'?" if (close := nearest(label, spec.classes)) else "",
            )
            for label in strange
        ] + missing_faults(column, labels)
        raise DataInvalid(
            f"the target {spec.name} holds values that are no class",
            why="a label that is not known cannot be compared with a prediction",
            next_step="correct these values, or amend the contract",
            expected="one of: " + ", ".join(spec.classes[:20]),
            faults=faults,
        )
    return codes.to_numpy()


def decode_classes(spec: TargetSpec, encoded: Vector) -> pl.Series:
    """Return the labels of these class indices.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> decode_classes(spec, np.array([1.0, 0.0])).to_list()
        ['yes', 'no']
    """
    names = np.array(spec.classes, dtype=object)
    return pl.Series(spec.name, names[encoded.astype(np.int64)], dtype=pl.String)

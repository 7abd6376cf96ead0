"""Target means: the mean target of each category, pulled towards the overall mean where rows are few.

The shrinkage is that of Micci-Barreca (SIGKDD Explorations 3(1), 2001). What a training may see of them is in
`modelwright.features.out_of_fold`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.tasks.labels import as_labels

__all__ = ["smoothed_means", "target_levels", "target_numbers"]

Numbers = npt.NDArray[np.float64]
"""Targets, or means of them: a line a row or category, a column a class."""

Codes = npt.NDArray[np.int64]
"""The place of each row's category."""


def target_levels(train: pl.DataFrame, contract: Contract) -> tuple[str, ...]:
    """Return what the means are of: the positive class, every class, or nothing but the value itself.

    Examples:
        >>> target_levels.__name__
        'target_levels'
    """
    prediction = contract.prediction
    if prediction.task == "regression":
        return ("",)
    if prediction.task == "binary" and prediction.positive is not None:
        return (prediction.positive,)
    return tuple(as_labels(train[prediction.target]).drop_nulls().unique().sort().to_list())


def target_numbers(target: pl.Series, levels: Sequence[str]) -> Numbers:
    """Return targets as numbers: the value, or 1 and 0 for each class.

    Examples:
        >>> target_numbers(pl.Series(["no", "yes"]), ("yes",)).tolist()
        [[0.0], [1.0]]
    """
    if tuple(levels) == ("",):
        return np.array(target.cast(pl.Float64).to_numpy(), dtype=np.float64)[:, None]
    labels = as_labels(target)
    columns = [(labels == level).fill_null(value=False).cast(pl.Float64).to_numpy() for level in levels]
    return np.column_stack(columns)


def smoothed_means(codes: Codes, numbers: Numbers, *, levels: int, smoothing: float) -> Numbers:
    """Return the mean of each category, pulled towards the overall mean; that one stands last.

    Args:
        codes: The category of each row; `levels` for one that has no mean of its own.
        numbers: The targets.
        levels: How many categories there are.
        smoothing: How many rows of the overall mean are mixed in.

    Examples:
        >>> y = np.array([[1.0], [1.0], [0.0]])
        >>> smoothed_means(np.array([0, 0, 1]), y, levels=2, smoothing=0).ravel().round(2).tolist()
        [1.0, 0.0, 0.67]
    """
    overall = numbers.mean(axis=0) if len(numbers) else np.zeros(numbers.shape[1])
    counts = np.bincount(codes, minlength=levels + 1)[:levels, None].astype(np.float64)
    sums = np.column_stack(
        [np.bincount(codes, weights=column, minlength=levels + 1)[:levels] for column in numbers.T]
    )
    weight = counts + smoothing
    means = np.where(weight > 0, (sums + smoothing * overall) / np.maximum(weight, 1e-300), overall)
    made: Numbers = np.vstack([means, overall])
    return made

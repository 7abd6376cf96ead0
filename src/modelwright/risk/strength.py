"""How well one column alone predicts the target, out of fold, by a histogram model.

The model is the target's mean (or class shares) per value or quantile bin, learned on the other folds and
smoothed towards the overall mean: target encoding, cross-fitted so that a column of unique values earns
nothing (Micci-Barreca 2001, "A preprocessing scheme for high-cardinality categorical attributes").
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Strength", "auc", "strength"]

SMOOTHING = 5.0
"""Weight of the overall mean against the rows of a bin, in rows."""

Codes = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """The strength of one column.

    Examples:
        >>> Strength(measure="AUC", value=0.82, power=0.64).told
        'AUC 0.820'
    """

    measure: str
    """`AUC` for two classes, `R²` for a number, `share of entropy` for several classes."""
    value: float
    """The measure, out of fold."""
    power: float
    """The same on one scale for all tasks: 0 says nothing, 1 says everything."""

    @property
    def told(self) -> str:
        """The measure in words."""
        return f"{self.measure} {self.value:.3f}"


def auc(scores: Values, positives: Values, negatives: Values) -> float:
    """Area under the ROC curve from counts per score: the chance that a positive outranks a negative.

    Ties count half (Hanley and McNeil 1982). Answers 0.5 when a class is missing.

    Examples:
        >>> auc(np.array([0.1, 0.9]), np.array([0.0, 2.0]), np.array([3.0, 0.0]))
        1.0
    """
    order = np.argsort(scores, kind="stable")
    ranked, inverse = np.unique(scores[order], return_inverse=True)
    high = np.bincount(inverse, weights=positives[order], minlength=ranked.size)
    low = np.bincount(inverse, weights=negatives[order], minlength=ranked.size)
    pairs = high.sum() * low.sum()
    if pairs == 0:
        return 0.5
    below = np.concatenate(([0.0], np.cumsum(low)[:-1]))
    return float((high * (below + 0.5 * low)).sum() / pairs)


def _outside(per_fold: Values) -> Values:
    """Return, for each fold, the sum over the other folds."""
    rest: Values = per_fold.sum(axis=0, keepdims=True) - per_fold
    return rest


def strength(
    codes: Codes, y: Values, *, levels: int, folds: Codes, classes: int, smoothing: float = SMOOTHING
) -> Strength:
    """Measure a coded column against the target; `classes` is 0 for a number.

    Examples:
        >>> x = np.arange(100) % 2
        >>> strength(x, x.astype(float), levels=2, folds=np.arange(100) % 5, classes=2).value
        1.0
    """
    parts = int(folds.max()) + 1 if folds.size else 1
    cells = folds * levels + codes
    shape = (parts, levels)
    rows = np.bincount(cells, minlength=parts * levels).reshape(shape).astype(np.float64)
    if classes > 2:
        return _entropy(codes, y, cells=cells, rows=rows, folds=folds, classes=classes, smoothing=smoothing)
    sums = np.bincount(cells, weights=y, minlength=parts * levels).reshape(shape).astype(np.float64)
    means = _outside(sums).sum(axis=1, keepdims=True) / np.maximum(
        _outside(rows).sum(axis=1, keepdims=True), 1
    )
    scores = (_outside(sums) + smoothing * means) / (_outside(rows) + smoothing)
    if classes:
        value = auc(scores.ravel(), sums.ravel(), (rows - sums).ravel())
        return Strength(measure="AUC", value=value, power=max(0.0, 2 * value - 1))
    spread = float(((y - y.mean()) ** 2).sum()) if y.size else 0.0
    left = float(((y - scores.ravel()[cells]) ** 2).sum())
    value = 1 - left / spread if spread > 0 else 0.0
    return Strength(measure="R²", value=value, power=max(0.0, value))


def _entropy(
    codes: Codes, y: Values, *, cells: Codes, rows: Values, folds: Codes, classes: int, smoothing: float
) -> Strength:
    parts, levels = rows.shape
    label = y.astype(np.int64)
    counts = np.bincount(cells * classes + label, minlength=parts * levels * classes)
    table = counts.reshape(parts, levels, classes).astype(np.float64)
    outside = _outside(table)
    prior = outside.sum(axis=1, keepdims=True) + 1.0
    prior /= prior.sum(axis=2, keepdims=True)
    chances = (outside + smoothing * prior) / (outside.sum(axis=2, keepdims=True) + smoothing)
    told = -np.log(chances[folds, codes, label]).mean()
    alone = -np.log(np.broadcast_to(prior, table.shape)[folds, codes, label]).mean()
    value = float(1 - told / alone) if alone > 0 else 0.0
    return Strength(measure="share of entropy", value=value, power=max(0.0, value))

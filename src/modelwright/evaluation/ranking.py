"""Metrics of order: does the model rank what happens above what does not?"""

import numpy as np

from modelwright.evaluation.sample import Vector, Weighing, share

__all__ = ["average_precision", "roc_auc", "roc_auc_ovr"]


def roc_auc(view: Weighing) -> Vector:
    """Area under the ROC curve: how often a positive outranks a negative, ties counted half.

    The weighted Mann-Whitney statistic (Hanley and McNeil, Radiology 1982). Undefined with one class.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(roc_auc(example("binary"))[0])
        0.75
    """
    positives, negatives, above, below = view.ranking
    won = np.einsum("ij,ij->i", negatives, above) - 0.5 * np.einsum("ij,ij->i", negatives, positives)
    return share(won, above[:, -1] * below[:, -1])


def average_precision(view: Weighing) -> Vector:
    """Precision averaged over the steps of recall, not interpolated. Undefined without a positive.

    Su, Yuan and Zhu, ICTIR 2015. The area between the points of a precision-recall curve is not linear
    (Davis and Goadrich, ICML 2006), hence a sum over steps.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(average_precision(example("binary"))[0]), 3)
        0.833
    """
    positives, _, above, below = view.ranking
    ranked = above + below
    precision = np.divide(above, ranked, out=np.zeros_like(above), where=ranked > 0)
    return share(np.einsum("ij,ij->i", positives, precision), above[:, -1])


def roc_auc_ovr(view: Weighing) -> Vector:
    """Mean over the classes of the area under each class's ROC curve against all others.

    Classes that do not occur, or occur alone, are left out; undefined when none is left.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(roc_auc_ovr(example("multiclass"))[0]), 3)
        1.0
    """
    areas = [_one_against_rest(view, label) for label in range(len(view.sample.target.classes))]
    stacked = np.stack(areas)
    known = np.isfinite(stacked)
    return share(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))


def _one_against_rest(view: Weighing, label: int) -> Vector:
    order, starts = view.sample.falling(label)
    weights = np.take(view.weights, order, axis=1)
    member = np.flatnonzero(view.sample.labels[order] == label)
    if starts is None:
        ranked = np.cumsum(weights, axis=1)
        mine = weights[:, member]
        above_or_tied, tied = ranked[:, member], mine
        mine_above, mine_tied = np.cumsum(mine, axis=1), mine
    else:
        group = np.searchsorted(starts, member, side="right") - 1
        groups = np.add.reduceat(weights, starts, axis=1)
        mine = weights[:, member]
        above_or_tied, tied = np.cumsum(groups, axis=1)[:, group], groups[:, group]
        inside = np.zeros((len(member), int(group[-1]) + 1 if len(group) else 0))
        inside[np.arange(len(member)), group] = 1.0
        by_group = mine @ inside
        mine_above, mine_tied = np.cumsum(by_group, axis=1)[:, group], by_group[:, group]
    total = view.weights.sum(axis=1)
    positives = mine.sum(axis=1)
    negatives = total - positives
    ahead = (above_or_tied - mine_above) - 0.5 * (tied - mine_tied)
    pairs = positives * negatives
    return share(pairs - np.einsum("ij,ij->i", mine, ahead), pairs)

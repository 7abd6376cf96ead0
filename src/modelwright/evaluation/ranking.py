"""Metrics of order: does the model rank what happens above what does not?"""

import numpy as np

from modelwright.evaluation.sample import Ranked, Vector, Weighing, share

__all__ = ["average_precision", "roc_auc", "roc_auc_ovr"]


def roc_auc(view: Weighing) -> Vector:
    """Area under the ROC curve: how often a positive outranks a negative, ties counted half.

    The weighted Mann-Whitney statistic (Hanley and McNeil, Radiology 1982). Undefined with one class.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(roc_auc(example("binary"))[0])
        0.75
    """
    return _area(view.ranked(1))


def average_precision(view: Weighing) -> Vector:
    """Precision averaged over the steps of recall, not interpolated. Undefined without a positive.

    Su, Yuan and Zhu, ICTIR 2015. The area between the points of a precision-recall curve is not linear
    (Davis and Goadrich, ICML 2006), hence a sum over steps.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(average_precision(example("binary"))[0]), 3)
        0.833
    """
    found = view.ranked(1)
    # Where nothing is ranked yet the member itself has no weight either.
    precision = found.members_through / np.maximum(found.all_through, 1.0)
    return share(np.einsum("ij,ij->i", found.members, precision), found.total_members)


def roc_auc_ovr(view: Weighing) -> Vector:
    """Mean over the classes of the area under each class's ROC curve against all others.

    Classes that do not occur, or occur alone, are left out; undefined when none is left.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(roc_auc_ovr(example("multiclass"))[0]), 3)
        1.0
    """
    areas = [_area(view.ranked(label)) for label in range(len(view.sample.target.classes))]
    stacked = np.stack(areas)
    known = np.isfinite(stacked)
    return share(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))


def _area(found: Ranked) -> Vector:
    """Return the share of pairs in which a member outranks another row, ties counted half."""
    others_above = found.all_above - found.members_above
    others_through = found.all_through - found.members_through
    behind = 0.5 * np.einsum("ij,ij->i", found.members, others_above + others_through)
    pairs = found.total_members * (found.total - found.total_members)
    return share(pairs - behind, pairs)

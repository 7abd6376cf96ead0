"""Metrics of answers: what the decision rule makes of the scores, and what its mistakes cost."""

import numpy as np

from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.sample import ABSTAINED, Matrix, Sample, Vector, Weighing, share

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "expected_cost",
    "f1",
    "macro_f1",
    "precision",
    "recall",
    "row_costs",
    "specificity",
    "weighted_f1",
]


def accuracy(view: Weighing) -> Vector:
    """Share of answers that are right. Rows the rule leaves to a person do not count.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(accuracy(example("binary"))[0])
        0.75
    """
    return share(*accuracy_counts(view))


def accuracy_counts(view: Weighing) -> tuple[Vector, Vector]:
    """Right answers, and answers."""
    return view.right.sum(axis=1), view.answered.sum(axis=1)


def precision(view: Weighing) -> Vector:
    """Share of yes answers that are right. Undefined when nothing was answered yes.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(precision(example("binary"))[0])
        1.0
    """
    return share(*precision_counts(view))


def precision_counts(view: Weighing) -> tuple[Vector, Vector]:
    """Right yes answers, and yes answers."""
    return view.right[:, 1], view.answered[:, 1]


def recall(view: Weighing) -> Vector:
    """Share of positives that were answered yes. Undefined without positives.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(recall(example("binary"))[0])
        0.5
    """
    return share(*recall_counts(view))


def recall_counts(view: Weighing) -> tuple[Vector, Vector]:
    """Positives answered yes, and positives that got an answer."""
    return view.right[:, 1], view.actual_answered[:, 1]


def specificity(view: Weighing) -> Vector:
    """Share of negatives that were answered no. Undefined without negatives.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(specificity(example("binary"))[0])
        1.0
    """
    return share(*specificity_counts(view))


def specificity_counts(view: Weighing) -> tuple[Vector, Vector]:
    """Negatives answered no, and negatives that got an answer."""
    return view.right[:, 0], view.actual_answered[:, 0]


def f1(view: Weighing) -> Vector:
    """Harmonic mean of precision and recall. Undefined without positives and without yes answers.

    Van Rijsbergen, Information Retrieval, 1979. Worth its place only when both mistakes weigh the same.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(f1(example("binary"))[0]), 3)
        0.667
    """
    return _f1_by_class(view)[:, 1]


def _f1_by_class(view: Weighing) -> Matrix:
    either = view.answered + view.actual_answered
    return np.divide(2 * view.right, either, out=np.full_like(either, np.nan), where=either > 0)


def _mean_of_known(values: Matrix, weights: Matrix) -> Vector:
    known = np.isfinite(values)
    weight = np.where(known, weights, 0.0)
    return share((np.where(known, values, 0.0) * weight).sum(axis=1), weight.sum(axis=1))


def macro_f1(view: Weighing) -> Vector:
    """Mean of the F1 of each class that occurs or was answered: rare classes count as much as frequent ones.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(macro_f1(example("multiclass"))[0]), 3)
        0.778
    """
    by_class = _f1_by_class(view)
    return _mean_of_known(by_class, np.ones_like(by_class))


def weighted_f1(view: Weighing) -> Vector:
    """Mean of the F1 of each class, weighted by how often the class occurs.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> round(float(weighted_f1(example("multiclass"))[0]), 3)
        0.75
    """
    return _mean_of_known(_f1_by_class(view), view.actual_answered)


def balanced_accuracy(view: Weighing) -> Vector:
    """Mean over the classes of the share that was answered right (Brodersen et al., ICPR 2010).

    Undefined while fewer than two classes occur.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(balanced_accuracy(example("binary"))[0])
        0.75
    """
    actual = view.actual_answered
    by_class = np.divide(view.right, actual, out=np.full_like(actual, np.nan), where=actual > 0)
    mean = _mean_of_known(by_class, np.ones_like(by_class))
    return np.where((actual > 0).sum(axis=1) >= 2, mean, np.nan)


def row_costs(sample: Sample) -> Vector:
    """Return what the answer to each row costs.

    Binary: `wrong_yes` for a yes that should have been no, `wrong_no` for a no that should have been yes,
    `abstain` for a row left to a person (nothing when no cost is agreed). Multiclass: each wrong class
    costs the mean of both. Regression: `wrong_yes` for each unit predicted too high, `wrong_no` for each
    unit too low.

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> row_costs(example("binary").sample).tolist()
        [0.0, 0.0, 1.0, 0.0]
    """
    mistakes: Mistakes = sample.mistakes
    match sample.target.task:
        case "regression":
            over, under = np.maximum(sample.error, 0.0), np.maximum(-sample.error, 0.0)
            return mistakes.wrong_yes * over + mistakes.wrong_no * under
        case "multiclass":
            wrong = sample.answers != sample.labels
            return np.where(wrong, (mistakes.wrong_yes + mistakes.wrong_no) / 2, 0.0)
        case "binary":
            wrong_yes = (sample.answers == 1) & (sample.labels == 0)
            wrong_no = (sample.answers == 0) & (sample.labels == 1)
            left = sample.answers == ABSTAINED
            told = mistakes.wrong_yes * wrong_yes + mistakes.wrong_no * wrong_no
            costs: Vector = told + (mistakes.abstain or 0.0) * left
            return costs


def expected_cost(view: Weighing) -> Vector:
    """Mean cost of one decision, in the contract's unit (Elkan, IJCAI 2001).

    Examples:
        >>> from modelwright.evaluation.metric import example
        >>> float(expected_cost(example("binary"))[0])
        0.25
    """
    return view.mean(row_costs(view.sample))

"""A sample prepared once, and the same sample under many weightings at a time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.bins import equal_mass_bins
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = [
    "ABSTAINED",
    "DEFAULT_THRESHOLD",
    "Index",
    "Matrix",
    "Ranked",
    "Sample",
    "Standing",
    "Vector",
    "Weighing",
    "answers",
    "share",
]

Matrix = npt.NDArray[np.float64]
"""Scores of (rows, classes), or weights of (weightings, rows)."""
Vector = npt.NDArray[np.float64]
"""One number a row, or one a weighting."""
Index = npt.NDArray[np.intp]
"""Positions."""

DEFAULT_THRESHOLD = 0.5
"""Binary: where yes begins when no rule was chosen."""

ABSTAINED = -1
"""The answer of a row that the rule leaves to a person."""


def answers(scores: Matrix, target: TargetSpec, rule: DecisionRule) -> Index:
    """Return the answered class of each row under a rule; -1 where it abstains.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> rule = DecisionRule(threshold=0.2)
        >>> answers(np.array([[0.9, 0.1], [0.8, 0.2]]), spec, rule).tolist()
        [0, 1]
    """
    if target.task != "binary":
        likeliest: Index = np.argmax(scores, axis=1).astype(np.intp)
        return likeliest
    score = scores[:, 1]
    threshold = DEFAULT_THRESHOLD if rule.threshold is None else rule.threshold
    answered: Index = (score >= threshold).astype(np.intp)
    if rule.abstain is not None:
        low, high = rule.abstain
        answered = np.where(score >= high, 1, np.where(score < low, 0, ABSTAINED)).astype(np.intp)
    return answered


def share(part: Vector, whole: Vector) -> Vector:
    """Return part by whole, NaN where there is no whole.

    Examples:
        >>> share(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
        [0.5, nan]
    """
    quotient: Vector = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return quotient


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Where the rows of one class, its members, stand among all rows by falling score.

    Examples:
        >>> "order" in Standing.__slots__
        True
    """

    order: Index
    """All rows by falling score."""
    members: Index
    """The rows of the class by falling score; the other fields have one number for each of them."""
    above: Index
    """How many rows have a higher score."""
    through: Index
    """How many have as high a score or a higher one."""
    members_above: Index
    """How many members have a higher score."""
    members_through: Index
    """How many members have as high a score or a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """The same in weights: matrices of (weightings, members), and a total for each weighting.

    Examples:
        >>> "members" in Ranked.__slots__
        True
    """

    members: Matrix
    """Weight of each member."""
    all_above: Matrix
    """Weight of what has a higher score."""
    all_through: Matrix
    """Weight of what has as high a score or a higher one, the member included."""
    members_above: Matrix
    """Weight of members with a higher score."""
    members_through: Matrix
    """Weight of members with as high a score or a higher one, itself included."""
    total_members: Vector
    """Weight of all members."""
    total: Vector
    """Weight of all rows."""


def _running(counts: npt.NDArray[np.uint16]) -> npt.NDArray[np.int32]:
    """Return the sums of the first 0, 1, 2 ... counts of each line."""
    sums = np.zeros((len(counts), counts.shape[1] + 1), dtype=np.int32)
    np.cumsum(counts, axis=1, out=sums[:, 1:])
    return sums


class Sample:
    """Actual values and scores of some rows, with what metrics need to know about them, worked out once.

    Args:
        y: Class index or value of each row.
        scores: Scores of each row.
        target: What is predicted.
        mistakes: What being wrong costs.
        rule: How scores become answers.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> sample = Sample(
        ...     np.array([0.0, 1.0]),
        ...     np.array([[0.9, 0.1], [0.3, 0.7]]),
        ...     target=spec,
        ...     mistakes=Mistakes(),
        ...     rule=DecisionRule(),
        ... )
        >>> sample.answers.tolist()
        [0, 1]
    """

    def __init__(
        self, y: Vector, scores: Matrix, *, target: TargetSpec, mistakes: Mistakes, rule: DecisionRule
    ) -> None:
        """Keep the rows; everything else is worked out when it is first asked for."""
        self.y = y
        self.scores = scores
        self.target = target
        self.mistakes = mistakes
        self.rule = rule
        self._falling: dict[int, tuple[Index, Index]] = {}
        self._standing: dict[int, Standing] = {}

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.y)

    def subset(self, rows: Index) -> "Sample":
        """Return the sample of these rows alone."""
        return Sample(
            self.y[rows], self.scores[rows], target=self.target, mistakes=self.mistakes, rule=self.rule
        )

    @cached_property
    def labels(self) -> Index:
        """Class index of each row."""
        return self.y.astype(np.intp)

    @cached_property
    def present(self) -> Vector:
        """How many rows each class has."""
        counted: Vector = np.bincount(self.labels, minlength=len(self.target.classes)).astype(np.float64)
        return counted

    @cached_property
    def answers(self) -> Index:
        """Answered class of each row under the rule; -1 where it abstains."""
        return answers(self.scores, self.target, self.rule)

    @cached_property
    def confidence(self) -> Vector:
        """The probability whose calibration counts: of the positive class, or of the likeliest class."""
        promised: Vector = self.scores[:, 1] if self.target.task == "binary" else np.max(self.scores, axis=1)
        return promised

    @cached_property
    def happened(self) -> Vector:
        """Whether what `confidence` promises came true: 1 or 0."""
        if self.target.task == "binary":
            return self.y
        true: Vector = (np.argmax(self.scores, axis=1) == self.labels).astype(np.float64)
        return true

    @cached_property
    def bins(self) -> Index:
        """Calibration bin of each row."""
        return equal_mass_bins(self.confidence)

    @cached_property
    def reliability(self) -> tuple[Index, tuple[int, ...], Matrix]:
        """The rows by calibration bin, where each bin begins and ends, and three numbers of each such row.

        The numbers are that it is there, its promise, and what happened: the weights of a bin's rows times
        these are the sums of the bin.
        """
        order = np.argsort(self.bins, kind="stable").astype(np.intp)
        ends = np.cumsum(np.bincount(self.bins)).tolist()
        told = np.column_stack([np.ones(len(self)), self.confidence, self.happened])[order]
        return order, (0, *ends), told

    @cached_property
    def error(self) -> Vector:
        """Regression: prediction minus actual value."""
        return self.scores[:, 0] - self.y

    @cached_property
    def by_size_of_error(self) -> Index:
        """Regression: the rows by growing absolute error."""
        return np.argsort(np.abs(self.error), kind="stable").astype(np.intp)

    def falling(self, column: int) -> tuple[Index, Index]:
        """Return the rows by falling score of one column, and where each group of equal scores begins."""
        if column not in self._falling:
            score = self.scores[:, column]
            order = np.argsort(-score, kind="stable").astype(np.intp)
            ordered = score[order]
            starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
            self._falling[column] = order, starts.astype(np.intp)
        return self._falling[column]

    def standing(self, column: int) -> Standing:
        """Return where the rows of one class stand by falling score of that class.

        Args:
            column: The class, and its column of scores.
        """
        if column not in self._standing:
            order, starts = self.falling(column)
            ends = np.r_[starts[1:], len(order)]
            places = np.flatnonzero(self.labels[order] == column)
            tie = np.searchsorted(starts, places, side="right") - 1
            self._standing[column] = Standing(
                order=order,
                members=order[places],
                above=starts[tie],
                through=ends[tie],
                members_above=np.searchsorted(places, starts[tie], side="left"),
                members_through=np.searchsorted(places, ends[tie], side="left"),
            )
        return self._standing[column]


class Weighing:
    """A sample with several weightings of its rows at once: one line of weights, one result.

    A weight is how often a row counts: ones for the sample as it is, multinomial counts for a bootstrap
    resample. What several metrics need is computed once for all of them. A result that is not defined
    under a weighting is NaN; records never hold it.

    Args:
        sample: The sample.
        weights: Matrix of (weightings, rows), whole numbers.

    Examples:
        >>> spec = TargetSpec(task="regression", name="y")
        >>> sample = Sample(
        ...     np.array([0.0, 1.0]),
        ...     np.array([[0.0], [3.0]]),
        ...     target=spec,
        ...     mistakes=Mistakes(),
        ...     rule=DecisionRule(),
        ... )
        >>> Weighing(sample, np.array([[1.0, 1.0], [2.0, 0.0]])).mean(np.array([0.0, 2.0])).tolist()
        [1.0, 0.0]
    """

    def __init__(self, sample: Sample, weights: npt.NDArray[np.float64 | np.uint16]) -> None:
        """Keep sample and weights; nothing is computed yet."""
        self.sample = sample
        self.counts = weights.astype(np.uint16, copy=False)
        self._ranked: dict[int, Ranked] = {}

    @cached_property
    def weights(self) -> Matrix:
        """The weights as numbers that matrices are multiplied with.

        The small whole numbers they are kept as need less room, and sums over them are exact.
        """
        return self.counts.astype(np.float64)

    @cached_property
    def total(self) -> Vector:
        """Sum of the weights of each weighting; NaN where nothing is left."""
        total = self.weights.sum(axis=1)
        return np.where(total > 0, total, np.nan)

    def mean(self, values: Vector) -> Vector:
        """Return the weighted mean of one number a row."""
        return (self.weights @ values) / self.total

    @cached_property
    def actual(self) -> Matrix:
        """Weight of each actual class, (weightings, classes)."""
        return self._by_class(self.sample.labels)

    @cached_property
    def answered(self) -> Matrix:
        """Weight of each answered class; rows without an answer count for none."""
        return self._by_class(self.sample.answers)

    @cached_property
    def actual_answered(self) -> Matrix:
        """Weight of each actual class among the rows that got an answer."""
        answered = self.sample.answers != ABSTAINED
        return self._by_class(np.where(answered, self.sample.labels, ABSTAINED).astype(np.intp))

    @cached_property
    def right(self) -> Matrix:
        """Weight of each class where it was answered and right."""
        hit = self.sample.answers == self.sample.labels
        return self._by_class(np.where(hit, self.sample.labels, ABSTAINED).astype(np.intp))

    def _by_class(self, labels: Index) -> Matrix:
        members = labels[:, None] == np.arange(len(self.sample.target.classes))
        summed: Matrix = self.weights @ members.astype(np.float64)
        return summed

    def ranked(self, column: int) -> Ranked:
        """Return what is ranked where by the scores of one class, seen from that class's rows.

        Args:
            column: The class, and its column of scores.
        """
        if column not in self._ranked:
            standing = self.sample.standing(column)
            everything = _running(np.take(self.counts, standing.order, axis=1))
            members = np.take(self.counts, standing.members, axis=1)
            running = _running(members)
            self._ranked[column] = Ranked(
                members=members.astype(np.float64),
                all_above=np.take(everything, standing.above, axis=1).astype(np.float64),
                all_through=np.take(everything, standing.through, axis=1).astype(np.float64),
                members_above=np.take(running, standing.members_above, axis=1).astype(np.float64),
                members_through=np.take(running, standing.members_through, axis=1).astype(np.float64),
                total_members=running[:, -1].astype(np.float64),
                total=everything[:, -1].astype(np.float64),
            )
        return self._ranked[column]

"""Quality of one arm on its joined labels, with the variance that a comparison of two arms needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from modelwright.contracts.contract import Contract
from modelwright.contracts.decision import Mistakes

__all__ = ["Labelled", "Measured", "QualityMetric", "drop_beyond_chance", "measure", "quality_metric"]

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

LEAST_OF_A_CLASS = 15
"""Labels of each class that an area under the ROC curve has to rest on."""

SCORED = ("roc_auc", "log_loss", "brier")
"""Metrics of the scores; the others are of the decisions."""

Metric = Literal["roc_auc", "accuracy", "log_loss", "brier", "expected_cost", "mae", "rmse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityMetric:
    """What quality is measured by during a rollout, and how a drop of it is read.

    Examples:
        >>> QualityMetric(name="roc_auc", higher_is_better=True, relative=False, reason="primary").name
        'roc_auc'
    """

    name: Metric
    """A metric whose sampling variance is known in closed form, so that every look costs nothing."""
    higher_is_better: bool
    """Which way is better."""
    relative: bool
    """Whether a drop is a share of the champion's value (metrics in the target's unit) or absolute."""
    reason: str
    """Why this metric."""
    mistakes: Mistakes = field(default_factory=Mistakes)
    """What being wrong costs, for the expected cost."""
    task: Literal["binary", "multiclass", "regression"] = "binary"
    """The kind of problem."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Answers whose label has arrived, in the order in which the labels arrived.

    Examples:
        >>> none = Labelled.empty()
        >>> len(none)
        0
    """

    y: Vector
    """What happened: class index, or value."""
    score: Vector
    """Binary: probability of the positive class. Multiclass: probability of the answered class.
    Regression: the value that was answered."""
    decision: Vector
    """The answered class index, or value."""
    place: Places
    """Position of each label among the labels of both arms."""

    def __len__(self) -> int:
        """How many labels there are."""
        return len(self.y)

    @classmethod
    def empty(cls) -> "Labelled":
        """Return no labels at all."""
        return cls.of(y=(), score=(), decision=())

    @classmethod
    def of(
        cls,
        *,
        y: npt.ArrayLike,
        score: npt.ArrayLike,
        decision: npt.ArrayLike,
        place: npt.ArrayLike | None = None,
    ) -> "Labelled":
        """Build labels from plain sequences; without places, they are the only ones."""
        actual = np.asarray(y, dtype=np.float64)
        return cls(
            y=actual,
            score=np.asarray(score, dtype=np.float64),
            decision=np.asarray(decision, dtype=np.float64),
            place=np.arange(len(actual)) if place is None else np.asarray(place, dtype=np.int64),
        )

    def before(self, place: int) -> "Labelled":
        """Return the labels that came before a place."""
        count = int(np.searchsorted(self.place, place, side="left"))
        return Labelled(
            y=self.y[:count],
            score=self.score[:count],
            decision=self.decision[:count],
            place=self.place[:count],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric's value with what its sampling error needs.

    Examples:
        >>> Measured(value=0.8, variance=0.0004, freedom=99).value
        0.8
    """

    value: float
    """The value on these labels."""
    variance: float
    """Variance of the value."""
    freedom: int
    """Degrees of freedom the variance rests on."""


def quality_metric(contract: Contract) -> QualityMetric:
    """Choose what quality is measured by: the primary metric where its variance is known, else the task's.

    Metrics between 0 and 1 are compared absolutely; errors in the target's unit and log loss relative to
    the champion's value, because a drop of 0.02 of a euro means nothing.

    Examples:
        >>> quality_metric.__name__
        'quality_metric'
    """
    task = contract.prediction.task
    usable = {
        "binary": ("roc_auc", "accuracy", "log_loss", "brier", "expected_cost"),
        "multiclass": ("accuracy",),
        "regression": ("mae", "rmse", "expected_cost"),
    }[task]
    primary = contract.evaluation.primary
    name = primary if primary in usable else usable[0]
    return QualityMetric(
        name=_named(name),
        higher_is_better=name in {"roc_auc", "accuracy"},
        relative=name in {"log_loss", "expected_cost", "mae", "rmse"},
        reason="primary metric" if name == primary else f"{primary} has no variance in closed form",
        mistakes=contract.decision.mistakes,
        task=task,
    )


def _named(name: str) -> Metric:
    return next(known for known in LOSSES if known == name) if name in LOSSES else "roc_auc"


def _cost(labels: Labelled, mistakes: Mistakes, *, regression: bool) -> Vector:
    """Cost of each decision: per wrong yes and wrong no, or per unit too high and too low."""
    error = labels.decision - labels.y
    if regression:
        return np.where(error > 0, mistakes.wrong_yes * error, -mistakes.wrong_no * error)
    return np.where(error > 0, mistakes.wrong_yes, np.where(error < 0, mistakes.wrong_no, 0.0))


def _log_loss(labels: Labelled) -> Vector:
    chance = np.clip(labels.score, 1e-12, 1 - 1e-12)
    return np.asarray(-(labels.y * np.log(chance) + (1 - labels.y) * np.log1p(-chance)))


LOSSES: Mapping[Metric, Callable[[Labelled, QualityMetric], Vector]] = {
    "accuracy": lambda labels, _: (labels.decision == labels.y).astype(np.float64),
    "brier": lambda labels, _: np.asarray((labels.score - labels.y) ** 2),
    "log_loss": lambda labels, _: _log_loss(labels),
    "expected_cost": lambda labels, metric: _cost(
        labels, metric.mistakes, regression=metric.task == "regression"
    ),
    "mae": lambda labels, _: np.abs(labels.decision - labels.y),
    "rmse": lambda labels, _: np.asarray((labels.decision - labels.y) ** 2),
}
"""What each label contributes to a metric that is a mean (rmse: the root of one)."""


def measure(labels: Labelled, metric: QualityMetric) -> Measured | None:
    """Measure one arm; None when labels are too few, or hold what is no number: then nothing is meant.

    The variance of a mean is the textbook one; of a root mean square by the delta method; of the area
    under the ROC curve by DeLong, DeLong and Clarke-Pearson (1988).

    Examples:
        >>> accuracy = QualityMetric(name="accuracy", higher_is_better=True, relative=False, reason="")
        >>> hits = np.array([1.0, 1.0, 1.0, 0.0])
        >>> measured = measure(Labelled.of(y=hits, score=hits, decision=np.ones(4)), accuracy)
        >>> measured.value, round(measured.variance, 4)
        (0.75, 0.0625)
    """
    answered = labels.score if metric.name in SCORED else labels.decision
    if not (np.isfinite(labels.y).all() and np.isfinite(answered).all()):
        return None
    if metric.name == "roc_auc":
        return _area(labels)
    if len(labels) < 2:
        return None
    losses = LOSSES[metric.name](labels, metric)
    mean = float(losses.mean())
    variance = float(losses.var(ddof=1)) / len(losses)
    if metric.name == "rmse":
        root = float(np.sqrt(mean))
        return Measured(value=root, variance=variance / max(4 * mean, 1e-300), freedom=len(losses) - 1)
    return Measured(value=mean, variance=variance, freedom=len(losses) - 1)


def _area(labels: Labelled) -> Measured | None:
    positive = labels.score[labels.y == 1]
    negative = labels.score[labels.y == 0]
    if min(len(positive), len(negative)) < LEAST_OF_A_CLASS:
        return None
    # Placements: the share of the other class that each score is above (ties count half).
    everything = stats.rankdata(np.concatenate([positive, negative]))
    among_positive = stats.rankdata(positive)
    among_negative = stats.rankdata(negative)
    above = (everything[: len(positive)] - among_positive) / len(negative)
    below = 1 - (everything[len(positive) :] - among_negative) / len(positive)
    variance = float(above.var(ddof=1)) / len(positive) + float(below.var(ddof=1)) / len(negative)
    return Measured(
        value=float(above.mean()), variance=variance, freedom=min(len(positive), len(negative)) - 1
    )


def drop_beyond_chance(
    champion: Measured, challenger: Measured, metric: QualityMetric
) -> tuple[float, float]:
    """Return how much worse the challenger is, and the one-sided p of that being chance.

    The drop is positive when the challenger is worse, whichever way the metric points. The p is Student's
    with the smaller arm's degrees of freedom: on the safe side of Welch's (1947).

    Examples:
        >>> auc = QualityMetric(name="roc_auc", higher_is_better=True, relative=False, reason="primary")
        >>> good = Measured(value=0.8, variance=0.0002, freedom=200)
        >>> bad = Measured(value=0.5, variance=0.0002, freedom=200)
        >>> drop, p = drop_beyond_chance(good, bad, auc)
        >>> round(drop, 2), p < 1e-6
        (0.3, True)
    """
    worse = (
        champion.value - challenger.value if metric.higher_is_better else challenger.value - champion.value
    )
    drop = worse / max(abs(champion.value), 1e-12) if metric.relative else worse
    error = float(np.sqrt(champion.variance + challenger.variance))
    if error == 0.0:
        # Without any spread a difference is certain, and equality is no evidence of anything.
        return drop, 0.0 if worse > 0 else 1.0
    return drop, float(stats.t.sf(worse / error, min(champion.freedom, challenger.freedom)))

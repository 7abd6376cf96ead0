"""The metrics: what each rewards, which way is better, where it comes from, and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.decision import (
    accuracy,
    accuracy_counts,
    balanced_accuracy,
    expected_cost,
    f1,
    macro_f1,
    precision,
    precision_counts,
    recall,
    recall_counts,
    specificity,
    specificity_counts,
    weighted_f1,
)
from modelwright.evaluation.deviation import bias, mae, mape, median_absolute_error, r2, rmse
from modelwright.evaluation.probability import brier, calibration_error, calibration_error_resampled, log_loss
from modelwright.evaluation.ranking import average_precision, roc_auc, roc_auc_ovr
from modelwright.evaluation.sample import Matrix, Sample, Vector, Weighing
from modelwright.kernel.catalogue import Catalogue
from modelwright.kernel.errors import OurFault
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["METRICS", "Metric", "compute", "example", "metrics_of"]

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure a contract may name.

    Examples:
        >>> METRICS.get("roc_auc").direction
        'higher'
    """

    name: str
    """The name contracts use."""
    tasks: tuple[Task, ...]
    """The tasks it is defined for; empty for what is measured on a machine instead of on rows."""
    direction: Literal["higher", "lower"]
    """Which way is better."""
    low: float | None
    """The lowest value it can take; None when there is none."""
    high: float | None
    """The highest value it can take; None when there is none."""
    ideal: float | None = None
    """The best value when it lies inside the range, such as 0 for a bias."""
    unit: Literal["", "cost", "target", "ms", "MB"] = ""
    """What it is counted in: a plain number, the contract's costs, the target's unit, time or size."""
    rewards: str
    """What a model has to do to score well, in words."""
    source: str
    """Where the definition comes from."""
    measure: Callable[[Weighing], Vector] | None = None
    """Computes it under many weightings at once; NaN where it is not defined."""
    resampled: Callable[[Weighing], Vector] | None = None
    """The same for bootstrap resamples, where resampling itself adds a bias that can be taken off."""
    counts: Callable[[Weighing], tuple[Vector, Vector]] | None = None
    """Successes and trials, for a metric that is a share of rows."""
    needs_classes: bool = False
    """Whether its interval means something only with several rows of two classes."""

    @property
    def measured(self) -> bool:
        """Whether it is measured on a machine rather than computed from rows."""
        return self.measure is None

    def better(self, value: float) -> float:
        """Return a number that grows as the metric gets better.

        Examples:
            >>> METRICS.get("bias").better(-2.0) < METRICS.get("bias").better(1.0)
            True
        """
        away = value if self.ideal is None else abs(value - self.ideal)
        return away if self.direction == "higher" else -away


CLASSES: tuple[Task, ...] = ("binary", "multiclass")
ALL: tuple[Task, ...] = ("binary", "multiclass", "regression")

ROC_AUC = Metric(
    name="roc_auc", tasks=("binary",), direction="higher", low=0.0, high=1.0, measure=roc_auc,
    rewards="ranking positives above negatives; blind to thresholds and to whether scores are probabilities",
    source="Hanley and McNeil, Radiology 1982", needs_classes=True,
)  # fmt: skip
LOG_LOSS = Metric(
    name="log_loss", tasks=CLASSES, direction="lower", low=0.0, high=None, measure=log_loss,
    rewards="honest probabilities; being sure and wrong costs most",
    source="Gneiting and Raftery, JASA 2007",
)  # fmt: skip
BRIER = Metric(
    name="brier", tasks=("binary",), direction="lower", low=0.0, high=1.0, measure=brier,
    rewards="honest probabilities; gentler than log loss on the few that are sure and wrong",
    source="Brier, Monthly Weather Review 1950",
)  # fmt: skip
AVERAGE_PRECISION = Metric(
    name="average_precision", tasks=("binary",), direction="higher", low=0.0, high=1.0,
    measure=average_precision, needs_classes=True,
    rewards="few false alarms at the top of the list; depends on how frequent positives are",
    source="Su, Yuan and Zhu, ICTIR 2015",
)  # fmt: skip
ACCURACY = Metric(
    name="accuracy", tasks=CLASSES, direction="higher", low=0.0, high=1.0, measure=accuracy,
    counts=accuracy_counts,
    rewards="right answers, all mistakes alike; flatters models of rare events",
    source="share of right answers",
)  # fmt: skip
PRECISION = Metric(
    name="precision", tasks=("binary",), direction="higher", low=0.0, high=1.0, measure=precision,
    counts=precision_counts, rewards="yes answers that are right: matters when acting in vain costs most",
    source="Van Rijsbergen, Information Retrieval, 1979",
)  # fmt: skip
RECALL = Metric(
    name="recall", tasks=("binary",), direction="higher", low=0.0, high=1.0, measure=recall,
    counts=recall_counts, rewards="finding the positives: matters when missing one costs most",
    source="Van Rijsbergen, Information Retrieval, 1979",
)  # fmt: skip
SPECIFICITY = Metric(
    name="specificity", tasks=("binary",), direction="higher", low=0.0, high=1.0, measure=specificity,
    counts=specificity_counts, rewards="leaving the negatives alone",
    source="Yerushalmy, Public Health Reports 1947",
)  # fmt: skip
F1 = Metric(
    name="f1", tasks=("binary",), direction="higher", low=0.0, high=1.0, measure=f1, needs_classes=True,
    rewards="precision and recall together, as if both mistakes weighed the same",
    source="Van Rijsbergen, Information Retrieval, 1979",
)  # fmt: skip
BALANCED_ACCURACY = Metric(
    name="balanced_accuracy", tasks=CLASSES, direction="higher", low=0.0, high=1.0,
    measure=balanced_accuracy, needs_classes=True, rewards="right answers in every class, rare ones included",
    source="Brodersen et al., ICPR 2010",
)  # fmt: skip
MACRO_F1 = Metric(
    name="macro_f1", tasks=("multiclass",), direction="higher", low=0.0, high=1.0, measure=macro_f1,
    needs_classes=True, rewards="precision and recall in every class, rare ones counting as much as frequent",
    source="Opitz and Burst, Macro F1 and Macro F1, 2019",
)  # fmt: skip
WEIGHTED_F1 = Metric(
    name="weighted_f1", tasks=("multiclass",), direction="higher", low=0.0, high=1.0, measure=weighted_f1,
    needs_classes=True, rewards="precision and recall, classes counting by how frequent they are",
    source="Van Rijsbergen, Information Retrieval, 1979, averaged by class frequency",
)  # fmt: skip
ROC_AUC_OVR = Metric(
    name="roc_auc_ovr", tasks=("multiclass",), direction="higher", low=0.0, high=1.0, measure=roc_auc_ovr,
    needs_classes=True, rewards="ranking each class above all others, every class alike",
    source="Provost and Domingos, 2000; unweighted mean over classes",
)  # fmt: skip
CALIBRATION_ERROR = Metric(
    name="calibration_error", tasks=CLASSES, direction="lower", low=0.0, high=1.0,
    measure=calibration_error, resampled=calibration_error_resampled,
    rewards="scores that can be taken at their word: of rows scored 0.3, 30 % come true",
    source="Kumar, Liang and Ma, NeurIPS 2019; bins of equal mass, Roelofs et al., AISTATS 2022",
)  # fmt: skip
EXPECTED_COST = Metric(
    name="expected_cost", tasks=ALL, direction="lower", low=0.0, high=None, unit="cost",
    measure=expected_cost, rewards="cheap decisions, by what the contract says mistakes cost",
    source="Elkan, IJCAI 2001",
)  # fmt: skip
RMSE = Metric(
    name="rmse", tasks=("regression",), direction="lower", low=0.0, high=None, unit="target", measure=rmse,
    rewards="no large errors; aims at the mean", source="root of the mean squared error",
)  # fmt: skip
MAE = Metric(
    name="mae", tasks=("regression",), direction="lower", low=0.0, high=None, unit="target", measure=mae,
    rewards="small errors, each unit alike; aims at the median", source="mean absolute error",
)  # fmt: skip
MEDIAN_ABSOLUTE_ERROR = Metric(
    name="median_absolute_error", tasks=("regression",), direction="lower", low=0.0, high=None, unit="target",
    measure=median_absolute_error, rewards="a small error on the typical row; blind to the worst half",
    source="median of absolute errors",
)  # fmt: skip
R2 = Metric(
    name="r2", tasks=("regression",), direction="higher", low=None, high=1.0, measure=r2,
    rewards="explaining why values differ; 0 is what the mean alone reaches",
    source="coefficient of determination, Wright, 1921",
)  # fmt: skip
MAPE = Metric(
    name="mape", tasks=("regression",), direction="lower", low=0.0, high=None, measure=mape,
    rewards="small errors relative to the value; prefers to predict too low",
    source="Hyndman and Koehler, International Journal of Forecasting 2006",
)  # fmt: skip
BIAS = Metric(
    name="bias", tasks=("regression",), direction="lower", low=None, high=None, ideal=0.0, unit="target",
    measure=bias, rewards="errors that cancel out; says nothing about their size", source="mean error",
)  # fmt: skip
P50_LATENCY = Metric(
    name="p50_latency", tasks=(), direction="lower", low=0.0, high=None, unit="ms",
    rewards="quick typical answers", source="measured on the built server",
)  # fmt: skip
P95_LATENCY = Metric(
    name="p95_latency", tasks=(), direction="lower", low=0.0, high=None, unit="ms",
    rewards="quick answers but for one in twenty", source="measured on the built server",
)  # fmt: skip
P99_LATENCY = Metric(
    name="p99_latency", tasks=(), direction="lower", low=0.0, high=None, unit="ms",
    rewards="quick answers but for one in a hundred", source="measured on the built server",
)  # fmt: skip
BUNDLE_SIZE = Metric(
    name="bundle_size", tasks=(), direction="lower", low=0.0, high=None, unit="MB",
    rewards="a small file to ship and load", source="measured on the bundle",
)  # fmt: skip

METRICS = Catalogue[Metric](
    "metrics",
    {
        metric.name: f"modelwright.evaluation.metric:{metric.name.upper()}"
        for metric in (
            ROC_AUC, LOG_LOSS, BRIER, AVERAGE_PRECISION, ACCURACY, PRECISION, RECALL, SPECIFICITY, F1,
            BALANCED_ACCURACY, MACRO_F1, WEIGHTED_F1, ROC_AUC_OVR, CALIBRATION_ERROR, EXPECTED_COST, RMSE,
            MAE, MEDIAN_ABSOLUTE_ERROR, R2, MAPE, BIAS, P50_LATENCY, P95_LATENCY, P99_LATENCY, BUNDLE_SIZE,
        )
    },
)  # fmt: skip
"""Every metric by name; an installed package adds its own through the entry points `modelwright.metrics`."""


def metrics_of(task: str) -> tuple[str, ...]:
    """Return the names of the metrics that a task has, sorted.

    Examples:
        >>> "roc_auc" in metrics_of("binary"), "roc_auc" in metrics_of("regression")
        (True, False)
    """
    return tuple(name for name in METRICS.names() if task in METRICS.get(name).tasks)


def compute(
    name: str, y: Vector, scores: Matrix, *, target: TargetSpec, mistakes: Mistakes, rule: DecisionRule
) -> float | None:
    """Return one metric of one model on some rows, None when it is not defined on them.

    Args:
        name: The metric.
        y: Class index or value of each row.
        scores: Scores of each row.
        target: What is predicted.
        mistakes: What being wrong costs.
        rule: How scores become answers.

    Raises:
        UnknownName: When there is no such metric; the nearest is offered.
        OurFault: When the metric is measured on a machine, or belongs to another task.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> rule = DecisionRule()
        >>> scores = np.array([[0.8, 0.2], [0.3, 0.7]])
        >>> compute("roc_auc", np.array([0.0, 1.0]), scores, target=spec, mistakes=Mistakes(), rule=rule)
        1.0
        >>> compute("roc_auc", np.zeros(2), scores, target=spec, mistakes=Mistakes(), rule=rule) is None
        True
    """
    metric = METRICS.get(name)
    if metric.measure is None or target.task not in metric.tasks:
        raise OurFault(
            f"{name} was asked of {target.task} scores",
            why="a figure that is not defined for a task has no value there",
            next_step=f"use one of: {', '.join(metrics_of(target.task))}",
        )
    if len(y) == 0:
        return None
    sample = Sample(y, scores, target=target, mistakes=mistakes, rule=rule)
    value = float(metric.measure(Weighing(sample, np.ones((1, len(y)))))[0])
    return value if np.isfinite(value) else None


def example(task: Task) -> Weighing:
    """Return four rows to show a metric on.

    Examples:
        >>> len(example("binary").sample)
        4
    """
    rule = DecisionRule()
    if task == "regression":
        y, scores = np.array([1.0, 2.0, 3.0, 4.0]), np.array([[1.0], [2.5], [2.5], [2.0]])
        return Weighing(
            Sample(y, scores, target=TargetSpec(task=task, name="y"), mistakes=Mistakes(), rule=rule),
            np.ones((1, 4)),
        )
    if task == "binary":
        target = TargetSpec(task=task, name="y", classes=("no", "yes"))
        y, positive = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])
        scores = np.column_stack([1 - positive, positive])
    else:
        target = TargetSpec(task=task, name="y", classes=("a", "b", "c"))
        y = np.array([0.0, 1.0, 2.0, 2.0])
        scores = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.2, 0.3]])
    return Weighing(Sample(y, scores, target=target, mistakes=Mistakes(), rule=rule), np.ones((1, 4)))

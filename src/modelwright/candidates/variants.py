"""Variants: the hyper-parameters that are tried, few and chosen beforehand.

A budget in variants, not in seconds, so that the same data and seed give the same design on every machine.
"""

from collections.abc import Mapping

import numpy as np

from modelwright.candidates.estimator import EstimatorSpec, Param, Vector
from modelwright.tasks.target import TargetSpec

__all__ = ["companions", "many_classes", "racers", "with_params"]

SHAPES: Mapping[str, Mapping[str, Param]] = {
    "medium": {"leaves": 31, "min_leaf": 20, "feature_fraction": 0.8, "l2": 1.0},
    "small": {"leaves": 8, "min_leaf": 20, "feature_fraction": 0.6, "l2": 3.0},
    "large": {"leaves": 96, "min_leaf": 30, "feature_fraction": 0.6, "row_fraction": 0.8, "l2": 3.0},
    "random": {"leaves": 64, "min_leaf": 10, "feature_fraction": 0.8, "l2": 1.0, "extra_trees": True},
}
"""Shapes of trees that are raced: their size decides most on tables."""

MANY_CLASSES = 4
"""With more classes than this, trees grown for each class are costly and a network is a rival to them."""

WIDE: Mapping[str, Param] = {"hidden": 256, "hidden_second": 128, "decay": 0.01, "batch": 256, "epochs": 60}
"""A network for many classes."""


def with_params(spec: EstimatorSpec, **params: Param) -> EstimatorSpec:
    """Return the same member with other hyper-parameters.

    Examples:
        >>> with_params(EstimatorSpec(family="boosting", name="a"), leaves=8).params
        {'leaves': 8}
    """
    return EstimatorSpec(family=spec.family, name=spec.name, params={**spec.params, **params})


def many_classes(target: TargetSpec) -> bool:
    """Whether trees grown for each class would be costly.

    Examples:
        >>> many_classes(TargetSpec(task="binary", name="y", classes=("no", "yes")))
        False
    """
    return len(target.classes) > MANY_CLASSES


def racers(y: Vector, target: TargetSpec, *, primary: str) -> tuple[EstimatorSpec, ...]:
    """Return the members that are raced on the probe: shapes of trees; for many classes a network, too.

    Regressions whose target is never negative are tried on both scales; which one the first shape likes
    better is used for all.

    Args:
        y: Encoded targets.
        target: What is predicted.
        primary: The contract's primary metric; absolute errors ask for an absolute loss.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> [racer.name for racer in racers(np.array([0.0, 1.0]), spec, primary="roc_auc")]
        ['trees-medium', 'trees-small', 'trees-large', 'trees-random']
    """
    loss: dict[str, Param] = {"loss": "absolute"} if primary in ("mae", "median_absolute_error") else {}
    shapes = ("medium", "small") if many_classes(target) else tuple(SHAPES)
    made = [
        EstimatorSpec(family="boosting", name=f"trees-{name}", params={**SHAPES[name], **loss})
        for name in shapes
    ]
    if many_classes(target):
        made.append(EstimatorSpec(family="neural", name="network", params=WIDE))
    if not target.classes and target.transform == "identity" and float(np.min(y)) >= 0:
        first = made[0]
        logged = EstimatorSpec(
            family="boosting", name="trees-log", params={**first.params, "log_target": True}
        )
        made.insert(1, logged)
    return tuple(made)


def companions(target: TargetSpec, *, log: bool) -> tuple[EstimatorSpec, ...]:
    """Return the members that err differently from trees.

    Args:
        target: What is predicted.
        log: Whether a regression does better on the logarithmic scale.

    Examples:
        >>> [spec.family for spec in companions(TargetSpec(task="regression", name="y"), log=False)]
        ['neural', 'linear']
    """
    scale: dict[str, Param] = {"log_target": True} if log and not target.classes else {}
    return (
        EstimatorSpec(family="neural", name="network", params=WIDE if many_classes(target) else scale),
        EstimatorSpec(family="linear", name="linear", params=scale),
    )

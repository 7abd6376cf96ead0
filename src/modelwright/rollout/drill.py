"""The drill: a model that is bad on purpose, to rehearse that a bad challenger is found and taken back."""

import numpy as np
import polars as pl

from modelwright.candidates.catalogue import build
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.features.transform import matrix
from modelwright.tasks.catalogue import task_of
from modelwright.training.pipeline import Pipeline

__all__ = ["make_drill"]

ROUNDS = 40
"""Enough trees to be confidently wrong, few enough to be grown in a moment."""


def make_drill(pipeline: Pipeline, train: pl.DataFrame, *, seed: int, threads: int = 1) -> Pipeline:
    """Train the champion's inputs on shuffled labels: it looks like a model and knows nothing.

    It takes the champion's plan, target and decision rule, so that it fits behind the same contract. It is
    packed with the purpose `drill`; no gate is waived for it, because it may never complete a rollout.

    Args:
        pipeline: The champion's.
        train: The training rows, target included.
        seed: Shuffles the labels.
        threads: Threads for the training.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> from modelwright.features.plan import FeaturePlan, FeatureSpec
        >>> from modelwright.tasks.target import TargetSpec
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.5, 0.5))
        >>> plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
        >>> champion = Pipeline(plan=plan, model=PriorModel((0.5, 0.5)), target=spec)
        >>> rows = pl.DataFrame({"a": range(80), "y": ["no", "yes"] * 40})
        >>> make_drill(champion, rows, seed=1).scores(rows).shape
        (80, 2)
    """
    target = pipeline.target
    y = task_of(target.task).encode(train[target.name], target)
    shuffled = np.random.default_rng(seed).permutation(y)
    spec = EstimatorSpec(
        family="boosting", params={"max_rounds": ROUNDS, "learning_rate": 0.2}, name="shuffled labels"
    )
    model = build(spec).fit(
        matrix(pipeline.plan, train), shuffled, plan=pipeline.plan, target=target, seed=seed, threads=threads
    )
    return Pipeline(plan=pipeline.plan, model=model, target=target, rule=pipeline.rule)

"""Samples and contracts that the tests of evaluation, gates and scoring share."""

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract, Gates
from modelwright.contracts.data import Column, DataContract, Source, SplitPolicy
from modelwright.contracts.decision import Decision, Mistakes, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.prediction import Prediction
from modelwright.evaluation.sample import Sample
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

PRIMARY = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}

TARGETS = {
    "binary": TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.7, 0.3)),
    "multiclass": TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"), prior=(0.5, 0.3, 0.2)),
    "regression": TargetSpec(task="regression", name="y", prior=(3.0,)),
}

COSTS = Mistakes(wrong_yes=1, wrong_no=4, unit="EUR", borne_by="the campaign budget")


def contract_of(task="binary", *, gates=(), do_not_ship=(), slices=(), group=None, mistakes=COSTS, **plan):
    """A small valid contract for one task; `plan` sets parts of the evaluation plan."""
    plan = {"primary": PRIMARY[task], "resamples": 200, "min_slice_rows": 30, **plan}
    kind = "number" if task == "regression" else "category"
    columns = {
        "job": Column(type="category", role="context"),
        "age": Column(type="number"),
        "y": Column(type=kind, role="target", nulls=False),
    }
    split = SplitPolicy(policy="stratified" if task != "regression" else "random")
    if group:
        columns[group] = Column(type="category", role="group")
        split = SplitPolicy(policy="group", group=group)
    return Contract(
        name="calls",
        decision=Decision(
            goal="Call the likely subscribers first",
            owner="campaign lead",
            action="order of the call list",
            success_metric=SuccessMetric(name="subscriptions per call"),
            mistakes=mistakes,
        ),
        prediction=Prediction(task=task, target="y", positive="yes" if task == "binary" else None),
        data=DataContract(sources=(Source(path="calls.parquet"),), columns=columns, split=split),
        evaluation=EvaluationPlan(slices=tuple(slices), **plan),
        gates=Gates(lines=tuple(gates), do_not_ship=tuple(do_not_ship)),
    )


def binary(rng, rows=400, *, strength=1.5, shift=-1.0):
    """Labels and their true probabilities: the scores are perfectly calibrated."""
    probability = 1 / (1 + np.exp(-(strength * rng.normal(size=rows) + shift)))
    y = (rng.random(rows) < probability).astype(float)
    return y, np.column_stack([1 - probability, probability])


def multiclass(rng, rows=400):
    """Labels of three classes drawn from the scores themselves."""
    raw = np.exp(1.5 * rng.normal(size=(rows, 3)) + np.array([0.5, 0.0, -0.5]))
    scores = raw / raw.sum(axis=1, keepdims=True)
    y = np.array([rng.choice(3, p=line) for line in scores]).astype(float)
    return y, scores


def regression(rng, rows=400, *, noise=1.0):
    """Values and predictions that miss them by normal noise."""
    predicted = rng.normal(5.0, 2.0, size=rows)
    return predicted + noise * rng.normal(size=rows), predicted[:, None]


def drawn(task, rng, rows=400):
    """Labels and scores of any task."""
    return {"binary": binary, "multiclass": multiclass, "regression": regression}[task](rng, rows)


def frame_of(rng, rows):
    """Columns to slice by."""
    jobs = np.array(["clerk", "student", "retired"])[rng.integers(0, 3, size=rows)]
    return pl.DataFrame({"job": jobs, "age": rng.integers(18, 90, size=rows)})


def sample_of(task, y, scores, *, mistakes=COSTS, rule=None):
    """A sample of one task."""
    return Sample(y, scores, target=TARGETS[task], mistakes=mistakes, rule=rule or DecisionRule())

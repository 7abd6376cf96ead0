"""A served version to watch: its contract, its reference, and logs, sketches and labels made for a test."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column, DataContract, Label, Source
from modelwright.contracts.decision import Decision, Mistakes, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.operation import MonitoringPlan
from modelwright.contracts.prediction import Prediction
from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.report import EvaluationReport
from modelwright.monitoring.evidence import Watched
from modelwright.monitoring.monitor import monitor
from modelwright.registry.reference import ReferenceProfile, number_sketch, text_sketch
from modelwright.serving.labels import LABEL_SCHEMA
from modelwright.serving.log import LOG_SCHEMA
from modelwright.serving.sketch import FeatureCounts, SketchLine
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DAY = timedelta(days=1)
TARGET = TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.7, 0.3))
PLAN = {"owner": "ml on call", "window": "1d"}


def contract(*, mistakes=None, delay="1h", **monitoring):
    """The agreement behind the served version."""
    return Contract(
        name="calls",
        decision=Decision(
            goal="Call those first who will subscribe",
            owner="campaign lead",
            action="order of the call list",
            success_metric=SuccessMetric(name="subscriptions per call"),
            mistakes=mistakes or Mistakes(),
        ),
        prediction=Prediction(task="binary", target="y", positive="yes"),
        data=DataContract(
            sources=(Source(path="calls.csv"),),
            label=Label(delay=delay),
            columns={"age": Column(type="number"), "y": Column(type="category", role="target")},
        ),
        evaluation=EvaluationPlan(primary="roc_auc"),
        monitoring=MonitoringPlan(**PLAN | monitoring),
    )


def scores(rng, y, *, knows=1.5, shift=0.0):
    """Scores of a model that knows something of y, calibrated for 30 % yes."""
    raw = rng.normal(size=len(y)) + knows * y
    odds = knows * raw - knows**2 / 2 + np.log(0.3 / 0.7) + shift
    return 1 / (1 + np.exp(-odds))


def truth(rng, count):
    """What will have happened."""
    return (rng.random(count) < 0.3).astype(float)


def reference(rows=4000):
    """What training looked like: two inputs and the scores."""
    rng = np.random.default_rng(0)
    score = scores(rng, truth(rng, rows))
    return ReferenceProfile(
        features=(
            number_sketch("age", rng.normal(40, 10, size=rows)),
            text_sketch("job", rng.choice(["admin", "student", "retired"], size=rows).tolist()),
        ),
        scores=number_sketch("score", score),
        confidence=number_sketch("confidence", np.maximum(score, 1 - score)),
        predictions=text_sketch("prediction", np.where(score >= 0.4, "yes", "no").tolist()),
        rows=rows,
    )


def promised(agreed, value=0.855):
    """What evaluation measured."""
    return EvaluationReport(
        part="test",
        contract_digest=agreed.digest,
        snapshot_digest="",
        run_id="r1",
        pipeline_digest="",
        task="binary",
        target="y",
        classes=TARGET.classes,
        primary="roc_auc",
        rows=2000,
        level=0.95,
        resamples=1000,
        seed=7,
        estimates=(
            Estimate(
                metric="roc_auc",
                value=value,
                low=value - 0.015,
                high=value + 0.015,
                level=0.95,
                rows=2000,
                direction="higher",
            ),
        ),
    )


def watched(agreed=None, **more):
    """The version under watch."""
    agreed = agreed or contract()
    usual = {"evaluation": promised(agreed)}
    return Watched(
        version="v1",
        contract=agreed,
        reference=reference(),
        target=TARGET,
        rule=DecisionRule(threshold=0.4),
        **usual | more,
    )


def answers(count=2000, *, seed=1, start=NOW - DAY, knows=1.5, shift=0.0, **columns):
    """A log of one day and the labels that belong to it."""
    rng = np.random.default_rng(seed)
    y = truth(rng, count)
    score = scores(rng, y, knows=knows, shift=shift)
    at = [start + DAY * (place / count) for place in range(count)]
    names = [f"{start:%d}-{seed}-{place}" for place in range(count)]
    log = pl.DataFrame(
        {
            "request_id": names,
            "row": [0] * count,
            "at": at,
            "version": ["v1"] * count,
            "arm": ["champion"] * count,
            "status": [200] * count,
            "latency_ms": [4.0] * count,
            "prediction": np.where(score >= 0.4, "yes", "no").tolist(),
            "value": [None] * count,
            "score": score.tolist(),
            "scores": np.column_stack([1 - score, score]).tolist(),
            "confidence": np.maximum(score, 1 - score).tolist(),
            "fallback": [False] * count,
            "fallback_reason": [None] * count,
            "review": [False] * count,
            "entity": [None] * count,
            "error": [None] * count,
            "fields": [None] * count,
        }
        | {name: [value] * count for name, value in columns.items()},
        schema=LOG_SCHEMA,
    )
    labels = pl.DataFrame(
        {
            "request_id": names,
            "row": [0] * count,
            "label": np.where(y == 1, "yes", "no").tolist(),
            "value": [None] * count,
            "at": [moment + timedelta(minutes=30) for moment in at],
            "arrivals": [1] * count,
        },
        schema=LABEL_SCHEMA,
    )
    return log, labels


def sketch(
    count=2000, *, seed=1, start=NOW - DAY, age=(40, 10), jobs=("admin", "student", "retired"), nulls=0.0
):
    """A day's inputs, counted."""
    rng = np.random.default_rng(seed)
    ages, seen = rng.normal(*age, size=count), rng.choice(list(jobs), size=count)
    present = ages[rng.random(count) >= nulls]
    known = reference()
    edges, names = known.feature("age").edges, known.feature("job").categories
    by_age = np.bincount(np.searchsorted(edges, present, side="right"), minlength=len(edges) + 1)
    by_job = [int((seen == name).sum()) for name in names]
    return SketchLine(
        version="v1",
        start=start + timedelta(minutes=1),
        end=start + DAY - timedelta(minutes=1),
        rows=count,
        features={
            "age": FeatureCounts(counts=tuple(by_age.tolist()), nulls=count - len(present)),
            "job": FeatureCounts(counts=(*by_job, count - sum(by_job)), nulls=0),
        },
    )


def look(log, labels, *, sketches=None, of=None, now=NOW, **more):
    """Look once, at a day like any other unless told otherwise."""
    return monitor(
        of or watched(),
        log=log,
        labels=labels,
        sketches=[sketch()] if sketches is None else sketches,
        now=now,
        **more,
    )

"""Views for the tests of risk checks: a table, a contract for it, and three seeded parts."""

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column, DataContract, Source, SplitPolicy
from modelwright.contracts.decision import Decision, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.prediction import Prediction
from modelwright.data.snapshot import ROW_ID, Snapshot
from modelwright.risk.check import RiskView
from modelwright.risk.register import assess
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec


def type_of(column):
    """The contract's type for a column."""
    if column.dtype.is_temporal():
        return "datetime"
    if column.dtype == pl.Boolean:
        return "boolean"
    if column.dtype.is_integer():
        return "integer"
    return "number" if column.dtype.is_numeric() else "category"


def contract_for(
    frame,
    target,
    task,
    *,
    positive=None,
    columns=None,
    split=None,
    duplicates="keep",
    digest="sha256:" + "0" * 64,
):
    """A contract that takes every column as a feature, but for what `columns` says."""
    described = {
        name: Column(type=type_of(frame[name]), role="target" if name == target else "feature")
        for name in frame.columns
    } | (columns or {})
    return Contract(
        name="trial",
        decision=Decision(
            goal="Call the likely ones first",
            owner="lead",
            action="order of the list",
            success_metric=SuccessMetric(name="calls that end well"),
        ),
        prediction=Prediction(task=task, target=target, positive=positive),
        data=DataContract(
            sources=(Source(path="table.csv", digest=digest),),
            columns=described,
            duplicates=duplicates,
            split=split or SplitPolicy(policy="random"),
        ),
        evaluation=EvaluationPlan(primary="log_loss"),
    )


def view_of(frame, target="y", task="binary", *, positive=None, seed=0, **more):
    """A view over three parts: by chance, or in the order of the rows for a temporal split."""
    if task != "regression":
        labels = as_labels(frame[target])
        classes = sorted(labels.drop_nulls().unique().to_list())
        positive = positive or (classes[-1] if task == "binary" else None)
        if task == "binary":
            classes = [next(label for label in classes if label != positive), positive]
        target_spec = TargetSpec(
            task=task,
            name=target,
            classes=tuple(classes),
            prior=tuple(float((labels == label).mean()) for label in classes),
        )
    else:
        target_spec = TargetSpec(task=task, name=target, prior=(float(frame[target].median()),))
    contract = contract_for(frame, target, task, positive=positive, **more)
    kept = [name for name, column in contract.data.columns.items() if column.role != "excluded"]
    numbered = frame.select(kept).with_row_index(ROW_ID).cast({ROW_ID: pl.Int64})
    share = np.arange(frame.height) / frame.height
    if contract.data.split.policy != "temporal":
        share = np.random.default_rng(seed).permutation(share)
    parts = {
        "train": numbered.filter(pl.Series(share < 0.6)),
        "validation": numbered.filter(pl.Series((share >= 0.6) & (share < 0.8))),
        "test": numbered.filter(pl.Series(share >= 0.8)).drop(target),
    }
    snapshot = Snapshot(
        digest="sha256:" + "1" * 64,
        contract_digest=contract.digest,
        source_digests={},
        rows={name: part.height for name, part in parts.items()},
        parts={},
        sealed_labels="",
        seal_id="",
        columns=tuple(kept),
        target=target_spec,
        split_policy=contract.data.split.policy,
        row_digest="",
    )
    return RiskView(**parts, contract=contract, snapshot=snapshot, target=target_spec, raw_rows=frame.height)


def found(check, view):
    """The risks of one check, by what they are about."""
    return {risk.finding.subject: risk for risk in check.run(view)}


def codes(view):
    """The codes of all findings of the whole suite."""
    return {risk.finding.code for risk in assess(view).risks}


def clean_table(rows=600, *, seed=0, task="binary"):
    """Independent columns that carry a moderate signal: nothing to find."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 6))
    signal = 0.6 * x[:, 0] - 0.5 * x[:, 1] + 0.4 * x[:, 2]
    data = {f"x{place}": x[:, place] for place in range(6)}
    data["kind"] = chance.choice(["red", "green", "blue"], size=rows)
    noisy = signal + chance.normal(size=rows)
    if task == "regression":
        data["y"] = noisy
    elif task == "binary":
        data["y"] = np.where(noisy > 0, "yes", "no")
    else:
        data["y"] = np.array(["a", "b", "c"])[np.digitize(noisy, [-0.5, 0.5])]
    return pl.DataFrame(data)

"""Small tables, contracts and designs that the tests of training share."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from modelwright.candidates.estimator import EstimatorSpec
from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import ROW_ID
from modelwright.features.plan import compile_plan
from modelwright.kernel.clock import SteppingClock
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.tasks.catalogue import task_of
from modelwright.training.config import TrainingConfig
from modelwright.training.progress import Quiet
from modelwright.training.run import Environment
from modelwright.training.train import train

TREES = EstimatorSpec(family="boosting", name="trees", params={"leaves": 7, "min_leaf": 5})
LINEAR = EstimatorSpec(family="linear", name="linear")
NETWORK = EstimatorSpec(
    family="neural",
    name="network",
    params={"hidden": 16, "hidden_second": 8, "epochs": 20, "batch": 32, "learning_rate": 0.01},
)
ENVIRONMENT = Environment(python="3.11", platform="test", packages={"numpy": "2"})


def contract_for(task="binary", *, policy="stratified", **columns):
    """A contract over the columns of `table`; further columns as keywords."""
    split = {"policy": policy}
    if policy == "temporal":
        split["time"] = "day"
    if policy == "group":
        split["group"] = "client"
    return Contract.model_validate(
        {
            "name": "calls",
            "decision": {
                "goal": "call the clients who are likely to buy first",
                "owner": "campaign lead",
                "action": "order of the call list",
                "success_metric": {"name": "sales per call"},
                "mistakes": {"wrong_yes": 1, "wrong_no": 5, "unit": "EUR"},
            },
            "prediction": {
                "task": task,
                "target": "y",
                "positive": "yes" if task == "binary" else None,
            },
            "data": {
                "sources": [{"path": "calls.csv"}],
                "split": split,
                "columns": {
                    "age": {"type": "number"},
                    "income": {"type": "number"},
                    "job": {"type": "category"},
                    "member": {"type": "boolean"},
                    "day": {"type": "datetime", "role": "time"},
                    "client": {"type": "category", "role": "group"},
                    "y": {"type": "number" if task == "regression" else "category", "role": "target"},
                    **columns,
                },
            },
            "evaluation": {"primary": {"regression": "rmse"}.get(task, "log_loss")},
        }
    )


def table(rows=300, *, task="binary", seed=0):
    """A table with signal, missing values and categories; rows in order of time."""
    draw = np.random.default_rng(seed)
    age = draw.normal(40, 10, rows)
    income = draw.lognormal(3, 1, rows)
    job = draw.choice(["admin", "student", "retired"], rows, p=[0.6, 0.3, 0.1])
    signal = (age - 40) / 10 + (job == "student") * 1.5 + np.log(income) / 3 + draw.normal(0, 0.7, rows)
    if task == "regression":
        y = np.round(np.exp(signal / 2) * 10, 2)
    elif task == "multiclass":
        y = np.array(["low", "middle", "high"])[np.digitize(signal, [0.8, 2.0])]
    else:
        y = np.where(signal > 1.5, "yes", "no")
    return pl.DataFrame(
        {
            ROW_ID: np.arange(rows),
            "age": [None if index % 17 == 0 else float(value) for index, value in enumerate(age)],
            "income": income,
            "job": [None if index % 23 == 0 else str(value) for index, value in enumerate(job)],
            "member": draw.random(rows) > 0.5,
            "day": [date(2020, 1, 1) + timedelta(days=index // 3) for index in range(rows)],
            "client": [f"c{index % 40}" for index in range(rows)],
            "y": y,
        }
    )


class Desk:
    """Everything a training asks for, on a small table."""

    def __init__(self, folder, *, task="binary", policy="stratified", rows=300, frame=None, columns=None):
        self.contract = contract_for(task, policy=policy, **(columns or {}))
        self.frame = table(rows, task=task) if frame is None else frame
        cut = int(self.frame.height * 0.75)
        self.train, self.validation = self.frame.head(cut), self.frame.tail(self.frame.height - cut)
        self.target = task_of(task).describe_target(self.frame["y"], self.contract)
        self.plan = compile_plan(self.train, self.contract)
        self.store = ArtifactStore(Path(folder) / "artifacts")

    def inputs(self, **changed):
        """The keyword arguments of `train`."""
        given = {
            "train": self.train,
            "validation": self.validation,
            "plan": self.plan,
            "target": self.target,
            "contract": self.contract,
            "snapshot_digest": "sha256:" + "1" * 64,
            "store": self.store,
            "environment": ENVIRONMENT,
            "clock": SteppingClock(),
            "progress": Quiet(),
        }
        return given | changed

    def run(self, *members, config=None, **changed):
        """Train a design of these members."""
        return train(self.config(*members, **(config or {})), **self.inputs(**changed))

    def config(self, *members, **changed):
        """A quick configuration of these members."""
        quick = TrainingConfig(
            design="pragmatic",
            members=members or (LINEAR,),
            folds=3,
            seed=7,
            threads=2,
            max_rounds=20,
            early_stopping=5,
            calibration="none" if self.target.task == "regression" else "sigmoid",
        )
        return replace(quick, **changed)

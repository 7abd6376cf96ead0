"""Small tables and contracts that the tests of this room share."""

import random

import polars as pl

from modelwright.contracts.contract import Contract


def contract_of(columns, *, task="binary", target="y", positive="yes", split=None, primary="", **data):
    """A contract over these columns; everything not under test is plain."""
    first = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task]
    return Contract.model_validate(
        {
            "name": "demo",
            "decision": {
                "goal": "call likely clients first",
                "owner": "campaign lead",
                "action": "order of calls",
                "success_metric": {"name": "sales per call"},
            },
            "prediction": {
                "task": task,
                "target": target,
                "positive": positive if task == "binary" else None,
            },
            "data": {
                "sources": data.pop("sources", [{"path": "calls.csv"}]),
                "split": split or {},
                "columns": columns,
                **data,
            },
            "evaluation": {"primary": primary or first},
            "gates": {"lines": [f"{first} >= 0"]},
        }
    )


CALLS = {
    "age": {"type": "integer"},
    "job": {"type": "category"},
    "y": {"type": "category", "role": "target"},
}
"""Columns of the table of calls."""


def calls(rows=60, *, seed=7):
    """Calls of a bank: age, job and whether the client said yes (every third one)."""
    chance = random.Random(seed)
    return pl.DataFrame(
        {
            "age": [chance.randint(18, 90) for _ in range(rows)],
            "job": [chance.choice(["clerk", "student", "retired"]) for _ in range(rows)],
            "y": ["yes" if row % 3 == 0 else "no" for row in range(rows)],
        }
    )

"""Sealed scoring of a million rows: everything beyond the metrics, from the call to the answer.

The first question is measured by the scoring process, which takes as long as its bootstrap. The same question
again is answered from the scorer's book: what it takes then is what sealed scoring costs beyond the metrics:
packing, starting the process, sending, checking rows and scores, opening the labels, digests, the book.
"""

import os
import sys
import time

import numpy as np
import polars as pl

from benchmarks.life import scratch
from benchmarks.measurement import Measurement, timed
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.sealed_scorer import SealedScorer
from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.training.pipeline import DecisionRule

ROWS = 1_000_000
BAR = 2.0
ROUNDS = 7
MOST_SECONDS = 20.0


def contract() -> Contract:
    """One line, ranked by accuracy, with the fewest resamples that are allowed."""
    return Contract.model_validate(
        {
            "name": "calls",
            "decision": {
                "goal": "call likely clients first",
                "owner": "campaign lead",
                "action": "order of calls",
                "success_metric": {"name": "sales per call"},
            },
            "prediction": {"task": "binary", "target": "bought", "positive": "yes"},
            "data": {
                "sources": [{"path": "calls.parquet"}],
                "columns": {
                    **{f"x{place}": {"type": "number"} for place in range(8)},
                    "bought": {"type": "category", "role": "target", "nulls": False},
                },
                "split": {"policy": "random", "validation": 0.02, "test": 0.9},
            },
            "evaluation": {"primary": "accuracy", "resamples": 100},
            "gates": {"lines": ["accuracy >= 0.6"]},
        }
    )


def question(rows: int) -> tuple[SealedScorer, ScoreRequest]:
    """A scorer with its own home, and a question about so many sealed rows."""
    folder = scratch()
    rng = np.random.default_rng(3)
    count = round(rows / 0.9)
    chance = rng.random(count)
    frame = pl.DataFrame({f"x{place}": rng.normal(size=count) for place in range(8)})
    frame = frame.with_columns(bought=pl.Series(np.where(rng.random(count) < chance, "yes", "no")))
    store = ArtifactStore(folder / "artifacts")
    agreed = contract()
    snapshot = take(frame, agreed, store=store, seal=SealKeys(folder / "home").seal_for("p1"))
    ids = part(snapshot, "test", store=store)[ROW_ID].to_numpy()
    scores = np.column_stack([1 - chance, chance])[ids]
    request = ScoreRequest(
        snapshot=snapshot, contract=agreed, run_id="run-1", pipeline_digest="sha256:model", row_ids=ids,
        scores=scores, others={"baseline": np.tile([0.5, 0.5], (len(ids), 1))}, other_rules={}, seed=1,
        rule=DecisionRule(threshold=0.5), purpose="benchmark",
    )  # fmt: skip
    scorer = SealedScorer(
        home=folder / "home",
        artifacts=folder / "artifacts",
        variables=dict(os.environ),
        python=(sys.executable,),
    )
    return scorer, request


def measure(rows: int = ROWS) -> tuple[Measurement, ...]:
    """Ask once, then ask the same again and again."""
    scorer, request = question(rows)
    start = time.perf_counter()
    report = scorer.score(request)
    first = time.perf_counter() - start
    again = timed(lambda: scorer.score(request), times=ROUNDS, seconds=MOST_SECONDS)
    told = f"{report.rows:,} rows"
    return (
        Measurement(
            name=f"sealed scoring beyond the metrics, {told}",
            unit="s",
            values=again,
            bar=BAR,
            note="the same question again: everything but the metrics",
        ),
        Measurement(
            name=f"sealed scoring, {told}, metrics included",
            unit="s",
            values=(first,),
            bar=None,
            note="100 resamples of every metric, and a baseline beside",
        ),
    )

"""Comparison without a server: tables of any shape, every difference told."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.monitoring.served import TARGET, contract

from modelwright.candidates.prior import PriorModel
from modelwright.contracts.operation import MonitoringPlan
from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.kernel.errors import DataInvalid
from modelwright.monitoring.comparison import compare_batch, compare_frames
from modelwright.monitoring.evidence import Watched
from modelwright.registry.bundle import Bundle
from modelwright.registry.manifest import Manifest
from modelwright.registry.reference import build_reference
from modelwright.training.pipeline import Pipeline


def table(seed=1, rows=1000, *, shift=0.0):
    """Numbers, texts, booleans, dates, and a column that is often missing."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "amount": rng.exponential(size=rows) + shift,
            "count": rng.poisson(1, size=rows),
            "job": rng.choice(["a", "b", "c"], size=rows),
            "member": rng.random(rows) < 0.4,
            "rare": [None if value < 0.3 else value for value in rng.random(rows).tolist()],
            "day": [date(2026, 1, 1)] * rows,
        }
    )


def test_alike_tables_pass_and_dates_are_left_out():
    """Two samples of one source."""
    report = compare_frames(table(1), table(2))
    assert report.outcome.status == "passed"
    assert report.left_out == ("day",)
    assert {drift.column: drift.kind for drift in report.columns} == {
        "amount": "number",
        "count": "number",
        "job": "category",
        "member": "category",
        "rare": "number",
    }


def test_every_difference_is_told():
    """A shift, a column that is gone, one that is new, one that is empty."""
    now = table(2, shift=0.7).drop("job").with_columns(extra=pl.lit(1), count=pl.lit(None, dtype=pl.Int64))
    report = compare_frames(table(1), now)
    assert report.outcome.status == "failed"
    assert set(report.outcome.evidence) == {"amount: drifted", "count: drifted", "job: missing"}
    assert report.added == ("extra",)
    page = report.document()
    assert "<svg" in page.to_html()
    assert "Columns that are missing: job." in page.to_markdown()


def test_numbers_that_became_text_are_drift():
    """A change of type hides nothing."""
    now = table(2).with_columns(amount=pl.lit("n/a"))
    assert "amount: drifted" in compare_frames(table(1), now).outcome.evidence


def test_few_rows_are_unknown():
    """Unless the contract is content with them."""
    small = table(3, rows=60)
    assert compare_frames(table(1), small).outcome.status == "unknown"
    assert compare_frames(table(1), small, plan=MonitoringPlan(min_rows=50)).outcome.status == "passed"
    nothing = pl.DataFrame({"other": [1, 2, 3]})
    assert compare_frames(nothing, nothing.rename({"other": "day"})).outcome.status == "failed"


def test_empty_tables_are_refused_together():
    """Both faults at once."""
    with pytest.raises(DataInvalid) as refused:
        compare_frames(pl.DataFrame({"a": []}), pl.DataFrame({"a": []}))
    assert len(refused.value.faults) == 2


def bundle(train):
    """A loaded bundle of a model that reads three of the columns."""
    features = (
        FeatureSpec(name="amount", kind="number"),
        FeatureSpec(name="job", kind="category", categories=("a", "b", "c")),
        FeatureSpec(name="day", kind="date", parts=("month",)),
    )
    pipeline = Pipeline(plan=FeaturePlan(features=features), model=PriorModel((0.7, 0.3)), target=TARGET)
    agreed = contract()
    return Bundle(
        manifest=Manifest(
            name="calls",
            version="v1",
            created=datetime(2026, 1, 1, tzinfo=UTC),
            contract_digest=agreed.digest,
            snapshot_digest="",
            run_id="r1",
            pipeline_digest="",
            files={},
            requires={},
        ),
        contract=agreed,
        pipeline=pipeline,
        reference=build_reference(pipeline, train),
        verdict=None,
        card="",
        path=Path("v1.mwb"),
        digest="",
    )


def test_a_batch_is_compared_with_what_a_bundle_was_trained_on():
    """Read the way the model reads it; a column that is gone is told, dates move on."""
    served = bundle(table(1))
    alike = compare_batch(served, table(2))
    assert alike.outcome.status == "passed"
    assert alike.left_out == ("day",)
    moved = compare_batch(served, table(2, shift=0.7).drop("job"))
    assert moved.outcome.evidence == ("amount: drifted", "job: missing")
    watched = Watched.of(served)
    assert (watched.version, watched.target, watched.promised) == ("v1", TARGET, None)

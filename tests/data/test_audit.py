"""The source audit: seven questions to every source."""

from datetime import timedelta

import polars as pl
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.audit import audit_sources
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.outcome import Status


def audited(folder, table=None, columns=CALLS, clock=None, **data):
    """Item to outcome for a contract over this table."""
    if table is not None:
        table.write_csv(folder / "calls.csv")
    audit = audit_sources(contract_of(columns, **data), root=folder, clock=clock)
    return {item.what: item for item in audit.items}, audit


def test_seven_questions_are_answered(tmp_path):
    """What a file cannot tell is unknown, and says what to do."""
    clock = SteppingClock(step=timedelta(seconds=2))
    items, audit = audited(tmp_path, calls(), clock=clock)
    assert {what: item.status.value for what, item in items.items()} == {
        "sources": "passed",
        "schemas": "passed",
        "volume and growth": "passed",
        "update frequency": "unknown",
        "quality": "passed",
        "access": "passed",
        "latency and throughput": "passed",
    }
    assert items["latency and throughput"].evidence == ("30 rows a second, 2.00 s in all",)
    assert items["update frequency"].next_step
    assert audit.outcome.status is Status.UNKNOWN
    assert "| schemas | passed | 3 columns described |" in audit.document().to_markdown()


def test_a_source_that_is_gone_fails_and_the_rest_is_unknown(tmp_path):
    """The audit does not stop at the first fault."""
    items, _ = audited(tmp_path)
    assert items["sources"].status is Status.FAILED
    assert items["access"].status is Status.FAILED
    for what in ("schemas", "quality", "volume and growth", "latency and throughput"):
        assert items[what].status is Status.UNKNOWN


def test_schema_quality_growth_and_freshness_are_looked_at(tmp_path):
    """Against what the contract says."""
    table = (
        calls()
        .drop("job")
        .with_columns(extra=1, day=pl.int_range(60) // 6, age=pl.when(pl.int_range(60) % 2 == 0).then("age"))
    )
    columns = {**CALLS, "day": {"type": "integer", "role": "time"}}
    items, _ = audited(tmp_path, table, columns, event_time="day", freshness="1d")
    assert items["schemas"].status is Status.FAILED
    assert "not described: extra" in items["schemas"].evidence
    assert "described but lacking: job" in items["schemas"].evidence
    assert "10 moments, 6.0 rows each" in items["volume and growth"].evidence
    assert "age 50.0% empty" in items["quality"].evidence
    assert items["update frequency"].status is Status.PASSED

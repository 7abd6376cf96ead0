"""The source audit: seven questions to every source."""

from datetime import datetime, timedelta

import polars as pl
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.audit import audit_sources
from modelwright.data.source_origin import Origin
from modelwright.data.source_port import Delivery
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


DATED = {
    "id": {"type": "category", "role": "entity"},
    "at": {"type": "datetime", "role": "time"},
    **CALLS,
}


def dated(*days):
    """Calls on these days of January, one each."""
    moments = [f"2026-01-{day:02}" for day in days]
    return calls(len(days)).with_columns(
        id=pl.Series([f"c{place}" for place in range(len(days))]), at=pl.Series(moments)
    )


def audited_at(folder, table, moment, **data):
    """The audit at a moment."""
    clock = SteppingClock(datetime.fromisoformat(moment))
    more = {"event_time": "at", "primary_key": ["id"], **data}
    return audited(folder, table, DATED, clock=clock, **more)[0]


def test_how_old_the_newest_row_is_and_how_changes_can_be_captured(tmp_path):
    """Against the freshness that was promised."""
    table = dated(1, 2, 3, 9, 9, 9)
    fresh = audited_at(tmp_path, table, "2026-01-10T00:00:00+00:00", freshness="2d")["update frequency"]
    assert fresh.status is Status.PASSED
    assert "changes can be captured by a watermark on at, rows by id" in fresh.evidence
    assert "days with rows are 1 apart (median)" in fresh.evidence
    stale = audited_at(tmp_path, table, "2026-01-20T00:00:00+00:00", freshness="2d")["update frequency"]
    assert stale.status is Status.FAILED
    growth = audited_at(tmp_path, table, "2026-01-20T00:00:00+00:00")["volume and growth"]
    assert (
        "2026-01-01 to 2026-01-09; the later half holds 1.00 times the rows of the earlier" in growth.evidence
    )


def test_a_clock_in_the_future_is_found(tmp_path):
    """Somebody's clock or time zone is wrong."""
    item = audited_at(tmp_path, dated(1, 9), "2026-01-08T00:00:00+00:00")["update frequency"]
    assert item.status is Status.FAILED
    assert "in the future" in item.evidence[0]


def test_keys_that_repeat_fail_the_audit(tmp_path):
    """And without a time, changes are captured by comparing."""
    table = dated(1, 2).with_columns(id=pl.lit("c0"))
    items = audited_at(tmp_path, table, "2026-01-08T00:00:00+00:00", event_time=None)
    assert items["quality"].status is Status.FAILED
    assert "1 keys repeat" in items["quality"].evidence
    assert "comparing snapshots by id" in " ".join(items["update frequency"].evidence)


def test_a_source_elsewhere_is_fetched_once(tmp_path):
    """Without a connector it is not there; what was read already is not fetched again."""
    contract = contract_of(CALLS, sources=[{"url": "sqlite:///calls.db", "table": "calls"}])
    audit = audit_sources(contract, root=tmp_path)
    assert {item.what: item.status for item in audit.items}["access"] is Status.FAILED
    origin = Origin(name="sqlite:///calls.db#calls", kind="database", digest="sha256:" + "0" * 64, rows=60)
    audit = audit_sources(contract, root=tmp_path, origins=[origin])
    assert audit.items[0].evidence == ("sqlite:///calls.db#calls: database, 60 rows, 000000000000",)
    assert audit.items[2].evidence[0] == "60 rows"
    delivery = Delivery(frame=calls(), origin=origin)

    class Fetching:
        """Gives the calls."""

        def fetch(self, sources, *, key):
            """Return them."""
            return tuple(delivery for _ in sources)

    audit = audit_sources(contract, root=tmp_path, connector=Fetching())
    assert [item.status.value for item in audit.items[:3]] == ["passed", "passed", "passed"]

"""Seven targets of data quality: measured, judged, and unknown where nothing can be told."""

from datetime import UTC, datetime

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.profile import profile
from modelwright.data.quality import DataQuality, measure_quality
from modelwright.data.validate import validate
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMED = {**CALLS, "day": {"type": "datetime", "role": "time"}}
DIGESTS = {"calls.csv": "sha256:" + "0" * 64}


def table(rows=60):
    """Calls of one morning, each with a number of its own."""
    return calls(rows).with_columns(
        day=pl.datetime(2026, 3, 1) + pl.duration(minutes=pl.int_range(rows) * 11), number=pl.int_range(rows)
    )


def measured(frame=None, *, columns=None, digests=DIGESTS, at=NOW, **data):
    """Status and measure of each target."""
    frame = table() if frame is None else frame
    columns = {**TIMED, "number": {"type": "integer"}} if columns is None else columns
    contract = contract_of(columns, **{"event_time": "day", **data})
    found = measure_quality(
        frame, contract, validation=validate(frame, contract), profile=profile(frame), digests=digests, at=at
    )
    assert decode(encode(found), DataQuality) == found
    return found, {item.name: (item.outcome.status.value, item.measured) for item in found.targets}


def test_a_good_table_meets_all_that_the_contract_asks_for():
    """A lag of two hours is no fault where the contract allows it."""
    found, targets = measured()
    assert targets == {
        "records with an issue": ("passed", "0.000%"),
        "deliveries that keep the contract": ("passed", "100.00%"),
        "missing in a critical feature": ("passed", "0.00%"),
        "repeated records": ("passed", "0.000%"),
        "lag of the newest record": ("failed", "1h11m"),
        "sources with a version": ("passed", "100%"),
        "personal columns masked": ("passed", "100%"),
    }
    assert measured(freshness="2h")[0].outcome.status is Status.PASSED
    assert "6 of 7 targets of data quality are met" in found.document().to_markdown()


def test_each_target_fails_by_itself():
    """With what was measured, and what to do."""
    frame = table().with_columns(
        age=pl.when(pl.int_range(60) < 6).then(None).otherwise("age"),
        number=pl.when(pl.int_range(60) == 1).then(0).otherwise("number"),
        mail=pl.lit("p") + pl.int_range(60).cast(pl.String) + "@example.org",
    )
    columns = {
        **TIMED,
        "age": {"type": "integer", "nulls": False},
        "number": {"type": "integer"},
        "mail": {"type": "text", "role": "context"},
    }
    found, targets = measured(frame, columns=columns, primary_key=["number"], digests={}, batch="1d")
    assert {name: status for name, (status, _) in targets.items()} == dict.fromkeys(targets, "failed")
    assert targets["records with an issue"][1] == "10.000%"
    assert targets["missing in a critical feature"][1] == "10.00%"
    assert targets["repeated records"][1] == "1.667%"
    told = {item.name: item.outcome for item in found.targets}
    assert "above 1% a pipeline should halt" in told["records with an issue"].evidence[0]
    assert told["missing in a critical feature"].evidence == ("age 10.0%",)
    assert told["personal columns masked"].evidence == ("not kept out: mail",)
    assert all(outcome.next_step for outcome in told.values())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"at": None}, "lag of the newest record"),
        ({"event_time": None}, "lag of the newest record"),
        ({"digests": None}, "sources with a version"),
        ({"frame": table().clear()}, "records with an issue"),
        ({"frame": table().clear()}, "repeated records"),
        ({"frame": table().clear()}, "missing in a critical feature"),
    ],
)
def test_what_cannot_be_measured_is_unknown(change, name):
    """And blocks the whole from being met."""
    found, targets = measured(**change)
    assert targets[name] == ("unknown", "")
    assert found.outcome.status is not Status.PASSED


def test_a_clock_that_runs_ahead_is_a_fault_of_its_own():
    """The newest record cannot lie in the future."""
    found, targets = measured(at=datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert targets["lag of the newest record"] == ("failed", "49m")
    assert any("into the future" in line for item in found.targets for line in item.outcome.evidence)


def test_masked_columns_meet_the_target():
    """Kept out, they stand nowhere."""
    frame = table().with_columns(mail=pl.lit("p") + pl.int_range(60).cast(pl.String) + "@example.org")
    columns = {
        **TIMED,
        "number": {"type": "integer"},
        "mail": {"type": "text", "role": "context", "pii": "direct", "keep_out": True},
    }
    assert measured(frame, columns=columns)[1]["personal columns masked"] == ("passed", "100%")

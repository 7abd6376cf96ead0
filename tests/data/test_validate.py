"""Validation: every promise of the data contract, in one pass."""

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.validate import validate
from modelwright.data.validation import Validation
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode

STRICT = {
    "age": {"type": "integer", "range": [18, 90], "nulls": False},
    "job": {"type": "category", "categories": ["clerk", "student", "retired"]},
    "y": {"type": "category", "role": "target"},
    "old": {"type": "number", "role": "excluded", "reason": "not needed"},
}


def failed(found):
    """Check, column, failing rows and sample of each broken promise."""
    return [
        (item.check, item.column, item.failing, item.sample_keys)
        for item in found.checks
        if item.status is not Status.PASSED
    ]


def test_a_table_that_keeps_every_promise_passes():
    """With the number of checks as evidence."""
    found = validate(calls(), contract_of(STRICT))
    assert found.outcome.status is Status.PASSED
    assert (found.issue_rate, failed(found)) == (0.0, [])
    assert decode(encode(found), Validation) == found


def test_each_broken_promise_is_counted_with_row_ids():
    """Never with values: they may be personal."""
    table = calls().with_columns(
        age=pl.when(pl.int_range(60) < 2).then(None).when(pl.int_range(60) < 10).then(200).otherwise("age"),
        job=pl.when(pl.int_range(60) == 3).then(pl.lit("pirate")).otherwise("job"),
    )
    found = validate(table, contract_of(STRICT))
    assert failed(found) == [
        ("nulls", "age", 2, ("0", "1")),
        ("range", "age", 8, ("2", "3", "4", "5", "6")),
        ("categories", "job", 1, ("3",)),
    ]
    assert found.issue_rate == pytest.approx(10 / 60)
    assert found.outcome.status is Status.FAILED
    text = found.document().to_markdown()
    assert "| range | age | failed | 8 | 13.33% | from 18 to 90 |" in text


def test_a_missing_column_and_a_wrong_type_break_every_row():
    """And the other checks still speak."""
    table = calls().drop("job").with_columns(age=pl.lit("old"))
    found = validate(table, contract_of(STRICT))
    assert [item[:2] for item in failed(found)] == [("type", "age"), ("present", "job")]
    assert found.issue_rate == 1.0


def test_a_repeated_key_is_found():
    """A key names one row."""
    columns = {**CALLS, "id": {"type": "integer", "role": "entity"}}
    table = calls().with_columns(id=pl.int_range(60) // 2 * pl.when(pl.int_range(60) < 4).then(1))
    table = table.with_columns(id=pl.when(pl.int_range(60) < 4).then("id").otherwise(pl.int_range(60)))
    assert failed(validate(table, contract_of(columns, primary_key=["id"]))) == [
        ("key", "id", 4, ("0", "1", "2", "3"))
    ]


def test_open_ranges_and_nan_are_judged():
    """NaN lies in no range."""
    columns = {**CALLS, "age": {"type": "number", "range": [None, 50]}}
    table = calls().with_columns(age=pl.when(pl.int_range(60) == 0).then(float("nan")).otherwise(20.0))
    assert failed(validate(table, contract_of(columns))) == [("range", "age", 1, ("0",))]
    columns["age"]["range"] = [30, None]
    assert failed(validate(table, contract_of(columns)))[0][2] == 60


def test_rows_keep_their_ids():
    """A part of a snapshot names rows as the snapshot does."""
    table = calls().with_columns(age=pl.lit(1, pl.Int64)).with_row_index("row_id", offset=100)
    assert failed(validate(table, contract_of(STRICT)))[0][3][0] == "100"


def test_no_rows_are_unknown():
    """Nothing was looked at."""
    assert validate(calls().clear(), contract_of(STRICT)).outcome.status is Status.UNKNOWN


def test_dates_and_booleans_are_checked_by_type():
    """A contract without limits has nothing else to check."""
    columns = {"on": {"type": "datetime"}, "is": {"type": "boolean"}, "y": {"type": "text", "role": "target"}}
    table = pl.DataFrame({"on": ["2026-01-01"], "is": [True], "y": ["a"]}).with_columns(
        pl.col("on").str.to_date()
    )
    assert validate(table, contract_of(columns)).outcome.allows

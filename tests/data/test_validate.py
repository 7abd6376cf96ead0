"""Validation: every promise of the data contract, in one pass."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
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


DAYS = 12
MARCH = datetime(2026, 3, 2, tzinfo=UTC)


def visits():
    """Sixty visits of people to shops, five a day."""
    day = pl.datetime(2026, 1, 1) + pl.duration(days=pl.int_range(60) // 5)
    return calls().with_columns(
        day=day,
        end=day + pl.duration(hours=pl.int_range(60) % 3),
        who=pl.lit("p") + pl.int_range(60).cast(pl.String),
        shop=pl.int_range(60) % 3,
    )


VISITS = {
    **CALLS,
    "day": {"type": "datetime"},
    "end": {"type": "datetime"},
    "who": {"type": "text", "role": "entity", "pii": "indirect", "pattern": "p[0-9]+"},
    "shop": {"type": "integer", "role": "group"},
}


def of(found, check):
    """The one result of a check."""
    (result,) = (item for item in found.checks if item.check == check)
    return result


def test_conditions_of_rows_are_counted_with_keys():
    """Personal parts of a key are masked."""
    contract = contract_of(VISITS, primary_key=["shop", "who"], checks=["end > day", "shop < 2 or age > 0"])
    found = validate(visits(), contract)
    broken, kept = (item for item in found.checks if item.check == "condition")
    assert (broken.failing, broken.sample_keys[:2]) == (20, ("0", "3"))
    assert broken.sample[:2] == ("shop=0, who=***", "shop=0, who=***")
    assert (broken.column, broken.told) == (
        "end > day",
        "condition broken in 20 rows (expected true in every row)",
    )
    assert (kept.status, kept.sample) == (Status.PASSED, ())
    assert "shop=0, who=***" in found.document().to_markdown()


def test_conditions_of_the_table_tell_what_was_seen():
    """Or why nothing could be."""
    contract = contract_of(
        VISITS, checks=["row_count >= 1000", "max(day) - min(day) <= 30d", "mean(age where age > 900) > 3"]
    )
    found = validate(visits(), contract)
    assert [(item.status.value, item.found) for item in found.checks if item.check == "table"] == [
        ("failed", "row_count() = 60"),
        ("passed", "max(day) = 2026-01-12 00:00:00, min(day) = 2026-01-01 00:00:00"),
        ("unknown", "mean(age where (age > 900)) = nothing"),
    ]
    assert found.outcome.status is Status.FAILED
    assert "row_count >= 1000: table does not hold (row_count() = 60)" in found.outcome.evidence


def test_a_look_at_a_kept_out_column_is_not_told():
    """The highest pay is a value too."""
    columns = {**CALLS, "age": {"type": "integer", "role": "context", "keep_out": True}}
    found = validate(calls(), contract_of(columns, checks=["max(age) < 3"]))
    assert of(found, "table").found == "max(age) = ***"


def test_a_warning_is_counted_and_stops_nothing():
    """It is evidence, in the list and in the rate of issues."""
    columns = {**CALLS, "age": {"type": "integer", "range": [90, None], "warn": ["range"]}}
    found = validate(calls(), contract_of(columns, checks=["warn row_count > 60"]))
    assert found.outcome.status is Status.PASSED
    assert found.issue_rate > 0.9
    assert [line for line in found.outcome.evidence if line.startswith("warning: ")] == [
        f"warning: age: {of(found, 'range').told}",
        "warning: row_count > 60: table does not hold (row_count() = 60)",
    ]
    assert found.batch_pass_rate == 1.0
    assert "| warning |" in found.document().to_markdown()


@pytest.mark.parametrize("batch", ["shop", "1d", ""])
def test_records_and_deliveries_have_rates_of_their_own(batch):
    """One bad row spoils its delivery, and one sixtieth of the records."""
    contract = contract_of(VISITS, batch=batch, event_time="day", checks=["who != 'p7'"])
    found = validate(visits(), contract)
    count = {"shop": 3, "1d": DAYS, "": 1}[batch]
    assert found.issue_rate == pytest.approx(1 / 60)
    assert (found.batches, found.batch_pass_rate) == (count, pytest.approx(1 - 1 / count))


def test_a_table_that_breaks_as_a_whole_spoils_its_one_delivery():
    """Where there are several, nobody can say which."""
    contract = contract_of(VISITS, checks=["row_count > 60"])
    assert validate(visits(), contract).batch_pass_rate == 0.0
    assert (
        validate(visits(), contract_of(VISITS, batch="shop", checks=["row_count > 60"])).batch_pass_rate
        == 1.0
    )


@pytest.mark.parametrize(
    ("at", "status", "told"),
    [
        (datetime(2026, 1, 12, 6, tzinfo=UTC), Status.PASSED, "newest moment 6h old"),
        (MARCH, Status.FAILED, "newest moment 7w old"),
        (datetime(2026, 1, 11, tzinfo=UTC), Status.FAILED, "newest moment 1d in the future"),
        (None, Status.UNKNOWN, "nobody said when the data was looked at"),
    ],
)
def test_freshness_is_judged_at_a_moment(at, status, told):
    """Old data fails, and so does a clock that runs ahead."""
    columns = {**VISITS, "day": {"type": "datetime", "freshness": "1d"}}
    found = of(validate(visits(), contract_of(columns), at=at), "freshness")
    assert (found.status, found.found) == (status, told)


def test_an_empty_column_of_moments_is_of_unknown_age():
    """Nothing was seen."""
    columns = {**VISITS, "day": {"type": "datetime", "freshness": "1d"}}
    table = visits().with_columns(day=pl.lit(None, pl.Datetime("us")))
    assert of(validate(table, contract_of(columns), at=MARCH), "freshness").status is Status.UNKNOWN


def test_values_are_looked_up_in_the_tables_of_the_contract():
    """And a table that was not read leaves the check unknown, which blocks."""
    data = {"references": {"shops": {"path": "shops.csv"}}, "checks": ["refers(shop, 'shops.id')"]}
    contract = contract_of(VISITS, **data)
    known = validate(visits(), contract, references={"shops.id": pl.Series([0, 1], dtype=pl.Int32)})
    assert of(known, "condition").failing == 20
    unread = validate(visits(), contract)
    assert of(unread, "condition").found == "shops.id was not read"
    assert unread.outcome.status is Status.UNKNOWN


def test_keys_that_repeat_are_found_in_part_of_the_rows():
    """Every row of a repeated key is told."""
    found = of(validate(visits(), contract_of(VISITS, checks=["unique(day, shop)"])), "unique")
    assert found.failing == 48


def test_a_check_over_a_column_of_another_type_is_unknown():
    """Beside the type, which fails."""
    table = visits().with_columns(age=pl.lit("old"))
    found = validate(table, contract_of(VISITS, checks=["age > 3"]))
    assert of(found, "condition").found == "age is not in the table as the contract says"
    assert found.outcome.status is Status.FAILED


def test_a_pattern_that_only_our_engine_refuses_is_unknown():
    """The contract cannot know every rule of it."""
    columns = {**VISITS, "who": {"type": "text", "pattern": r"p\Z"}}
    found = validate(visits(), contract_of(columns, checks=[r"who matches 'p\Z'"]))
    assert of(found, "pattern").status is Status.UNKNOWN
    assert "cannot be compiled" in of(found, "condition").found


CELLS = st.fixed_dictionaries(
    {
        "age": st.none() | st.integers(-5, 120),
        "pay": st.none() | st.floats(-10, 10) | st.just(float("nan")),
        "job": st.none() | st.sampled_from(["clerk", "pirate", "ä-1"]),
        "y": st.sampled_from(["no", "yes"]),
    }
)
MIXED = {
    "age": {"type": "integer", "range": [0, 100], "nulls": False},
    "pay": {"type": "number", "range": [None, 5]},
    "job": {"type": "category", "categories": ["clerk"], "pattern": "[a-z]+"},
    "y": {"type": "category", "role": "target"},
}


@given(st.lists(CELLS, min_size=1, max_size=30))
def test_streaming_and_memory_give_the_same_answer(rows):
    """Row by row, check by check."""
    types = {"age": pl.Int64, "pay": pl.Float64, "job": pl.String, "y": pl.String}
    table = pl.DataFrame(rows, schema=types)
    checks = [
        "unique(age, job)",
        "pay < age",
        "pay <= 2 * median(pay where age > 3) or age = max(age)",
        "mean(age) > 3",
        "warn null_share(job) < 50%",
    ]
    contract = contract_of(MIXED, checks=checks, batch="y")
    inside = validate(table, contract)
    assert validate(table.lazy(), contract) == inside
    ages = [row["age"] for row in rows]
    counted = {(item.check, item.column): item.failing for item in inside.checks}
    assert counted["nulls", "age"] == ages.count(None)
    assert counted["range", "age"] == sum(age is not None and not 0 <= age <= 100 for age in ages)
    assert counted["range", "pay"] == sum(row["pay"] is not None and not row["pay"] <= 5 for row in rows)
    assert counted["pattern", "job"] == sum(row["job"] == "ä-1" for row in rows)


def test_a_stream_looks_values_up_beside_what_it_saw_of_the_table():
    """Both in one condition."""
    checks = ["shop <= mean(shop) or refers(shop, 'shops.id')"]
    contract = contract_of(VISITS, references={"shops": {"path": "shops.csv"}}, checks=checks)
    known = {"shops.id": pl.Series([0, 1])}
    found = validate(visits().lazy(), contract, references=known)
    assert of(found, "condition").failing == 20
    assert found == validate(visits(), contract, references=known)


def test_a_file_is_streamed_from_where_it_lies(tmp_path):
    """Row ids are places in the file."""
    path = tmp_path / "calls.parquet"
    calls().with_columns(age=pl.when(pl.int_range(60) == 41).then(500).otherwise("age")).write_parquet(
        path, row_group_size=16
    )
    found = validate(pl.scan_parquet(path), contract_of(STRICT))
    assert failed(found) == [("range", "age", 1, ("41",))]

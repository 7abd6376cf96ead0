"""Bad tables: each fault is told, none stops the checking of the rest, and good tables stay quiet."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.contracts.reading import parse_contract
from modelwright.data.draft import draft
from modelwright.data.pii import privacy_class
from modelwright.data.profile import profile
from modelwright.data.source import read_sources, read_table
from modelwright.data.validate import validate
from modelwright.kernel.errors import DataInvalid
from modelwright.kernel.outcome import Status

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
CHECKED = {"checks": ["age > 3", "mean(age) > 3", "unique(age, job)", "warn job matches '[a-z]+'"]}
LIMITED = {
    "age": {"type": "integer", "range": [0, 120], "nulls": False},
    "job": {"type": "category", "categories": ["clerk"], "pattern": "[a-z]+"},
    "y": {"type": "category", "role": "target"},
}


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("age", [[1]] * 60),
        pl.Series("age", [{"a": 1}] * 60),
        pl.Series("age", [None] * 60),
        pl.Series("age", [b"1"] * 60),
        pl.Series("age", [Decimal("1.5")] * 60),
        pl.Series("age", ["1"] * 60, dtype=pl.Categorical),
        pl.Series("age", [date(2026, 1, 1)] * 60),
        pl.Series("age", [True] * 60),
        pl.Series("age", [float("inf")] * 60),
    ],
)
def test_a_column_of_another_type_fails_by_its_type_and_the_rest_is_checked(column):
    """Whatever it holds; conditions over it are unknown."""
    found = validate(calls().with_columns(column), contract_of(LIMITED, **CHECKED))
    told = {(item.check, item.column): item.status for item in found.checks}
    assert told["type", "age"] is Status.FAILED
    assert told["condition", "age > 3"] is Status.UNKNOWN
    assert told["type", "job"] is Status.PASSED
    assert told["categories", "job"] is Status.FAILED
    assert (found.issue_rate, found.batch_pass_rate) == (1.0, 0.0)


def test_a_table_without_columns_fails_in_words():
    """Or is empty, which is unknown."""
    assert validate(pl.DataFrame(), contract_of(LIMITED, **CHECKED)).outcome.status is Status.UNKNOWN
    found = validate(pl.DataFrame({"other": [1, 2]}), contract_of(LIMITED, **CHECKED))
    assert found.outcome.status is Status.FAILED
    assert {item.check for item in found.checks if item.status is Status.FAILED} == {"present"}


def test_numbers_at_the_edge_are_compared_exactly():
    """Whole numbers beyond 2**53 keep their last digit."""
    columns = {**CALLS, "age": {"type": "integer", "range": [0, 2**60]}}
    table = calls().with_columns(age=pl.when(pl.int_range(60) == 5).then(2**60 + 1).otherwise(2**60))
    found = validate(table, contract_of(columns))
    assert [item.failing for item in found.checks if item.check == "range"] == [1]


def test_a_key_that_is_missing_repeats_like_any_other():
    """Two rows without a key are not told apart."""
    table = calls().with_columns(id=pl.when(pl.int_range(60) > 1).then(pl.int_range(60)))
    found = validate(table, contract_of({**CALLS, "id": {"type": "integer"}}, primary_key=["id"]))
    assert [item.failing for item in found.checks if item.check == "key"] == [2]


def test_negative_lengths_of_time_are_found():
    """An end before the beginning."""
    begin = pl.datetime(2026, 1, 1) + pl.duration(hours=pl.int_range(60))
    table = calls().with_columns(begin=begin, end=begin + pl.duration(hours=1 - pl.int_range(60) % 3))
    columns = {**CALLS, "begin": {"type": "datetime"}, "end": {"type": "datetime"}}
    found = validate(table, contract_of(columns, checks=["end - begin >= 0s"]))
    assert [item.failing for item in found.checks if item.check == "condition"] == [20]


def test_a_file_that_is_cut_short_or_gone_is_told(tmp_path):
    """A table that was read in part was not checked."""
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    calls().write_parquet(whole)
    cut.write_bytes(whole.read_bytes()[:-40])
    for path in (cut, tmp_path / "gone.parquet"):
        with pytest.raises(DataInvalid, match="cannot be read to its end"):
            validate(pl.scan_parquet(path), contract_of(CALLS))


def test_a_delivery_without_a_name_counts_as_one():
    """Rows that do not say where they belong belong together."""
    table = calls().with_columns(job=pl.when(pl.int_range(60) < 30).then(pl.lit("clerk")))
    found = validate(table, contract_of(CALLS, batch="job", checks=["job is not null"]))
    assert (found.batches, found.batch_pass_rate) == (2, 0.5)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.parquet")), ids=lambda path: path.stem)
def test_ordinary_tables_keep_the_contract_drafted_from_them(path):
    """And nobody is suspected to be named in them."""
    target = {"bank_marketing": "y", "bike_sharing_hourly": "cnt", "letter_recognition": "lettr"}[path.stem]
    table = read_table(path)
    contract = parse_contract(draft(table, name="quiet", source=Path(path.name), target=target).yaml)
    found = validate(read_sources(contract, root=EXAMPLES), contract, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.outcome.status, found.issue_rate, found.batch_pass_rate) == (Status.PASSED, 0.0, 1.0)
    assert [item.name for item in profile(table).columns if privacy_class(item.personal) == "direct"] == []

"""Quarantine: what does not fit is set apart with reason and key, and the others go on."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.data.quarantine import screen
from modelwright.kernel.errors import DataInvalid

COLUMNS = {
    "id": {"type": "category", "role": "entity"},
    "at": {"type": "datetime", "role": "time"},
    "known": {"type": "datetime", "role": "context"},
    "age": {"type": "integer", "range": [0, 120]},
    "job": {"type": "category", "categories": ["clerk", "student"], "nulls": False},
    "y": {"type": "category", "role": "target"},
}

GOOD = {
    "id": "c1",
    "at": "2026-01-01T10:00:00",
    "known": "2026-01-02T10:00:00",
    "age": "31",
    "job": "clerk",
    "y": "no",
}


def screened(*changes, now=None, columns=COLUMNS, **more):
    """Good rows with these changes, divided; each has a key of its own unless the change says otherwise."""
    rows = [{**GOOD, "id": f"c{place}", **change} for place, change in enumerate(changes)]
    contract = contract_of(
        columns,
        primary_key=["id"],
        event_time="at",
        label={"time": "known"},
        split={"policy": "temporal", "time": "at"},
    )
    return screen(pl.DataFrame(rows), contract, source="calls.csv", now=now, **more)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"age": "old"}, "age: not of type integer"),
        ({"age": "31.5"}, "age: not of type integer"),
        ({"age": "130"}, "age: out of range"),
        ({"age": "-1"}, "age: out of range"),
        ({"job": "pilot"}, "job: not a category"),
        ({"job": None}, "job: missing"),
        ({"y": None}, "y: missing"),
        ({"at": "2026-01-01T10:00:00+02:00"}, "at: not of type datetime"),
        ({"id": None}, "id: key is missing"),
        ({"known": "2025-12-31T00:00:00"}, "known: before at: negative duration"),
        ({"at": "2026-02-01T10:00:00", "known": None}, "at: in the future"),
    ],
)
def test_a_row_that_does_not_fit_is_set_apart_with_its_reason(change, reason):
    """The rows around it go on."""
    result = screened({}, {}, change, {}, now=datetime(2026, 1, 31, tzinfo=UTC))
    assert result.quarantine.counts == {reason: 1}
    assert result.frame.height == 3
    assert result.quarantine.letters["row"].to_list() == [2]
    assert result.quarantine.letters["key"].to_list() == ["c2" if change.get("id", "") is not None else ""]


def test_a_clean_table_stays_whole():
    """Typed, nothing set apart, nothing to say."""
    result = screened({}, {"age": None}, {"age": "inf"})
    assert (result.frame.height, result.quarantine.rows, result.quarantine.counts) == (3, 0, {})
    assert result.frame.schema["at"] == pl.Datetime("us")
    assert result.notes == ("column age: 1 infinite value read as missing",)


def test_rows_that_contradict_under_one_key_are_both_set_apart():
    """Equal rows and later versions are no contradiction."""
    same = {"id": "x"}
    later = {"id": "x", "at": "2026-01-02T10:00:00", "known": None}
    assert screened(same, same, later).quarantine.rows == 0
    result = screened(same, {**same, "age": "32"}, {}, later)
    assert result.quarantine.counts == {"id: key repeats with other values": 2}
    assert result.frame["id"].to_list() == ["c2", "x"]


def test_what_is_kept_is_bounded_and_the_rest_is_counted():
    """A million bad rows do not fill the disk."""
    result = screened(*({"age": "old"} for _ in range(30)), {}, most=5)
    assert (result.quarantine.rows, result.quarantine.letters.height) == (30, 5)
    assert "age: not of type integer | 30" in result.quarantine.document().to_markdown()


def test_personal_values_are_masked():
    """In the value and in the key; the place in the source is enough to find the row."""
    columns = {
        **COLUMNS,
        "id": {**COLUMNS["id"], "pii": "direct"},
        "age": {**COLUMNS["age"], "pii": "indirect"},
    }
    result = screened({"id": "Ada Lovelace", "age": "s3cret"}, {}, columns=columns)
    text = result.quarantine.letters.write_csv() + result.quarantine.document().to_markdown()
    assert "s3cret" not in text
    assert "Ada" not in text
    assert "***" in text


def test_columns_that_do_not_fit_at_all_are_an_error():
    """Setting rows apart would set everything apart."""
    with pytest.raises(DataInvalid, match=r"columns of calls.csv are not those"):
        screen(pl.DataFrame({"age": [1]}), contract_of(CALLS), source="calls.csv")
    with pytest.raises(DataInvalid, match=r"column at of calls.csv cannot be read as a whole"):
        screened({"at": "01/02/2026", "known": None}, {"at": "02/02/2026", "known": None})


CELLS = st.sampled_from(["1", "2.5", "x", "", None, "-1", "999", "inf", "1e3", " 7 "])


@settings(max_examples=40)
@given(st.lists(CELLS, min_size=1, max_size=8))
def test_every_row_is_on_exactly_one_side(cells):
    """And what stays has nothing that could be set apart again."""
    columns = {"age": {"type": "integer", "range": [0, 120], "nulls": False}, "y": CALLS["y"]}
    contract = contract_of(columns)
    frame = pl.DataFrame({"age": cells, "y": ["no"] * len(cells)}, schema={"age": pl.String, "y": pl.String})
    result = screen(frame, contract, source="a")
    assert result.frame.height + result.quarantine.rows == len(cells)
    again = screen(result.frame, contract, source="a")
    assert again.quarantine.rows == 0
    assert again.frame.equals(result.frame)

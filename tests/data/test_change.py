"""Change data capture: inserts, updates, deletes, and loads that may be repeated."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelwright.data.change import diff, merge, patch
from modelwright.kernel.errors import DataInvalid

KEY = ("bank", "id")
SCHEMA = {"bank": pl.String, "id": pl.Int64, "at": pl.Int64, "a": pl.Float64}

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["x", "y"]),
        st.integers(0, 5),
        st.integers(0, 9),
        st.one_of(st.none(), st.sampled_from([0.0, 1.5, float("nan")])),
    ),
    max_size=12,
)


def table(rows):
    """Rows as a table."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def keyed(rows):
    """One row a key, the last."""
    return table(list({row[:2]: row for row in rows}.values()))


def timed(rows):
    """No two rows of one key at one moment."""
    return table(list({row[:3]: row for row in rows}.values()))


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_what_lies_between_two_states_leads_from_one_to_the_other(one, other):
    """And applying it twice changes nothing more."""
    before, after = keyed(one), keyed(other)
    changes = diff(before, after, key=KEY)
    reached = patch(before, changes, key=KEY)
    assert reached.equals(after.sort(KEY))
    assert patch(reached, changes, key=KEY).equals(reached)
    assert changes.inserted.height + changes.updated.height + changes.unchanged == after.height
    assert before.height - changes.deleted.height == changes.updated.height + changes.unchanged


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS)
def test_a_state_does_not_differ_from_itself(one, order):
    """Whatever the order of its rows, with missing values and NaN."""
    state = keyed(one)
    changes = diff(state, state.reverse(), key=KEY)
    assert changes.told == f"0 inserted, 0 updated, 0 deleted, {state.height} unchanged"


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.sampled_from(["", "at"]))
def test_the_same_load_twice_is_the_same_state(one, other, by):
    """With and without moments; the second time nothing is new."""
    once = merge(keyed(one), table(other), key=KEY, by=by)
    twice = merge(once.state, table(other), key=KEY, by=by, watermark=once.watermark)
    assert twice.state.equals(once.state)
    assert (twice.changes.told, twice.superseded) == (
        f"0 inserted, 0 updated, 0 deleted, {once.state.height} unchanged",
        len(other),
    )


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.integers(0, 5))
def test_the_same_load_twice_is_the_same_state_with_a_limit_for_late_rows(one, other, hours):
    """What was too late stays too late; what was in time does not become late by its own watermark."""
    lateness = timedelta(seconds=hours)
    start = merge(table([]), table(one), key=KEY, by="at")
    once = merge(start.state, table(other), key=KEY, by="at", watermark=start.watermark, lateness=lateness)
    twice = merge(once.state, table(other), key=KEY, by="at", watermark=once.watermark, lateness=lateness)
    assert twice.state.equals(once.state)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROWS, max_size=3))
def test_batches_in_any_order_give_the_same_state(batches):
    """As long as no two rows of one key have the same moment."""
    whole = timed([row for batch in batches for row in batch])
    parts = [whole.gather_every(2), whole.gather_every(2, offset=1)]
    states = []
    for order in (parts, parts[::-1]):
        state = table([])
        for part in order:
            state = merge(state, part, key=KEY, by="at").state
        states.append(state)
    assert states[0].equals(states[1])


def test_an_older_row_of_a_key_changes_nothing():
    """It is counted, and the newer one stays."""
    state = table([("x", 1, 5, 1.0)])
    merged = merge(state, table([("x", 1, 4, 2.0), ("x", 1, 5, 1.0), ("x", 1, 6, 3.0)]), key=KEY, by="at")
    assert merged.state.rows() == [("x", 1, 6, 3.0)]
    assert (merged.superseded, merged.watermark) == (2, 6)


def test_rows_that_come_too_late_are_set_apart():
    """Of keys that were not seen before; known keys keep their newest row anyhow."""
    at = datetime.fromisoformat
    days = [at("2026-01-10"), at("2026-01-01")]
    state = pl.DataFrame({"id": [1], "at": [at("2026-01-09")]})
    batch = pl.DataFrame({"id": [2, 3], "at": days})
    merged = merge(state, batch, key=("id",), by="at", watermark=at("2026-01-09"), lateness=timedelta(days=2))
    assert merged.late["id"].to_list() == [3]
    assert merged.state["id"].to_list() == [1, 2]
    assert merged.watermark == at("2026-01-10")
    assert merge(state, batch.clear(), key=("id",), by="at", watermark=at("2026-01-09")).watermark == at(
        "2026-01-09"
    )


@pytest.mark.parametrize(
    ("before", "after", "key", "told"),
    [
        ({"id": [1]}, {"id": [1]}, (), "no key to follow rows by"),
        ({"id": [1, 1]}, {"id": [1]}, ("id",), "before: 1 keys repeat"),
        ({"id": [1]}, {"id": [1, None]}, ("id",), "after: 1 rows have no key"),
        ({"id": [1]}, {"a": [1]}, ("id",), "after: the key id is not there"),
        ({"id": [1], "a": [1]}, {"id": [1], "a": ["x"]}, ("id",), "column a: Int64 before, String now"),
        ({"id": [1]}, {"id": [1], "b": [1]}, ("id",), "column b: not there before, Int64 now"),
    ],
)
def test_states_that_cannot_be_compared_are_told_why(before, after, key, told):
    """Keys and schema drift, all at once."""
    with pytest.raises(DataInvalid, match=told):
        diff(pl.DataFrame(before), pl.DataFrame(after), key=key)


def test_a_row_without_its_moment_is_not_merged():
    """Nobody knows whether it is newer."""
    with pytest.raises(DataInvalid, match="1 rows of the batch have no at"):
        merge(table([]), table([("x", 1, None, 1.0)]), key=KEY, by="at")

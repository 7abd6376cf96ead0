"""Backfills give what would have been stored at the time."""
# ruff: noqa: DTZ001 - moments are read in UTC and stand without a zone

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.data.asof import FeatureView, Timeline
from modelwright.data.backfill import AS_OF, backfill, moments_between
from modelwright.data.window import Window
from modelwright.kernel.errors import DataInvalid

START = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)
VIEW = FeatureView(
    name="f",
    entity=("who",),
    event_time="at",
    created_time="written",
    columns=("value",),
    windows=(Window(name="n", function="count", length=3 * HOUR),),
)
SCHEMA = {"who": pl.String, "at": pl.Datetime("us"), "written": pl.Datetime("us"), "value": pl.Float64}

hours = st.integers(0, 10).map(lambda count: START + count * HOUR)
rows = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), hours, st.none() | hours, st.floats(0, 9)), max_size=10
)


def run(table, start=0, end=8, every=2):
    """A backfill of these rows, as one frame."""
    frames = backfill(
        Timeline(VIEW, pl.DataFrame(table, schema=SCHEMA, orient="row")),
        start=START + start * HOUR,
        end=START + end * HOUR,
        every=every * HOUR,
    )
    return pl.concat(frames)


@given(rows=rows)
def test_a_backfill_made_today_equals_what_was_known_on_the_day(rows):
    """Rows that were written after a moment are not in what that moment gives."""
    today = run(rows)
    for moment in moments_between(START, START + 8 * HOUR, every=2 * HOUR):
        then = [row for row in rows if max(row[1], row[2] or row[1]) < moment]
        stored = run(then).filter(pl.col(AS_OF) == moment)
        assert today.filter(pl.col(AS_OF) == moment).equals(stored)


@given(rows=rows)
def test_a_backfill_in_pieces_is_the_backfill(rows):
    """It can be cut anywhere and repeated."""
    assert pl.concat([run(rows, end=4), run(rows, start=4)]).equals(run(rows))
    assert run(rows).equals(run(rows))


def test_moments_with_an_offset_are_turned_to_utc():
    """Nine in Berlin is eight in UTC."""
    berlin = timezone(HOUR)
    table = pl.DataFrame([("a", START + 8 * HOUR, None, 1.0)], schema=SCHEMA, orient="row")
    start = datetime(2026, 1, 1, 9, 30, tzinfo=berlin)
    (frame,) = backfill(Timeline(VIEW, table), start=start, end=start + HOUR, every=HOUR)
    assert frame[AS_OF].to_list() == [start.astimezone(UTC).replace(tzinfo=None)]


@pytest.mark.parametrize(
    ("end", "every"), [(-1, HOUR), (1, timedelta(0)), (1, -HOUR), (9000, timedelta(microseconds=1))]
)
def test_what_is_no_run_of_moments_is_refused(end, every):
    """Backwards, without a step, or beyond counting."""
    with pytest.raises(DataInvalid, match="no run of moments"):
        moments_between(START, START + end * HOUR, every=every)

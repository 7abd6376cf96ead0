"""The feature store: one definition, one value, offline and online; old copies are told."""
# ruff: noqa: DTZ001 - tables hold moments in UTC without a zone

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.adapters.sqlite_feature_store import SqliteFeatureStore
from modelwright.data.asof import FeatureView, Timeline
from modelwright.data.window import WINDOW_FUNCTIONS, Window
from modelwright.features.memory_store import MemoryFeatureStore
from modelwright.features.online_codec import decode_row, encode_row
from modelwright.features.store import (
    Lookup,
    OnlineRow,
    check_equality,
    check_freshness,
    entity_key,
    materialise,
    stored_name,
)
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.outcome import Status

START = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)
OF_ROWS = {"recency", "frequency"}
WINDOWS = tuple(
    Window(
        name=function,
        function=function,
        column=None if function in OF_ROWS else "value",
        length=timedelta(hours=5),
    )
    for function in WINDOW_FUNCTIONS
)
SCHEMA = {"who": pl.Int64, "at": pl.Datetime("us"), "value": pl.Float64, "written": pl.Datetime("us")}

hours = st.integers(0, 12).map(lambda count: START + count * HOUR)
events = st.tuples(
    st.sampled_from([1, 2, 3, None]), hours, st.none() | st.floats(width=32), st.none() | hours
)
views = st.builds(
    FeatureView,
    name=st.just("f"),
    entity=st.just(("who",)),
    event_time=st.just("at"),
    created_time=st.sampled_from([None, "written"]),
    columns=st.just(("value",)),
    windows=st.sampled_from([(), WINDOWS]),
    ttl=st.sampled_from([None, 3 * HOUR]),
    horizon=st.sampled_from([timedelta(0), HOUR]),
    cutoff=st.sampled_from(["before", "until"]),
)


def table(rows):
    """A feature table of these rows."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def plain(values):
    """Features with what is not finite as missing, as they stand online."""
    return {
        name: None if isinstance(value, float) and not abs(value) < float("inf") else value
        for name, value in values.items()
    }


@given(rows=st.lists(events, max_size=12), view=views, at=hours)
def test_what_is_looked_up_is_what_training_would_have_joined(rows, view, at):
    """For every entity, one nobody has seen too: online equals offline as of the same moment."""
    timeline, store = Timeline(view, table(rows)), MemoryFeatureStore()
    moment = at.replace(tzinfo=UTC)
    materialise(timeline, store, at=moment)
    assert check_equality(timeline, store).status is not Status.FAILED
    lookup = Lookup(view, store, clock=SteppingClock(moment, step=timedelta(0)))
    spine = pl.DataFrame({"who": [1, 2, 3, 99], "t": [at] * 4})
    offline = Timeline(view, table(rows)).at(spine, time="t").to_dicts()
    online = [lookup.get(entity_key([who])) for who in spine["who"]]
    assert [dict(found.values) for found in online] == list(map(plain, offline))
    assert all(decode_row(row.entity, encode_row(row)) == row for row in store._rows.values())  # noqa: SLF001


@given(rows=st.lists(events, max_size=12), view=views, at=hours, later=st.integers(0, 6))
def test_the_latest_value_grows_too_old_by_itself(rows, view, at, later):
    """Without new rows, what was materialised gives at a later moment what the table gives then."""
    latest = FeatureView(
        name="f",
        entity=view.entity,
        event_time="at",
        columns=view.columns,
        ttl=view.ttl,
        horizon=view.horizon,
        cutoff=view.cutoff,
    )
    seen = [row for row in rows if row[1] < at - view.horizon]
    timeline, store = Timeline(latest, table(seen)), MemoryFeatureStore()
    materialise(timeline, store, at=at.replace(tzinfo=UTC))
    then = at + later * HOUR
    spine = pl.DataFrame({"who": [1, 2, 3], "t": [then] * 3})
    offline = timeline.at(spine, time="t").to_dicts()
    lookup = Lookup(latest, store, clock=SteppingClock(then.replace(tzinfo=UTC), step=timedelta(0)))
    assert [dict(lookup.get((str(who),)).values) for who in (1, 2, 3)] == list(map(plain, offline))


VIEW = FeatureView(name="calls", entity=("who",), event_time="at", columns=("value",), windows=(WINDOWS[0],))
ROWS = [(1, START, 2.0, None), (2, START + HOUR, 3.0, None)]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    """An embedded store."""
    opened = SqliteFeatureStore(tmp_path / "features.db")
    yield opened
    opened.close()


def test_freshness_is_unknown_passed_or_failed(store):
    """Never materialised, young enough, too old."""
    limit = timedelta(minutes=15)
    assert check_freshness(VIEW, store, now=NOW, limit=limit).status is Status.UNKNOWN
    materialise(Timeline(VIEW, table(ROWS)), store, at=NOW)
    assert check_freshness(VIEW, store, now=NOW + limit, limit=limit).status is Status.PASSED
    assert check_freshness(VIEW, store, now=NOW + 2 * limit, limit=limit).status is Status.FAILED
    assert check_freshness(VIEW, store, now=NOW + 2 * limit, limit=None).status is Status.PASSED


def test_a_lookup_says_how_old_its_answer_is(store):
    """An answer that is too old failed; one of a view that was never complete is unknown."""
    clock = SteppingClock(NOW, step=timedelta(minutes=10))
    lookup = Lookup(VIEW, store, clock=clock, freshness=timedelta(minutes=25))
    assert lookup.get(("1",)).status is Status.UNKNOWN
    materialise(Timeline(VIEW, table(ROWS)), store, at=NOW)
    assert [lookup.get(("1",)).status.value for _ in range(3)] == ["passed", "passed", "failed"]
    assert lookup.get(None).status is Status.FAILED
    materialise(Timeline(VIEW, table(ROWS)), store, at=NOW + timedelta(minutes=50))
    assert lookup.get(("99",)).status is Status.PASSED
    assert lookup.get(("99",)).values == {"calls_value": None, "count": 0}


def test_a_row_whose_view_was_brought_up_to_date_is_as_young_as_the_view(store):
    """A row put for one entity alone does not make others old."""
    materialise(Timeline(VIEW, table(ROWS)), store, at=NOW)
    store.stamp(stored_name(VIEW), NOW + HOUR)
    clock = SteppingClock(NOW + HOUR, step=timedelta(0))
    lookup = Lookup(VIEW, store, clock=clock, freshness=timedelta(minutes=5))
    assert lookup.get(("1",)).as_of == NOW + HOUR


def test_materialising_again_or_earlier_changes_nothing(store):
    """Backfills of the past leave the present alone."""
    timeline = Timeline(VIEW, table(ROWS))
    materialise(timeline, store, at=NOW)
    before = store.get(stored_name(VIEW), ("1",))
    materialise(timeline, store, at=NOW)
    materialise(timeline, store, at=NOW - HOUR)
    assert store.get(stored_name(VIEW), ("1",)) == before
    assert store.stamped(stored_name(VIEW)) == NOW


def test_a_table_rewritten_for_the_past_no_longer_equals_what_was_materialised(store):
    """The check names how many entities differ, and in what."""
    timeline = Timeline(VIEW, table(ROWS))
    assert check_equality(timeline, store).status is Status.UNKNOWN
    materialise(timeline, store, at=NOW)
    assert check_equality(timeline, store).status is Status.PASSED
    changed = Timeline(VIEW, table([(1, START, 5.0, None), *ROWS[1:], (3, START, 1.0, None)]))
    outcome = check_equality(changed, store)
    assert outcome.status is Status.FAILED
    assert outcome.evidence == (
        "2 of 3 entities differ",
        "entity 1: calls_value",
        "entity 3: is not there",
    )


def test_rows_newer_than_the_view_are_not_compared(store):
    """They are right for a moment of their own."""
    timeline = Timeline(VIEW, table(ROWS[:1]))
    materialise(timeline, store, at=NOW)
    store.put(stored_name(VIEW), [OnlineRow(entity=("1",), as_of=NOW + HOUR, values={})])
    assert check_equality(timeline, store).status is Status.UNKNOWN

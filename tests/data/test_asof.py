"""As-of joins see the past of each row and nothing else."""
# ruff: noqa: DTZ001 - moments are read in UTC and stand without a zone

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.feature_events import reference

from modelwright.data.asof import FeatureView, Timeline, join_features
from modelwright.data.window import WINDOW_FUNCTIONS, Window
from modelwright.kernel.errors import DataInvalid

START = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)
LENGTHS = (timedelta(hours=2), timedelta(hours=6), None)
OF_ROWS = {"recency", "frequency"}

WINDOWS = (
    *(
        Window(name=f"{function}_{number}", function=function, column=column, length=length)
        for number, length in enumerate(LENGTHS)
        for function in WINDOW_FUNCTIONS
        for column in ((None,) if function in OF_ROWS else ("value",))
    ),
    Window(name="rows", function="count", length=timedelta(hours=3)),
    Window(name="words", function="distinct", column="word", length=timedelta(hours=5)),
    Window(name="word", function="last", column="word"),
)

moments = st.integers(0, 12).map(lambda hours: START + hours * HOUR)
entities = st.sampled_from(["a", "b", None])
events = st.fixed_dictionaries(
    {
        "who": entities,
        "at": st.none() | moments,
        "written": st.none() | moments,
        "value": st.sampled_from([None, 0.0, 1.0, -2.5, 4.0, 1e6, float("nan"), float("inf")]),
        "word": st.sampled_from([None, "x", "y", "z"]),
    }
)
spines = st.lists(st.fixed_dictionaries({"who": entities, "t": moments}), min_size=1, max_size=6)
SCHEMA = {
    "who": pl.String,
    "at": pl.Datetime("us"),
    "written": pl.Datetime("us"),
    "value": pl.Float64,
    "word": pl.String,
}
views = st.builds(
    FeatureView,
    name=st.just("f"),
    entity=st.just(("who",)),
    event_time=st.just("at"),
    created_time=st.sampled_from([None, "written"]),
    columns=st.just(("value", "word")),
    windows=st.sampled_from([(), WINDOWS]),
    ttl=st.sampled_from([None, timedelta(hours=3), timedelta(hours=7)]),
    delay=st.sampled_from([timedelta(0), HOUR]),
    horizon=st.sampled_from([timedelta(0), 2 * HOUR]),
    cutoff=st.sampled_from(["before", "until"]),
)


def plain(rows):
    """Rows with NaN spelled so that it equals itself."""
    return [
        {name: repr(value) if isinstance(value, float) else value for name, value in row.items()}
        for row in rows
    ]


@given(spine=spines, rows=st.lists(events, max_size=14), view=views)
def test_every_feature_equals_its_definition(spine, rows, view):
    """Ties, gaps, late rows, duplicates, missing keys and times: all as the slow reference says."""
    made = join_features(
        pl.DataFrame(spine, schema={"who": pl.String, "t": pl.Datetime("us")}),
        [(view, pl.DataFrame(rows, schema=SCHEMA))],
        time="t",
    )
    assert plain(made.select(view.outputs).to_dicts()) == plain(reference(spine, rows, view, time="t"))


@given(spine=spines, rows=st.lists(events, max_size=12), later=st.lists(events, max_size=6), view=views)
def test_rows_of_the_future_change_nothing(spine, rows, later, view):
    """Whatever is added after the last moment of the spine, every feature stays as it was."""
    frame = pl.DataFrame(spine, schema={"who": pl.String, "t": pl.Datetime("us")})
    future = [
        {**row, "at": max(row["t"] for row in spine) + timedelta(hours=1 + n)} for n, row in enumerate(later)
    ]
    before = Timeline(view, pl.DataFrame(rows, schema=SCHEMA)).at(frame, time="t")
    after = Timeline(view, pl.DataFrame([*rows, *future], schema=SCHEMA)).at(frame, time="t")
    assert before.equals(after)


@given(spine=spines, rows=st.lists(events, max_size=12), view=views)
def test_one_row_alone_gets_what_it_gets_among_others(spine, rows, view):
    """A look-up for one entity and moment gives the bits of the join of a whole table."""
    frame = pl.DataFrame(spine, schema={"who": pl.String, "t": pl.Datetime("us")})
    timeline = Timeline(view, pl.DataFrame(rows, schema=SCHEMA))
    together = timeline.at(frame, time="t")
    alone = pl.concat([timeline.at(frame[number], time="t") for number in range(frame.height)])
    assert together.equals(alone)


def view_of(**changes):
    """A view of values by client."""
    given = {"name": "calls", "entity": ("client",), "event_time": "at", "columns": ("value",)}
    return FeatureView(**(given | changes))


def table_of(*rows, client="a"):
    """A feature table of moments and values."""
    return pl.DataFrame(
        {"client": [client] * len(rows), "at": [at for at, _ in rows], "value": [value for _, value in rows]}
    )


def test_a_row_at_the_very_moment_is_seen_only_until():
    """The default leaves out what happens at the same time: it may be the outcome itself."""
    spine = pl.DataFrame({"client": ["a"], "t": [START]})
    table = table_of((START, 1.0))
    seen = {
        cutoff: join_features(spine, [(view_of(cutoff=cutoff), table)], time="t")["calls_value"][0]
        for cutoff in ("before", "until")
    }
    assert seen == {"before": None, "until": 1.0}


def test_time_zones_meet_in_utc():
    """Eight in Berlin is seven in London: an event an hour later on the clock may be earlier in time."""
    berlin = timezone(timedelta(hours=1))
    table = pl.DataFrame({"client": ["a"], "at": [datetime(2026, 1, 1, 8, tzinfo=berlin)], "value": [1.0]})
    spine = pl.DataFrame(
        {
            "client": ["a", "a"],
            "t": [datetime(2026, 1, 1, 7, 30, tzinfo=UTC), datetime(2026, 1, 1, 6, 59, tzinfo=UTC)],
        }
    )
    assert join_features(spine, [(view_of(), table)], time="t")["calls_value"].to_list() == [1.0, None]


def test_moments_finer_than_ours_are_never_seen_early():
    """A nanosecond after the row is after it, though both read the same in microseconds."""
    fine = pl.Series("at", [1_000_001], dtype=pl.Int64).cast(pl.Datetime("ns"))
    table = pl.DataFrame({"client": ["a"], "value": [1.0]}).with_columns(fine)
    spine = pl.DataFrame({"client": ["a"]}).with_columns(
        pl.Series("t", [1_000], dtype=pl.Int64).cast(pl.Datetime("us"))
    )
    seen = join_features(spine, [(view_of(cutoff="until"), table)], time="t")["calls_value"]
    assert seen.to_list() == [None]


def test_days_are_their_midnight():
    """A date without a clock stands at the start of its day; `delay` says when it is complete."""
    table = pl.DataFrame({"client": ["a"], "at": [date(2026, 1, 1)], "value": [1.0]})
    spine = pl.DataFrame({"client": ["a", "a"], "t": [datetime(2026, 1, 1, 12), datetime(2026, 1, 2, 12)]})
    whole_days = view_of(delay=timedelta(days=1))
    assert join_features(spine, [(whole_days, table)], time="t")["calls_value"].to_list() == [None, 1.0]


def test_keys_of_other_types_meet_as_text():
    """A client written as a number in one table and as text in another is the same client."""
    table = pl.DataFrame({"client": [7, 8], "at": [START, START], "value": [1.0, 2.0]})
    spine = pl.DataFrame({"who": ["8", "7"], "t": [START + HOUR] * 2})
    view = view_of(on=("who",))
    assert join_features(spine, [(view, table)], time="t")["calls_value"].to_list() == [2.0, 1.0]
    narrow = pl.DataFrame({"who": [8, 7], "t": [START + HOUR] * 2}, schema_overrides={"who": pl.Int16})
    assert join_features(narrow, [(view, table)], time="t")["calls_value"].to_list() == [2.0, 1.0]


def test_an_empty_feature_table_gives_no_values():
    """Nobody has a past: counts are nothing, the rest is missing."""
    spine = pl.DataFrame({"client": ["a"], "t": [START]})
    windows = (
        Window(name="count", function="count"),
        Window(name="distinct", function="distinct", column="value"),
        Window(name="last", function="last", column="value"),
    )
    made = join_features(
        spine, [(view_of(windows=windows), table_of().cast({"at": pl.Datetime("us")}))], time="t"
    )
    assert made.select(pl.exclude("client", "t")).to_dicts() == [
        {"calls_value": None, "count": 0, "distinct": 0, "last": None}
    ]


def test_no_tables_change_nothing():
    """A spine without feature tables comes back as it is."""
    spine = pl.DataFrame({"t": [START]})
    assert join_features(spine, [], time="t") is spine


def test_rows_without_entity_or_time_are_counted():
    """What belongs to nobody is left out, and told."""
    table = pl.DataFrame(
        {"client": ["a", None, "a"], "at": [START, START, None], "value": [1.0, 2.0, 3.0]},
        schema_overrides={"at": pl.Datetime("us")},
    )
    assert Timeline(view_of(), table).dropped == 2


@pytest.mark.parametrize(
    ("spine", "view", "told"),
    [
        (pl.DataFrame({"client": ["a"]}), view_of(), "column t"),
        (
            pl.DataFrame({"client": ["a"], "t": [None]}, schema_overrides={"t": pl.Datetime}),
            view_of(),
            "empty in 1",
        ),
        (pl.DataFrame({"client": ["a"], "t": [START]}), view_of(columns=("valeu",)), "did you mean 'value'"),
        (pl.DataFrame({"client": ["a"], "t": ["soon"]}), view_of(), "not moments"),
        (pl.DataFrame({"client": ["a"], "t": [START], "calls_value": [1]}), view_of(), "stand twice"),
    ],
)
def test_what_cannot_be_joined_is_refused(spine, view, told):
    """Missing columns, times and names that collide are named."""
    with pytest.raises(DataInvalid, match=told):
        join_features(spine, [(view, table_of((START, 1.0)))], time="t")

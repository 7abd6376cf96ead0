"""Features as of a moment, for a million rows out of ten million events; and looked up online, one by one."""

import gc
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measurement import Measurement
from modelwright.adapters.sqlite_feature_store import GET, SqliteFeatureStore
from modelwright.adapters.system_clock import SystemClock
from modelwright.data.asof import FeatureView, join_features
from modelwright.data.window import Window
from modelwright.features.online_codec import key_text
from modelwright.features.store import Lookup, OnlineRow, stored_name

ROWS, EVENTS, ENTITIES = 1_000_000, 10_000_000, 100_000
DAYS = 90
TTL = timedelta(days=30)
ROUNDS = 3
JOIN_BAR = 1.3

STORED, LOOKUPS = 100_000, 20_000
LOOKUP_BAR, P99_BAR = 1.5, 5.0


def tables(*, seed: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows in no order, and events in the order of time."""
    chance = np.random.default_rng(seed)
    span = DAYS * 86_400_000_000
    rows = pl.DataFrame(
        {
            "entity": chance.integers(0, ENTITIES, ROWS),
            "at": pl.Series(chance.integers(0, span, ROWS)).cast(pl.Datetime("us")),
        }
    )
    events = pl.DataFrame(
        {
            "entity": chance.integers(0, ENTITIES, EVENTS),
            "at": pl.Series(np.sort(chance.integers(0, span, EVENTS))).cast(pl.Datetime("us")),
            "value": chance.normal(size=EVENTS),
        }
    )
    return rows, events


def limit(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """What Polars does by itself: sort the rows, join, put them back."""
    ordered = rows.with_row_index("place").sort("at")
    joined = ordered.join_asof(events, on="at", by="entity", tolerance=TTL, check_sortedness=False)
    return joined.sort("place")


def seconds(work: object, *inputs: pl.DataFrame) -> float:
    """How long a call takes."""
    gc.collect()
    start = time.perf_counter()
    work(*inputs)  # type: ignore[operator]  # a function handed in as a value
    return time.perf_counter() - start


def ours(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The latest value, at most thirty days old."""
    view = FeatureView(
        name="f", entity=("entity",), event_time="at", columns=("value",), ttl=TTL, cutoff="until"
    )
    return join_features(rows, [(view, events)], time="at")


def windows(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Four windows of a week."""
    week = timedelta(days=7)
    made = tuple(
        Window(name=name, function=name, column="value" if name in {"sum", "mean"} else None, length=week)
        for name in ("count", "sum", "mean", "recency")
    )
    view = FeatureView(name="f", entity=("entity",), event_time="at", windows=made)
    return join_features(rows, [(view, events)], time="at")


def joins() -> list[Measurement]:
    """Both joins in turn, so that a busy neighbour slows both."""
    rows, events = tables()
    same = ours(rows, events)["f_value"].equals(limit(rows, events)["value"].alias("f_value"))
    pairs = [(seconds(limit, rows, events), seconds(ours, rows, events)) for _ in range(ROUNDS)]
    return [
        Measurement(
            name="latest value as of each row, against Polars' own join_asof",
            unit="x",
            values=[mine / bare for bare, mine in pairs],
            bar=JOIN_BAR,
            note=f"{ROWS:,} rows, {EVENTS:,} events, {ENTITIES:,} entities; same values: {same}",
        ),
        Measurement(
            name="latest value as of each row", unit="s", values=[mine for _, mine in pairs], bar=None
        ),
        Measurement(
            name="four windows of a week", unit="s", values=[seconds(windows, rows, events)], bar=None
        ),
    ]


def lookups() -> list[Measurement]:
    """One entity at a time from SQLite, in turn with the bare statement on the same file."""
    view = FeatureView(
        name="f", entity=("entity",), event_time="at", columns=tuple(f"c{number}" for number in range(10))
    )
    now = datetime.now(UTC)
    chance = np.random.default_rng(7)
    values = chance.normal(size=(STORED, 10)).tolist()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "features.db")
        store = SqliteFeatureStore(place)
        rows = [
            OnlineRow(entity=(str(number),), as_of=now, values=dict(zip(view.outputs, line, strict=True)))
            for number, line in enumerate(values)
        ]
        store.put(stored_name(view), rows)
        store.stamp(stored_name(view), now)
        lookup = Lookup(view, store, clock=SystemClock(), freshness=timedelta(days=1))
        bare = sqlite3.connect(place)
        name = stored_name(view)
        taken: list[tuple[float, float]] = []
        for number in chance.integers(0, STORED, LOOKUPS).tolist():
            key = (str(number),)
            spelled = key_text(key)
            start = time.perf_counter()
            bare.execute(GET, (name, spelled)).fetchone()
            middle = time.perf_counter()
            lookup.get(key)
            taken.append((middle - start, time.perf_counter() - middle))
        bare.close()
        store.close()
    bare_ms, ours_ms = ([one[place] * 1000 for one in taken] for place in (0, 1))
    return [
        Measurement(
            name="look-up of one entity, against the bare statement",
            unit="x",
            values=[statistics.median(ours_ms) / statistics.median(bare_ms)],
            bar=LOOKUP_BAR,
            note=f"median {statistics.median(ours_ms) * 1000:.1f} us against "
            f"{statistics.median(bare_ms) * 1000:.1f} us; ten features, {STORED:,} entities, SQLite",
        ),
        Measurement(
            name="look-up of one entity, p99",
            unit="ms",
            values=[statistics.quantiles(ours_ms, n=100)[98]],
            bar=P99_BAR,
        ),
    ]


def measure() -> list[Measurement]:
    """Joins and look-ups."""
    return [*joins(), *lookups()]

"""The feature store: features as of a moment, kept where one entity is looked up in microseconds.

What is stored is made by the same timelines that join features to training rows, so that a feature defined
once has one value: offline as of a moment, and online once it was materialised at that moment. How old an
online copy may be is part of the answer; an entity nobody has seen gets what an empty past gives.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import polars as pl

from modelwright.data.asof import FeatureView, Timeline
from modelwright.features.value import label_of
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import digest_of, short
from modelwright.kernel.outcome import Outcome, Status

__all__ = [
    "Cell",
    "EntityKey",
    "FeatureStore",
    "Lookup",
    "Materialisation",
    "OnlineFeatures",
    "OnlineRow",
    "check_equality",
    "check_freshness",
    "entity_key",
    "materialise",
    "stored_name",
]

Cell = str | int | float | bool | None
"""One feature of one entity; moments are spelled in ISO 8601."""

EntityKey = tuple[str, ...]
"""Whom a row is about, spelled as categories are."""

BATCH = 5_000
"""Rows handed to the store at a time."""

SHOWN = 5
"""Differences that are named."""

FROM_NOTHING = frozenset(("count", "sum", "distinct", "frequency"))
"""Functions whose answer for an empty past is nothing, not missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRow:
    """The features of one entity as of one moment.

    Examples:
        >>> OnlineRow(entity=("a",), as_of=datetime(2026, 1, 1, tzinfo=UTC), values={"n": 3}).expires is None
        True
    """

    entity: EntityKey
    """Whom they are about."""
    as_of: datetime
    """The moment they are of, in UTC."""
    values: Mapping[str, Cell]
    """Feature to value."""
    expires: datetime | None = None
    """Until when the latest values are young enough; None for ever."""


class FeatureStore(Protocol):
    """Keeps rows by view and entity.

    What holds for every store: a row that was put is found by every later `get`, from any thread or process;
    putting it again changes nothing; a row as of an earlier moment never replaces one as of a later; a row is
    given back whole, or not at all. `modelwright.testing.feature_store_suite` holds a store to this.

    Examples:
        >>> def known(store: FeatureStore, view: str, entity: EntityKey) -> bool:
        ...     return store.get(view, entity) is not None
    """

    def put(self, view: str, rows: Sequence[OnlineRow]) -> None:
        """Keep rows.

        Raises:
            WorldFault: When they cannot be kept; some of them may have been.
        """
        ...

    def get(self, view: str, entity: EntityKey) -> OnlineRow | None:
        """Return the row of an entity; None when it has none.

        Raises:
            WorldFault: When the store does not answer.
        """
        ...

    def stamp(self, view: str, as_of: datetime) -> None:
        """Say that all rows of a view are as of this moment; an earlier moment changes nothing.

        Raises:
            WorldFault: When the store does not answer.
        """
        ...

    def stamped(self, view: str) -> datetime | None:
        """Return the moment all rows of a view are of; None when it was never complete.

        Raises:
            WorldFault: When the store does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Materialisation:
    """What was brought to a store.

    Examples:
        >>> Materialisation(view="paid", as_of=datetime(2026, 1, 1, tzinfo=UTC), entities=3).entities
        3
    """

    view: str
    """The feature table."""
    as_of: datetime
    """The moment the features are of."""
    entities: int
    """Entities that have a row."""


def stored_name(view: FeatureView) -> str:
    """Return the name a view has in a store: its own, and what it is made of.

    A version of a model asks for the features it was trained on; a definition that changed is another view.

    Examples:
        >>> from dataclasses import replace
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> stored_name(view) == stored_name(replace(view, cutoff="until"))
        False
    """
    lengths = {"ttl": view.ttl, "delay": view.delay, "horizon": view.horizon}
    definition = {
        "entity": view.entity,
        "times": (view.event_time, view.created_time),
        "columns": view.columns,
        "windows": [(one.name, one.function, one.column, _seconds(one.length)) for one in view.windows],
        "lengths": {name: _seconds(length) for name, length in lengths.items()},
        "cutoff": view.cutoff,
    }
    return f"{view.name}-{short(digest_of(definition))}"


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def entity_key(values: Iterable[object]) -> EntityKey | None:
    """Spell whom a row is about; None when a part is missing.

    Examples:
        >>> entity_key([7.0, " a "]), entity_key([None])
        (('7', 'a'), None)
    """
    spelled = tuple(map(label_of, values))
    return None if None in spelled else tuple(part for part in spelled if part is not None)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _empty_past(view: FeatureView) -> Mapping[str, Cell]:
    """Return the features of an entity of whom nothing is known."""
    nothing = {window.name: 0 for window in view.windows if window.function in FROM_NOTHING}
    return {name: nothing.get(name) for name in view.outputs}


class Lookup:
    """One view of a store, asked for one entity at a time: what the server calls for each row.

    Args:
        view: What is looked up.
        store: Where it lies.
        clock: Tells how old an answer is.
        freshness: How old the copy may be; None for any age.

    Examples:
        >>> from modelwright.features.memory_store import MemoryFeatureStore
        >>> from modelwright.kernel.clock import SteppingClock
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> store = MemoryFeatureStore()
        >>> now = datetime(2026, 1, 1, tzinfo=UTC)
        >>> store.put(stored_name(view), [OnlineRow(entity=("a",), as_of=now, values={"calls_length": 5})])
        >>> store.stamp(stored_name(view), now)
        >>> Lookup(view, store, clock=SteppingClock(now)).get(("a",)).values["calls_length"]
        5
    """

    def __init__(
        self, view: FeatureView, store: FeatureStore, *, clock: Clock, freshness: timedelta | None = None
    ) -> None:
        """Settle what an empty past gives."""
        self.view = view
        self._name = stored_name(view)
        self._store = store
        self._clock = clock
        self._freshness = freshness
        self._latest = tuple(f"{view.name}_{column}" for column in view.columns)
        self._empty = _empty_past(view)
        self._stamp: datetime | None = None

    def get(self, entity: EntityKey | None) -> "OnlineFeatures":
        """Return the features of an entity, and whether they are fresh enough to be used.

        Raises:
            WorldFault: When the store does not answer.
        """
        now = self._clock.now()
        row = None if entity is None else self._store.get(self._name, entity)
        as_of = self._of(row, now)
        status = Status.UNKNOWN if as_of is None else Status.PASSED
        if as_of is not None and self._freshness is not None and now - as_of > self._freshness:
            status = Status.FAILED
        if row is None:
            return OnlineFeatures(values=self._empty, as_of=as_of, status=status)
        values = row.values
        if row.expires is not None and now > row.expires:
            values = {**values, **dict.fromkeys(self._latest)}
        return OnlineFeatures(values=values, as_of=as_of, status=status)

    def _of(self, row: OnlineRow | None, now: datetime) -> datetime | None:
        """Return the moment an answer is of: that of its row, or that of the whole view when it is later."""
        if row is not None and (self._freshness is None or now - row.as_of <= self._freshness):
            return row.as_of
        if self._stamp is None or self._freshness is None or now - self._stamp > self._freshness:
            self._stamp = self._store.stamped(self._name)
        if row is None or self._stamp is None:
            return self._stamp
        return max(row.as_of, self._stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineFeatures:
    """The answer of a look-up.

    Examples:
        >>> OnlineFeatures(values={"n": 0}, as_of=None, status=Status.UNKNOWN).status.value
        'unknown'
    """

    values: Mapping[str, Cell]
    """Feature to value; what an empty past gives for an entity nobody has seen."""
    as_of: datetime | None
    """The moment they are of; None when the view was never materialised."""
    status: Status
    """Passed when they are fresh enough, failed when too old, unknown when it cannot be told."""


def _rows(timeline: Timeline, entities: pl.DataFrame, at: datetime) -> Iterator[OnlineRow]:
    """Make the rows of a view for some entities as of a moment."""
    view = timeline.view
    spine = entities.with_columns(pl.lit(at.replace(tzinfo=None)).dt.cast_time_unit("us").alias("\x00now"))
    made = timeline.at(spine, time="\x00now")
    # The latest row's own time says until when its values are young enough.
    times = timeline.last_event(spine, time="\x00now") if view.ttl else None
    for place, (key, values) in enumerate(zip(entities.iter_rows(), made.iter_rows(named=True), strict=True)):
        entity = entity_key(key)
        happened = None if times is None else times[place]
        if entity is not None:
            yield OnlineRow(
                entity=entity,
                as_of=at,
                values={name: _cell(value) for name, value in values.items()},
                expires=None
                if happened is None or view.ttl is None
                else _utc(happened) + view.ttl + view.horizon,
            )


def materialise(timeline: Timeline, store: FeatureStore, *, at: datetime) -> Materialisation:
    """Bring the features of every entity of a table to a store, as of one moment.

    Rows are put in pieces and the view is stamped last: a kill on the way leaves rows that are right for
    their moment and a view that says it is older; running again completes it.

    Args:
        timeline: The feature table.
        store: Where the rows go.
        at: The moment; what is known later is not seen.

    Raises:
        WorldFault: When the store does not answer.

    Examples:
        >>> from modelwright.features.memory_store import MemoryFeatureStore
        >>> calls = pl.DataFrame({"client": ["a", "a"], "day": [datetime(2026, 1, 1), datetime(2026, 1, 3)]})
        >>> calls = calls.with_columns(length=pl.Series([5, 9]))
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> store = MemoryFeatureStore()
        >>> materialise(Timeline(view, calls), store, at=datetime(2026, 1, 2, tzinfo=UTC)).entities
        1
        >>> store.get(stored_name(view), ("a",)).values
        {'calls_length': 5}
    """
    at = _utc(at)
    entities = timeline.entities()
    name = stored_name(timeline.view)
    for start in range(0, entities.height, BATCH):
        store.put(name, list(_rows(timeline, entities.slice(start, BATCH), at)))
    store.stamp(name, at)
    return Materialisation(view=timeline.view.name, as_of=at, entities=entities.height)


def check_freshness(
    view: FeatureView, store: FeatureStore, *, now: datetime, limit: timedelta | None
) -> Outcome:
    """Judge how old the online copy of a view is; without a limit it only has to be there.

    Examples:
        >>> from modelwright.features.memory_store import MemoryFeatureStore
        >>> now = datetime(2026, 1, 1, tzinfo=UTC)
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> check_freshness(view, MemoryFeatureStore(), now=now, limit=None).status.value
        'unknown'
    """
    what = f"freshness of {view.name}"
    cure = "modelwright features materialise"
    stamp = store.stamped(stored_name(view))
    if stamp is None:
        told = ("it was never materialised",)
        return Outcome(status=Status.UNKNOWN, what=what, evidence=told, next_step=cure)
    age = now - stamp
    evidence = (f"as of {stamp:%Y-%m-%d %H:%M:%S} UTC, {age} old, allowed {limit or 'any age'}",)
    if limit is not None and age > limit:
        return Outcome(status=Status.FAILED, what=what, evidence=evidence, next_step=cure)
    return Outcome(status=Status.PASSED, what=what, evidence=evidence)


def check_equality(timeline: Timeline, store: FeatureStore, *, most: int = 10_000) -> Outcome:
    """Hold what a store has against what the table gives as of the same moments, entity by entity.

    Args:
        timeline: The feature table, as it is now.
        store: What was materialised.
        most: Entities looked at.

    Raises:
        WorldFault: When the store does not answer.

    Examples:
        >>> check_equality.__name__
        'check_equality'
    """
    view = timeline.view
    what = f"online equals offline: {view.name}"
    name = stored_name(view)
    stamp = store.stamped(name)
    if stamp is None:
        told = ("it was never materialised",)
        return Outcome(status=Status.UNKNOWN, what=what, evidence=told)
    entities = timeline.entities().head(most)
    differing: list[str] = []
    compared = 0
    for row in _rows(timeline, entities, stamp):
        found = store.get(name, row.entity)
        if found is not None and found.as_of != stamp:
            continue
        compared += 1
        online = _empty_past(view) if found is None else found.values
        strange = [feature for feature, value in row.values.items() if online.get(feature) != value]
        if strange:
            missed = "is not there" if found is None else ", ".join(strange)
            differing.append(f"entity {compared}: {missed}")
    if not compared:
        return Outcome(status=Status.UNKNOWN, what=what, evidence=("no entity could be compared",))
    if differing:
        shown = (f"{len(differing):,} of {compared:,} entities differ", *differing[:SHOWN])
        cure = "materialise again; if they differ still, the table was rewritten for the past"
        return Outcome(status=Status.FAILED, what=what, evidence=shown, next_step=cure)
    return Outcome(status=Status.PASSED, what=what, evidence=(f"{compared:,} entities agree exactly",))

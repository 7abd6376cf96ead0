"""As-of joins: what feature tables told before the moment of each row, and nothing they told later.

A row of a feature table is *known* from the later of its event time and the time it was written, plus a
delay that the contract may name. A row of the spine looks back from its own time, less a horizon. It sees
what was known by then, no older than a time to live; windows count what happened in them and was known.
Moments with an offset are compared in UTC, moments without one are taken as UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import polars as pl

from modelwright.data.window import Places, Slices, Window, aggregate
from modelwright.kernel.errors import DataInvalid, Fault, nearest
from modelwright.tasks.labels import as_labels

__all__ = ["FeatureView", "Timeline", "join_features"]

EVENT, KNOWN, PLACE, START, AT, LINE = (
    "\x00event",
    "\x00known",
    "\x00place",
    "\x00start",
    "\x00at",
    "\x00line",
)
"""Columns of our own beside those of a table; no source has names like these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureView:
    """What is made of a feature table, and by which clock.

    Examples:
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> view.outputs
        ('calls_length',)
    """

    name: str
    """The name of the table; made columns start with it."""
    entity: tuple[str, ...]
    """Columns of the table that say what a row is about."""
    on: tuple[str, ...] = ()
    """Columns of the spine they are matched with; empty when they have the same names."""
    event_time: str
    """The column that says when a row happened."""
    created_time: str | None = None
    """The column that says when a row was written; None when rows are known as they happen."""
    columns: tuple[str, ...] = ()
    """Columns of which the latest row is looked up."""
    windows: tuple[Window, ...] = ()
    """What is made of the rows before."""
    ttl: timedelta | None = None
    """How old the latest row may be; None for any age."""
    delay: timedelta = timedelta(0)
    """How long after its time a row becomes known."""
    horizon: timedelta = timedelta(0)
    """How long before the spine's time is looked back from."""
    cutoff: Literal["before", "until"] = "before"
    """Whether a row known at the very moment is seen: `before` leaves it out, `until` takes it."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns that are made."""
        return (*(f"{self.name}_{column}" for column in self.columns), *(w.name for w in self.windows))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the spine that name what a row is about."""
        return self.on or self.entity

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        times = (self.event_time, *((self.created_time,) if self.created_time else ()))
        made_of = (*self.columns, *(window.column for window in self.windows if window.column))
        return tuple(dict.fromkeys((*self.entity, *times, *made_of)))


def _absent(where: str, wanted: Sequence[str], frame: pl.DataFrame) -> list[Fault]:
    return [
        Fault(
            f"{where}, column {name}", "is not there", next_step=f"did you mean '{close}'?" if close else ""
        )
        for name in wanted
        if name not in frame.columns
        for close in [nearest(name, frame.columns)]
    ]


def _moments(column: pl.Series, where: str, *, up: bool) -> pl.Series:
    """Return moments in UTC without a zone, in microseconds; finer ones are rounded away from the spine."""
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime):
        plain = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if dtype.time_zone else column
        moments = plain.cast(pl.Datetime("us"))
        if up and dtype.time_unit == "ns":
            cut = moments.cast(pl.Datetime("ns")) < plain
            moments = (moments.to_physical() + cut.cast(pl.Int64)).cast(pl.Datetime("us"))
        return moments
    if dtype == pl.Date:
        return column.cast(pl.Datetime("us"))
    raise DataInvalid(
        f"{where}, column {column.name} holds {dtype} values, not moments",
        why="what was known when cannot be told without times",
        next_step="declare the column as datetime, or write ISO dates",
    )


class Timeline:
    """A feature table made ready to be looked at from any moment.

    Args:
        view: What is made of it.
        table: Its rows, in any order; rows without an entity or a time belong to nobody and are left out.

    Raises:
        DataInvalid: When columns are missing or its times are not moments.

    Examples:
        >>> from datetime import datetime
        >>> calls = pl.DataFrame(
        ...     {"client": ["a", "a"], "day": [datetime(2026, 1, 1), datetime(2026, 1, 3)], "length": [5, 9]}
        ... )
        >>> view = FeatureView(name="calls", entity=("client",), event_time="day", columns=("length",))
        >>> spine = pl.DataFrame({"client": ["a", "a", "b"], "t": [datetime(2026, 1, d) for d in (2, 3, 9)]})
        >>> Timeline(view, calls).at(spine, time="t")["calls_length"].to_list()
        [5, 5, None]
    """

    def __init__(self, view: FeatureView, table: pl.DataFrame) -> None:
        """Settle when each row was known, and put rows in order where windows or late rows ask for it."""
        faults = _absent(view.name, view.reads, table)
        if faults:
            raise DataInvalid(
                f"the feature table {view.name} lacks columns",
                why="features that are declared cannot be made",
                next_step="correct data.feature_tables, or the table",
                faults=faults,
            )
        self.view = view
        event = _moments(table[view.event_time], view.name, up=True)
        known = event
        if view.created_time is not None:
            created = _moments(table[view.created_time], view.name, up=True)
            # A row that does not say when it was written is taken as written when it happened.
            known = pl.select(pl.max_horizontal(event, created)).to_series()
        rows = table.select(view.reads).with_columns(event.alias(EVENT), (known + view.delay).alias(KNOWN))
        keys = list(view.entity)
        rows = rows.drop_nulls([*keys, EVENT])
        self.dropped = table.height - rows.height
        self._late = view.created_time is not None
        if self._late or view.windows:
            # Tables usually come in the order of time; then one stable sort by entity is left to do.
            clocks = [EVENT, KNOWN] if view.created_time else [EVENT]
            ordered = view.created_time is None and rows[EVENT].is_sorted()
            rows = rows.sort(keys if ordered else [*keys, *clocks], maintain_order=True).with_columns(
                pl.int_range(pl.len(), dtype=pl.Int64).alias(PLACE)
            )
            first = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in keys)
            first = first | (pl.col(PLACE) == 0)
            rows = rows.with_columns(pl.when(first).then(pl.col(PLACE)).forward_fill().alias(START))
            late = rows.select((~first & (pl.col(KNOWN) < pl.col(KNOWN).shift(1))).any()).item()
            self._late = bool(late)
        elif not rows[KNOWN].is_sorted():
            rows = rows.sort(KNOWN, maintain_order=True)
        self._rows = rows
        self._searches: dict[str, pl.DataFrame] = {}

    def at(self, spine: pl.DataFrame, *, time: str) -> pl.DataFrame:
        """Return what each row of a spine may see: one row each, in the spine's order.

        Raises:
            DataInvalid: When the spine lacks keys or the time, or a time is missing.
        """
        left = self._left(spine, time)
        return _in_order(self._placed(left) if PLACE in self._rows.columns else self._latest(left), left)

    def _left(self, spine: pl.DataFrame, time: str) -> pl.DataFrame:
        """Return keys and moments of a spine, in the order of time."""
        view = self.view
        faults = _absent("the rows", (*view.keys, time), spine)
        if faults:
            raise DataInvalid(
                f"features of {view.name} cannot be joined",
                why="a row that does not say whom it is about, and when, has no past to look at",
                next_step="correct `on` of the feature table, or event_time",
                faults=faults,
            )
        moments = _moments(spine[time], "the rows", up=False)
        if empty := moments.null_count():
            raise DataInvalid(
                f"column {time} is empty in {empty:,} of {spine.height:,} rows",
                why="a row without a time has no past, and joining without one would show it the future",
                next_step="fill the times in, or leave the rows out",
            )
        left = spine.select(
            *(self._key(spine[key], name) for key, name in zip(view.keys, view.entity, strict=True)),
            (moments - view.horizon).alias(AT),
        ).with_row_index(LINE)
        return left if left[AT].is_sorted() else left.sort(AT, maintain_order=True)

    def entities(self) -> pl.DataFrame:
        """Return every entity of the table, under the names of the spine's keys, in order."""
        keys = zip(self.view.entity, self.view.keys, strict=True)
        return self._rows.select(pl.col(own).alias(key) for own, key in keys).unique().sort(self.view.keys)

    def last_event(self, spine: pl.DataFrame, *, time: str) -> pl.Series:
        """Return when the latest row that each row of a spine may see happened, however old it is."""
        left = self._left(spine, time)
        if PLACE not in self._rows.columns:
            return _in_order(self._joined(left, [EVENT], tolerance=None), left)[EVENT]
        place = self._passed(left, KNOWN)[PLACE] - 1
        events = self._rows[EVENT] if self._rows.height else pl.Series(EVENT, [None], dtype=pl.Datetime("us"))
        found = events.gather(place.clip(0)).set(place < 0, None)
        return _in_order(found.to_frame(), left)[EVENT]

    def _key(self, column: pl.Series, name: str) -> pl.Series:
        """Return a key of the spine in the type of the table's key; types that differ meet as text."""
        wanted = self._rows.schema[name]
        if column.dtype == wanted:
            return column.alias(name)
        if column.dtype.is_integer() and wanted.is_integer():
            return column.cast(wanted, strict=False).alias(name)
        if wanted != pl.String:
            self._rows = self._rows.with_columns(as_labels(self._rows[name]).alias(name))
            self._searches.clear()
        return as_labels(column).alias(name)

    def _latest(self, left: pl.DataFrame) -> pl.DataFrame:
        """Look the latest row up where rows are known in the order they happened: one join does it."""
        view = self.view
        tolerance = None if view.ttl is None else view.ttl - view.delay
        found = self._joined(left, view.columns, tolerance=tolerance)
        return found.rename({name: f"{view.name}_{name}" for name in view.columns})

    def _joined(
        self, left: pl.DataFrame, columns: Sequence[str], *, tolerance: timedelta | None
    ) -> pl.DataFrame:
        keys = list(self.view.entity)
        made = [pl.col(name).alias(f"\x00{name}") for name in columns]
        joined = left.join_asof(
            self._rows.select(*keys, KNOWN, *made),
            left_on=AT,
            right_on=KNOWN,
            by=keys,
            tolerance=tolerance,
            allow_exact_matches=self.view.cutoff == "until",
            check_sortedness=False,
        )
        return joined.select(pl.col(f"\x00{name}").alias(name) for name in columns)

    def _search(self, clock: str) -> pl.DataFrame:
        """Return, in the order of a clock, up to which place rows of an entity have been passed."""
        if clock not in self._searches:
            keys = list(self.view.entity)
            rows = self._rows.select(*keys, clock, PLACE, START)
            if clock == KNOWN and self._late:
                rows = rows.sort(clock, maintain_order=True).with_columns(pl.col(PLACE).cum_max().over(keys))
            elif not rows[clock].is_sorted():
                rows = rows.sort(clock, maintain_order=True)
            self._searches[clock] = rows
        return self._searches[clock]

    def _passed(self, left: pl.DataFrame, clock: str, *, back: timedelta = timedelta(0)) -> pl.DataFrame:
        """Return the place after the last row passed by a clock, and where its entity starts; else 0, 0."""
        shifted = left.with_columns(pl.col(AT) - back) if back else left
        joined = shifted.join_asof(
            self._search(clock),
            left_on=AT,
            right_on=clock,
            by=list(self.view.entity),
            allow_exact_matches=self.view.cutoff == "until",
            check_sortedness=False,
        )
        return joined.select(
            (pl.col(PLACE) + 1).fill_null(0).alias(PLACE), pl.col(START).fill_null(0), pl.col(AT)
        )

    def _placed(self, left: pl.DataFrame) -> pl.DataFrame:
        """Look up the latest row and windows by the places of rows."""
        view = self.view
        known = self._passed(left, KNOWN)
        made: list[pl.Series] = []
        if view.columns:
            made += self._looked_up(known)
        happened = self._passed(left, EVENT) if self._late and view.windows else known
        lows: dict[timedelta | None, Places] = {None: happened[START].to_numpy()}
        high = happened[PLACE].to_numpy()
        at = known[AT].to_physical().to_numpy()
        for window in view.windows:
            if window.length not in lows:
                before = self._passed(left, EVENT, back=window.length or timedelta(0))[PLACE].to_numpy()
                lows[window.length] = np.maximum(before, happened[START].to_numpy())
            slices = Slices(low=np.minimum(lows[window.length], high), high=high)
            made.append(self._windowed(window, slices, at))
        return pl.DataFrame(made)

    def _looked_up(self, known: pl.DataFrame) -> list[pl.Series]:
        view = self.view
        if not self._rows.height:
            schema = self._rows.schema
            return [
                pl.Series(f"{view.name}_{name}", [None] * known.height, dtype=schema[name])
                for name in view.columns
            ]
        place = known[PLACE].to_numpy() - 1
        seen = place >= 0
        if view.ttl is not None:
            happened = self._rows[EVENT].to_physical().to_numpy()[np.maximum(place, 0)]
            seen &= known[AT].to_physical().to_numpy() - happened <= view.ttl // timedelta(microseconds=1)
        found = self._rows.select(view.columns)[np.maximum(place, 0)]
        unseen = pl.Series(~seen)
        return [found[name].set(unseen, None).alias(f"{view.name}_{name}") for name in view.columns]

    def _windowed(self, window: Window, slices: Slices, at: Places) -> pl.Series:
        rows = self._rows
        events = rows[EVENT].to_physical().to_numpy()
        values = None if window.column is None else rows[window.column]
        if not self._late:
            return aggregate(window, values, slices, events=events, at=at)
        known = rows[KNOWN].to_physical().to_numpy()
        parts = [pl.Series(window.name, [], dtype=pl.Float64)] if not len(at) else []
        for part in slices.chunks():
            owner, place = slices.laid_out(part)
            then = at[part][owner]
            seen = known[place] <= then if self.view.cutoff == "until" else known[place] < then
            place = place[seen]
            ends = np.cumsum(np.bincount(owner[seen], minlength=part.stop - part.start)).astype(np.int64)
            mine = Slices(low=np.concatenate(([0], ends[:-1])), high=ends)
            gathered = None if values is None else values.gather(place)
            parts.append(aggregate(window, gathered, mine, events=events[place], at=at[part]))
        return pl.concat(parts)


def _in_order(made: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Put rows that were looked up in the order of time back into that of the spine."""
    lines = left[LINE]
    if lines.is_sorted():
        return made
    back = np.empty(len(lines), dtype=np.int64)
    back[lines.to_numpy()] = np.arange(len(lines))
    return made[back]


def join_features(
    spine: pl.DataFrame, tables: Sequence[tuple[FeatureView, pl.DataFrame]], *, time: str
) -> pl.DataFrame:
    """Join any number of feature tables to a spine, each row seeing its own past alone.

    Args:
        spine: The rows that features are made for, in any order; it keeps that order.
        tables: What is made of which table.
        time: The column of the spine that says when a row is looked back from.

    Raises:
        DataInvalid: When columns or times are missing, or a made column is already there.

    Examples:
        >>> from datetime import datetime
        >>> spine = pl.DataFrame({"client": ["a"], "t": [datetime(2026, 1, 9)]})
        >>> calls = pl.DataFrame({"client": ["a", "a"], "t": [datetime(2026, 1, 8), datetime(2026, 1, 9)]})
        >>> count = Window(name="calls_2d", function="count", length=timedelta(days=2))
        >>> view = FeatureView(name="calls", entity=("client",), event_time="t", windows=(count,))
        >>> join_features(spine, [(view, calls)], time="t")["calls_2d"].to_list()
        [1]
    """
    made = [name for view, _ in tables for name in view.outputs]
    twice = sorted({name for name in made if name in spine.columns or made.count(name) > 1})
    if twice:
        raise DataInvalid(
            f"made columns would stand twice: {', '.join(twice)}",
            why="which of the two a model reads would be chance",
            next_step="rename the feature table or the column of the source",
        )
    joined = [Timeline(view, table).at(spine, time=time) for view, table in tables]
    return pl.concat([spine, *joined], how="horizontal") if joined else spine

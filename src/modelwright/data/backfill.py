"""Backfills: the features of every entity as they stood at each of a run of moments in the past."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from modelwright.data.asof import Timeline
from modelwright.kernel.errors import DataInvalid

__all__ = ["AS_OF", "backfill", "moments_between"]

AS_OF = "as_of"
"""The column that says which moment a row is of."""

MOST_MOMENTS = 100_000
"""More moments than this are a slip of the unit."""


def moments_between(start: datetime, end: datetime, *, every: timedelta) -> tuple[datetime, ...]:
    """Return the moments from `start` to `end`, the end left out.

    Raises:
        DataInvalid: When they do not come forward, or are more than anybody means.

    Examples:
        >>> day = datetime(2026, 1, 1)
        >>> len(moments_between(day, day + timedelta(days=2), every=timedelta(hours=12)))
        4
    """
    if every <= timedelta(0) or end < start or (end - start) / every > MOST_MOMENTS:
        raise DataInvalid(
            f"from {start} to {end} every {every} is no run of moments",
            why=f"a backfill goes forward in time, in at most {MOST_MOMENTS:,} steps",
            next_step="check the order of start and end, and the unit of the step",
        )
    count = -(-(end - start) // every)
    return tuple(start + number * every for number in range(count))


def backfill(
    timeline: Timeline, *, start: datetime, end: datetime, every: timedelta
) -> Iterator[pl.DataFrame]:
    """Yield, moment by moment, the features of every entity that was known by then.

    Each frame is made by the joins that training uses: what became known later is not in it, so that a
    backfill made today equals what would have been stored on the day. It can be cut into pieces and repeated
    at will.

    Args:
        timeline: The feature table.
        start: The first moment; without a zone it is UTC.
        end: Where the run stops, left out.
        every: The step.

    Yields:
        The entity's keys, `as_of`, and the features; entities without any row by then are left out.

    Raises:
        DataInvalid: When the moments are no run forward in time.

    Examples:
        >>> from modelwright.data.asof import FeatureView
        >>> calls = pl.DataFrame({"client": ["a", "b"], "at": [datetime(2026, 1, 1), datetime(2026, 1, 2)]})
        >>> calls = calls.with_columns(length=pl.Series([5, 9]))
        >>> view = FeatureView(name="calls", entity=("client",), event_time="at", columns=("length",))
        >>> run = {"start": datetime(2026, 1, 2), "end": datetime(2026, 1, 4), "every": timedelta(days=1)}
        >>> [frame["calls_length"].to_list() for frame in backfill(Timeline(view, calls), **run)]
        [[5], [5, 9]]
    """
    entities = timeline.entities()
    for moment in moments_between(start, end, every=every):
        plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
        spine = entities.with_columns(pl.lit(plain, dtype=pl.Datetime("us")).alias(AS_OF))
        known = timeline.last_event(spine, time=AS_OF).is_not_null()
        yield pl.concat([spine, timeline.at(spine, time=AS_OF)], how="horizontal").filter(known)

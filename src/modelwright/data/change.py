"""Change data capture: what came, changed and went between two states, and loads that may be repeated.

Two strategies. By snapshot: two whole states are compared by key. By watermark: a batch of rows that came
since the last load is merged into the state, the newest row of each key stays. Loading the same batch twice
gives the same state as loading it once; in the terms of Shapiro et al. (2011, Conflict-free replicated data
types) the state is a last-writer-wins map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from modelwright.kernel.errors import DataInvalid, Fault

__all__ = ["Changes", "Merged", "diff", "merge", "patch"]

OLD = "\x00old"
"""Ends the names of columns of the earlier state while two are compared."""

PLACE = "\x00place"
BATCH = "\x00batch"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """What lies between two states of a table.

    Examples:
        >>> before, after = (
        ...     pl.DataFrame({"id": [1, 2], "a": [1, 2]}),
        ...     pl.DataFrame({"id": [2, 3], "a": [5, 3]}),
        ... )
        >>> changes = diff(before, after, key=("id",))
        >>> (changes.inserted.height, changes.updated["a"].to_list(), changes.deleted["id"].to_list())
        (1, [5], [1])
    """

    inserted: pl.DataFrame
    """Rows whose key was not there before."""
    updated: pl.DataFrame
    """Rows of which something but the key changed, as they are now."""
    deleted: pl.DataFrame
    """Keys that are no longer there."""
    unchanged: int
    """Rows that are as before."""

    @property
    def told(self) -> str:
        """The counts in a line."""
        counts = (self.inserted.height, self.updated.height, self.deleted.height, self.unchanged)
        return "{:,} inserted, {:,} updated, {:,} deleted, {:,} unchanged".format(*counts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merged:
    """A state after a batch, and what became of the batch.

    Examples:
        >>> Merged.__slots__[0]
        'state'
    """

    state: pl.DataFrame
    """One row a key, sorted by key."""
    changes: Changes
    """What the batch changed; a batch deletes nothing."""
    superseded: int
    """Rows of the batch that are older than what is known of their key, or the same."""
    late: pl.DataFrame
    """Rows of keys not seen before that came later than was agreed; they are not in the state."""
    watermark: datetime | float | None
    """The newest moment seen so far."""


def _check(frames: Sequence[tuple[str, pl.DataFrame]], key: tuple[str, ...], *, unique: bool = True) -> None:
    """Refuse tables without a key to compare by, or that do not have the same columns."""
    faults = []
    if not key:
        raise DataInvalid(
            "there is no key to follow rows by",
            why="without one a changed row cannot be told from a new one",
            next_step="name `data.primary_key` in the contract, or load everything again each time",
        )
    for what, frame in frames:
        lacking = [name for name in key if name not in frame.columns]
        if lacking:
            faults.append(Fault(what, f"the key {', '.join(lacking)} is not there"))
            continue
        keys = frame.select(key)
        if missing := keys.filter(pl.any_horizontal(pl.all().is_null())).height:
            faults.append(Fault(what, f"{missing:,} rows have no key", next_step="put them in quarantine"))
        if unique and (twice := keys.height - keys.n_unique()):
            faults.append(Fault(what, f"{twice:,} keys repeat", next_step="put them in quarantine"))
    (_, first), *others = frames
    for what, frame in others:
        for name in dict.fromkeys((*first.columns, *frame.columns)):
            one, other = first.schema.get(name), frame.schema.get(name)
            if one != other:
                told = f"{one or 'not there'} before, {other or 'not there'} now"
                faults.append(Fault(f"{what}, column {name}", told, next_step="read both under one contract"))
    if faults:
        raise DataInvalid(
            "these states cannot be compared",
            why="a change that is told wrongly is loaded wrongly",
            next_step="read both through the contract, and quarantine what does not fit",
            faults=faults,
        )


def diff(before: pl.DataFrame, after: pl.DataFrame, *, key: tuple[str, ...]) -> Changes:
    """Compare two whole states of a table by key.

    Args:
        before: The earlier state; one row a key.
        after: The later one, with the same columns.
        key: The columns that together name a row.

    Raises:
        DataInvalid: When a key is missing or repeats, or the columns differ.

    Examples:
        >>> one = pl.DataFrame({"id": [1]})
        >>> diff(one, one, key=("id",)).told
        '0 inserted, 0 updated, 0 deleted, 1 unchanged'
    """
    _check((("before", before), ("after", after)), key)
    names = after.columns
    rest = [name for name in names if name not in key]
    old = before.select(*key, *(pl.col(name).alias(name + OLD) for name in rest), pl.lit(1).alias(PLACE))
    joined = after.join(old, on=list(key), how="left", maintain_order="left")
    known = pl.col(PLACE).is_not_null()
    other = pl.any_horizontal(pl.lit(False), *(pl.col(name).ne_missing(pl.col(name + OLD)) for name in rest))
    inserted = joined.filter(~known).select(names)
    updated = joined.filter(known & other).select(names)
    return Changes(
        inserted=inserted.sort(key),
        updated=updated.sort(key),
        deleted=before.join(after, on=list(key), how="anti").select(key).sort(key),
        unchanged=after.height - inserted.height - updated.height,
    )


def patch(state: pl.DataFrame, changes: Changes, *, key: tuple[str, ...]) -> pl.DataFrame:
    """Return a state with changes applied, sorted by key; applying them again changes nothing.

    Args:
        state: The earlier state.
        changes: As `diff` gives them.
        key: The columns that together name a row.

    Examples:
        >>> before, after = pl.DataFrame({"id": [1, 2]}), pl.DataFrame({"id": [2, 3]})
        >>> patch(before, diff(before, after, key=("id",)), key=("id",))["id"].to_list()
        [2, 3]
    """
    touched = pl.concat([frame.select(key) for frame in (changes.inserted, changes.updated, changes.deleted)])
    kept = state.join(touched, on=list(key), how="anti")
    return pl.concat([kept, changes.inserted, changes.updated]).sort(key)


def merge(
    state: pl.DataFrame,
    batch: pl.DataFrame,
    *,
    key: tuple[str, ...],
    by: str = "",
    watermark: datetime | float | None = None,
    lateness: timedelta | None = None,
) -> Merged:
    """Merge a batch of rows into a state: of each key the newest row stays.

    The same batch twice gives the same state as once. Batches in any order give the same state, as long as no
    two rows of one key have the same moment; of those the one that came last stays.

    Args:
        state: One row a key; may be empty.
        batch: Rows that came; a key may repeat.
        key: The columns that together name a row.
        by: The column that says which row of a key is newer; empty lets whatever comes last win.
        watermark: The newest moment seen before.
        lateness: How far behind the watermark a row of a new key may be; None takes any.

    Raises:
        DataInvalid: When a key or a moment is missing, or the columns differ.

    Examples:
        >>> state = pl.DataFrame({"id": [1], "at": [5], "a": ["x"]})
        >>> batch = pl.DataFrame({"id": [1, 1, 2], "at": [6, 4, 1], "a": ["y", "w", "z"]})
        >>> merge(state, batch, key=("id",), by="at").state.rows()
        [(1, 6, 'y'), (2, 1, 'z')]
    """
    _check((("state", state),), key)
    _check((("state", state.clear()), ("batch", batch)), key, unique=False)
    if by and (missing := batch[by].null_count()):
        raise DataInvalid(
            f"{missing:,} rows of the batch have no {by}",
            why="without it nobody knows which row is newer",
            next_step="put them in quarantine",
        )
    newest = batch[by].max() if by and batch.height else None
    fresh = batch.with_row_index(PLACE).sort(*([by] if by else []), PLACE).drop(PLACE)
    fresh = fresh.unique(subset=list(key), keep="last", maintain_order=True)
    limit = _limit(watermark, lateness) if by else None
    late = batch.clear()
    if limit is not None:
        late = fresh.filter(pl.col(by) < pl.lit(limit)).join(state, on=list(key), how="anti")
        fresh = fresh.join(late, on=list(key), how="anti")
    both = pl.concat(
        [state.with_columns(pl.lit(0).alias(BATCH)), fresh.with_columns(pl.lit(1).alias(BATCH))]
    ).sort(*([by] if by else []), BATCH, nulls_last=False, maintain_order=True)
    merged = both.unique(subset=list(key), keep="last", maintain_order=True).drop(BATCH).sort(key)
    changes = diff(state, merged, key=key)
    taken = changes.inserted.height + changes.updated.height
    return Merged(
        state=merged,
        changes=changes,
        superseded=batch.height - taken - late.height,
        late=late,
        watermark=_newer(watermark, newest),
    )


def _limit(watermark: object, lateness: timedelta | None) -> object:
    if watermark is None or lateness is None:
        return None
    if isinstance(watermark, datetime):
        return watermark - lateness
    return float(str(watermark)) - lateness.total_seconds()


def _newer(one: datetime | float | None, other: object) -> datetime | float | None:
    if not isinstance(other, datetime | int | float):
        return one
    if one is None:
        return other
    return max(one, other)

"""Hard rows: rows on which servers differ from trainers, made from the contract and a sample."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.features.plan import FeaturePlan
from modelwright.features.row_promise import RowPromises

__all__ = ["hard_rows", "plain_rows"]

Cell = str | float | int | bool | None
"""What a cell can be on its way through JSON."""

UNSEEN = ("never seen", "ünïcødé ☃ 数据", " padded ", "NaN", "0")
"""Categories no training row had; spellings that careless code turns into something else."""

MOMENTS = ("2024-02-29T23:59:59", "1969-12-31", "2026-06-30T12:00:00+05:30", "2000-01-01T00:00:00Z")
"""Leap days, moments before the epoch, offsets, the year's first second."""


def _plain(value: object) -> Cell:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, str | float | int | bool):
        return value
    return str(value)


def plain_rows(frame: pl.DataFrame, plan: FeaturePlan) -> list[dict[str, Cell]]:
    """Return a frame's rows as a client would send them.

    Examples:
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="day", kind="date", parts=("day",)),))
        >>> plain_rows(pl.DataFrame({"day": [date(2026, 1, 2)], "y": [1]}), plan)
        [{'day': '2026-01-02'}]
    """
    rows = frame.select(plan.columns).iter_rows(named=True)
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _numbers(column: Column, seen: pl.Series) -> Iterator[Cell]:
    low, high = column.range or (None, None)
    values = seen.cast(pl.Float64, strict=False).drop_nulls()
    least = float(str(values.min())) if values.len() else 0.0
    most = float(str(values.max())) if values.len() else 1.0
    span = max(most - least, 1.0)
    ends = [least if low is None else low, most if high is None else high]
    ends += [] if low is not None else [least - 1000 * span]
    ends += [] if high is not None else [most + 1000 * span]
    inside = [
        value
        for value in (0.0, -0.0, 1.0, 1e-300)
        if (low is None or value >= low) and (high is None or value <= high)
    ]
    for end in [*ends, *inside]:
        if column.type != "integer":
            yield end
        elif end == int(end):
            yield int(end)
            yield float(end)


def _values(kind: str, column: Column, seen: pl.Series, *, known: Sequence[str]) -> Iterator[Cell]:
    """Yield hard values the contract allows for one column."""
    if column.nulls:
        yield None
    yield from column.missing_codes
    if kind == "number":
        yield from _numbers(column, seen)
    elif kind == "boolean":
        yield True
        yield False
    elif kind == "date":
        yield from MOMENTS
    elif column.categories is None:
        yield from UNSEEN
        yield from (known[0], known[-1]) if known else ()
    else:
        yield from column.categories


def hard_rows(contract: Contract, plan: FeaturePlan, sample: pl.DataFrame) -> Sequence[Mapping[str, Cell]]:
    """Return rows with nulls, unknown categories, extremes, whole numbers as floats, odd dates and unicode.

    Every row is one the contract allows, patterns and conditions included, so that a server must answer it.

    Args:
        contract: What each column may hold.
        plan: Which columns the model reads.
        sample: Some real rows to build on; one at least.

    Examples:
        >>> hard_rows.__name__
        'hard_rows'
    """
    bases = plain_rows(sample.head(20), plan)
    columns = contract.data.columns
    made: list[dict[str, Cell]] = [
        {name: None if columns[name].nulls else value for name, value in bases[0].items()},
    ]
    known = {feature.name: feature.categories for feature in plan.features}
    for name, kind in plan.inputs:
        values = _values(kind, columns[name], sample[name], known=known.get(name, ()))
        for number, value in enumerate(values):
            made.append({**bases[number % len(bases)], name: value})
    refused = {broken.row for broken in RowPromises(contract, plan.columns).broken(made)}
    return [row for place, row in enumerate(made) if place not in refused]

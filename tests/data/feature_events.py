"""A slow, plain reference for features as of a moment: one loop per row, nothing shared with the code."""

from datetime import datetime, timedelta
from math import fsum, isfinite

from modelwright.data.asof import FeatureView
from modelwright.data.window import Window

Row = dict[str, object]


def known_at(row: Row, view: FeatureView) -> datetime:
    """When a row was known: the later of its two times, plus the delay."""
    moments = [row[view.event_time]]
    if view.created_time is not None and row[view.created_time] is not None:
        moments.append(row[view.created_time])
    return max(moments) + view.delay


def seen(rows: list[Row], view: FeatureView, *, keys: tuple, moment: datetime) -> list[Row]:
    """The rows of an entity that were known by a moment, in the order they happened."""
    mine = [
        (number, row)
        for number, row in enumerate(rows)
        if None not in keys
        and tuple(row[name] for name in view.entity) == keys
        and row[view.event_time] is not None
        and (known_at(row, view) < moment or (view.cutoff == "until" and known_at(row, view) == moment))
    ]
    mine.sort(key=lambda item: (item[1][view.event_time], known_at(item[1], view), item[0]))
    return [row for _, row in mine]


def in_window(rows: list[Row], view: FeatureView, window: Window, moment: datetime) -> list[Row]:
    """Of the rows seen, those that happened in the window."""
    if window.length is None:
        return rows
    start = moment - window.length
    if view.cutoff == "until":
        return [row for row in rows if row[view.event_time] > start]
    return [row for row in rows if row[view.event_time] >= start]


def present(rows: list[Row], column: str) -> list[object]:
    """The values of a column that are there."""
    values = [row[column] for row in rows]
    return [
        value
        for value in values
        if value is not None and not (isinstance(value, float) and not isfinite(value))
    ]


def windowed(rows: list[Row], view: FeatureView, window: Window, moment: datetime) -> object:
    """One answer of a window, by its definition."""
    mine = in_window(rows, view, window, moment)
    if window.function == "recency":
        return (moment - mine[-1][view.event_time]).total_seconds() if mine else None
    if window.function == "frequency":
        return len(mine) / ((window.length or timedelta(days=1)) / timedelta(days=1))
    if window.column is None:
        return len(mine)
    return of_values(window.function, present(mine, window.column))


def of_values(function: str, values: list) -> object:
    """One answer made of the values that are there."""
    counted = {"count": len(values), "distinct": len(set(values))}
    if function == "sum":
        return fsum(values)
    if function in counted:
        return counted[function]
    if not values:
        return None
    if function == "mean":
        return fsum(values) / len(values)
    return {"min": min, "max": max, "last": lambda found: found[-1]}[function](values)


def reference(spine: list[Row], rows: list[Row], view: FeatureView, *, time: str) -> list[Row]:
    """Every feature of every row of a spine, by the definitions."""
    made = []
    for row in spine:
        moment = row[time] - view.horizon
        mine = seen(rows, view, keys=tuple(row[name] for name in view.keys), moment=moment)
        latest = mine[-1] if mine else None
        if latest is not None and view.ttl is not None and moment - latest[view.event_time] > view.ttl:
            latest = None
        answers = {f"{view.name}_{name}": latest[name] if latest else None for name in view.columns}
        answers |= {window.name: windowed(mine, view, window, moment) for window in view.windows}
        made.append(answers)
    return made

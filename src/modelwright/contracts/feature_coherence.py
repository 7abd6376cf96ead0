"""Coherence of declared features: tables name columns that exist and clocks that run, steps fit columns."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from modelwright.contracts.duration import parse_duration
from modelwright.contracts.incoherence import Incoherence, Path, Values, suggestion
from modelwright.contracts.source_coherence import SOURCE_RULES
from modelwright.kernel.errors import ContractInvalid

__all__ = ["FEATURE_RULES"]

OF_ROWS = frozenset(("count", "recency", "frequency"))
"""Functions that need no column."""

TYPES: Mapping[str, tuple[str, ...]] = {
    "read": ("number", "integer", "boolean", "category", "text"),
    "one_hot": ("category", "text", "boolean", "integer"),
    "target_mean": ("category", "text", "boolean", "integer"),
    "cyclical": ("datetime",),
    "elapsed": ("datetime",),
    "hashed_text": ("text", "category"),
    "tfidf": ("text", "category"),
    "custom": ("number", "integer", "boolean", "category", "text", "datetime"),
}
"""The types of columns each step reads."""

FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


def _duration(values: Values, path: Path, found: dict[str, timedelta]) -> Iterator[Incoherence]:
    """Read one duration into `found`, or say that it is none."""
    written = values.text(*path)
    if not written:
        return
    try:
        length = parse_duration(written)
    except ContractInvalid as error:
        yield Incoherence(path=path, what=error.what, cure="write it such as 30m, 7d or 1d12h")
        return
    if not length and str(path[-1]) in {"window", "ttl"}:
        yield Incoherence(path=path, what="a length of nothing holds no row", cure="write it such as 7d")
    found[str(path[-1])] = length


def _clocks(values: Values, here: Path) -> Iterator[Incoherence]:
    found: dict[str, timedelta] = {}
    for key in ("ttl", "delay", "horizon", "freshness"):
        yield from _duration(values, (*here, key), found)
    if "ttl" in found and found["ttl"] < found.get("delay", timedelta(0)):
        yield Incoherence(
            path=(*here, "ttl"),
            what="values are too old before they are known: ttl is shorter than delay",
            cure="lengthen ttl, or shorten delay",
        )


def _aggregate(values: Values, here: Path) -> Iterator[Incoherence]:
    function, column = values.text(*here, "function"), values.text(*here, "column")
    yield from _duration(values, (*here, "window"), {})
    if function and not column and function not in OF_ROWS:
        yield Incoherence(path=here, what=f"{function} of nothing", cure="name the column it is made of")
    if function in {"recency", "frequency"} and column:
        cure = "leave the column out; count and last look at one"
        yield Incoherence(path=(*here, "column"), what=f"{function} is of rows, not of a column", cure=cure)
    if function == "frequency" and not values.text(*here, "window"):
        yield Incoherence(path=here, what="rows a day over an endless past", cure="say the window")


def _made(values: Values, here: Path) -> Iterator[tuple[Path, str]]:
    """Yield the columns a feature table makes, each with the place that declares it."""
    name = values.text(*here, "name")
    for place, column in values.texts(*here, "columns"):
        yield place, f"{name}_{column}"
    for index in range(len(values.items(*here, "aggregates"))):
        place = (*here, "aggregates", index)
        parts = (name, *(values.text(*place, key) for key in ("function", "column", "window")))
        joined = "_".join(part.replace(" ", "") for part in parts if part)
        yield place, values.text(*place, "name") or joined


def _outputs(values: Values, here: Path, seen: dict[str, str]) -> Iterator[Incoherence]:
    name = values.text(*here, "name")
    made = list(_made(values, here))
    if not made:
        yield Incoherence(path=here, what=f"nothing is made of {name}", cure="list columns or aggregates")
    for place, column in made:
        if column in seen:
            yield Incoherence(
                path=place,
                what=f"{column} is made twice, by {seen[column]} and {name}",
                cure="give it a name",
            )
        seen[column] = name
        if column not in values.columns:
            cure = f"describe it like any column: `{column}: {{type: number}}`"
            yield Incoherence(path=place, what=f"{column} is not in data.columns", cure=cure)
        elif values.role(column) not in {"feature", "context", "excluded"}:
            yield Incoherence(
                path=("data", "columns", column, "role"),
                what=f"{column} is made of {name} and is no {values.role(column)}",
                cure="a joined column is a feature, context, or excluded",
            )


def _keys(values: Values, here: Path) -> Iterator[Incoherence]:
    entity, on = values.texts(*here, "entity"), values.texts(*here, "on")
    if on and len(on) != len(entity):
        cure = "match each column of the table with one of the rows"
        yield Incoherence(path=(*here, "on"), what=f"{len(on)} columns for {len(entity)} keys", cure=cure)
    for place, column in on or entity:
        if column not in values.columns:
            cure = suggestion(column, values.columns, "add it to data.columns, or name another with `on`")
            yield Incoherence(path=place, what=f"'{column}' is not in data.columns", cure=cure)
        elif values.role(column) in {"excluded", "target"}:
            cure = "give it the role entity or context"
            what = f"'{column}' is {values.role(column)} and cannot be matched"
            yield Incoherence(path=place, what=what, cure=cure)


def _source(values: Values, here: Path) -> Iterator[Incoherence]:
    """Hold the source of a feature table to what holds for every source."""
    alone = Values({"data": {"sources": [values.get(*here, "source")]}})
    for rule in SOURCE_RULES:
        for item in rule(alone):
            yield Incoherence(path=(*here, "source", *item.path[3:]), what=item.what, cure=item.cure)


def _tables(values: Values) -> Iterator[Incoherence]:
    seen: dict[str, str] = {}
    tables = values.items("data", "feature_tables")
    time = values.text("data", "feature_time") or values.text("data", "event_time")
    if tables and not time:
        yield Incoherence(
            path=("data", "feature_tables"),
            what="feature tables are joined as of a moment, and the rows have none",
            cure="name the column of the rows' time: `event_time:`",
        )
    names: set[str] = set()
    for index in range(len(tables)):
        here: Path = ("data", "feature_tables", index)
        name = values.text(*here, "name")
        if name in names:
            yield Incoherence(path=(*here, "name"), what=f"two tables are called {name}", cure="rename one")
        names.add(name)
        yield from _source(values, here)
        yield from _keys(values, here)
        yield from _clocks(values, here)
        for number in range(len(values.items(*here, "aggregates"))):
            yield from _aggregate(values, (*here, "aggregates", number))
        yield from _outputs(values, here, seen)


def _step(values: Values, here: Path) -> Iterator[Incoherence]:
    make = values.text(*here, "make")
    columns = values.texts(*here, "columns")
    for place, column in columns:
        if column not in values.columns:
            cure = suggestion(column, values.columns, "name a column of data.columns")
            yield Incoherence(path=place, what=f"'{column}' is not in data.columns", cure=cure)
            continue
        kind = values.column(column, "type")
        if kind and make in TYPES and kind not in TYPES[make]:
            cure = f"it reads columns of type {', '.join(TYPES[make])}"
            yield Incoherence(path=place, what=f"{make} cannot read '{column}', a {kind}", cure=cure)
        if values.role(column) != "feature":
            cure = "read features alone; what is no feature must not reach the matrix by another way"
            what = f"'{column}' has the role {values.role(column)}"
            yield Incoherence(path=place, what=what, cure=cure)
        elif values.column(column, "available_at") == "after":
            cure = "leave it out: it is known only after the outcome"
            yield Incoherence(path=place, what=f"'{column}' is known too late", cure=cure)
    if make == "elapsed" and len(columns) != 2:
        cure = "name two dates: from, to"
        yield Incoherence(path=(*here, "columns"), what=f"{len(columns)} dates for one span", cure=cure)
    if make in {"elapsed", "custom"} and not values.text(*here, "name"):
        yield Incoherence(path=here, what=f"what {make} makes has no name", cure="add `name:`")
    function = values.text(*here, "function")
    if make == "custom" and not FUNCTION.fullmatch(function):
        what = f"'{function[:40]}' names no function" if function else "no function is named"
        cure = "write `function: module:function`, such as `signals:ratio` for signals.py"
        yield Incoherence(path=(*here, "function") if function else here, what=what, cure=cure)


def _steps(values: Values) -> Iterator[Incoherence]:
    made: set[str] = set()
    read: set[str] = set()
    for index in range(len(values.items("data", "feature_steps"))):
        here: Path = ("data", "feature_steps", index)
        yield from _step(values, here)
        name = values.text(*here, "name")
        if name and (name in made or name in values.columns):
            what = f"a column called {name} is there already"
            yield Incoherence(path=(*here, "name"), what=what, cure="choose another name")
        made.add(name)
        for place, column in values.texts(*here, "columns"):
            if values.text(*here, "make") == "read" and column in read:
                what = f"two steps say how '{column}' is read"
                yield Incoherence(path=place, what=what, cure="keep one of them")
            if values.text(*here, "make") == "read":
                read.add(column)


FEATURE_RULES = (_tables, _steps)
"""The rules, in the order they speak."""

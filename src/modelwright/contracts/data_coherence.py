"""Coherence of decision and data: target, columns and split agree with each other."""

import re
from collections.abc import Iterator

from modelwright.contracts.incoherence import Incoherence, Path, Values, suggestion

__all__ = ["DATA_RULES"]

VAGUE_WORDS = """
a accuracy accurate an and as auc best better boost build classifier create enhance fit for get good
great higher improve improving increase is its learning machine make maximise maximize metric
metrics ml model models more new of optimise optimize our performance possible precise predict
prediction predictions predictive quality rmse score scores the this to train training with work
works
"""
VAGUE = frozenset(VAGUE_WORDS.split())
"""A goal of these words alone says nothing that can be observed."""
WORD = re.compile(r"[^\W\d_]+")
NUMERIC = ("number", "integer")
NOT_NUMERIC = ("boolean", "category", "text", "datetime")
MOST_LISTED = 2000
"""Categories among which repeated ones are looked for."""


def _goal(values: Values) -> Iterator[Incoherence]:
    words = {word.casefold() for word in WORD.findall(values.text("decision", "goal"))}
    if words and words <= VAGUE:
        yield Incoherence(
            path=("decision", "goal"),
            what=f"'{values.text('decision', 'goal')}' names no behaviour that can be observed",
            cure="say who does what differently, such as 'call the clients likely to subscribe first'",
        )


def _costs(values: Values) -> Iterator[Incoherence]:
    path = ("decision", "mistakes")
    yes, no = (values.number(*path, key, default=1.0) for key in ("wrong_yes", "wrong_no"))
    if yes == 0 and no == 0:
        yield Incoherence(
            path=path, what="no mistake costs anything", cure="say what a wrong yes or a wrong no costs"
        )


def _target(values: Values) -> Iterator[Incoherence]:
    target = values.text("prediction", "target")
    path: Path = ("prediction", "target")
    marked = [name for name in values.columns if values.role(name) == "target"]
    if target and values.columns and target not in values.columns:
        otherwise = "name one of the columns under data.columns"
        yield Incoherence(
            path=path,
            what=f"target '{target}' is not a column",
            cure=suggestion(target, values.columns, otherwise),
        )
    elif target and values.columns and target not in marked:
        yield Incoherence(
            path=("data", "columns", target, "role"),
            what=f"'{target}' is the target and has the role {values.role(target)}",
            cure="write `role: target`",
        )
    for name in marked:
        if name != target:
            yield Incoherence(
                path=("data", "columns", name, "role"),
                what=f"'{name}' has the role target, but the target is '{target}'",
                cure="give it another role, such as context or excluded",
            )
    kind = values.column(target, "type")
    wrong = {
        "regression": kind in NOT_NUMERIC,
        "binary": kind == "datetime",
        "multiclass": kind == "datetime",
    }
    if wrong.get(values.task):
        yield Incoherence(
            path=("data", "columns", target, "type"),
            what=f"the target of a {values.task} task has the type {kind}",
            cure="use number" if values.task == "regression" else "use category",
        )


def _positive(values: Values) -> Iterator[Incoherence]:
    positive = values.get("prediction", "positive")
    path: Path = ("prediction", "positive")
    if values.task == "binary" and (positive is None or positive == ""):
        yield Incoherence(
            path=path,
            what="a binary task has no positive class",
            cure="write `positive:` with the class that triggers the action, as it stands in the data",
        )
    if values.task in {"multiclass", "regression"} and positive is not None:
        yield Incoherence(
            path=path, what=f"a {values.task} task has no positive class", cure="remove the key or write null"
        )
    allowed = [
        text for _, text in values.texts("data", "columns", values.text("prediction", "target"), "categories")
    ]
    written = values.text("prediction", "positive")
    if values.task == "binary" and written and allowed and written not in allowed:
        yield Incoherence(
            path=path,
            what=f"positive class '{written}' is not a category of the target",
            cure=suggestion(written, allowed, "use one of: " + ", ".join(allowed[:10])),
        )


def _named_columns(values: Values) -> Iterator[Incoherence]:
    """Every place that names a column names one that is read."""
    named: list[tuple[Path, str]] = [
        (path, values.text(*path))
        for path in (
            ("prediction", "entity"),
            ("data", "event_time"),
            ("data", "label", "time"),
            ("data", "split", "group"),
            ("data", "split", "time"),
        )
    ]
    named += values.texts("data", "primary_key")
    named += values.texts("evaluation", "slices")
    named += values.texts("prediction", "privacy", "logged_fields")
    named += values.texts("monitoring", "critical_features")
    for index in range(len(values.items("decision", "candidate_signals"))):
        named += values.texts("decision", "candidate_signals", index, "columns")
    for path, name in named:
        if not name or not values.columns:
            continue
        where = str(path[-1] if isinstance(path[-1], str) else path[-2])
        if name not in values.columns:
            yield Incoherence(
                path=path,
                what=f"{where} names '{name}', which is not a column",
                cure=suggestion(name, values.columns, "name one of the columns under data.columns"),
            )
        elif values.role(name) == "excluded" and where != "columns":
            yield Incoherence(
                path=path,
                what=f"{where} names '{name}', which is excluded and never read",
                cure="give the column the role context",
            )


def _split(values: Values) -> Iterator[Incoherence]:
    path: Path = ("data", "split")
    policy = values.text(*path, "policy")
    by_rows = values.text(*path, "order") == "rows"
    if policy == "temporal" and not values.text(*path, "time") and not by_rows:
        yield Incoherence(
            path=(*path, "policy"),
            what="a temporal split has nothing to order rows by",
            cure="write `time:` with a column, or `order: rows` when the source is in order of time",
        )
    if policy == "group" and not values.text(*path, "group"):
        yield Incoherence(
            path=(*path, "policy"),
            what="a group split names no group",
            cure="write `group:` with the column whose rows belong together",
        )
    held = values.number(*path, "validation", default=0.2) + values.number(*path, "test", default=0.2)
    if held >= 1:
        yield Incoherence(
            path=(*path, "test"),
            what=f"validation and test take {held:.2f} of the rows and leave none for training",
            cure="keep their sum below 1, such as 0.2 and 0.2",
        )


def _columns(values: Values) -> Iterator[Incoherence]:
    for name in values.columns:
        path: Path = ("data", "columns", name)
        if values.role(name) == "excluded" and not values.text(*path, "reason"):
            yield Incoherence(
                path=path,
                what=f"column '{name}' is excluded without a reason",
                cure="write `reason:`, so that others need not guess",
            )
        yield from _limits(values, name, path)
    if values.columns and "feature" not in {values.role(name) for name in values.columns}:
        yield Incoherence(
            path=("data", "columns"),
            what="no column has the role feature",
            cure="a model needs at least one column to learn from",
        )
    weights = [name for name in values.columns if values.role(name) == "weight"]
    for name in weights[1:]:
        yield Incoherence(
            path=("data", "columns", name, "role"),
            what=f"'{name}' is a second weight beside '{weights[0]}'",
            cure="keep one weight",
        )


def _kept_out(values: Values) -> Iterator[Incoherence]:
    """What is computed from, or shown value by value, cannot be kept out as well."""
    used: list[tuple[Path, str]] = [
        (path, values.text(*path))
        for path in (
            ("prediction", "target"),
            ("data", "event_time"),
            ("data", "label", "time"),
            ("data", "split", "time"),
        )
    ]
    used += values.texts("evaluation", "slices")
    used += [
        (("data", "columns", name, "role"), name) for name in values.columns if values.role(name) == "weight"
    ]
    for path, name in used:
        if name in values.columns and values.get("data", "columns", name, "keep_out") is True:
            where = str(path[-1] if isinstance(path[-1], str) else path[-2])
            yield Incoherence(
                path=path,
                what=f"{where} names '{name}', whose values are kept out of every artifact",
                cure="take `keep_out` off, or name a column that may be kept",
            )


def _limits(values: Values, name: str, path: Path) -> Iterator[Incoherence]:
    kind = values.column(name, "type")
    bounds = values.items(*path, "range")
    low, high = (*bounds, None, None)[:2]
    if bounds and kind in NOT_NUMERIC:
        yield Incoherence(
            path=(*path, "range"),
            what=f"'{name}' is {kind} and has a range",
            cure="remove it, or use `categories`",
        )
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield Incoherence(
            path=(*path, "range"),
            what=f"the range of '{name}' ends before it begins",
            cure=f"write [{high}, {low}]",
        )
    listed = [text for _, text in values.texts(*path, "categories")]
    twice = sorted({text for text in listed if listed.count(text) > 1}) if len(listed) < MOST_LISTED else []
    if twice:
        yield Incoherence(
            path=(*path, "categories"),
            what=f"'{name}' lists {', '.join(twice[:5])} twice",
            cure="keep one of each",
        )
    if values.get(*path, "categories") is not None and not listed:
        yield Incoherence(
            path=(*path, "categories"),
            what=f"'{name}' allows no category at all",
            cure="list what is allowed, or write null to accept any",
        )


DATA_RULES = (_goal, _costs, _target, _positive, _named_columns, _split, _columns, _kept_out)
"""The rules, in the order they speak."""

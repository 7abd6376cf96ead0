"""Coherence: what the parts of a contract must say about each other.

The rules look at plain values, so that they also speak when another part of the file is not valid yet:
all faults of a file arrive together. Each rule yields where, what and the cure.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from modelwright.contracts.duration import parse_duration
from modelwright.contracts.gate import parse_gate
from modelwright.contracts.metric_names import MEASUREMENTS, METRIC_NAMES
from modelwright.kernel.errors import ContractInvalid, nearest

__all__ = ["Incoherence", "Path", "incoherences"]

Path = tuple[str | int, ...]

VAGUE = frozenset(
    "a accuracy accurate an and as auc best better boost build classifier create enhance fit for get good great "
    "higher improve improving increase is its learning machine make maximise maximize metric metrics ml model "
    "models more new of optimise optimize our performance possible precise predict prediction predictions "
    "predictive quality rmse score scores the this to train training with work works".split()
)
"""A goal of these words alone says nothing that can be observed."""
WORD = re.compile(r"[^\W\d_]+")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
NUMERIC = ("number", "integer")
NOT_NUMERIC = ("boolean", "category", "text", "datetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoherence:
    """Two parts of a contract that do not fit, or one that cannot be meant.

    Examples:
        >>> Incoherence(path=("decision", "goal"), what="vague", cure="name a behaviour").path[0]
        'decision'
    """

    path: Path
    """The place of the part to change."""
    what: str
    """What does not fit."""
    cure: str
    """What to do about it."""


class _Values:
    """The values of a contract, read without trusting their types."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        self.raw = raw
        self.columns = {str(name): column for name, column in self.table("data", "columns").items()}
        self.task = self.text("prediction", "task")

    def get(self, *path: str | int) -> object:
        value: object = self.raw
        for step in path:
            if isinstance(value, Mapping) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list | tuple) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def table(self, *path: str | int) -> Mapping[str, object]:
        value = self.get(*path)
        return value if isinstance(value, Mapping) else {}

    def items(self, *path: str | int) -> list[object]:
        value = self.get(*path)
        return list(value) if isinstance(value, list | tuple) else []

    def text(self, *path: str | int) -> str:
        value = self.get(*path)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def texts(self, *path: str | int) -> list[tuple[Path, str]]:
        return [((*path, index), self.text(*path, index)) for index in range(len(self.items(*path)))]

    def number(self, *path: str | int, default: float) -> float:
        value = self.get(*path)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def column(self, name: str, key: str) -> str:
        return self.text("data", "columns", name, key)

    def role(self, name: str) -> str:
        return self.column(name, "role") or "feature"


Rule = Callable[[_Values], Iterator[Incoherence]]


def _suggestion(name: str, options: Collection[str], otherwise: str) -> str:
    close = nearest(name, options)
    return f"did you mean '{close}'?" if close else otherwise


def _goal(values: _Values) -> Iterator[Incoherence]:
    words = {word.casefold() for word in WORD.findall(values.text("decision", "goal"))}
    if words and words <= VAGUE:
        yield Incoherence(
            path=("decision", "goal"),
            what=f"'{values.text('decision', 'goal')}' names no behaviour that can be observed",
            cure="say who does what differently, such as 'call the clients who are likely to subscribe first'",
        )


def _costs(values: _Values) -> Iterator[Incoherence]:
    path = ("decision", "mistakes")
    yes, no = (values.number(*path, key, default=1.0) for key in ("wrong_yes", "wrong_no"))
    if yes == 0 and no == 0:
        yield Incoherence(
            path=path, what="no mistake costs anything", cure="say what a wrong yes or a wrong no costs"
        )


def _target(values: _Values) -> Iterator[Incoherence]:
    target = values.text("prediction", "target")
    path: Path = ("prediction", "target")
    marked = [name for name in values.columns if values.role(name) == "target"]
    if target and values.columns and target not in values.columns:
        otherwise = "name one of the columns under data.columns"
        yield Incoherence(
            path=path,
            what=f"target '{target}' is not a column",
            cure=_suggestion(target, values.columns, otherwise),
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
    wrong = {"regression": kind in NOT_NUMERIC, "binary": kind == "datetime", "multiclass": kind == "datetime"}
    if wrong.get(values.task):
        yield Incoherence(
            path=("data", "columns", target, "type"),
            what=f"the target of a {values.task} task has the type {kind}",
            cure="use number" if values.task == "regression" else "use category",
        )


def _positive(values: _Values) -> Iterator[Incoherence]:
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
    allowed = [text for _, text in values.texts("data", "columns", values.text("prediction", "target"), "categories")]
    written = values.text("prediction", "positive")
    if values.task == "binary" and written and allowed and written not in allowed:
        yield Incoherence(
            path=path,
            what=f"positive class '{written}' is not a category of the target",
            cure=_suggestion(written, allowed, "use one of: " + ", ".join(allowed[:10])),
        )


def _named_columns(values: _Values) -> Iterator[Incoherence]:
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
                cure=_suggestion(name, values.columns, "name one of the columns under data.columns"),
            )
        elif values.role(name) == "excluded" and where != "columns":
            yield Incoherence(
                path=path,
                what=f"{where} names '{name}', which is excluded and never read",
                cure="give the column the role context",
            )


def _split(values: _Values) -> Iterator[Incoherence]:
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


def _columns(values: _Values) -> Iterator[Incoherence]:
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


def _limits(values: _Values, name: str, path: Path) -> Iterator[Incoherence]:
    kind = values.column(name, "type")
    bounds = values.items(*path, "range")
    low, high = (*bounds, None, None)[:2]
    if bounds and kind in NOT_NUMERIC:
        yield Incoherence(
            path=(*path, "range"), what=f"'{name}' is {kind} and has a range", cure="remove it, or use `categories`"
        )
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield Incoherence(
            path=(*path, "range"), what=f"the range of '{name}' ends before it begins", cure=f"write [{high}, {low}]"
        )
    listed = [text for _, text in values.texts(*path, "categories")]
    twice = sorted({text for text in listed if listed.count(text) > 1}) if len(listed) < MOST_LISTED else []
    if twice:
        yield Incoherence(
            path=(*path, "categories"), what=f"'{name}' lists {', '.join(twice[:5])} twice", cure="keep one of each"
        )
    if values.get(*path, "categories") is not None and not listed:
        yield Incoherence(
            path=(*path, "categories"),
            what=f"'{name}' allows no category at all",
            cure="list what is allowed, or write null to accept any",
        )


MOST_LISTED = 2000
"""Categories among which repeated ones are looked for."""


def _metrics(values: _Values) -> Iterator[Incoherence]:
    known = METRIC_NAMES.get(values.task)
    if known is None:
        return
    primary: list[tuple[Path, str]] = [(("evaluation", "primary"), values.text("evaluation", "primary"))]
    for path, name in primary + values.texts("evaluation", "secondary"):
        if name and name not in known:
            yield Incoherence(
                path=path,
                what=f"'{name}' is not a metric of {values.task} tasks",
                cure=_suggestion(name, known, "use one of: " + ", ".join(known)),
            )


def _gates(values: _Values) -> Iterator[Incoherence]:
    if not values.items("gates", "lines"):
        yield Incoherence(
            path=("gates",),
            what="there is no promotion gate",
            cure="add a line under gates.lines, such as `roc_auc >= 0.75`: what is not measured does not ship",
        )
    for kind in ("lines", "do_not_ship"):
        for path, text in values.texts("gates", kind):
            yield from _gate(values, path, text)


def _gate(values: _Values, path: Path, text: str) -> Iterator[Incoherence]:
    try:
        gate = parse_gate(text)
    except ContractInvalid as error:
        fault = error.faults[0]
        yield Incoherence(path=path, what=f"gate line '{text[:80]}': {fault.what}", cure=fault.next_step)
        return
    known = METRIC_NAMES.get(values.task)
    if known is not None and gate.metric not in known and gate.metric not in MEASUREMENTS:
        options = (*known, *MEASUREMENTS)
        yield Incoherence(
            path=path,
            what=f"gate line '{text}' judges '{gate.metric}', which is not measured in {values.task} tasks",
            cure=_suggestion(gate.metric, options, "use one of: " + ", ".join(options)),
        )
    due = MEASUREMENTS.get(gate.metric, "")
    if not gate.reference and gate.unit != due:
        cure = f"write the number with a unit, such as {80}{due}" if due else "write the number without a unit"
        yield Incoherence(path=path, what=f"gate line '{text}' has the wrong unit", cure=cure)
    if gate.slice and gate.metric in MEASUREMENTS:
        yield Incoherence(
            path=path, what=f"gate line '{text}': {gate.metric} is not measured by slice", cure="remove slice(...)"
        )
    slices = [name for _, name in values.texts("evaluation", "slices")]
    if gate.slice and gate.slice not in slices:
        yield Incoherence(
            path=path,
            what=f"gate line '{text}' judges slices of '{gate.slice}', which evaluation.slices does not list",
            cure=_suggestion(gate.slice, slices, f"add {gate.slice} to evaluation.slices"),
        )


def _durations(values: _Values) -> Iterator[Incoherence]:
    paths: list[Path] = [("data", "label", "delay"), ("data", "freshness"), ("monitoring", "window")]
    steps = len(values.items("rollout", "steps"))
    paths += [("rollout", "steps", index, "hold") for index in range(steps)]
    for path in paths:
        written = values.text(*path)
        try:
            length = parse_duration(written) if written else None
        except ContractInvalid as error:
            yield Incoherence(path=path, what=error.what, cure="write it as 30s, 10m, 1h, 1h30m or 7d")
            continue
        if length is not None and not length and path[-1] == "window":
            yield Incoherence(path=path, what="a monitoring window has no length", cure="write it as 1h or 1d")


def _privacy(values: _Values) -> Iterator[Incoherence]:
    for path, name in values.texts("prediction", "privacy", "logged_fields"):
        personal = values.column(name, "pii") or "none"
        kept_out = values.get("data", "columns", name, "keep_out") is True
        if personal != "none" or kept_out:
            why = "is kept out" if kept_out else f"is personal data ({personal})"
            yield Incoherence(
                path=path, what=f"logged_fields names '{name}', which {why}", cure="take it off the list"
            )


def _operation(values: _Values) -> Iterator[Incoherence]:
    latency: Path = ("prediction", "latency")
    limits = [
        (key, values.number(*latency, key, default=default))
        for key, default in (("p50_ms", 50.0), ("p95_ms", 150.0), ("p99_ms", 200.0), ("timeout_ms", 1000.0))
    ]
    for (before, low), (key, high) in zip(limits, limits[1:], strict=False):
        if low > high:
            yield Incoherence(
                path=(*latency, key if key in values.table(*latency) else before),
                what=f"{key} {high:g} is below {before} {low:g}",
                cure=f"raise {key} or lower {before}",
            )
    fallback: Path = ("prediction", "fallback")
    if values.text(*fallback, "kind") == "constant" and values.get(*fallback, "value") is None:
        yield Incoherence(path=fallback, what="a constant fallback has no value", cure="write `value:`")
    yield from _rollout(values)
    warn = values.number("monitoring", "psi_warn", default=0.1)
    alert = values.number("monitoring", "psi_alert", default=0.2)
    if warn > alert:
        yield Incoherence(
            path=("monitoring", "psi_warn"),
            what=f"psi_warn {warn:g} is above psi_alert {alert:g}",
            cure="warn before you alert",
        )


def _rollout(values: _Values) -> Iterator[Incoherence]:
    steps = values.items("rollout", "steps")
    shares = [values.number("rollout", "steps", index, "share", default=0.0) for index in range(len(steps))]
    if values.get("rollout", "steps") is not None and not steps:
        yield Incoherence(path=("rollout", "steps"), what="a rollout has no steps", cure="end with a share of 1")
    if shares != sorted(shares):
        yield Incoherence(path=("rollout", "steps"), what="a later step has a smaller share", cure="order the steps")
    if shares and shares[-1] != 1.0:
        yield Incoherence(
            path=("rollout", "steps", len(steps) - 1),
            what=f"the last rollout step gives the challenger {shares[-1]:g} of the traffic",
            cure="end with a share of 1",
        )


def _sources(values: _Values) -> Iterator[Incoherence]:
    for index in range(len(values.items("data", "sources"))):
        path: Path = ("data", "sources", index, "digest")
        written = values.text(*path)
        if written and not DIGEST.fullmatch(written):
            yield Incoherence(
                path=path, what=f"'{written[:40]}' is not a digest", cure="write sha256: and 64 hex digits, or null"
            )


RULES: tuple[Rule, ...] = (
    _goal,
    _costs,
    _target,
    _positive,
    _named_columns,
    _split,
    _columns,
    _metrics,
    _gates,
    _durations,
    _privacy,
    _operation,
    _sources,
)


def incoherences(values: Mapping[str, object]) -> Iterator[Incoherence]:
    """Yield everything in a contract's plain values that does not fit together.

    Values of a wrong type are passed over: naming those is the schema's matter.

    Examples:
        >>> found = incoherences({"prediction": {"task": "binary"}, "gates": {"lines": ["roc_auc > 0.7"]}})
        >>> [item.what for item in found]
        ['a binary task has no positive class']
    """
    view = _Values(values)
    for rule in RULES:
        yield from rule(view)

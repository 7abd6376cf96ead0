"""Coherence of what is promised: metrics, gates, durations, privacy, latency and rollout."""

from collections.abc import Iterator
from itertools import pairwise

from modelwright.contracts.duration import parse_duration
from modelwright.contracts.gate import parse_gate
from modelwright.contracts.incoherence import Incoherence, Path, Values, suggestion
from modelwright.contracts.metric_names import MEASUREMENTS, METRIC_NAMES
from modelwright.kernel.errors import ContractInvalid

__all__ = ["PROMISE_RULES"]


def _metrics(values: Values) -> Iterator[Incoherence]:
    known = METRIC_NAMES.get(values.task)
    if known is None:
        return
    primary: list[tuple[Path, str]] = [(("evaluation", "primary"), values.text("evaluation", "primary"))]
    for path, name in primary + values.texts("evaluation", "secondary"):
        if name and name not in known:
            yield Incoherence(
                path=path,
                what=f"'{name}' is not a metric of {values.task} tasks",
                cure=suggestion(name, known, "use one of: " + ", ".join(known)),
            )


def _gates(values: Values) -> Iterator[Incoherence]:
    if not values.items("gates", "lines"):
        yield Incoherence(
            path=("gates",),
            what="there is no promotion gate",
            cure="add a line under gates.lines, such as `roc_auc >= 0.75`",
        )
    for kind in ("lines", "do_not_ship"):
        for path, text in values.texts("gates", kind):
            yield from _gate(values, path, text)


def _gate(values: Values, path: Path, text: str) -> Iterator[Incoherence]:
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
            cure=suggestion(gate.metric, options, "use one of: " + ", ".join(options)),
        )
    due = MEASUREMENTS.get(gate.metric, "")
    if not gate.reference and gate.unit != due:
        cure = (
            f"write the number with a unit, such as {80}{due}" if due else "write the number without a unit"
        )
        yield Incoherence(path=path, what=f"gate line '{text}' has the wrong unit", cure=cure)
    if gate.slice and gate.metric in MEASUREMENTS:
        yield Incoherence(
            path=path,
            what=f"gate line '{text}': {gate.metric} is not measured by slice",
            cure="remove slice(...)",
        )
    slices = [name for _, name in values.texts("evaluation", "slices")]
    if gate.slice and gate.slice not in slices:
        yield Incoherence(
            path=path,
            what=f"gate line '{text}' judges slices of '{gate.slice}', which evaluation.slices does not list",
            cure=suggestion(gate.slice, slices, f"add {gate.slice} to evaluation.slices"),
        )


def _durations(values: Values) -> Iterator[Incoherence]:
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
            yield Incoherence(
                path=path, what="a monitoring window has no length", cure="write it as 1h or 1d"
            )


def _privacy(values: Values) -> Iterator[Incoherence]:
    for path, name in values.texts("prediction", "privacy", "logged_fields"):
        personal = values.column(name, "pii") or "none"
        kept_out = values.get("data", "columns", name, "keep_out") is True
        if personal != "none" or kept_out:
            why = "is kept out" if kept_out else f"is personal data ({personal})"
            yield Incoherence(
                path=path, what=f"logged_fields names '{name}', which {why}", cure="take it off the list"
            )


def _operation(values: Values) -> Iterator[Incoherence]:
    latency: Path = ("prediction", "latency")
    limits = [
        (key, values.number(*latency, key, default=default))
        for key, default in (("p50_ms", 50.0), ("p95_ms", 150.0), ("p99_ms", 200.0), ("timeout_ms", 1000.0))
    ]
    for (before, low), (key, high) in pairwise(limits):
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


def _rollout(values: Values) -> Iterator[Incoherence]:
    steps = values.items("rollout", "steps")
    shares = [values.number("rollout", "steps", index, "share", default=0.0) for index in range(len(steps))]
    if values.get("rollout", "steps") is not None and not steps:
        yield Incoherence(
            path=("rollout", "steps"), what="a rollout has no steps", cure="end with a share of 1"
        )
    if shares != sorted(shares):
        yield Incoherence(
            path=("rollout", "steps"), what="a later step has a smaller share", cure="order the steps"
        )
    if shares and shares[-1] != 1.0:
        yield Incoherence(
            path=("rollout", "steps", len(steps) - 1),
            what=f"the last rollout step gives the challenger {shares[-1]:g} of the traffic",
            cure="end with a share of 1",
        )


PROMISE_RULES = (_metrics, _gates, _durations, _privacy, _operation)
"""The rules, in the order they speak."""

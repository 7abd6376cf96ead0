"""Joints of the gate: every kind of line on all rows, on a slice, against each rival, and on a machine."""

from dataclasses import replace

from tests.faults.figures import (
    FAULTS,
    RIVALS,
    applies,
    broken,
    contract_with,
    judged,
    report_of,
    slice_of,
    sound_comparison,
    sound_estimate,
)
from tests.faults.joint import Joint

from modelwright.evaluation.metric import METRICS
from modelwright.gates.verdict import Verdict
from modelwright.ledger.codec import decode, encode

SHAPES = {
    "at least": (">= -1e9", False),
    "at most": ("<= 1e9", False),
    "must not be above": ("> 1e9", True),
    "must not be below": ("< -1e9", True),
    "point at least": ("point >= -1e9", False),
}
"""Lines that every sound figure passes, so that only the fault can be what blocks."""

NO_ROWS_NEEDED = {"no rows", "too few rows", "zero width from one row"}
"""One file has one size, and a line about it needs no rows."""

OF_THE_INTERVAL = {
    "no interval",
    "half an interval",
    "NaN interval",
    "NaN at one end",
    "infinite interval",
    "a lower level than agreed",
    "a level that is no number",
}
"""A line that asks for the point itself does not ask for an interval; too few rows still block it."""


def computed(name):
    """Whether rows give the metric, and not a machine."""
    return not METRICS.get(name).measured


def lines_of(name, place, shape):
    """The lines of the contract, what must hold and what must not be: one of them is the one under test."""
    text, forbidden = SHAPES[shape]
    point, _, rest = text.rpartition("point ")
    line = f"{name} {rest}"
    if place == "slice":
        line = f"slice(job): {line}"
    elif place in RIVALS:
        better = ">" if METRICS.get(name).direction == "higher" else "<"
        worse = "<" if better == ">" else ">"
        line = f"{name} {worse if forbidden else better} {place}"
    line = f"point {line}" if point or text.startswith("point") else line
    other = "p50_latency <= 1e6" if name == "bundle_size" else "bundle_size <= 1e6"
    return ((other, line), ()) if not forbidden else ((other,), (line,))


def verdict_of(name, place, shape, fault=""):
    """Judge one cell; `fault` is a name of FAULTS, or empty for none."""
    lines, forbidden = lines_of(name, place, shape)
    contract = contract_with(name, lines=lines, forbidden=forbidden)
    measurements = {"bundle_size": 3.0, "p50_latency": 3.0}
    estimate = sound_estimate(name)
    comparisons = [sound_comparison(name, rival) for rival in RIVALS]
    mend = (lambda figure: broken(figure, fault)) if fault else (lambda figure: figure)
    whole, part = estimate, estimate
    match place:
        case "whole":
            whole = mend(estimate)
        case "slice":
            part = mend(estimate)
        case "measured":
            measurements[name] = mend(estimate)
        case rival:
            comparisons = [mend(one) if one.other == rival else one for one in comparisons]
    report = report_of(
        contract,
        estimates=[] if whole is None or place == "measured" else [whole],
        slices=[slice_of(*([] if part is None else [part]))],
        comparisons=[one for one in comparisons if one is not None],
    )
    found = {key: value for key, value in measurements.items() if value is not None}
    verdict = judged(contract, report, measurements=found)
    assert decode(encode(verdict), Verdict) == verdict, "a verdict that cannot be stored is none"
    return verdict


def faults_of(name, place, shape):
    """The faults that are faults of such a line."""
    figure = sound_comparison(name, place) if place in RIVALS else sound_estimate(name)
    named = [fault for fault in FAULTS if applies(fault, figure)]
    if shape.startswith("point"):
        named = [fault for fault in named if fault not in OF_THE_INTERVAL]
    if name == "bundle_size":
        named = [fault for fault in named if fault not in NO_ROWS_NEEDED]
    return named


def gate(place, shape):
    """The joint of one kind of line at one place."""

    def attempts(name):
        return {
            fault: lambda fault=fault: verdict_of(name, place, shape, fault).outcome
            for fault in faults_of(name, place, shape)
        }

    return Joint(
        name=f"gate, {place}, {shape}",
        takes=(lambda name: not computed(name)) if place == "measured" else computed,
        sound=lambda name: verdict_of(name, place, shape).outcome,
        faults=attempts,
    )


def states(name):
    """Reports that are sound in themselves and belong to something else, and gates that are none."""
    contract = contract_with(name, lines=(f"{name} >= -1e9",))
    estimate = sound_estimate(name)
    report = report_of(contract, estimates=[estimate])
    measured = {} if computed(name) else {name: estimate}

    def ask(lines=None, given=report, **more):
        agreed = contract if lines is None else contract_with(name, lines=lines)
        about = given if given is None or lines is None else replace(given, contract_digest=agreed.digest)
        return judged(agreed, about, measurements=measured, **more).outcome

    other = {"slice": f"slice(nowhere): {name} >= -1e9", "rival": f"{name} >= baseline"}
    told = {
        "an empty gate set": lambda: ask(lines=()),
        "an unknown metric": lambda: ask(lines=(f"{name}x >= 0",)),
        "a line that is no line": lambda: ask(lines=("be better",)),
        "a line without a number": lambda: ask(lines=(f"{name} >= soon",)),
        "an unknown slice": lambda: ask(lines=(other["slice"],)),
        "a unit of something else": lambda: ask(
            lines=(f"{name} <= 80{'MB' if METRICS.get(name).unit != 'MB' else 'ms'}",)
        ),
        "gates declared after training": lambda: ask(declared_before_training=False),
    }
    if computed(name):
        told |= {
            "no report": lambda: ask(given=None),
            "a report under another contract": lambda: ask(given=replace(report, contract_digest="sha256:x")),
            "a report without a contract": lambda: ask(given=replace(report, contract_digest="")),
            "a report on another part": lambda: ask(given=replace(report, part="validation")),
            "a report on another target": lambda: ask(given=replace(report, target="z")),
            "a report of another model": lambda: ask(pipeline_digest="sha256:this"),
            "no baseline": lambda: ask(lines=(other["rival"],)),
            "no champion and no baseline": lambda: ask(lines=(f"{name} >= champion",), champion=False),
        }
    else:
        told["nothing measured"] = lambda: judged(contract, report).outcome
        told |= {
            f"a bare {bare!r}": lambda bare=bare: judged(contract, None, measurements={name: bare}).outcome
            for bare in (None, float("nan"), float("inf"), -float("inf"), "40", True, [40.0])
        }
    return told


def standing(name):
    """A sound figure under a sound contract."""
    contract = contract_with(name, lines=(f"{name} >= -1e9",))
    estimate = sound_estimate(name)
    measured = {} if computed(name) else {name: estimate}
    return judged(contract, report_of(contract, estimates=[estimate]), measurements=measured).outcome


JOINTS = (
    *(gate(place, shape) for place in ("whole", "slice", "measured") for shape in SHAPES),
    *(gate(rival, shape) for rival in RIVALS for shape in ("at least", "must not be above")),
    Joint(name="gate, standing of the report", takes=lambda _: True, sound=standing, faults=states),
)

"""Fail closed at the gate: every metric of the catalogue with every fault blocks, on every kind of line.

The matrix is made from the catalogue, so that a new metric is in it by itself.
"""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from tests.evaluation.samples import TARGETS, contract_of, drawn, frame_of

from modelwright.evaluation.estimate import Comparison, Estimate
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.metric import METRICS
from modelwright.gates.judge import judge
from modelwright.gates.verdict import Verdict
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.training.pipeline import DecisionRule

NAN, INFINITE = float("nan"), float("inf")

FAULTS = {
    "missing": None,
    "no value": {"value": None, "low": None, "high": None},
    "NaN": {"value": NAN, "low": NAN, "high": NAN},
    "NaN value": {"value": NAN},
    "NaN interval": {"low": NAN, "high": NAN},
    "infinite": {"value": INFINITE, "low": INFINITE, "high": INFINITE},
    "minus infinite": {"value": -INFINITE, "low": -INFINITE, "high": -INFINITE},
    "infinite interval": {"low": -INFINITE, "high": INFINITE},
    "no interval": {"low": None, "high": None},
    "no rows": {"rows": 0},
    "too few rows": {"rows": 9},
    "rows not a number": {"rows": NAN},
    "text": {"value": "0.9", "low": "0.8", "high": "0.95"},
    "truth": {"value": True, "low": True, "high": True},
    "list": {"value": [0.9], "low": [0.8], "high": [0.95]},
}
"""What is done to an estimate; None takes it out."""

SHAPES = {
    "at least": ("{metric} >= -1e9", False),
    "at most": ("{metric} <= 1e9", False),
    "must not be above": ("{metric} > 1e9", True),
    "must not be below": ("{metric} < -1e9", True),
}
"""Lines that every sound value passes, so that only the fault can be what blocks."""

JOINTS = ("whole", "slice", "baseline", "measured")
"""Where a figure meets a line: all rows, a slice, a rival, a machine."""

PLACES = {name: (METRICS.get(name).tasks or ("binary",))[0] for name in METRICS.names()}
"""Each metric and a task it can be asked of."""


def lines_of(name, joint, shape):
    """The contract's lines for one cell of the matrix."""
    text, forbidden = SHAPES[shape]
    line = text.format(metric=name)
    if joint == "slice":
        line = f"slice(job): {line}"
    if joint == "baseline":
        line = f"{name} {line.split()[1]} baseline"
    sound = "p50_latency <= 1e6" if name == "bundle_size" else "bundle_size <= 1e6"
    return ((sound, line), ()) if not forbidden else ((sound,), (line,))


@cache
def sound_report(task):
    """A report in which everything is defined, with every metric on every slice and against a rival."""
    rng = np.random.default_rng(3)
    y, scores = drawn(task, rng, 600)
    secondary = tuple(name for name in METRICS.names() if task in METRICS.get(name).tasks)
    contract = contract_of(task, slices=("job",), secondary=secondary)
    return evaluate(
        y,
        scores,
        frame=frame_of(rng, 600),
        target=TARGETS[task],
        contract=contract,
        rule=DecisionRule(threshold=0.3),
        seed=1,
        part="test",
        others={"baseline": scores},
    )


def broken(record, fault):
    """One record with a fault in the numbers it has."""
    return replace(record, **{key: value for key, value in fault.items() if hasattr(record, key)})


def with_fault(report, name, joint, fault):
    """The report with one fault at one joint."""

    def mend(estimates):
        kept = (found for found in estimates if fault is not None or found.metric != name)
        return tuple(broken(found, fault) if fault and found.metric == name else found for found in kept)

    if joint == "whole":
        return replace(report, estimates=mend(report.estimates))
    if joint == "slice":
        slices = tuple(replace(item, estimates=mend(item.estimates)) for item in report.slices)
        return replace(report, slices=slices)
    renamed = {"value": "difference"}
    shifted = None if fault is None else {renamed.get(key, key): value for key, value in fault.items()}
    mine = [found for found in report.comparisons if found.metric == name]
    rest = tuple(found for found in report.comparisons if found.metric != name)
    return replace(report, comparisons=rest + (tuple(broken(c, shifted) for c in mine) if shifted else ()))


def beside_a_rival(report, name, shape):
    """The report with one comparison that every shape of line finds sound."""
    sign = -1.0 if shape in {"at most", "must not be above"} else 1.0
    found = Comparison(
        other="baseline",
        metric=name,
        difference=sign * 0.2,
        low=min(sign * 0.1, sign * 0.3),
        high=max(sign * 0.1, sign * 0.3),
        rows=600,
        outcome=Outcome(status=Status.PASSED, what=f"{name} against the baseline"),
    )
    return replace(report, comparisons=(found,))


def verdict_of(name, joint, shape, fault):
    """Judge one cell of the matrix; `fault` is a name of FAULTS, or empty for none."""
    task = PLACES[name]
    lines, forbidden = lines_of(name, joint, shape)
    contract = contract_of(task, gates=lines, do_not_ship=forbidden, slices=("job",))
    sound = replace(sound_report(task), contract_digest=contract.digest)
    if joint == "baseline":
        sound = beside_a_rival(sound, name, shape)
    measurements = {"bundle_size": 3.0, "p50_latency": 3.0}
    if joint == "measured":
        found = Estimate(metric=name, value=5.0, low=4.0, high=6.0, level=0.95, rows=500, direction="lower")
        measurements[name] = found
        if fault and FAULTS[fault] is None:
            del measurements[name]
        elif fault:
            measurements[name] = broken(found, FAULTS[fault])
    report = sound if joint == "measured" or not fault else with_fault(sound, name, joint, FAULTS[fault])
    return judge(contract, report, measurements=measurements, declared_before_training=True, champion=False)


CELLS = [
    (name, joint, shape)
    for name, joint, shape in product(METRICS.names(), JOINTS, SHAPES)
    if METRICS.get(name).measured == (joint == "measured")
]


@pytest.mark.parametrize(("name", "joint", "shape"), CELLS)
def test_without_a_fault_every_line_of_the_matrix_passes(name, joint, shape):
    """Otherwise the matrix would block for another reason and prove nothing."""
    assert verdict_of(name, joint, shape, "").outcome.status.value == "passed"


@pytest.mark.parametrize(("name", "joint", "shape"), CELLS)
def test_every_fault_blocks(name, joint, shape):
    """Missing, NaN, infinite, too few rows, wrong type: none passes, and each verdict can be stored."""
    for fault in FAULTS:
        if joint == "measured" and fault == "too few rows" and name == "bundle_size":
            continue  # one file has one size: it needs no rows
        verdict = verdict_of(name, joint, shape, fault)
        assert not verdict.allows, f"{name} {joint} {shape} {fault}"
        assert verdict.lines[-1].outcome.next_step, f"{name} {joint} {shape} {fault}"
        assert decode(encode(verdict), Verdict) == verdict


@pytest.mark.parametrize("name", METRICS.names())
@pytest.mark.parametrize("bare", [None, NAN, INFINITE, -INFINITE, "40", True, [40.0]])
def test_a_bare_measurement_that_is_no_number_blocks(name, bare):
    """What a machine reports is trusted no more than what a report says."""
    line, found = f"{name} <= 1e9", {name: bare}
    contract = contract_of(PLACES[name], gates=(line,))
    verdict = judge(contract, None, measurements=found, declared_before_training=True, champion=False)
    assert not verdict.allows


@pytest.mark.parametrize("name", METRICS.names())
@pytest.mark.parametrize(
    "state",
    ["no report", "stale contract", "another part", "another model", "declared too late"],
)
def test_a_stale_or_foreign_report_blocks_every_metric(name, state):
    """Wrong version, wrong part, wrong model, gates written afterwards."""
    task = PLACES[name]
    contract = contract_of(task, gates=(f"{name} >= -1e9",))
    report = replace(sound_report(task), contract_digest=contract.digest)
    changed = {
        "no report": None,
        "stale contract": replace(report, contract_digest="sha256:old"),
        "another part": replace(report, part="validation"),
        "another model": report,
        "declared too late": report,
    }[state]
    verdict = judge(
        contract,
        changed,
        measurements={},
        declared_before_training=state != "declared too late",
        champion=False,
        pipeline_digest="sha256:this" if state == "another model" else None,
    )
    assert not verdict.allows

"""Sound figures of every metric, made without a model, and the faults that can befall one."""

from dataclasses import replace
from functools import cache

from tests.evaluation.samples import TARGETS, contract_of

from modelwright.contracts.contract import Contract
from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult
from modelwright.evaluation.metric import METRICS, metrics_of
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.judge import judge
from modelwright.kernel.outcome import Outcome, Status

NAN, INFINITE = float("nan"), float("inf")

ROWS, LEVEL = 600, 0.95
RIVALS = ("baseline", "champion", "prior")

FAULTS = {
    "missing": None,
    "no value": {"value": None, "low": None, "high": None},
    "NaN": {"value": NAN, "low": NAN, "high": NAN},
    "NaN value": {"value": NAN},
    "NaN interval": {"low": NAN, "high": NAN},
    "NaN at one end": {"low": NAN},
    "infinite": {"value": INFINITE, "low": INFINITE, "high": INFINITE},
    "minus infinite": {"value": -INFINITE, "low": -INFINITE, "high": -INFINITE},
    "infinite interval": {"low": -INFINITE, "high": INFINITE},
    "no interval": {"low": None, "high": None},
    "half an interval": {"high": None},
    "reversed interval": {"low": "high", "high": "low"},
    "interval beside its value": {"low": "beyond", "high": "far beyond"},
    "no rows": {"rows": 0},
    "too few rows": {"rows": 9},
    "zero width from one row": {"rows": 1, "low": "value", "high": "value"},
    "rows below nothing": {"rows": -600},
    "rows not a number": {"rows": NAN},
    "rows as text": {"rows": "600"},
    "rows without end": {"rows": INFINITE},
    "text": {"value": "0.9", "low": "0.8", "high": "0.95"},
    "truth": {"value": True, "low": True, "high": True},
    "list": {"value": [0.9], "low": [0.8], "high": [0.95]},
    "of another metric": {"metric": "another"},
    "unknown direction": {"direction": "sideways"},
    "the other direction": {"direction": "flipped"},
    "a lower level than agreed": {"level": 0.5},
    "a level that is no number": {"level": NAN},
}
"""What is done to a figure, by name; None takes it out. Words stand for other numbers of the same figure."""


def task_of_metric(name):
    """A task the metric can be asked of; binary for what a machine measures."""
    return (METRICS.get(name).tasks or ("binary",))[0]


def sound_estimate(name):
    """A figure that nobody can object to."""
    metric = METRICS.get(name)
    bounded = metric.low is not None and metric.high is not None
    value, reach = (0.6, 0.1) if bounded or metric.high is not None else (2.0, 0.5)
    return Estimate(
        metric=name,
        value=value,
        low=value - reach,
        high=value + reach,
        level=LEVEL,
        rows=ROWS,
        direction=metric.direction,
    )


def sound_comparison(name, other):
    """A difference to a rival that lies wholly on the better side."""
    metric = METRICS.get(name)
    sign = 1.0 if metric.direction == "higher" else -1.0
    ends = sorted((sign * 0.1, sign * 0.3))
    return Comparison(
        other=other,
        metric=name,
        value=0.6,
        other_value=0.6 - sign * 0.2,
        difference=sign * 0.2,
        low=ends[0],
        high=ends[1],
        level=LEVEL,
        rows=ROWS,
        outcome=Outcome(status=Status.PASSED, what=f"{name} is better than that of {other}"),
    )


def broken(figure, fault):
    """The figure with one fault; None when the fault takes it out."""
    changes = FAULTS[fault]
    if changes is None:
        return None
    centre = "difference" if isinstance(figure, Comparison) else "value"
    value, low, high = getattr(figure, centre), figure.low, figure.high
    words = {"high": high, "low": low, "value": value, "beyond": high + 1.0, "far beyond": high + 2.0}
    if centre == "difference":  # on the better side, where a careless reader would let it pass
        sign = 1.0 if value > 0 else -1.0
        near, far = value + sign * 1.0, value + sign * 2.0
        words |= {"beyond": min(near, far), "far beyond": max(near, far)}
    if changes.get("direction") == "flipped":
        changes = {"direction": "lower" if METRICS.get(figure.metric).direction == "higher" else "higher"}
    told = {
        (centre if key == "value" else key): words[item] if isinstance(item, str) and item in words else item
        for key, item in changes.items()
        if hasattr(figure, centre if key == "value" else key)
    }
    return replace(figure, **told)


def applies(fault, figure):
    """Whether a figure of this kind has what the fault breaks; a comparison has no direction of its own."""
    return not (isinstance(figure, Comparison) and "direction" in (FAULTS[fault] or {}))


@cache
def contract_with(name, *, slices=("job",), lines=(), forbidden=()) -> Contract:
    """A contract of a task that has the metric, with these lines."""
    task = task_of_metric(name)
    primary = name if METRICS.get(name).tasks else metrics_of(task)[0]
    return contract_of(task, gates=lines, do_not_ship=forbidden, slices=slices, primary=primary)


def report_of(contract, *, estimates=(), slices=(), comparisons=()):
    """A report on the sealed test part under a contract."""
    task = contract.prediction.task
    return EvaluationReport(
        part="test",
        contract_digest=contract.digest,
        snapshot_digest="sha256:snapshot",
        run_id="run-1",
        pipeline_digest="sha256:pipeline",
        task=task,
        target=contract.prediction.target,
        classes=TARGETS[task].classes,
        primary=contract.evaluation.primary,
        rows=ROWS,
        level=LEVEL,
        resamples=1000,
        seed=1,
        estimates=tuple(estimates),
        slices=tuple(slices),
        comparisons=tuple(comparisons),
    )


def slice_of(*estimates):
    """One slice with these figures."""
    return SliceResult(column="job", value="clerk", rows=ROWS, estimates=tuple(estimates))


def judged(contract, report, *, measurements=None, champion=True, **more):
    """The verdict of the gate."""
    return judge(
        contract,
        report,
        measurements=measurements or {},
        **({"declared_before_training": True, "champion": champion} | more),
    )

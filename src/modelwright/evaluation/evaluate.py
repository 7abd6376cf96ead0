"""Evaluate: labels, scores and the contract to a report."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.gate import parse_gate
from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult, shown_difference
from modelwright.evaluation.interval import Asked, Drawn, draw, estimate
from modelwright.evaluation.metric import METRICS, metrics_of
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.resample import percentiles
from modelwright.evaluation.sample import DEFAULT_THRESHOLD, Index, Matrix, Sample, Vector
from modelwright.evaluation.scores import check_actual, check_scores, refuse
from modelwright.evaluation.segments import Segment, segments_of
from modelwright.evaluation.shape import (
    calibration_bins,
    confusion_of,
    cost_points,
    error_quantiles,
    ranking_curves,
    residual_bins,
)
from modelwright.evaluation.threshold import ThresholdChoice, least_cost_threshold
from modelwright.evaluation.weakness import weaknesses
from modelwright.kernel.errors import Fault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["PRIOR", "declared_metrics", "evaluate"]

PRIOR = "prior"
"""The name of the comparison with what is said without any model: class shares, or the median."""

MODEL = "the model"
"""The name under which the model itself is drawn; no rival can have it."""

SEALED_CELL = 10
"""Fewest sealed rows between two points of a curve: a curve through every row would give the labels away."""

SEALED_SLICE = 20
"""Fewest rows of a slice on the sealed part, whatever the contract says: of one row it would be its label."""


def declared_metrics(contract: Contract) -> tuple[str, ...]:
    """Return the metrics the contract names, primary first: they are compared and sliced.

    Examples:
        >>> declared_metrics.__name__
        'declared_metrics'
    """
    plan, task = contract.evaluation, contract.prediction.task
    lines = (*contract.gates.lines, *contract.gates.do_not_ship)
    named = (plan.primary, *plan.secondary, *(parse_gate(line).metric for line in lines), "expected_cost")
    own = set(metrics_of(task))
    return tuple(name for name in dict.fromkeys(named) if name in own)


def evaluate(  # noqa: PLR0913 - what is measured, against what, and whose it is, each named at the call
    y: Vector,
    scores: Matrix,
    *,
    frame: pl.DataFrame,
    target: TargetSpec,
    contract: Contract,
    rule: DecisionRule,
    seed: int,
    part: Literal["validation", "test"],
    others: Mapping[str, Matrix] | None = None,
    other_rules: Mapping[str, DecisionRule] | None = None,
    threshold: ThresholdChoice | None = None,
    run_id: str = "",
    snapshot_digest: str = "",
    pipeline_digest: str = "",
    looks_used: int | None = None,
) -> EvaluationReport:
    """Measure one model on one part of the data.

    All intervals come from one bootstrap over rows, or over groups where the contract splits by group;
    the model, its slices and its rivals share each resample. The same input gives the same report.

    Args:
        y: Class index or value of each row.
        scores: The model's scores of each row.
        frame: The rows' columns, in the same order: slices and groups are read from it.
        target: What is predicted.
        contract: What was agreed to measure, and what mistakes cost.
        rule: The model's decision rule.
        seed: Seed of the resampling.
        part: Which part the rows are.
        others: Scores of rival models (`baseline`, `champion`) on the same rows.
        other_rules: Their decision rules; the rule that costs least for true probabilities where not given.
        threshold: How the rule was chosen, to be shown with the report.
        run_id: The run that made the model.
        snapshot_digest: The snapshot the rows are of.
        pipeline_digest: The pipeline that made the scores.
        looks_used: How often the sealed labels have been asked.

    Raises:
        DataInvalid: When labels or scores cannot be meant: wrong shape, NaN, not probabilities.

    Examples:
        >>> evaluate.__name__
        'evaluate'
    """
    rivals = dict(others or {})
    refuse(_faults(y, scores, frame=frame, target=target, rivals=rivals))
    plan, mistakes = contract.evaluation, contract.decision.mistakes
    if target.prior:
        rivals.setdefault(PRIOR, np.tile(np.array(target.prior, dtype=np.float64), (len(y), 1)))
    sample = Sample(y, scores, target=target, mistakes=mistakes, rule=rule)
    segments = _segments(frame, plan.slices)
    declared = declared_metrics(contract)
    asked = _asked(sample, segments, declared=declared, least=_least(plan, part))
    fallback = DecisionRule(threshold=least_cost_threshold(mistakes))
    for name, given in rivals.items():
        own = (other_rules or {}).get(name, fallback)
        rival = Sample(y, given, target=target, mistakes=mistakes, rule=own)
        asked[f"other {name}"] = Asked(sample=rival, metrics=declared)
    groups = _groups(frame, contract)
    drawn = draw(asked, resamples=plan.resamples, seed=seed, groups=groups)
    level = plan.interval_level
    estimates = tuple(
        estimate(name, found, sample=sample, level=level) for name, found in drawn[MODEL].items()
    )
    slices = _slices(segments, asked, drawn, declared=declared, level=level)
    comparisons = tuple(
        _compare(name, metric, drawn[MODEL][metric], drawn[f"other {name}"][metric], level=level, rows=len(y))
        for name in rivals
        for metric in declared
    )
    binary, classes = target.task == "binary", target.task != "regression"
    cell = SEALED_CELL if part == "test" else 1
    missing = tuple(column for column in plan.slices if column not in frame.columns)
    return EvaluationReport(
        part=part,
        contract_digest=contract.digest,
        snapshot_digest=snapshot_digest,
        run_id=run_id,
        pipeline_digest=pipeline_digest,
        task=target.task,
        target=target.name,
        classes=target.classes,
        primary=plan.primary,
        rows=len(y),
        level=level,
        resamples=plan.resamples,
        seed=seed,
        clusters=None if groups is None else int(groups.max()) + 1,
        estimates=estimates,
        slices=slices,
        calibration=calibration_bins(sample, level=level) if classes else (),
        curves=ranking_curves(sample, cell=cell) if binary else (),
        confusion=confusion_of(sample) if classes else (),
        abstained=int((sample.answers < 0).sum()) if binary else 0,
        costs=cost_points(sample, cell=cell) if binary else (),
        residuals=() if classes else residual_bins(sample, level=level),
        error_quantiles=() if classes else error_quantiles(sample),
        threshold=threshold,
        rule_threshold=_threshold(rule) if binary else None,
        cost_unit=mistakes.unit,
        comparisons=comparisons,
        weak=weaknesses(estimates, slices, comparisons, primary=plan.primary, missing=missing),
        looks_used=looks_used,
    )


def _threshold(rule: DecisionRule) -> float:
    return DEFAULT_THRESHOLD if rule.threshold is None else rule.threshold


def _faults(
    y: Vector, scores: Matrix, *, frame: pl.DataFrame, target: TargetSpec, rivals: Mapping[str, Matrix]
) -> list[Fault]:
    faults = [*check_actual(y, target=target), *check_scores(scores, target=target, rows=len(y))]
    for name, given in rivals.items():
        faults += check_scores(given, target=target, rows=len(y), name=f"scores of {name}")
    if frame.height != len(y):
        cure = "hand in the columns of the same rows in the same order"
        faults.append(Fault("frame", f"{frame.height:,} rows for {len(y):,} labels", next_step=cure))
    return faults


def _segments(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[Segment, ...]:
    there = [column for column in columns if column in frame.columns]
    return tuple(segment for column in there for segment in segments_of(frame[column]))


def _groups(frame: pl.DataFrame, contract: Contract) -> Index | None:
    split = contract.data.split
    whole = split.policy == "group" or split.new_groups
    if not whole or split.group is None or split.group not in frame.columns:
        return None
    # A row without a group stands alone: nothing says which others it is like.
    named = frame[split.group].cast(pl.String)
    alone = pl.Series([f"\x00{position}" for position in range(len(named))])
    codes = named.zip_with(named.is_not_null(), alone).rank("dense").to_numpy()
    return codes.astype(np.intp) - 1


def _least(plan: EvaluationPlan, part: str) -> int:
    """Return the fewest rows a slice is told of."""
    return max(plan.min_slice_rows, SEALED_SLICE) if part == "test" else plan.min_slice_rows


def _asked(
    sample: Sample, segments: Sequence[Segment], *, declared: Sequence[str], least: int
) -> dict[str, Asked]:
    """The model on all rows with every metric, and on each slice large enough with the declared ones."""
    every = tuple(dict.fromkeys((*declared, *metrics_of(sample.target.task))))
    asked = {MODEL: Asked(sample=sample, metrics=every)}
    for index, segment in enumerate(segments):
        if len(segment.rows) >= least:
            inside = sample.subset(segment.rows)
            asked[f"slice {index}"] = Asked(sample=inside, metrics=declared, rows=segment.rows)
    return asked


def _slices(
    segments: Sequence[Segment],
    asked: Mapping[str, Asked],
    drawn: Mapping[str, Mapping[str, Drawn]],
    *,
    declared: Sequence[str],
    level: float,
) -> tuple[SliceResult, ...]:
    results = []
    for index, segment in enumerate(segments):
        key, rows = f"slice {index}", len(segment.rows)
        if key in asked:
            sample = asked[key].sample
            found = [estimate(name, drawn[key][name], sample=sample, level=level) for name in declared]
        else:
            unknown = partial(Estimate, value=None, level=level, rows=rows)
            found = [unknown(metric=name, direction=METRICS.get(name).direction) for name in declared]
        results.append(
            SliceResult(column=segment.column, value=segment.value, rows=rows, estimates=tuple(found))
        )
    return tuple(results)


def _compare(other: str, name: str, mine: Drawn, theirs: Drawn, *, level: float, rows: int) -> Comparison:
    metric = METRICS.get(name)
    ideal = metric.ideal
    value, ends = None, None
    if mine.value is not None and theirs.value is not None:
        first, second = mine.resampled, theirs.resampled
        value = mine.value - theirs.value
        if ideal is not None:
            first, second = np.abs(first - ideal), np.abs(second - ideal)
            value = abs(mine.value - ideal) - abs(theirs.value - ideal)
        ends = percentiles(first - second, level=level)
    found = Comparison(
        other=other,
        metric=name,
        value=mine.value,
        other_value=theirs.value,
        difference=value,
        low=None if ends is None else ends[0],
        high=None if ends is None else ends[1],
        level=level,
        rows=rows,
        outcome=Outcome(status=Status.UNKNOWN, what=name),
    )
    return shown_difference(found, direction=metric.direction)

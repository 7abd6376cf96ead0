"""Judge: a report and the contract's lines to a verdict. What cannot be judged blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from modelwright.contracts.contract import Contract
from modelwright.contracts.gate import GateLine, parse_gate
from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.metric import METRICS, Metric
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.hold import finite, hold, hold_difference, unknown
from modelwright.gates.told import judge_told
from modelwright.gates.verdict import LineResult, Verdict
from modelwright.kernel.errors import ContractInvalid, nearest
from modelwright.kernel.outcome import Outcome, Status, overall

__all__ = ["judge"]

LEAST_ANSWERS: Mapping[str, int] = {"p50_latency": 10, "p95_latency": 20, "p99_latency": 100}
"""Fewest timed answers a percentile needs: below, it is the slowest answer and nothing else."""

AFTER = "the gates were declared after training had begun, or moved after a look at these labels"

CHANGED = "the contract is not the one that was frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What the lines are judged on."""

    contract: Contract
    report: EvaluationReport | None
    measurements: Mapping[str, Estimate | float]
    champion: bool
    barred: str


def judge(  # noqa: PLR0913 - a verdict rests on all of these, and each is named at the call
    contract: Contract,
    report: EvaluationReport | None,
    *,
    measurements: Mapping[str, Estimate | float] | None = None,
    declared_before_training: bool,
    champion: bool,
    pipeline_digest: str | None = None,
    frozen_digest: str | None = None,
    conditions: Sequence[Outcome] = (),
    downgraded: Sequence[str] = (),
    waived: Mapping[str, str] | None = None,
) -> Verdict:
    """Judge every line of the contract.

    Fails closed: no report, no lines, a metric that is missing, not finite, impossible, of the wrong type
    or measured on too few rows, a report made under another contract, of another model or on another part,
    a slice that is not there, a rival that was not measured: each is unknown, and unknown blocks.

    Args:
        contract: The frozen contract.
        report: The report on the sealed test part; None when there is none.
        measurements: What was measured on a machine: `p95_latency` in milliseconds, `bundle_size` in
            megabytes. A bare number is judged as it is, an estimate by its interval.
        declared_before_training: Whether the lines stood in the contract before training began.
        champion: Whether a version is in service. While there has never been one, lines that name the
            champion are judged against the baseline, and say so.
        pipeline_digest: The model that is to be judged; a report of another one counts as missing.
        frozen_digest: The contract that was frozen; under any other nothing is judged.
        conditions: What must hold beside the lines; one that does not pass stops the model like a line.
        downgraded: Why the verdict is worth less than it seems; it stays on the verdict.
        waived: Findings that stand under a waiver, with the digest it is bound to.

    Examples:
        >>> judge.__name__
        'judge'
    """
    evidence = _Evidence(
        contract=contract,
        report=report,
        measurements=measurements or {},
        champion=champion,
        barred=_barred(contract, report, pipeline_digest=pipeline_digest),
    )
    stop = _stop(contract, declared_before_training=declared_before_training, frozen_digest=frozen_digest)
    results = []
    for text, forbidden in (
        *((text, False) for text in contract.gates.lines),
        *((text, True) for text in contract.gates.do_not_ship),
    ):
        try:
            line = parse_gate(text, do_not_ship=forbidden)
        except ContractInvalid as error:
            line = GateLine(text=text, metric="", comparison=">=", threshold=None, do_not_ship=forbidden)
            results.append(LineResult(line=line, outcome=unknown(line, error.what, "correct the line")))
            continue
        if stop is not None:
            results.append(LineResult(line=line, outcome=unknown(line, *stop)))
            continue
        results.append(_judge_line(line, evidence))
    outcomes = [*(result.outcome for result in results), *conditions]
    if evidence.barred:
        # Lines about speed and size need no report; a model of which nothing else is known is not judged.
        outcomes.append(
            Outcome(
                status=Status.UNKNOWN,
                what="the report on the sealed test part",
                evidence=(evidence.barred,),
                next_step="run the evaluation again under this contract",
            )
        )
    if not contract.gates.lines:
        none = "no line says what the model must reach"
        outcomes.append(
            Outcome(
                status=Status.UNKNOWN,
                what="gates.lines",
                evidence=(none,),
                next_step="write at least one line into gates.lines of the contract",
            )
        )
    return Verdict(
        outcome=overall(outcomes, what="gates"),
        lines=tuple(results),
        contract_digest=contract.digest,
        run_id="" if report is None else report.run_id,
        snapshot_digest="" if report is None else report.snapshot_digest,
        pipeline_digest="" if report is None else report.pipeline_digest,
        conditions=tuple(conditions),
        downgraded=tuple(downgraded),
        waived=dict(waived or {}),
    )


def _stop(
    contract: Contract, *, declared_before_training: bool, frozen_digest: str | None
) -> tuple[str, str] | None:
    """Say why no line of this contract may be judged at all, and the cure; None when they may."""
    if frozen_digest is not None and frozen_digest != contract.digest:
        return CHANGED, 'undo the edit, or record it: modelwright amend --reason "..."'
    if not declared_before_training:
        return AFTER, "declare the gates, then train again; after a look at these labels, on a new test part"
    return None


def _barred(contract: Contract, report: EvaluationReport | None, *, pipeline_digest: str | None) -> str:
    """Say why nothing in a report counts; empty when it does."""
    if report is None:
        return "there is no evaluation report"
    if report.part != "test":
        return f"the report is about the {report.part} part, not about the sealed test part"
    if report.contract_digest != contract.digest:
        return "the report was made under another contract"
    if report.task != contract.prediction.task or report.target != contract.prediction.target:
        return "the report is about another target"
    if pipeline_digest is not None and report.pipeline_digest != pipeline_digest:
        return "the report is about another model"
    return ""


def _judge_line(line: GateLine, evidence: _Evidence) -> LineResult:
    if line.metric not in METRICS.names():
        close = nearest(line.metric, METRICS.names())
        cure = f"did you mean '{close}'?" if close else "use a metric of the catalogue"
        return LineResult(line=line, outcome=unknown(line, f"there is no metric {line.metric}", cure))
    metric = METRICS.get(line.metric)
    if line.unit not in {"", metric.unit}:
        cure = f"write the number in {metric.unit}" if metric.unit else "write the number without a unit"
        told = f"{line.metric} is not counted in {line.unit}"
        return LineResult(line=line, outcome=unknown(line, told, cure))
    if metric.measured:
        return _judge_measured(line, evidence)
    if evidence.report is None or evidence.barred:
        cure = "run the evaluation again under this contract"
        return LineResult(line=line, outcome=unknown(line, evidence.barred, cure))
    if evidence.report.look is not None and not evidence.report.look.opens:
        return judge_told(line, evidence.report, champion=evidence.champion)
    return _judge_rows(line, evidence.report, metric, evidence)


def _judge_rows(line: GateLine, report: EvaluationReport, metric: Metric, evidence: _Evidence) -> LineResult:
    if line.slice:
        return _judge_slices(line, report, metric, least_rows=_least(evidence), agreed=_agreed(evidence))
    if line.reference:
        return _judge_reference(line, report, evidence)
    estimate = report.estimate(line.metric)
    if estimate is None:
        told = f"{line.metric} is missing from the report"
        return LineResult(line=line, outcome=unknown(line, told, "evaluate again with this metric"))
    outcome = _held(line, estimate, metric, least_rows=_least(evidence), agreed=_agreed(evidence))
    return LineResult(line=line, outcome=outcome, estimate=_storable(estimate))


def _least(evidence: _Evidence) -> int:
    return evidence.contract.evaluation.min_slice_rows


def _agreed(evidence: _Evidence) -> float:
    return evidence.contract.evaluation.interval_level


def _narrow(line: GateLine, level: object, agreed: float) -> Outcome | None:
    """Refuse an interval that is surer of itself than was agreed; None when it is as wide as it must be."""
    found = finite(level)
    if line.basis == "point" or (found is not None and agreed - 1e-9 <= found < 1):
        return None
    return unknown(line, f"its interval is at level {level}, agreed is {agreed:g}", "evaluate again")


def _held(
    line: GateLine, estimate: Estimate, metric: Metric, *, least_rows: int, agreed: float, bare: bool = False
) -> Outcome:
    """Judge an estimate, unless the metric cannot take its value: nothing computed right lies there."""
    cure = "evaluate again: this report cannot be right"
    if estimate.metric != metric.name:
        return unknown(line, f"this is an estimate of {estimate.metric}", cure)
    if estimate.direction != metric.direction:
        told = f"the report says of {line.metric} that {estimate.direction} is better"
        return unknown(line, told, cure)
    value = finite(estimate.value)
    if value is not None:
        low = -float("inf") if metric.low is None else metric.low
        high = float("inf") if metric.high is None else metric.high
        # Rounding may carry a perfect score past its end by the last bit.
        slack = 1e-9 * max(1.0, abs(value))
        if not low - slack <= value <= high + slack:
            return unknown(line, f"{line.metric} cannot be {value:.6g}", cure)
    narrow = _narrow(line, estimate.level, agreed)
    return hold(line, estimate, least_rows=least_rows, bare=bare) if narrow is None else narrow


def _judge_measured(line: GateLine, evidence: _Evidence) -> LineResult:
    if line.slice or line.reference:
        told = f"{line.metric} is measured on the whole and not on rivals or slices"
        cure = "compare it with a number"
        return LineResult(line=line, outcome=unknown(line, told, cure))
    found = evidence.measurements.get(line.metric)
    if found is None:
        cure = "measure it on the built server and judge again"
        return LineResult(line=line, outcome=unknown(line, f"{line.metric} was not measured", cure))
    metric = METRICS.get(line.metric)
    bare = not isinstance(found, Estimate)
    estimate = found if isinstance(found, Estimate) else _bare(metric, found)
    least = 0 if bare else LEAST_ANSWERS.get(line.metric, 1)
    agreed = 0.0 if bare else _agreed(evidence)
    outcome = _held(line, estimate, metric, least_rows=least, agreed=agreed, bare=bare)
    without = finite(estimate.value) is not None and (estimate.low is None or estimate.high is None)
    note = "a measured figure without an interval, judged as it is" if without and bare else ""
    return LineResult(line=line, outcome=outcome, estimate=_storable(estimate), note=note)


def _bare(metric: Metric, value: float) -> Estimate:
    return Estimate(metric=metric.name, value=finite(value), level=0.95, rows=1, direction=metric.direction)


def _storable(estimate: Estimate) -> Estimate:
    """Keep only what can be stored: an undefined number is None."""
    return replace(
        estimate,
        value=finite(estimate.value),
        low=finite(estimate.low),
        high=finite(estimate.high),
        rows=int(finite(estimate.rows) or 0),
        level=finite(estimate.level) or 0.0,
    )


def _judge_slices(
    line: GateLine, report: EvaluationReport, metric: Metric, *, least_rows: int, agreed: float
) -> LineResult:
    if line.reference:
        told = "slices are not compared with other models"
        return LineResult(line=line, outcome=unknown(line, told, "compare the slice with a number"))
    slices = report.of_slice(line.slice, value=line.slice_value)
    if not slices:
        named = line.slice if line.slice_value is None else f"{line.slice} = {line.slice_value}"
        cure = "declare the column in evaluation.slices, and check the value's spelling"
        return LineResult(line=line, outcome=unknown(line, f"there is no slice {named}", cure))
    judged: list[tuple[Outcome, Estimate | None, str]] = []
    for item in slices:
        estimate = item.of(line.metric)
        if estimate is None:
            told = f"{line.metric} was not measured where {item.name}"
            judged.append((unknown(line, told, "evaluate again with this metric"), None, item.name))
            continue
        outcome = _held(line, estimate, metric, least_rows=least_rows, agreed=agreed)
        judged.append((outcome, _storable(estimate), item.name))
    order = (Status.FAILED, Status.UNKNOWN, Status.PASSED)
    judged.sort(key=lambda entry: order.index(entry[0].status))
    outcome, estimate, name = judged[0]
    lines = tuple(
        f"{where}: {each.evidence[0]}" for each, _, where in judged if each.status is outcome.status
    )
    summary = f"{len(lines)} of {len(judged)} slices {outcome.status.value}"
    joined = replace(outcome, evidence=(summary, *lines[:5]))
    return LineResult(line=line, outcome=joined, estimate=estimate, slice=name)


def _judge_reference(line: GateLine, report: EvaluationReport, evidence: _Evidence) -> LineResult:
    other, note = line.reference, ""
    if other == "champion" and not evidence.champion:
        other, note = "baseline", "no version has ever been in service: judged against the baseline"
    found = report.comparison(other, metric=line.metric)
    if found is None:
        cure = f"score the {other} on the same rows and evaluate again"
        told = f"the report does not compare {line.metric} with the {other}"
        return LineResult(line=line, outcome=unknown(line, told, cure), note=note)
    narrow = _narrow(line, found.level, _agreed(evidence))
    outcome = hold_difference(line, found, least_rows=_least(evidence)) if narrow is None else narrow
    storable = replace(
        found,
        value=finite(found.value),
        other_value=finite(found.other_value),
        difference=finite(found.difference),
        low=finite(found.low),
        high=finite(found.high),
        rows=int(finite(found.rows) or 0),
        level=finite(found.level) or 0.0,
    )
    return LineResult(line=line, outcome=outcome, comparison=storable, note=note)

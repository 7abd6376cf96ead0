"""Deciding: whether a look at sealed labels settles the lines of the contract, and so may tell everything."""

from dataclasses import replace

from modelwright.contracts.contract import Contract
from modelwright.evaluation.look import ToldLine
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.reuse import Standing, Told, brief, open_up
from modelwright.gates.judge import judge
from modelwright.gates.verdict import LineResult
from modelwright.kernel.outcome import Status

__all__ = ["decide"]


def decide(report: EvaluationReport, standing: Standing, *, contract: Contract, opened: bool) -> Told:
    """Return what a look may tell: everything where it decides, else how lines and primary metric stand.

    It decides when every line about rows passes, or when no look is left; and it does so once for each
    contract and sealed label set, because a model made with everything that was told is measured against
    what it was made of.

    Args:
        report: What was measured, at the contract's level.
        standing: What earlier looks told.
        contract: What was agreed.
        opened: Whether everything was told before under this contract.

    Examples:
        >>> decide.__name__
        'decide'
    """
    whole = open_up(report, standing)
    champion = any(found.other == "champion" for found in report.comparisons)
    verdict = judge(contract, whole, declared_before_training=True, champion=champion)
    lines = tuple(_told(result, champion=champion) for result in verdict.lines if _of_rows(result))
    passes = bool(lines) and all(line.status is Status.PASSED for line in lines)
    told = brief(report, standing, lines=lines)
    if opened and passes:
        return replace(told, report=_compared(told.report, whole))
    if opened or not (passes or standing.look >= standing.allowed):
        return told
    # What everything is worth in bits, nobody can use; looks after it say that it was told.
    return Told(report=whole, bits=0, rung=told.rung)


def _compared(told: EvaluationReport, whole: EvaluationReport) -> EvaluationReport:
    """Add the agreed metrics beside those of the rivals: who promotes the model must know what is gained."""
    agreed = {found.metric for found in whole.comparisons}
    return replace(
        told,
        estimates=tuple(found for found in whole.estimates if found.metric in agreed),
        comparisons=whole.comparisons,
        look=None if told.look is None else replace(told.look, told="comparison"),
    )


def _of_rows(result: LineResult) -> bool:
    """Whether a line is about rows; what is measured on a machine is judged by the caller."""
    name = result.line.metric
    return name in METRICS.names() and not METRICS.get(name).measured


def _told(result: LineResult, *, champion: bool) -> ToldLine:
    line = result.line
    against = line.reference if line.reference != "champion" or champion else "baseline"
    return ToldLine(text=line.text, status=result.outcome.status, against=against, forbidden=line.do_not_ship)

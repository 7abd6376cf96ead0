"""Lines judged by the scorer: what counts where a look told how a line came out, and not its figures."""

from modelwright.contracts.gate import GateLine
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.hold import unknown
from modelwright.gates.verdict import LineResult
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["judge_told"]


def judge_told(line: GateLine, report: EvaluationReport, *, champion: bool) -> LineResult:
    """Return the result of a line by what the look told about it; what it did not tell is unknown.

    Args:
        line: The line, which names a metric of rows.
        report: An answer that does not open the sealed figures.
        champion: Whether a version is in service; a line about it counts only if it was judged against it.

    Examples:
        >>> judge_told.__name__
        'judge_told'
    """
    told = None if report.look is None else report.look.line(line.text, forbidden=line.do_not_ship)
    cure = "improve the model on the validation part; each further look costs certainty"
    if told is None:
        return LineResult(line=line, outcome=unknown(line, "the look told nothing about this line", cure))
    other = line.reference if line.reference != "champion" or champion else "baseline"
    if told.against != other:
        said = f"it was judged against '{told.against or 'a number'}'"
        return LineResult(line=line, outcome=unknown(line, said, "evaluate again under this contract"))
    note = "judged by the scorer"
    if report.look is not None and report.look.opened_before:
        note += f"; look {report.look.opened_before} had told everything about these rows before"
    if line.reference == "champion" and not champion:
        note = f"no version has ever been in service: judged against the baseline; {note}"
    estimate = report.estimate(line.metric)
    shown = estimate is not None and estimate.value is not None and not line.slice and not line.reference
    seen = (
        f"{estimate.told()} on {report.rows:,} rows"
        if estimate is not None and shown
        else "told by the scorer"
    )
    outcome = Outcome(
        status=told.status,
        what=line.text,
        evidence=(seen,),
        next_step="" if told.status is Status.PASSED else cure,
    )
    return LineResult(line=line, outcome=outcome, estimate=estimate if shown else None, note=note)

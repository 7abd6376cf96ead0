"""The observation ledger: fourteen fields about one iteration, kept beside the evidence."""

from dataclasses import dataclass, fields

from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.verdict import Verdict
from modelwright.kernel.document import Document, Facts
from modelwright.kernel.finding import Severity
from modelwright.risk.register import RiskList, Settlement
from modelwright.training.run import Run
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.packing import PackedVersion, open_risks

__all__ = ["Observation", "observe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one iteration changed, moved, cost and taught.

    Examples:
        >>> len(fields(Observation))
        14
    """

    iteration: str
    """Which iteration: the version or run."""
    change: str
    """What was changed."""
    why_this_mattered: str
    """Why it was worth doing."""
    metric_movement: str
    """How the primary and guardrail metrics moved, with intervals."""
    slice_movement: str
    """How the slices moved."""
    false_positives: str
    """What is known of wrong yeses."""
    false_negatives: str
    """What is known of wrong noes."""
    unexpected_errors: str
    """What nobody expected."""
    decision: str
    """What was decided."""
    tradeoff_accepted: str
    """What was given up."""
    lesson_captured: str
    """What is known now."""
    regression_added: str
    """What is checked from now on."""
    debt_created: str
    """What was left open."""
    next_iteration: str
    """What to try next, so that it can fail."""

    def document(self) -> Document:
        """Render the observation."""
        pairs = tuple(
            (field.name.replace("_", " ").capitalize(), str(getattr(self, field.name)))
            for field in fields(self)
        )
        return Document(title="Observation", blocks=(Facts(items=pairs),))


def observe(
    context: PhaseContext, report: EvaluationReport, verdict: Verdict, run: Run, version: PackedVersion
) -> Observation:
    """Write the observation of an iteration out of its evidence; what nobody knows is said to be unknown.

    Args:
        context: The desk of phase 12.
        report: What was measured on the sealed part.
        verdict: What the gates said.
        run: How it was trained.
        version: What came of it.
    """
    settlement = context.output(4, "settlement", Settlement)
    primary = report.estimate(report.primary)
    false_yes, false_no = _wrong(report)
    compared = "; ".join(
        f"{item.metric} against {item.other}: {item.outcome.status.value}" for item in report.comparisons
    )
    excluded = ", ".join(settlement.excluded)
    accepted = open_risks(context, least=Severity.HIGH)
    return Observation(
        iteration=version.version,
        change=f"design {run.design}; excluded: {excluded or 'nothing'}",
        why_this_mattered=context.contract.decision.goal,
        metric_movement=f"{report.primary} {primary.told() if primary else 'unknown'}; {compared}",
        slice_movement="; ".join(report.weak) or "no slice is weaker than the rest beyond chance",
        false_positives=false_yes,
        false_negatives=false_no,
        unexpected_errors="; ".join(run.notes) or "the run noted none",
        decision=verdict.outcome.status.value,
        tradeoff_accepted=_tradeoff(context, run),
        lesson_captured=_lesson(context, settlement),
        regression_added="the gates of the contract; the equivalence certificate",
        debt_created="; ".join((*report.weak, *accepted)) or "none seen",
        next_iteration=context.contract.decision.next_experiment or "not stated",
    )


def _tradeoff(context: PhaseContext, run: Run) -> str:
    from modelwright.candidates.design import Proposals

    design = context.output(4, "proposals", Proposals).of(run.design)
    return f"{run.design}: {design.complexity}, {design.cost}" if design else run.design


def _lesson(context: PhaseContext, settlement: Settlement) -> str:
    risks = {risk.id: risk for risk in context.output(3, "risks", RiskList).risks}
    accepted = [
        decision.risk
        for decision in settlement.decisions
        if decision.action == "accept" and risks[decision.risk].finding.category == "data leakage"
    ]
    told = [f"taken out because they leak: {', '.join(settlement.excluded)}"] if settlement.excluded else []
    told += [f"suspected of leaking and accepted: {', '.join(accepted)}"] if accepted else []
    return "; ".join(told) or "no column was suspected of leaking"


def _wrong(report: EvaluationReport) -> tuple[str, str]:
    if report.task != "binary" or not report.confusion:
        return "not a yes-or-no task", "not a yes-or-no task"
    (_, false_yes), (false_no, _) = report.confusion
    return f"{false_yes:,} of {report.rows:,} sealed rows", f"{false_no:,} of {report.rows:,} sealed rows"

"""The Iteration Compact: nineteen fields, short enough for a pull request, before any model code."""

from dataclasses import dataclass, fields

from modelwright.contracts.contract import Contract
from modelwright.kernel.document import Callout, Document, Facts

__all__ = ["OPEN", "IterationCompact", "compact_of"]

OPEN = "not stated"
"""What a field says when nobody has said it: an unknown is called out, not filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationCompact:
    """What an iteration sets out to do, in nineteen fields.

    Examples:
        >>> len(fields(IterationCompact))
        19
    """

    goal: str
    """The observable behaviour to change."""
    who_cares: str
    """Who feels the result."""
    decision_owner: str
    """Who owns the decision."""
    action_changed: str
    """The user or system action a prediction changes."""
    success_metric: str
    """What the owner looks at."""
    guardrail_metrics: str
    """What must not get worse."""
    mistake_budget: str
    """How much being wrong is acceptable."""
    unacceptable_mistakes: str
    """What must not happen."""
    acceptable_mistakes: str
    """What one can live with."""
    assumptions: str
    """What is taken for granted until shown."""
    constraints: str
    """What limits the solution."""
    labels_and_snapshot: str
    """What the label means, when it comes, and which data it is read from."""
    baseline: str
    """What a model has to be better than."""
    candidate_signals: str
    """What may carry signal, and how it could leak."""
    threshold_plan: str
    """How scores become decisions."""
    eval_slices: str
    """Which parts are looked at one by one."""
    known_risks: str
    """Risks known beforehand."""
    next_experiment: str
    """The smallest experiment that would teach most."""
    fallback: str
    """What happens without the model."""

    def document(self) -> Document:
        """Render the compact; fields nobody has stated are called out at the top."""
        pairs = tuple((_title(field.name), str(getattr(self, field.name))) for field in fields(self))
        missing = [name for name, value in pairs if value == OPEN]
        notice = f"Not stated yet: {', '.join(missing)}" if missing else "Every field is stated"
        return Document(
            title="Iteration Compact",
            blocks=(Callout(tone="unknown" if missing else "passed", text=notice), Facts(items=pairs)),
        )


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(*parts: str) -> str:
    return "; ".join(part for part in parts if part) or OPEN


def compact_of(contract: Contract) -> IterationCompact:
    """Read the compact out of a contract.

    Args:
        contract: The contract.

    Examples:
        >>> compact_of.__name__
        'compact_of'
    """
    decision, prediction, data = contract.decision, contract.prediction, contract.data
    costs = decision.mistakes
    success = decision.success_metric
    delay = data.label.delay
    signals = (
        f"{family.family}: {family.why} (leak: {family.leak})" for family in decision.candidate_signals
    )
    kind = prediction.fallback.kind
    return IterationCompact(
        goal=decision.goal,
        who_cares=_said(*decision.who_cares),
        decision_owner=decision.owner,
        action_changed=decision.action,
        success_metric=_said(f"{success.name} {success.target}".strip()),
        guardrail_metrics=_said(*decision.guardrails),
        mistake_budget=_said(
            f"at most {costs.budget:g} {costs.unit} per 1,000 decisions" if costs.budget is not None else "",
            f"a wrong yes costs {costs.wrong_yes:g}, a wrong no {costs.wrong_no:g} ({costs.unit})",
            f"borne by {costs.borne_by}" if costs.borne_by else "",
        ),
        unacceptable_mistakes=_said(*costs.unacceptable),
        acceptable_mistakes=_said(*costs.acceptable),
        assumptions=_said(*decision.assumptions),
        constraints=_said(*decision.constraints),
        labels_and_snapshot=_said(
            data.label.definition,
            f"known after {delay}" if delay else "",
            "from " + ", ".join(source.name for source in data.sources),
        ),
        baseline=_said(", ".join(contract.evaluation.baselines)),
        candidate_signals=_said(*signals),
        threshold_plan="chosen on validation by the cost of mistakes; the sealed part is never asked"
        if prediction.task == "binary"
        else "no threshold: the most likely class or the predicted value is used",
        eval_slices=_said(", ".join(contract.evaluation.slices)),
        known_risks=_said(*decision.known_risks),
        next_experiment=_said(decision.next_experiment),
        fallback=_said(decision.fallback, f"technical: {kind}"),
    )

"""The production checklist: twelve questions about the whole life, each answered from evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from modelwright.data.snapshot import Snapshot
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.registry.certificate import Certificate
from modelwright.risk.register import Settlement
from modelwright.training.run import Run
from modelwright.workflow.context import PhaseContext

__all__ = ["Checklist", "check_evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Twelve questions and their answers.

    Examples:
        >>> Checklist(items=()).outcome.status.value
        'unknown'
    """

    items: tuple[Outcome, ...]
    """One outcome a question, in order."""

    @property
    def outcome(self) -> Outcome:
        """All questions together."""
        return overall(self.items, what="production checklist")

    def document(self) -> Document:
        """Render the checklist."""
        told = self.outcome
        rows = tuple(
            (item.status.value, item.what, "; ".join(item.evidence), item.next_step) for item in self.items
        )
        return Document(
            title="Production checklist",
            blocks=(
                Callout(tone=told.status.value, text="; ".join(told.evidence)),
                Table(columns=("", "question", "seen", "next"), rows=rows),
            ),
        )


def check_evidence(context: PhaseContext) -> Checklist:
    """Answer the twelve questions from the evidence of phases 1 to 9.

    Args:
        context: The desk of phase 10.
    """
    return Checklist(items=tuple(_answer(what, answer, context) for what, answer in QUESTIONS.items()))


def _answer(
    what: str, answer: Callable[[PhaseContext], tuple[bool | None, str, str]], context: PhaseContext
) -> Outcome:
    holds, seen, cure = answer(context)
    status = Status.UNKNOWN if holds is None else Status.PASSED if holds else Status.FAILED
    return Outcome(status=status, what=what, evidence=(seen,), next_step="" if holds else cure)


Told = tuple[bool | None, str, str]
"""Whether it holds (None when nobody can tell), what was seen, and what to do when it does not."""


def _prediction(context: PhaseContext) -> Told:
    prediction, gates = context.contract.prediction, context.contract.gates
    seen = f"{prediction.task} of {prediction.target}, {prediction.serving}, {len(gates.lines)} gates"
    return bool(gates.lines), seen, "add a gate line to the contract"


def _data(context: PhaseContext) -> Told:
    data, snapshot = context.contract.data, context.output(2, "snapshot", Snapshot)
    open_points = [
        name
        for name, value in (
            ("grain", data.grain),
            ("label definition", data.label.definition),
            ("label delay", data.label.delay),
        )
        if not value
    ]
    if open_points:
        return None, f"not stated: {', '.join(open_points)}", "state it in the contract's data section"
    return True, f"grain '{data.grain}', snapshot {snapshot.digest[7:19]}", ""


def _leakage(context: PhaseContext) -> Told:
    settlement = context.output(4, "settlement", Settlement)
    seen = (
        f"{len(settlement.decisions)} risks decided, excluded: {', '.join(settlement.excluded) or 'nothing'}"
    )
    return not (settlement.open or settlement.blocked), seen, "decide the open risks"


def _reproducible(context: PhaseContext) -> Told:
    environment = context.output(8, "run", Run).environment
    if environment.commit is None:
        return (
            None,
            "the project's code is not under version control",
            "put the project under version control",
        )
    state = "with uncommitted changes" if environment.dirty else "clean"
    return not environment.dirty, f"commit {environment.commit[:12]}, {state}", "commit the project's changes"


def _compared(context: PhaseContext) -> Told:
    baselines = context.contract.evaluation.baselines
    return bool(baselines), f"against {', '.join(baselines)}", "name a baseline in evaluation.baselines"


def _slices(context: PhaseContext) -> Told:
    slices = context.contract.evaluation.slices
    told = f"slices: {', '.join(slices)}" if slices else "no slice is declared"
    return True if slices else None, told, "name the cohorts that matter in evaluation.slices"


def _fail_closed(context: PhaseContext) -> Told:
    frozen = context.history.frozen
    seen = f"frozen in ledger entry {frozen.sequence}" if frozen else "not frozen"
    return frozen is not None, seen, "approve the design"


def _equivalence(context: PhaseContext) -> Told:
    outcome = context.output(9, "certificate", Certificate).outcome
    return outcome.allows, "; ".join(outcome.evidence), outcome.next_step


def _artifact(context: PhaseContext) -> Told:
    from modelwright.workflow.integration import Candidate

    candidate = context.output(9, "candidate", Candidate)
    return True, f"bundle {candidate.bundle_digest[7:19]} holds plan, schema, contract, data reference", ""


def _serving(context: PhaseContext) -> Told:
    prediction = context.contract.prediction
    timeout, fallback = prediction.latency.timeout_ms, prediction.fallback.kind
    seen = f"timeout {timeout:g} ms, fallback {fallback}, validation by contract"
    return True, seen, ""


def _monitoring(context: PhaseContext) -> Told:
    plan = context.contract.monitoring
    seen = f"window {plan.window}, owner {plan.owner or 'nobody'}"
    return True if plan.owner else None, seen, "name an owner in monitoring.owner"


def _sensitive(context: PhaseContext) -> Told:
    columns = context.contract.data.columns
    kept_out = [name for name, column in columns.items() if column.keep_out]
    logged = context.contract.prediction.privacy.logged_fields
    personal = [name for name in logged if name in columns and columns[name].pii != "none"]
    seen = f"{len(kept_out)} columns kept out, logged: {', '.join(logged) or 'none'}"
    return not personal, seen, f"take {', '.join(personal)} out of privacy.logged_fields"


QUESTIONS: Mapping[str, Callable[[PhaseContext], Told]] = {
    "the prediction contract is explicit and testable": _prediction,
    "the data contract names grain, label timing and snapshot": _data,
    "leakage was checked against availability at prediction time": _leakage,
    "the model can be reproduced from code, configuration, data and seed": _reproducible,
    "the model is compared with a baseline and the champion": _compared,
    "slices and guardrails cover the cohorts that matter": _slices,
    "gates are automatic and fail closed": _fail_closed,
    "the server answers like the trainer": _equivalence,
    "the artifact carries version, configuration, data reference and preprocessing": _artifact,
    "serving validates inputs, and has a timeout and a fallback": _serving,
    "monitoring covers system, features, answers and late labels": _monitoring,
    "sensitive data stays out of artifacts, logs and prompts": _sensitive,
}
"""The questions and who answers them."""

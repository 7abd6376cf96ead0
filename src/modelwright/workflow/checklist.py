"""The production checklist: twelve questions about the whole life, each answered from evidence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from modelwright.data.snapshot import Snapshot
from modelwright.kernel.digest import digest_of
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.errors import BundleRejected
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.registry.bundle import load
from modelwright.registry.certificate import Certificate
from modelwright.risk.register import Settlement
from modelwright.training.run import Run
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.measurements import Measurements
from modelwright.workflow.trained import TrainedModel

__all__ = ["BLOCKING", "Checklist", "check_evidence"]

NAMED: Mapping[str, str] = {
    "CHECKLIST:prediction": "the prediction contract is explicit and testable",
    "CHECKLIST:data": "the data contract names grain, label timing and snapshot",
    "CHECKLIST:leakage": "leakage was checked against availability at prediction time",
    "CHECKLIST:reproducible": "the model can be reproduced from code, configuration, data and seed",
    "CHECKLIST:compared": "the model is compared with a baseline and the champion",
    "CHECKLIST:slices": "slices and guardrails cover the cohorts that matter",
    "CHECKLIST:gates": "gates are automatic and fail closed",
    "CHECKLIST:equivalence": "the server answers like the trainer",
    "CHECKLIST:artifact": "the artifact carries version, configuration, data reference and preprocessing",
    "CHECKLIST:serving": "serving validates inputs, and has a timeout and a fallback",
    "CHECKLIST:monitoring": "monitoring covers system, features, answers and late labels",
    "CHECKLIST:sensitive": "sensitive data stays out of artifacts, logs and prompts",
}
"""The questions by the name they are waived under."""

BLOCKING = frozenset(
    f"CHECKLIST:{name}"
    for name in (
        "prediction",
        "leakage",
        "compared",
        "gates",
        "equivalence",
        "artifact",
        "serving",
        "sensitive",
    )
)
"""Guarantees: one that is not shown stops the model at once. The others are good practice with a deadline."""


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

    def named(self) -> Iterator[tuple[str, Outcome]]:
        """Yield each answer under the name it is waived by."""
        names = {what: name for name, what in NAMED.items()}
        for item in self.items:
            if item.what in names:
                yield names[item.what], item

    @property
    def open_items(self) -> Mapping[str, str]:
        """Questions that were not answered with yes, each with the digest a waiver is bound to."""
        return {name: digest_of([item.what, item.status]) for name, item in self.named() if not item.allows}

    def document(self) -> Document:
        """Render the checklist."""
        told = self.outcome
        rows = tuple(
            (
                item.status.value,
                item.what + (" (must hold)" if name in BLOCKING else ""),
                "; ".join(item.evidence),
                item.next_step,
            )
            for name, item in self.named()
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
    told = f"against {', '.join(baselines) or 'nothing'}"
    if set(baselines) == {"champion"} and context.history.promoted is None:
        return None, "against the champion, and there is none", "name prior or linear in evaluation.baselines"
    return bool(baselines), told, "name a baseline in evaluation.baselines"


def _slices(context: PhaseContext) -> Told:
    slices = context.contract.evaluation.slices
    told = f"slices: {', '.join(slices)}" if slices else "no slice is declared"
    return True if slices else None, told, "name the cohorts that matter in evaluation.slices"


def _fail_closed(context: PhaseContext) -> Told:
    frozen, lines = context.history.frozen, context.contract.gates.lines
    if frozen is None:
        return False, "not frozen", "approve the design"
    if frozen.body["contract_digest"] != context.contract_digest:
        return False, "the contract is not the frozen one", "undo the edit, or amend it with a reason"
    seen = f"{len(lines)} gates, frozen in ledger entry {frozen.sequence}"
    return bool(lines), seen, "add a gate line to the contract"


def _equivalence(context: PhaseContext) -> Told:
    outcome = context.output(9, "certificate", Certificate).outcome
    holds = None if outcome.status is Status.UNKNOWN else outcome.allows
    return holds, "; ".join(outcome.evidence), outcome.next_step or "run phase 9 again"


def _artifact(context: PhaseContext) -> Told:
    from modelwright.workflow.integration import Candidate

    candidate = context.output(9, "candidate", Candidate)
    path = context.ports.project.bundles / f"{context.contract.name}-candidate.mwb"
    again = "run phase 9 again"
    if not path.is_file():
        return None, "the candidate's bundle is not there to look into", again
    try:
        manifest = load(path, expected_digest=candidate.bundle_digest).manifest
    except BundleRejected as error:
        return False, error.what, again
    snapshot, model = context.output(2, "snapshot", Snapshot), context.output(8, "model", TrainedModel)
    wrong = [
        name
        for name, found, expected in (
            ("contract", manifest.contract_digest, context.contract_digest),
            ("snapshot", manifest.snapshot_digest, snapshot.digest),
            ("pipeline", manifest.pipeline_digest, model.digest),
        )
        if found != expected
    ]
    if wrong:
        return False, f"the bundle names another {', '.join(wrong)}", again
    seen = (
        f"bundle {candidate.bundle_digest[7:19]}: contract, snapshot, pipeline, {len(manifest.requires)} pins"
    )
    return bool(manifest.requires), seen, again


def _serving(context: PhaseContext) -> Told:
    prediction = context.contract.prediction
    timeout, fallback = prediction.latency.timeout_ms, prediction.fallback
    if fallback.kind == "constant" and fallback.value is None:
        cure = "write prediction.fallback.value, or take another kind"
        return False, "the fallback is a constant, and there is none", cure
    certificate = context.output(9, "certificate", Certificate)
    if not certificate.paths:
        return None, "no server was asked", "run phase 9 again"
    timed = {item.name: item.value for item in context.output(9, "measurements", Measurements).percentiles}
    if "p50_latency" not in timed:
        return None, "nobody timed the server", "run phase 9 again"
    if timed["p50_latency"] >= timeout:
        cure = "raise prediction.latency.timeout_ms, or choose a faster design"
        return False, f"half of the answers take {timed['p50_latency']:.0f} ms, above {timeout:g} ms", cure
    asked = f"{len(certificate.paths)} ways of answering were asked with hard rows"
    return (
        certificate.outcome.allows,
        f"{asked}; timeout {timeout:g} ms, fallback {fallback.kind}",
        "run phase 9",
    )


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


QUESTIONS: Mapping[str, Callable[[PhaseContext], Told]] = dict(
    zip(
        NAMED.values(),
        (
            _prediction,
            _data,
            _leakage,
            _reproducible,
            _compared,
            _slices,
            _fail_closed,
            _equivalence,
            _artifact,
            _serving,
            _monitoring,
            _sensitive,
        ),
        strict=True,
    )
)
"""The questions and who answers them."""

"""Phase 12, Summary: what was built, decided, measured and left open; the card; what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.candidates.design import Proposals
from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.verdict import Verdict
from modelwright.kernel.digest import short
from modelwright.kernel.document import (
    Block,
    Callout,
    Document,
    Facts,
    Figure,
    Heading,
    Listing,
    Table,
    Text,
)
from modelwright.kernel.finding import Severity
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.registry.card import model_card
from modelwright.roles.ml_writer import WrittenFiles
from modelwright.training.run import Run
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.decision import decisions_of
from modelwright.workflow.delivery import delivered
from modelwright.workflow.observation import observe
from modelwright.workflow.packing import PackedVersion, open_risks

__all__ = ["Card", "OperationNote", "Summary", "perform"]


BLOCKS: Mapping[str, type[Block]] = {
    kind.__name__: kind for kind in (Heading, Text, Listing, Facts, Table, Figure, Callout)
}
"""The blocks of a document by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The model card as evidence.

    Examples:
        >>> Card.of(Document(title="Model card", blocks=(Text(text="new"),))).document().blocks[0].text
        'new'
    """

    title: str
    """The title of the card."""
    blocks: tuple[tuple[str, str], ...]
    """Its blocks, every number taken from a record: what each is, and its canonical JSON."""

    @classmethod
    def of(cls, card: Document) -> "Card":
        """Keep a card as it was written."""
        told = tuple((type(block).__name__, encode(block).decode("utf-8")) for block in card.blocks)
        return cls(title=card.title, blocks=told)

    def document(self) -> Document:
        """Return the card as it was written."""
        blocks = tuple(decode(text.encode("utf-8"), BLOCKS[kind]) for kind, text in self.blocks)
        return Document(title=self.title, blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationNote:
    """What is watched, who is told, and how to go back: in every mode.

    Examples:
        >>> OperationNote.__slots__[0]
        'watched'
    """

    watched: tuple[str, ...]
    """What is watched in production."""
    owner: str
    """Who answers an alert."""
    rollback: tuple[str, ...]
    """How to go back: artifact, configuration, data dependency, switch."""

    def document(self) -> Document:
        """Render the note."""
        return Document(
            title="Operation and rollback",
            blocks=(
                Facts(items=(("Owner", self.owner),)),
                Heading(text="Watched"),
                Listing(items=self.watched),
                Heading(text="To go back"),
                Listing(items=self.rollback, ordered=True),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The end of a run, in one page.

    Examples:
        >>> Summary.__slots__[0]
        'headline'
    """

    headline: str
    """What came out, in one sentence."""
    status: Status
    """Whether the version may be promoted."""
    built: tuple[tuple[str, str], ...]
    """What was built, in names and values."""
    decisions: tuple[str, ...]
    """Key decisions and trade-offs."""
    files: tuple[str, ...]
    """Files created or changed."""
    metrics: tuple[tuple[str, str], ...]
    """Metrics achieved, with intervals."""
    deliverables: tuple[str, ...]
    """What the mode delivers."""
    open_points: tuple[str, ...]
    """What was left open, with its reason."""
    next_steps: tuple[tuple[str, str], ...]
    """Tuning, deployment, monitoring, experiment."""

    def document(self) -> Document:
        """Render the summary."""
        blocks: list[Block] = [Callout(tone=self.status.value, text=self.headline)]
        blocks += [Heading(text="What was built"), Facts(items=self.built)]
        blocks += [Heading(text="Metrics achieved"), Facts(items=self.metrics)]
        for title, lines in (
            ("Key decisions and trade-offs", self.decisions),
            ("Files", self.files),
            ("Delivered", self.deliverables),
            ("Left open", self.open_points),
        ):
            blocks += [Heading(text=title), Listing(items=lines or ("none",))]
        blocks += [Heading(text="Next steps"), Facts(items=self.next_steps)]
        return Document(title="Summary", blocks=tuple(blocks))


def perform(context: PhaseContext) -> Outputs:
    """Gather the run into a summary, a model card, an observation and an operation note.

    Args:
        context: The desk.
    """
    report = context.output(11, "report", EvaluationReport)
    verdict = context.output(11, "verdict", Verdict)
    run = context.output(8, "run", Run)
    version = context.output(11, "version", PackedVersion)
    card = model_card(
        contract=context.contract,
        run=run,
        snapshot=context.output(2, "snapshot", Snapshot),
        report=report,
        verdict=verdict,
        version=version.version,
        open_risks=open_risks(context),
    )
    return {
        "summary": _summary(context, report, verdict, run, version),
        "card": Card.of(card),
        "observation": observe(context, report, verdict, run, version),
        "operation": _operation(context.contract, version),
        "decisions": decisions_of(context.history),
    }


def _summary(
    context: PhaseContext, report: EvaluationReport, verdict: Verdict, run: Run, version: PackedVersion
) -> Summary:
    proposals = context.output(4, "proposals", Proposals)
    files = context.output(7, "files", WrittenFiles)
    status = verdict.outcome.status
    ending = {
        Status.PASSED: f"{version.version} passed every gate and may be promoted",
        Status.FAILED: f"{version.version} failed its gates and cannot be promoted",
        Status.UNKNOWN: f"{version.version} could not be judged in full and cannot be promoted",
    }[status]
    if verdict.downgraded:
        ending += "; its verdict is downgraded, because the contract was amended late"
    chosen = proposals.of(run.design)
    answers = decisions_of(context.history).records
    return Summary(
        headline=ending,
        status=status,
        built=(
            ("Architecture", f"{run.design}: {chosen.summary}" if chosen else run.design),
            ("Pipeline", f"{len(run.config.members)} members, {run.config.folds} folds, seed {run.seed}"),
            ("Version", f"{version.version}, bundle {short(version.bundle_digest)}"),
            ("Contract", short(context.contract_digest)),
            ("Snapshot", short(report.snapshot_digest)),
        ),
        decisions=tuple(f"{record.subject}: {record.decision} ({record.reason})" for record in answers),
        files=(*files.files, version.path),
        metrics=tuple((item.metric, item.told()) for item in report.estimates),
        deliverables=delivered(context, status, version.certificate),
        open_points=(
            *(
                f"gate {line.line.text}: {line.outcome.status.value}"
                for line in verdict.lines
                if not line.outcome.allows
            ),
            *(f"verdict downgraded: {line}" for line in verdict.downgraded),
            *(f"waived: {finding}" for finding in verdict.waived),
            *(
                f"late amendment of the contract: {entry.body['reason']}"
                for entry in context.history.amendments
                if entry.body.get("late")
            ),
            *(f"accepted: {title}" for title in open_risks(context, least=Severity.MEDIUM)),
        ),
        next_steps=(
            ("Tuning", f"raise the probe budget or choose {_other(run.design)}; the gates stay as they are"),
            ("Deployment", _deployment(verdict.outcome, version.version)),
            ("Monitoring", "modelwright monitor; hand late labels in with modelwright labels FILE"),
            ("Experiment", "declare one in the contract before comparing two versions on the success metric"),
        ),
    )


def _deployment(outcome: Outcome, name: str) -> str:
    if outcome.allows:
        return f"modelwright promote {name} --reason ... && modelwright serve"
    return f"none: {name} cannot be promoted; the gates say {outcome.status.value}"


def _other(design: str) -> str:
    return "pragmatic" if design == "frontier" else "frontier"


def _operation(contract: Contract, version: PackedVersion) -> OperationNote:
    plan, rollout, fallback = contract.monitoring, contract.rollout, contract.prediction.fallback.kind
    return OperationNote(
        watched=(
            "availability, error rate, fallbacks and latency at p50, p95 and p99, by version",
            f"drift of features, answers and confidence (PSI {plan.psi_warn} warns, {plan.psi_alert} alerts)",
            f"arrival of labels, and quality on them (a drop of {plan.quality_drop_alert} alerts)",
        ),
        owner=plan.owner or "nobody yet: name one in monitoring.owner",
        rollback=(
            f"artifact: the champion before {version.version}, or the fallback '{fallback}'",
            f"configuration: contract {short(version.contract_digest)}",
            "data dependency: none beyond the request itself",
            "switch: modelwright rollout back (routing is replaced in one step, no retraining)",
            (
                f"by itself: errors above {rollout.max_error_rate:.1%}, p99 above "
                f"{rollout.max_p99_ms:.0f} ms, a quality drop above {rollout.max_quality_drop}"
            ),
        ),
    )

"""The model card: what a stranger must know before using the model, every number with its source.

Sections follow Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from collections.abc import Sequence

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.verdict import Verdict
from modelwright.kernel.digest import digest_of, short
from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing, Table, Text
from modelwright.kernel.outcome import Status
from modelwright.training.run import Run

__all__ = ["model_card"]

WORST_SLICES = 8
"""Slices shown, worst first."""


def _details(contract: Contract, run: Run, version: str) -> list[Block]:
    prediction = contract.prediction
    facts = (
        ("Model", contract.name),
        ("Version", version),
        ("Kind", f"{prediction.task} model of `{prediction.target}`, design {run.design}"),
        ("Members", ", ".join(f"{name} {weight:.2f}" for name, weight in run.member_weights.items())),
        ("Owner of the decision", contract.decision.owner),
        ("Contact", contract.monitoring.owner or contract.decision.owner),
        ("Run", run.id),
        ("Contract", short(contract.digest)),
        ("Pipeline", short(run.pipeline)),
        ("Trained with", f"Python {run.environment.python}, seed {run.seed}"),
    )
    return [Heading(text="Details"), Facts(items=facts)]


def _use(contract: Contract) -> list[Block]:
    decision, prediction = contract.decision, contract.prediction
    inside = [decision.goal, f"It changes: {decision.action}"]
    inside += [f"Horizon: {prediction.horizon}"] if prediction.horizon else []
    inside += [f"Felt by: {', '.join(decision.who_cares)}"] if decision.who_cares else []
    outside = [f"Mistake that must not happen: {mistake}" for mistake in decision.mistakes.unacceptable]
    outside += [f"Limit: {line}" for line in decision.constraints]
    outside.append("Any other decision, population or time than the contract describes")
    low = prediction.human_review.below_confidence
    review = (
        f"Answers with a confidence below {low:g} go to a person first." if low else "No person looks first."
    )
    return [
        Heading(text="Intended use"),
        Listing(items=tuple(inside)),
        Text(text=f"{review} Without the model: {decision.fallback or 'not said'}."),
        Heading(text="Out of scope"),
        Listing(items=tuple(outside)),
    ]


def _data(contract: Contract, snapshot: Snapshot) -> list[Block]:
    rows = ", ".join(f"{name} {count:,}" for name, count in snapshot.rows.items())
    split = contract.data.split
    facts = [("Source", f"{source.name} {source.description}".strip()) for source in contract.data.sources]
    facts += [
        ("Grain", contract.data.grain or "not said"),
        ("Rows", rows),
        ("Split", f"{snapshot.split_policy}{f', because {split.reason}' if split.reason else ''}"),
        ("Label", contract.data.label.definition or "not said"),
        ("Columns used", ", ".join(contract.data.features)),
        ("Left out", ", ".join(contract.data.of_role("excluded")) or "nothing"),
        ("Snapshot", short(snapshot.digest)),
    ]
    return [Heading(text="Training data"), Facts(items=tuple(facts))]


def _performance(report: EvaluationReport | None, verdict: Verdict | None) -> list[Block]:
    blocks: list[Block] = [Heading(text="Performance")]
    if report is None:
        blocks.append(Callout(tone="unknown", text="It was not measured."))
    else:
        seen = f"{report.rows:,} rows of the {report.part} part; intervals at {100 * report.level:.4g} %"
        rows = tuple(
            (e.metric, e.told(), f"{e.rows:,}", f"{e.direction} is better") for e in report.estimates
        )
        source = f"source: evaluation report {short(digest_of(report))}"
        blocks.append(Table(columns=("metric", "value", "rows", ""), rows=rows, caption=f"{seen}; {source}"))
        slices = [
            (part, estimate) for part in report.slices if (estimate := part.of(report.primary)) is not None
        ]
        known = [(part, estimate) for part, estimate in slices if estimate.value is not None]
        known.sort(key=lambda item: (item[1].value or 0.0) * (1 if item[1].direction == "higher" else -1))
        if known:
            worst = tuple(
                (part.name, f"{part.rows:,}", estimate.told()) for part, estimate in known[:WORST_SLICES]
            )
            caption = f"Slices with the worst {report.primary}; {source}"
            blocks.append(Table(columns=("slice", "rows", report.primary), rows=worst, caption=caption))
    if verdict is not None:
        lines = tuple((line.line.text, line.outcome.status.value) for line in verdict.lines)
        caption = f"Gates; source: verdict {short(digest_of(verdict))}"
        blocks.append(Table(columns=("gate", "outcome"), rows=lines, caption=caption))
    status = Status.UNKNOWN if verdict is None else verdict.outcome.status
    told = status.value if verdict is None else verdict.told
    blocks.append(Callout(tone=status.value, text=f"Gates: {told}"))
    if verdict is not None and verdict.downgraded:
        blocks.append(Listing(items=tuple(f"Downgraded: {line}" for line in verdict.downgraded)))
    if verdict is not None and verdict.waived:
        blocks.append(Listing(items=tuple(f"Waived by name: {finding}" for finding in verdict.waived)))
    return blocks


def _limits(
    contract: Contract, run: Run, report: EvaluationReport | None, risks: Sequence[str]
) -> list[Block]:
    items = [f"Open risk: {risk}" for risk in risks]
    items += [f"Assumed: {line}" for line in contract.decision.assumptions]
    items += [f"Known before: {line}" for line in contract.decision.known_risks]
    items += list(report.weak) if report is not None else []
    items += list(run.notes)
    return [
        Heading(text="Limitations"),
        Listing(items=tuple(items) or ("None is written down, which is not to say there are none",)),
    ]


def _ethics(contract: Contract) -> list[Block]:
    columns = contract.data.columns
    items = [
        f"{name} is {column.pii} personal data" for name, column in columns.items() if column.pii != "none"
    ]
    slices = ", ".join(contract.evaluation.slices)
    items.append(
        f"Quality was compared between: {slices}" if slices else "Quality was not compared between groups"
    )
    mistakes = contract.decision.mistakes
    payer = f", borne by {mistakes.borne_by}" if mistakes.borne_by else ""
    costs = (
        f"A wrong yes costs {mistakes.wrong_yes:g}, a wrong no {mistakes.wrong_no:g} ({mistakes.unit}{payer})"
    )
    privacy = contract.prediction.privacy
    kept = ", ".join(privacy.logged_fields) or "no input"
    items += [costs, f"Logs hold {kept} and hashed entities, and are kept for {privacy.retention_days} days"]
    return [Heading(text="Ethics and fairness"), Listing(items=tuple(items))]


def model_card(
    *,
    contract: Contract,
    run: Run,
    snapshot: Snapshot,
    report: EvaluationReport | None,
    verdict: Verdict | None,
    version: str,
    open_risks: Sequence[str] = (),
) -> Document:
    """Return the model card of a version, made from evidence alone.

    Args:
        contract: What was agreed: intended use, costs, privacy.
        run: How it was trained.
        snapshot: On what.
        report: How well it does; None says so on the card.
        verdict: What the gates said; None says so on the card.
        version: The version's name.
        open_risks: Risks that were accepted or are still open, one sentence each.

    Examples:
        >>> model_card.__name__
        'model_card'
    """
    return Document(
        title=f"Model card: {contract.name} {version}",
        blocks=(
            *_details(contract, run, version),
            *_use(contract),
            *_data(contract, snapshot),
            *_performance(report, verdict),
            *_limits(contract, run, report, open_risks),
            *_ethics(contract),
        ),
    )

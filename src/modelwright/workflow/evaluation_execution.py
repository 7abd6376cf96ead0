"""Phase 11, Evaluation Execution: one look at the sealed labels, the gates, and the version that results."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.gates.judge import judge
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.errors import PhaseLocked
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.certificate import Certificate
from modelwright.registry.versions import champion
from modelwright.review.report import ReviewReport
from modelwright.training.pipeline import Pipeline
from modelwright.training.run import Run
from modelwright.workflow.conditions import conditions_of, declared_before_training, downgrades_of
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.looking import ask_sealed
from modelwright.workflow.loops import demand_attempt, note_attempt
from modelwright.workflow.measurements import Measurements
from modelwright.workflow.model_implementation import ComponentChecks
from modelwright.workflow.packing import pack_version
from modelwright.workflow.trained import TrainedModel, restore
from modelwright.workflow.waiving import standing_findings

if TYPE_CHECKING:  # only named in signatures
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from modelwright.features.transform import Matrix
    from modelwright.training.pipeline import DecisionRule

__all__ = ["Suite", "perform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The four kinds of check that the evaluation runs.

    Examples:
        >>> Suite(outcomes=()).outcome.status.value
        'unknown'
    """

    outcomes: tuple[Outcome, ...]
    """Components, integration, offline metrics, sanity."""

    @property
    def outcome(self) -> Outcome:
        """All four together."""
        return overall(self.outcomes, what="evaluation suite")

    def document(self) -> Document:
        """Render the suite."""
        rows = tuple((item.status.value, item.what, "; ".join(item.evidence)) for item in self.outcomes)
        told = self.outcome
        return Document(
            title="Evaluation suite",
            blocks=(
                Callout(tone=told.status.value, text="; ".join(told.evidence)),
                Table(columns=("", "kind", "seen"), rows=rows),
            ),
        )


def perform(context: PhaseContext) -> Outputs:
    """Ask the sealed labels once, judge the gates, and pack and register the version.

    Raises:
        PhaseLocked: When findings that were chosen to be fixed are still there, or no attempt is left.
        LooksExhausted: When the contract's looks are used up.
    """
    ports = context.ports
    _require_fixed(context)
    snapshot = context.output(2, "snapshot", Snapshot)
    run = context.output(8, "run", Run)
    trained = context.output(8, "model", TrainedModel)
    history = context.history
    demand_attempt(
        ports,
        contract_digest=context.contract_digest,
        allowed=context.contract.evaluation.max_attempts,
        pipeline=trained.digest,
    )
    ports.progress.say("asking the sealed labels: one look")
    report = ask_sealed(ports, _request(context, snapshot, run, trained))
    measurements = context.output(9, "measurements", Measurements)
    verdict = judge(
        context.contract,
        report,
        measurements=measurements.values,
        declared_before_training=declared_before_training(context),
        # A champion that was retired since has been one: its lines are not judged against the baseline.
        champion=history.promoted is not None,
        pipeline_digest=trained.digest,
        frozen_digest="" if history.frozen is None else str(history.frozen.body["contract_digest"]),
        conditions=conditions_of(context),
        downgraded=downgrades_of(context),
        waived=standing_findings(ports, history),
    )
    note_attempt(ports, verdict)
    suite = _suite(context, report, run)
    version = pack_version(context, trained, verdict=verdict, report=report)
    return {"verdict": verdict, "report": report, "suite": suite, "version": version}


def _require_fixed(context: PhaseContext) -> None:
    """A fix chosen after phase 10 changes the code, so that phase 10 is asked again and answers anew."""
    chosen = context.choices(10).get("fix", "none")
    if chosen == "none":
        return
    review = context.output(10, "review", ReviewReport)
    wanted = [item for item in review.findings if chosen == "all" or item.identity in chosen.split(",")]
    if wanted:
        raise PhaseLocked(
            f"{len(wanted)} findings were chosen to be fixed and are still there",
            why="what was decided after the review has to happen before the model is judged",
            next_step="fix them and run again, or approve 10 with --fix none and a reason",
            found=", ".join(item.identity for item in wanted[:5]),
        )


def _request(context: PhaseContext, snapshot: Snapshot, run: Run, trained: TrainedModel) -> ScoreRequest:
    store = context.ports.store
    test = part(snapshot, "test", store=store)
    pipeline = restore(trained, store=store)
    baseline = restore(context.output(8, "baseline_model", TrainedModel), store=store)
    others: dict[str, Matrix] = {"baseline": baseline.scores(test)}
    rules: dict[str, DecisionRule] = {"baseline": baseline.rule}
    incumbent = _incumbent(context, snapshot, test)
    if incumbent is not None:
        others["champion"], rules["champion"] = incumbent.scores(test), incumbent.rule
    return ScoreRequest(
        snapshot=snapshot,
        contract=context.contract,
        run_id=run.id,
        pipeline_digest=trained.digest,
        row_ids=_row_ids(test),
        scores=pipeline.scores(test),
        others=others,
        rule=pipeline.rule,
        other_rules=rules,
        seed=context.contract.data.split.seed,
        purpose=f"phase 11: final evaluation of run {run.id}",
    )


def _incumbent(context: PhaseContext, snapshot: Snapshot, test: "pl.DataFrame") -> Pipeline | None:
    """Return the champion when it can be compared fairly; lines that name it are unknown otherwise.

    It cannot when it was trained on another snapshot (its training rows may stand in this test part), or when
    it asks for columns or classes that this contract does not have.
    """
    standing = champion(context.ports.ledger)
    if standing is None:
        return None
    path = context.ports.project.store / standing.path
    bundle = load(path, expected_digest=standing.bundle_digest)
    pipeline = bundle.pipeline
    fits = (
        set(pipeline.plan.columns) <= set(test.columns) and pipeline.target.classes == snapshot.target.classes
    )
    same = bundle.manifest.snapshot_digest == snapshot.digest or _same_rows(context, bundle, snapshot)
    if fits and same:
        return pipeline
    context.ports.progress.say(f"{standing.version} is not compared: other columns, classes or rows")
    return None


def _same_rows(context: PhaseContext, bundle: Bundle, snapshot: Snapshot) -> bool:
    """Whether the champion was trained on the same rows and parts, though under an amended contract."""
    for entry in context.ports.ledger.entries(kinds=["phase.completed"]):
        if entry.body.get("phase") == 2:
            other = context.ports.store.get_record(entry.artifacts["snapshot"], Snapshot)
            if other.digest == bundle.manifest.snapshot_digest:
                return other.sealed_labels == snapshot.sealed_labels and other.rows == snapshot.rows
    return False


def _row_ids(test: "pl.DataFrame") -> "npt.NDArray[np.int64]":
    return test[ROW_ID].to_numpy()


def _suite(context: PhaseContext, report: EvaluationReport, run: Run) -> Suite:
    checks = context.output(7, "checks", ComponentChecks).outcome
    certificate = context.output(9, "certificate", Certificate).outcome
    primary = report.estimate(context.contract.evaluation.primary)
    known = primary is not None and primary.value is not None
    told = (
        f"{primary.value:.4g} on {report.rows:,} sealed rows"
        if primary and primary.value is not None
        else "undefined"
    )
    return Suite(
        outcomes=(
            Outcome(status=checks.status, what="unit tests of the components", evidence=checks.evidence),
            Outcome(status=certificate.status, what="integration tests", evidence=certificate.evidence),
            Outcome(
                status=Status.PASSED if known else Status.UNKNOWN,
                what=f"offline metrics ({context.contract.evaluation.primary})",
                evidence=(told,),
            ),
            overall(run.sanity, what="sanity checks of the training"),
        )
    )

"""Phase 8, Training Infrastructure: train the approved design and its baseline, set the rule by cost."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelwright.candidates.design import Proposals
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.data.snapshot import Snapshot, part
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.threshold import ThresholdChoice, choose_rule
from modelwright.features.plan import FeaturePlan
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import OurFault, TrainingFailed
from modelwright.kernel.outcome import Status
from modelwright.tasks.catalogue import task_of
from modelwright.training.config import TrainingConfig, config_of
from modelwright.training.pipeline import Pipeline
from modelwright.training.run import Environment, Run
from modelwright.training.train import load_pipeline, train
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.loops import demand_attempt, note_failed_training
from modelwright.workflow.trained import TrainedModel, keep

if TYPE_CHECKING:  # only named in signatures
    import polars as pl

__all__ = ["model_of", "perform"]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bench:
    """What all trainings of the phase work on: read once, the same for each."""

    snapshot: Snapshot
    """The data."""
    train: "pl.DataFrame"
    """The training part."""
    validation: "pl.DataFrame"
    """The validation part."""
    environment: Environment
    """What they run on."""


def _bench(context: PhaseContext) -> _Bench:
    snapshot, store = context.output(2, "snapshot", Snapshot), context.ports.store
    return _Bench(
        snapshot=snapshot,
        train=part(snapshot, "train", store=store),
        validation=part(snapshot, "validation", store=store),
        environment=context.ports.environment(),
    )


def _train(context: PhaseContext, config: TrainingConfig, bench: _Bench) -> Run:
    """Train one configuration on the snapshot; a killed training goes on from its checkpoints."""
    ports = context.ports
    tracker = None
    if context.contract.stack.tracking == "mlflow":
        tracker = ports.tracker()
    return train(
        config,
        train=bench.train,
        validation=bench.validation,
        plan=context.output(4, "plan", FeaturePlan),
        target=bench.snapshot.target,
        contract=context.contract,
        snapshot_digest=bench.snapshot.digest,
        store=ports.store,
        environment=bench.environment,
        clock=ports.clock,
        progress=ports.progress,
        tracker=tracker,
        checkpoints=ports.project.checkpoints,
    )


def perform(context: PhaseContext) -> Outputs:
    """Train, calibrate, choose the decision rule by the cost of mistakes, and look at validation.

    Raises:
        TrainingFailed: When a sanity check fails: such a run proves nothing.
        PhaseLocked: When the attempts under this contract are used up.
    """
    ports, contract = context.ports, context.contract
    bench = _bench(context)
    snapshot, validation = bench.snapshot, bench.validation
    config = context.output(7, "config", TrainingConfig)
    _begin(context, config, snapshot)
    ports.progress.say(f"training the {config.design} design")
    run = _train(context, config, bench)
    failed = [outcome for outcome in run.sanity if outcome.status is Status.FAILED]
    if failed:
        told = "; ".join(f"{outcome.what}: {', '.join(outcome.evidence)}" for outcome in failed)
        note_failed_training(ports, contract_digest=context.contract_digest, configuration=run.id, why=told)
        raise TrainingFailed(
            "a sanity check of the training failed",
            why="a model that learns from shuffled labels, or cannot learn at all, proves nothing",
            next_step="look for a leak or a broken target, mend it, and run again",
            found=told,
        )
    ports.progress.say("training the baseline it has to beat")
    base_run = _train(context, _rival(context, config), bench)
    pipeline, choice = _ruled(context, run, validation, snapshot)
    base_pipeline, base_choice = _ruled(context, base_run, validation, snapshot)
    kept = keep(pipeline, design=run.design, run_id=run.id, store=ports.store)
    base_kept = keep(base_pipeline, design=base_run.design, run_id=base_run.id, store=ports.store)
    task = task_of(snapshot.target.task)
    report = evaluate(
        task.encode(validation[snapshot.target.name], snapshot.target),
        pipeline.scores(validation),
        frame=validation,
        target=snapshot.target,
        contract=contract,
        rule=pipeline.rule,
        seed=config.seed,
        part="validation",
        others={"baseline": base_pipeline.scores(validation)},
        other_rules={"baseline": base_pipeline.rule},
        threshold=choice,
        snapshot_digest=snapshot.digest,
        run_id=run.id,
        pipeline_digest=kept.digest,
    )
    outputs: dict[str, object] = {
        "run": run,
        "model": kept,
        "baseline_run": base_run,
        "baseline_model": base_kept,
        "validation_report": report,
    }
    if choice is not None:
        outputs["threshold"] = choice
    if base_choice is not None:
        outputs["baseline_threshold"] = base_choice
    return outputs


def _begin(context: PhaseContext, config: TrainingConfig, snapshot: Snapshot) -> None:
    """Write down that a training begins: what is agreed from here on was agreed too late for it.

    A training that was killed and goes on is the same one.
    """
    demand_attempt(
        context.ports,
        contract_digest=context.contract_digest,
        allowed=context.contract.evaluation.max_attempts,
    )
    named = digest_of([context.contract_digest, config, snapshot.digest])
    before, ended = context.history.trainings, context.history.completions.get(8)
    going_on = before and (ended is None or before[-1].sequence > ended.sequence)
    if going_on and before[-1].body.get("training") == named:
        return
    context.ports.ledger.append(
        "training.began",
        {
            "training": named,
            "contract_digest": context.contract_digest,
            "snapshot": snapshot.digest,
            "sealed_labels": snapshot.sealed_labels,
        },
        actor=context.ports.actor,
    )


def _rival(context: PhaseContext, config: TrainingConfig) -> TrainingConfig:
    """Configure what the model has to beat: the baseline design, or the prior when that was chosen."""
    if config.design == "baseline":
        prior = EstimatorSpec(family="prior", name="prior")
        return replace(config, design="prior", members=(prior,), calibration="none")
    design = context.output(4, "proposals", Proposals).of("baseline")
    if design is None:
        raise OurFault("the proposals of phase 4 hold no baseline")
    return config_of(
        design, context.contract, seed=config.seed, threads=config.threads, exclude=config.exclude
    )


def _ruled(
    context: PhaseContext, run: Run, validation: "pl.DataFrame", snapshot: Snapshot
) -> tuple[Pipeline, ThresholdChoice | None]:
    pipeline = load_pipeline(run, store=context.ports.store)
    if snapshot.target.task != "binary":
        return pipeline, None
    y = task_of("binary").encode(validation[snapshot.target.name], snapshot.target)
    choice = choose_rule(
        y,
        pipeline.scores(validation),
        target=snapshot.target,
        mistakes=context.contract.decision.mistakes,
        part="validation",
    )
    return pipeline.with_rule(choice.rule), choice


def model_of(context: PhaseContext, name: str = "model") -> TrainedModel:
    """Return the trained model (or `baseline_model`) of phase 8.

    Args:
        context: The desk.
        name: Which of the two.
    """
    return context.output(8, name, TrainedModel)

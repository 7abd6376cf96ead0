"""Training: a design and a snapshot become a run and a pipeline; the same inputs give the same bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from modelwright.candidates.ensemble import EnsembleModel, greedy_weights
from modelwright.candidates.estimator import Model
from modelwright.candidates.loss import loss_of
from modelwright.candidates.measure import measures
from modelwright.contracts.contract import Contract
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix, matrix
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import digest_of, digest_of_bytes, short
from modelwright.kernel.errors import TrainingFailed
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibrate import fit_calibrator
from modelwright.training.checkpoint import Checkpoints
from modelwright.training.config import TrainingConfig
from modelwright.training.crossfit import CrossFit, checked_scores, cross_fit, final_model
from modelwright.training.material import Material, prepare
from modelwright.training.pipeline import Pipeline
from modelwright.training.progress import Progress
from modelwright.training.run import Environment, Run
from modelwright.training.sanity import sanity_checks
from modelwright.training.tracker import Tracker

__all__ = ["load_pipeline", "train"]

SMALLEST_WEIGHT = 0.01
"""A member with less weight than this is not served: it costs more than it brings."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outcome:
    """What the folds gave."""

    fitted: tuple[CrossFit, ...]
    """Members that could be fitted."""
    weights: Mapping[str, float]
    """Their weights."""
    predictions: Matrix
    """Weighted out-of-fold scores; NaN where there are none."""
    notes: tuple[str, ...]
    """Members that were dropped."""


def train(  # noqa: PLR0913 - what a training depends on; all but the configuration are named at the call
    config: TrainingConfig,
    *,
    train: pl.DataFrame,
    validation: pl.DataFrame,
    plan: FeaturePlan,
    target: TargetSpec,
    contract: Contract,
    snapshot_digest: str,
    store: ArtifactStore,
    environment: Environment,
    clock: Clock,
    progress: Progress,
    tracker: Tracker | None = None,
    checkpoints: Path | None = None,
) -> Run:
    """Train a design: cross-fit its members, weight them, calibrate, check, and store the pipeline.

    The training part alone is learned from; the validation part is used for calibration only; the sealed
    part is never seen. A killed training goes on from its checkpoints and ends in the same bits.

    Args:
        config: Members, folds, seed, threads.
        train: The training part of the snapshot.
        validation: The validation part.
        plan: How columns become the matrix.
        target: What is predicted.
        contract: Split policy and roles of columns.
        snapshot_digest: The name of the data.
        store: Where the pipeline's files are put.
        environment: What this runs on, for the record.
        clock: The time.
        progress: Where it says how far it is.
        tracker: A mirror of the run; what it says is noted, and nothing depends on it.
        checkpoints: A folder for fitted models; None keeps none.

    Returns:
        The record of the run.

    Raises:
        TrainingFailed: When no member can be fitted, or the rows do not allow it; all faults are named.
        DataInvalid: When targets are missing or columns are.

    Examples:
        >>> train.__name__
        'train'
    """
    started = clock.now()
    inputs = {
        "config": config.digest,
        "contract": contract.digest,
        "snapshot": snapshot_digest,
        "plan": plan.digest,
        "target": digest_of(target),
    }
    kept = Checkpoints(checkpoints, key=digest_of(inputs))
    material = prepare(config, train=train, plan=plan, target=target, contract=contract)
    folds = _cross_fit_all(config, material, kept, progress=progress)
    progress.step("final models", 0, 3)
    model = _weighted(config, material, folds, kept)
    progress.step("calibration on the validation part", 1, 3)
    pipeline, note = _calibrated(config, model, validation, material=material)
    progress.step("sanity checks", 2, 3)
    heaviest = max(folds.fitted, key=lambda one: folds.weights[one.spec.name])
    sanity = sanity_checks(heaviest.spec, material, config=config)
    files = {name: store.put(data) for name, data in pipeline.files().items()}
    importance = sorted(model.importance().items(), key=lambda item: (-item[1], item[0]))
    asked = ~np.isnan(folds.predictions[:, 0])
    run = Run(
        id=f"run-{short(digest_of(inputs))}",
        config=config,
        config_digest=config.digest,
        contract_digest=contract.digest,
        snapshot_digest=snapshot_digest,
        plan_digest=plan.digest,
        seed=config.seed,
        design=config.design,
        rows={"train": len(train), "out_of_fold": int(asked.sum()), "validation": len(validation)},
        metrics=measures(material.y[asked], folds.predictions[asked], target=target),
        fold_metrics=_by_fold(material, folds.predictions),
        member_metrics={
            one.spec.name: loss_of(material.y[asked], one.predictions[asked], target=target)
            for one in folds.fitted
        },
        member_weights=folds.weights,
        rounds={one.spec.name: one.rounds for one in folds.fitted if one.rounds is not None},
        seconds=(clock.now() - started).total_seconds(),
        environment=environment,
        pipeline=store.put_record(files),
        pipeline_files=files,
        oof_digest=digest_of_bytes(folds.predictions.astype("<f8").tobytes()),
        importance=dict(importance),
        sanity=sanity,
        calibration=pipeline.calibrator.kind if pipeline.calibrator else "none",
        notes=(*material.notes, *folds.notes, *([note] if note else [])),
    )
    progress.step("done", 3, 3)
    return run if tracker is None else _mirrored(run, pipeline, tracker)


def load_pipeline(run: Run, *, store: ArtifactStore) -> Pipeline:
    """Return the pipeline of a run, every file checked against its digest.

    Raises:
        IntegrityBroken: When a file is missing or was changed.

    Examples:
        >>> load_pipeline.__name__
        'load_pipeline'
    """
    return Pipeline.from_files({name: store.get(digest) for name, digest in run.pipeline_files.items()})


def _cross_fit_all(
    config: TrainingConfig, material: Material, kept: Checkpoints, *, progress: Progress
) -> _Outcome:
    fitted, faults = cross_fit(material, config=config, checkpoints=kept, progress=progress)
    if not fitted:
        raise TrainingFailed(
            "no member of the design could be fitted",
            why="without a model there is nothing to serve",
            next_step="correct what is named, or choose another design",
            faults=faults,
        )
    asked = ~np.isnan(fitted[0].predictions[:, 0])
    weights = _weights_of(fitted, material, asked)
    predictions = np.full_like(fitted[0].predictions, np.nan)
    predictions[asked] = sum(
        weights[one.spec.name] * one.predictions[asked] for one in fitted if weights[one.spec.name]
    )
    notes = [f"member dropped: {fault}" for fault in faults]
    notes += [f"member without weight, not served: {name}" for name, share in weights.items() if not share]
    return _Outcome(fitted=fitted, weights=weights, predictions=predictions, notes=tuple(notes))


def _weights_of(fitted: Sequence[CrossFit], material: Material, asked: np.ndarray) -> dict[str, float]:
    found = greedy_weights(
        [one.predictions[asked] for one in fitted],
        material.y[asked],
        target=material.target,
        weight=None if material.weight is None else material.weight[asked],
    )
    served = [share if share >= SMALLEST_WEIGHT else 0.0 for share in found]
    total = sum(served)
    return {one.spec.name: share / total for one, share in zip(fitted, served, strict=True)}


def _weighted(config: TrainingConfig, material: Material, folds: _Outcome, kept: Checkpoints) -> Model:
    """Return the final model: one member, or the weighted average of several."""
    served = [
        (folds.weights[one.spec.name], final_model(one, material, config=config, checkpoints=kept))
        for one in folds.fitted
        if folds.weights[one.spec.name]
    ]
    return served[0][1] if len(served) == 1 else EnsembleModel(served)


def _calibrated(
    config: TrainingConfig, model: Model, validation: pl.DataFrame, *, material: Material
) -> tuple[Pipeline, str]:
    y = task_of(material.target.task).encode(validation[material.target.name], material.target)
    raw = checked_scores(
        model, matrix(material.plan, validation), outputs=material.outputs, name="final model"
    )
    calibrator, note = fit_calibrator(y, raw, target=material.target, kind=config.calibration)
    return Pipeline(plan=material.plan, model=model, target=material.target, calibrator=calibrator), note


def _by_fold(material: Material, predictions: Matrix) -> dict[str, tuple[float | None, ...]]:
    made = [
        measures(material.y[fold.held_out], predictions[fold.held_out], target=material.target)
        for fold in material.folds
    ]
    return {name: tuple(one[name] for one in made) for name in made[0]}


def _mirrored(run: Run, pipeline: Pipeline, tracker: Tracker) -> Run:
    outcome = tracker.log(run, files=pipeline.files())
    if outcome.allows:
        return run
    told = "; ".join((*outcome.evidence, outcome.next_step))
    return replace(run, notes=(*run.notes, f"{outcome.what}: {outcome.status.value} ({told})"))

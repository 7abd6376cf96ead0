"""The bare script: what somebody who knows this package would write by hand to train the same models.

No ledger, approvals, pages, checkpoints, digests, progress, sanity checks or tests of components, and
nothing is packed. The same verbs get the same rows, so that it ends with the same scores, bit by bit.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measurement import NOTHING, Moment
from modelwright.candidates.design import Design
from modelwright.candidates.ensemble import EnsembleModel, greedy_weights
from modelwright.candidates.propose import propose
from modelwright.contracts.contract import Contract
from modelwright.data.profile import profile
from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.snapshot import ROW_ID, Snapshot, part, take
from modelwright.data.source import read_sources
from modelwright.data.validate import validate
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.threshold import choose_rule
from modelwright.features.plan import FeaturePlan, compile_plan
from modelwright.features.transform import Matrix, matrix
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.risk.check import RiskView
from modelwright.risk.register import assess
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibrate import fit_calibrator
from modelwright.training.checkpoint import Checkpoints
from modelwright.training.config import TrainingConfig, config_of
from modelwright.training.crossfit import cross_fit, final_model
from modelwright.training.material import prepare
from modelwright.training.pipeline import Pipeline
from modelwright.workflow.model_architecture import PROBE_SECONDS
from modelwright.workflow.ports import SilentProgress

TRAINED = ("pragmatic", "baseline")
"""The design the demonstration chooses, and the one it has to beat."""


@dataclass(slots=True)
class Stages:
    """How long each part of the script took.

    Examples:
        >>> stages = Stages()
        >>> with stages.of("train"):
        ...     pass
        >>> stages.total("train").wall >= 0
        True
    """

    taken: dict[str, Moment] = field(default_factory=dict)
    """Time of each part, by name."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Time what the block does."""
        began = Moment.now()
        yield
        self.taken[name] = self.taken.get(name, NOTHING) + (Moment.now() - began)

    def total(self, *names: str) -> Moment:
        """Return the time of these parts, or of all when none is named."""
        return sum((self.taken[name] for name in names or self.taken), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The parts of the table, as the snapshot has them."""

    train: pl.DataFrame
    """What is learned from."""
    validation: pl.DataFrame
    """What calibration and threshold are found on."""
    target: TargetSpec
    """What is predicted."""


def fit(config: TrainingConfig, rows: Rows, *, plan: FeaturePlan, contract: Contract) -> Pipeline:
    """Cross-fit, weight, calibrate, and choose the threshold: one trained pipeline.

    Args:
        config: Members, folds, seed, threads.
        rows: What to train on.
        plan: Columns to matrix.
        contract: What mistakes cost.
    """
    target, kept = rows.target, Checkpoints(None, key="bare")
    material = prepare(config, train=rows.train, plan=plan, target=target, contract=contract)
    fitted, faults = cross_fit(material, config=config, checkpoints=kept, progress=SilentProgress())
    assert not faults
    asked = ~np.isnan(fitted[0].predictions[:, 0])
    weights = greedy_weights([one.predictions[asked] for one in fitted], material.y[asked], target=target)
    served = [
        (share, final_model(one, material, config=config, checkpoints=kept))
        for one, share in zip(fitted, weights, strict=True)
        if share
    ]
    model = served[0][1] if len(served) == 1 else EnsembleModel(served)
    y = task_of(target.task).encode(rows.validation[target.name], target)
    raw = model.predict(matrix(plan, rows.validation))
    calibrator, _ = fit_calibrator(y, raw, target=target, kind=config.calibration)
    pipeline = Pipeline(plan=plan, model=model, target=target, calibrator=calibrator)
    choice = choose_rule(
        y,
        pipeline.scores(rows.validation),
        target=target,
        mistakes=contract.decision.mistakes,
        part="validation",
    )
    return pipeline.with_rule(choice.rule)


def look(
    pipelines: Sequence[Pipeline], frame: pl.DataFrame, *, rows: Rows, contract: Contract, sealed: bool
) -> Matrix:
    """Evaluate a model against its baseline with intervals and slices, and return its scores.

    Args:
        pipelines: The model and the baseline.
        frame: The rows to look at, labels included.
        rows: The target.
        contract: What is measured.
        sealed: Whether these are the rows of the test.
    """
    model, baseline = pipelines
    scores = model.scores(frame)
    evaluate(
        task_of(rows.target.task).encode(frame[rows.target.name], rows.target),
        scores,
        frame=frame,
        target=rows.target,
        contract=contract,
        rule=model.rule,
        seed=contract.data.split.seed,
        part="test" if sealed else "validation",
        others={"baseline": baseline.scores(frame)},
        other_rules={"baseline": baseline.rule},
    )
    return scores


def train(
    designs: Sequence[Design], rows: Rows, *, plan: FeaturePlan, contract: Contract, threads: int
) -> tuple[Pipeline, ...]:
    """Train designs, and evaluate the first against the second on the validation part.

    Args:
        designs: The design that was chosen, and the baseline.
        rows: What to train on.
        plan: Columns to matrix.
        contract: What was agreed.
        threads: How many fits are done at a time.
    """
    seed = contract.data.split.seed
    configs = [config_of(design, contract, seed=seed, threads=threads) for design in designs]
    pipelines = tuple(fit(config, rows, plan=plan, contract=contract) for config in configs)
    look(pipelines, rows.validation, rows=rows, contract=contract, sealed=False)
    return pipelines


def bare_life(
    contract: Contract, root: Path, *, folder: Path, exclude: Collection[str], threads: int
) -> tuple[Stages, Matrix]:
    """Do by hand what twelve phases do, and return the time of each part and the scores of the test.

    Args:
        contract: What was agreed.
        root: Where its sources are relative to.
        folder: A scratch folder for the snapshot.
        exclude: Columns a person took out, which a script would have in its source.
        threads: Threads of the training.
    """
    stages, store = Stages(), ArtifactStore(folder)
    seal = Seal(bytes(KEY_BYTES))
    with stages.of("read and split"):
        frame = read_sources(contract, root=root)
        snapshot = take(frame, contract, store=store, seal=seal)
        parts = {name: part(snapshot, name, store=store) for name in snapshot.parts}
    rows = Rows(train=parts["train"], validation=parts["validation"], target=snapshot.target)
    with stages.of("validate and profile"):
        validate(frame, contract)
        profile(frame, target=rows.target.name)
    with stages.of("assess risks"):
        assess(_view(parts, contract, snapshot))
    plan = compile_plan(rows.train, contract, exclude=exclude)
    with stages.of("measure three designs"):
        proposals = propose(
            rows.train,
            contract,
            plan=plan,
            target=rows.target,
            seed=contract.data.split.seed,
            threads=threads,
            budget_seconds=PROBE_SECONDS[contract.mode],
        )
    designs = [design for name in TRAINED for design in proposals.designs if design.name == name]
    with stages.of("train"):
        pipelines = train(designs, rows, plan=plan, contract=contract, threads=threads)
    with stages.of("evaluate"):
        labels = seal.open(store.get(snapshot.sealed_labels))
        test = parts["test"].join(labels, on=ROW_ID, how="left", maintain_order="left")
        scores = look(pipelines, test, rows=rows, contract=contract, sealed=True)
    return stages, scores


def _view(parts: dict[str, pl.DataFrame], contract: Contract, snapshot: Snapshot) -> RiskView:
    return RiskView(
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        contract=contract,
        snapshot=snapshot,
        target=snapshot.target,
        raw_rows=sum(snapshot.rows.values()),
    )

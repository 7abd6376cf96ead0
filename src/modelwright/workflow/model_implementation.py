"""Phase 7, Model Implementation: the design becomes a frozen configuration, checked components, files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from modelwright.candidates.catalogue import build
from modelwright.candidates.numerics import side_by_side
from modelwright.data.snapshot import Snapshot, part
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import matrix
from modelwright.kernel.digest import canonical_json, digest_of_bytes
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.errors import TrainingFailed
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.ledger.artifacts import write_atomically
from modelwright.risk.register import Settlement
from modelwright.roles.ml_writer import WrittenFiles, write_pipeline
from modelwright.tasks.catalogue import task_of
from modelwright.training.config import TrainingConfig, config_of
from modelwright.training.pipeline import Pipeline
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.training_pipeline import chosen_design

if TYPE_CHECKING:  # only named in signatures
    import polars as pl

    from modelwright.workflow.project import Project

__all__ = ["ComponentChecks", "perform"]

SAMPLE = 240
"""Training rows on which components are tried: enough for every class, quick for every family."""

ALONE = 8
"""Rows that are scored one by one; the certificate of phase 9 asks many more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentChecks:
    """Unit tests of the model's components, on a small sample of the training part.

    Examples:
        >>> ComponentChecks(design="baseline", outcomes=()).outcome.status.value
        'unknown'
    """

    design: str
    """The design the components belong to."""
    outcomes: tuple[Outcome, ...]
    """One outcome a check and member."""

    @property
    def outcome(self) -> Outcome:
        """All checks together."""
        return overall(self.outcomes, what="components of the design")

    def document(self) -> Document:
        """Render the checks."""
        told = self.outcome
        rows = tuple((item.status.value, item.what, "; ".join(item.evidence)) for item in self.outcomes)
        return Document(
            title=f"Components of {self.design}",
            blocks=(
                Callout(tone=told.status.value, text="; ".join(told.evidence)),
                Table(columns=("", "check", "seen"), rows=rows),
            ),
        )


def perform(context: PhaseContext) -> Outputs:
    """Freeze the configuration, try every component, and write the pipeline's files.

    Files their owner changed since they were written are kept as they are.

    Raises:
        TrainingFailed: When a component does not do what it must.
    """
    ports = context.ports
    design = chosen_design(context)
    settlement = context.output(4, "settlement", Settlement)
    plan = context.output(4, "plan", FeaturePlan)
    snapshot = context.output(2, "snapshot", Snapshot)
    config = config_of(
        design,
        context.contract,
        seed=context.contract.data.split.seed,
        threads=ports.threads,
        exclude=settlement.excluded,
    )
    ports.progress.say("trying every component on a small sample")
    sample = _sample(part(snapshot, "train", store=ports.store), snapshot)
    checks = ComponentChecks(design=design.name, outcomes=tuple(_check(config, plan, snapshot, sample)))
    if not checks.outcome.allows:
        raise TrainingFailed(
            "a component of the approved design does not do what it must",
            why="a pipeline built on it would answer wrongly",
            next_step="modelwright approve 4 --choose another design, or mend the estimator",
            found="; ".join(checks.outcome.evidence),
        )
    texts = write_pipeline(
        name=context.contract.name,
        target=context.contract.prediction.target,
        design=design.name,
        config=canonical_json(config).decode("utf-8") + "\n",
    )
    return {"checks": checks, "config": config, "files": _write(context, ports.project, texts)}


def _write(context: PhaseContext, project: "Project", texts: Mapping[str, str]) -> WrittenFiles:
    written = _ours(context)
    digests, kept = {}, []
    for name, text in texts.items():
        path = project.pipeline / name
        shown = path.relative_to(project.root).as_posix()
        data = text.encode("utf-8")
        if path.exists():
            found = digest_of_bytes(path.read_bytes())
            if found not in {written.get(shown), digest_of_bytes(data)}:
                kept.append(shown)
                digests[shown] = found
                continue
        write_atomically(path, data)
        digests[shown] = digest_of_bytes(data)
    return WrittenFiles(files=digests, kept=tuple(kept), command=f"pytest {project.pipeline.name}")


def _ours(context: PhaseContext) -> dict[str, str]:
    """Return the digests of the files written last time; what was left to its owner then is not ours."""
    before = context.history.completions.get(7)
    if before is None:
        return {}
    last = context.ports.store.get_record(before.outputs["files"], WrittenFiles)
    return {name: digest for name, digest in last.files.items() if name not in last.kept}


def _sample(train: "pl.DataFrame", snapshot: Snapshot) -> "pl.DataFrame":
    target = snapshot.target.name
    if snapshot.target.task == "regression":
        return train.head(SAMPLE)
    each = max(SAMPLE // max(len(snapshot.target.classes), 1), 2)
    return train.group_by(target, maintain_order=True).head(each)


def _check(
    config: TrainingConfig, plan: FeaturePlan, snapshot: Snapshot, sample: "pl.DataFrame"
) -> Iterator[Outcome]:
    target = snapshot.target
    task = task_of(target.task)
    x, y = matrix(plan, sample), task.encode(sample[target.name], target)
    width = task.outputs(target)
    rows = sample.head(ALONE).to_dicts()
    for spec in config.members:
        estimator = build(spec)
        fit = partial(estimator.fit, x, plan=plan, target=target, weight=None, threads=1, holdout=None)
        models = side_by_side(partial(fit, seed=config.seed), (y, y), threads=2)
        pipeline = Pipeline(plan=plan, model=models[0], target=target)
        scores = pipeline.scores(sample)
        single = np.vstack([pipeline.scores_of_row(row) for row in rows])
        stored = Pipeline.from_files(pipeline.files())
        yield _told(
            f"{spec.name}: one score a row and output", scores.shape == (sample.height, width), scores.shape
        )
        yield _told(f"{spec.name}: every score is a number", bool(np.isfinite(scores).all()), scores.size)
        if target.task != "regression":
            total = float(np.abs(scores.sum(axis=1) - 1.0).max())
            yield _told(f"{spec.name}: probabilities add up to one", total < 1e-6, f"off by {total:.1e}")
        again = Pipeline(plan=plan, model=models[1], target=target).scores(sample)
        yield _told(
            f"{spec.name}: the same seed gives the same scores", bool((again == scores).all()), "bit by bit"
        )
        gap = float(np.abs(single - scores[: len(rows)]).max())
        yield _told(
            f"{spec.name}: one row alone scores as in a batch", gap <= 1e-12, f"largest gap {gap:.1e}"
        )
        same = bool((stored.scores(sample) == scores).all())
        yield _told(f"{spec.name}: the stored form scores the same", same, "bit by bit")


def _told(what: str, holds: bool, seen: object) -> Outcome:  # noqa: FBT001 - the answer of a comparison
    return Outcome(status=Status.PASSED if holds else Status.FAILED, what=what, evidence=(str(seen),))

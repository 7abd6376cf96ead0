"""Proposing: three designs worth choosing between, measured on probes inside the training part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from modelwright.candidates.design import Design, DesignName, Proposals
from modelwright.candidates.design_text import describe
from modelwright.candidates.estimator import EstimatorSpec, Param, Vector
from modelwright.candidates.folds import folds_of
from modelwright.candidates.loss import loss_of
from modelwright.candidates.measure import probe_metric
from modelwright.candidates.probing import Bench, Tried
from modelwright.candidates.recommend import recommend, row_losses
from modelwright.candidates.variants import companions, many_classes, racers, with_params
from modelwright.contracts.contract import Contract
from modelwright.features.out_of_fold import target_columns
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix, matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.target import TargetSpec

__all__ = ["propose"]

FOLDS = 5
"""Folds of the cross-fitting of every design."""

PROBE_FOLDS = 3
"""The probe learns from two thirds (temporal: three quarters) of its rows; much is left to measure on."""

CELLS_A_SECOND = 20_000
"""Matrix cells a second of budget stands for; fixed, so that the same budget gives the same sample."""

FEWEST_ROWS = 1500
"""Rows of a probe, at least: with fewer, nothing can be told apart."""

MOST_ROWS = 50_000
"""Rows of a probe, at most."""

RACE_RATE = 0.1
RACE: dict[str, Param] = {"learning_rate": RACE_RATE, "max_rounds": 300, "early_stopping": 20}
"""How racers grow: quickly, for they are only compared with each other."""

LARGEST_BYTES = 20 * 2**20
"""A pragmatic design is small: a racer that would be larger, with all its folds, wins only alone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Race:
    """What the race showed."""

    chosen: EstimatorSpec
    """The best that is small enough."""
    ranked: tuple[EstimatorSpec, ...]
    """All that finished, best first."""
    log: bool
    """Whether the logarithmic scale did better."""
    notes: tuple[str, ...]
    """What happened, in words."""


def propose(
    train: pl.DataFrame,
    contract: Contract,
    *,
    plan: FeaturePlan,
    target: TargetSpec,
    seed: int,
    threads: int,
    budget_seconds: float,
) -> Proposals:
    """Propose a baseline, a pragmatic and a frontier design, each measured on a probe.

    A part of the training rows is fitted on, half of the rows outside it are chosen by (race of shapes,
    rounds, weights), the other half is measured on. The budget is turned into a number of rows by a fixed
    rate, so that the members proposed follow from data and seed alone; what was measured in seconds does
    not.

    Args:
        train: The training part; validation and test are not needed and not given.
        contract: Metric, latency, cost of mistakes, split policy.
        plan: How columns become the matrix.
        target: What is predicted.
        seed: Seed of everything random.
        threads: How many members are fitted at a time.
        budget_seconds: About how long measuring may take.

    Raises:
        TrainingFailed: When not even the baseline can be fitted, or the rows cannot be divided.

    Examples:
        >>> propose.__name__
        'propose'
    """
    y = task_of(target.task).encode(train[target.name], target)
    folds = _folds_for(train)
    halves = folds_of(train, y, contract, target=target, folds=PROBE_FOLDS, seed=seed)
    x, means = matrix(plan, train), target_columns(plan, train, contract, seed=seed)
    bench = Bench(
        # Every row by others: a probe must not see means that its own targets went into.
        x if means is None else means.fitted(x, np.arange(train.height)),
        y,
        plan=plan,
        target=target,
        fold=halves[-1],
        rows=_rows_for(budget_seconds, plan, target),
        seed=seed,
        threads=threads,
    )
    primary = contract.evaluation.primary
    metric = probe_metric(primary, target)
    race = _race(bench, y, target, primary=primary)
    sets: dict[DesignName, tuple[EstimatorSpec, ...]] = {
        "baseline": (companions(target, log=race.log)[-1],),
        "pragmatic": (_final(race.chosen, target),),
        "frontier": _frontier(race, target),
    }
    wanted = {spec.name: spec for specs in sets.values() for spec in specs}
    done = dict(zip(wanted, bench.attempt_all(list(wanted.values())), strict=True))
    designs: list[Design] = []
    scores: list[Matrix] = []
    temporal = contract.data.split.policy == "temporal"
    for name, specs in sets.items():
        members, notes = _fitted(specs, done)
        copies = 1 if name == "baseline" else 3 if temporal else folds
        probe, made = bench.probe(members, copies=copies, metric=metric)
        scores.append(made)
        told = (*notes, *(race.notes if name == "pragmatic" else ()))
        kept = tuple(one.spec for one in members)
        designs.append(
            describe(name, kept, probe, plan=plan, target=target, folds=folds, rows=len(train), notes=told)
        )
    losses = [row_losses(bench.measured_y, made, target) for made in scores]
    recommended, reasoning = recommend(designs, losses, contract, target=target)
    return Proposals(designs=tuple(designs), recommended=recommended, reasoning=reasoning)


def _folds_for(train: pl.DataFrame) -> int:
    return FOLDS if train.height >= 10 * FOLDS else 3


def _rows_for(budget_seconds: float, plan: FeaturePlan, target: TargetSpec) -> int:
    """Return how many rows a probe may use; trees are grown for each class."""
    each = max(len(plan.names), 10) * max(len(target.classes) / 2, 1)
    return int(np.clip(budget_seconds * CELLS_A_SECOND / each, FEWEST_ROWS, MOST_ROWS))


def _race(bench: Bench, y: Vector, target: TargetSpec, *, primary: str) -> _Race:
    """Fit every racer once and rank them by their loss on the watched rows."""
    notes: list[str] = []
    entered = racers(y, target, primary=primary)
    scales = [racer for racer in entered if racer.name in ("trees-medium", "trees-log")]
    tried = _tried(bench, scales, notes)
    losses = {name: loss_of(bench.watched_y, one.watched, target=target) for name, one in tried.items()}
    log = losses.get("trees-log", np.inf) < losses.get("trees-medium", np.inf)
    if len(scales) > 1:
        verdict = "does" if log else "does not do"
        notes.append(f"log(1 + target) {verdict} better than the target as it is")
    shapes = [racer for racer in entered if racer.name != "trees-log"]
    if log:
        tried["trees-medium"], losses["trees-medium"] = tried["trees-log"], losses["trees-log"]
        shapes = [with_params(shape, log_target=True) for shape in shapes if shape.family == "boosting"]
    others = [shape for shape in shapes if shape.name != "trees-medium"]
    tried |= _tried(bench, others, notes)
    losses |= {name: loss_of(bench.watched_y, one.watched, target=target) for name, one in tried.items()}
    finished = [(losses[shape.name], shape) for shape in shapes if shape.name in tried]
    if not finished:
        raise TrainingFailed(
            "no boosted trees can be fitted on these rows",
            why="two of the three designs are made of them",
            next_step="correct what is named: " + "; ".join(notes),
        )
    ranked = sorted(finished, key=lambda item: item[0])
    told = ", ".join(f"{spec.name} {loss:.4g}" for loss, spec in ranked)
    notes.append(f"raced on the probe: {told}")
    specs = tuple(spec for _, spec in ranked)
    small = [spec for spec in specs if _size(tried[spec.name], target) <= LARGEST_BYTES]
    if small and small[0] != specs[0]:
        notes.append(f"{specs[0].name} would need more than {LARGEST_BYTES >> 20} MiB with all its folds")
    return _Race(chosen=(small or specs)[0], ranked=specs, log=log, notes=tuple(notes))


def _size(tried: Tried, target: TargetSpec) -> float:
    """Return about how large a racer will be with all its folds, at the rate it is trained with."""
    size = sum(map(len, tried.model.files().values())) * FOLDS
    final = _final(tried.spec, target)
    return size * RACE_RATE / float(final.params["learning_rate"]) if final.family == "boosting" else size


def _final(spec: EstimatorSpec, target: TargetSpec) -> EstimatorSpec:
    """Return a racer as it is trained: slower steps, where their number does not multiply by classes."""
    if spec.family != "boosting":
        return spec
    if many_classes(target):
        return with_params(spec, learning_rate=0.15, max_rounds=150)
    return with_params(spec, learning_rate=0.04)


def _frontier(race: _Race, target: TargetSpec) -> tuple[EstimatorSpec, ...]:
    """Return the two best shapes, the randomised one, and what errs differently from trees."""
    shapes = [spec for spec in race.ranked if spec.family == "boosting"]
    trees = shapes[: 1 if many_classes(target) else 2]
    trees += [spec for spec in shapes if spec.name == "trees-random" and spec not in trees]
    return (*(_final(spec, target) for spec in trees), *companions(target, log=race.log))


def _tried(bench: Bench, racing: Sequence[EstimatorSpec], notes: list[str]) -> dict[str, Tried]:
    """Fit racers quickly; note those that could not be."""
    found: dict[str, Tried] = {}
    quick = [with_params(racer, **RACE) if racer.family == "boosting" else racer for racer in racing]
    for racer, one in zip(racing, bench.attempt_all(quick), strict=True):
        if isinstance(one, TrainingFailed):
            notes.append(f"{racer.name} could not be tried: {one.what}")
        else:
            found[racer.name] = one
    return found


def _fitted(
    specs: Sequence[EstimatorSpec], done: Mapping[str, Tried | TrainingFailed]
) -> tuple[list[Tried], list[str]]:
    """Return the members that could be fitted, and name those that are left out."""
    members = [one for spec in specs if isinstance(one := done[spec.name], Tried)]
    notes = [
        f"{spec.name} left out: {one.what}"
        for spec in specs
        if isinstance(one := done[spec.name], TrainingFailed)
    ]
    if not members:
        raise TrainingFailed(
            "a design has no member that can be fitted",
            why="there is nothing to choose",
            next_step="correct what is named: " + "; ".join(notes),
        )
    return members, notes

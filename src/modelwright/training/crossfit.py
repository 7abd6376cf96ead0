"""Cross-fitting: every row predicted by models that never saw it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from modelwright.candidates.catalogue import ESTIMATORS, build
from modelwright.candidates.ensemble import EnsembleModel
from modelwright.candidates.estimator import EstimatorSpec, Model, Param, StagedModel
from modelwright.candidates.numerics import side_by_side
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import Fault, TrainingFailed
from modelwright.training.checkpoint import Checkpoints
from modelwright.training.config import TrainingConfig
from modelwright.training.material import Material
from modelwright.training.progress import Progress

__all__ = ["FITTING_FAULTS", "CrossFit", "checked_scores", "cross_fit", "final_model", "fit_member"]

FITTING_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a family that is not ours may raise; each is told with the name of the member."""

REFITS = 3
"""Fits with different seeds that are averaged where a member is fitted anew on all rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossFit:
    """One member, fitted once per fold.

    Examples:
        >>> CrossFit.__dataclass_fields__["rounds"].default is None
        True
    """

    spec: EstimatorSpec
    """The member."""
    models: tuple[Model, ...]
    """Its model of each fold."""
    predictions: Matrix
    """Out-of-fold scores; NaN where no fold asks about a row."""
    rounds: int | None = None
    """Rounds settled for all folds, when it grows in rounds."""


def checked_scores(model: Model, x: Matrix, *, outputs: int, name: str) -> Matrix:
    """Return a model's scores, or say what is wrong with them.

    Raises:
        TrainingFailed: When it raises, or scores have a wrong shape or are not finite.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> checked_scores(PriorModel((0.5, 0.5)), np.zeros((1, 1)), outputs=2, name="prior").tolist()
        [[0.5, 0.5]]
    """
    try:
        scores = np.asarray(model.predict(x), dtype=np.float64)
    except FITTING_FAULTS as error:
        raise _member_failed(name, f"scoring raised {type(error).__name__}: {error}") from error
    if scores.shape != (len(x), outputs):
        raise _member_failed(name, f"scores have the shape {scores.shape}, not {(len(x), outputs)}")
    strange = int((~np.isfinite(scores)).any(axis=1).sum())
    if strange:
        raise _member_failed(name, f"scores of {strange} of {len(x)} rows are not finite numbers")
    return scores


def _member_failed(name: str, told: str) -> TrainingFailed:
    return TrainingFailed(
        f"the member {name} failed: {told}",
        why="its answers cannot be used",
        next_step="correct the member, or take it out of the design",
    )


def fit_member(
    spec: EstimatorSpec,
    material: Material,
    *,
    rows: np.ndarray,
    held_out: np.ndarray | None,
    config: TrainingConfig,
    seed: int,
) -> Model:
    """Fit one member on some rows.

    Raises:
        TrainingFailed: When it cannot be fitted; the message names the member.

    Examples:
        >>> fit_member.__name__
        'fit_member'
    """
    rounds: dict[str, Param] = {"max_rounds": config.max_rounds, "early_stopping": config.early_stopping}
    estimator = build(spec, rounds=rounds)
    watched = None if held_out is None else (material.held_out(held_out, fit=rows), material.y[held_out])
    try:
        return estimator.fit(
            material.fitted(rows),
            material.y[rows],
            plan=material.plan,
            target=material.target,
            weight=None if material.weight is None else material.weight[rows],
            seed=seed,
            threads=1,
            holdout=watched,
        )
    except FITTING_FAULTS as error:
        raise _member_failed(spec.name, f"fitting raised {type(error).__name__}: {error}") from error


def seed_of(config: TrainingConfig, name: str, part: int) -> int:
    """Return a seed of its own for each member and fold.

    Examples:
        >>> spec = EstimatorSpec(family="prior", name="a")
        >>> config = TrainingConfig(design="baseline", members=(spec,), seed=1)
        >>> seed_of(config, "a", 0) != seed_of(config, "a", 1)
        True
    """
    # The raw stream of a bit generator never changes between NumPy versions (NEP 19).
    mixed = np.random.SeedSequence([config.seed, part, *name.encode("utf-8")])
    return int(mixed.generate_state(1, dtype=np.uint32)[0] >> 1)


def cross_fit(
    material: Material, *, config: TrainingConfig, checkpoints: Checkpoints, progress: Progress
) -> tuple[tuple[CrossFit, ...], tuple[Fault, ...]]:
    """Fit every member on each fold and predict what the fold held out; several fits at a time.

    A member that grows in rounds stops, in all folds, at the one number of rounds with the lowest mean loss
    over folds: no row's label decides on its own when the model that predicts it stops.

    Returns:
        The members that could be fitted, and what is wrong with the others.

    Examples:
        >>> cross_fit.__name__
        'cross_fit'
    """
    numbers = range(len(material.folds))
    jobs = [(spec, number) for spec in config.members for number in numbers]

    def work(job: tuple[EstimatorSpec, int]) -> Model | TrainingFailed:
        spec, number = job
        fold = material.folds[number]
        name = f"{spec.name}-fold{number + 1}"
        try:
            found = checkpoints.find(name)
            if found is not None:
                return found
            seed = seed_of(config, spec.name, number)
            made = fit_member(spec, material, rows=fold.fit, held_out=fold.held_out, config=config, seed=seed)
            return checkpoints.keep(name, made)
        except TrainingFailed as error:
            return error

    def done(count: int, job: tuple[EstimatorSpec, int]) -> None:
        progress.step(f"{job[0].name}, fold {job[1] + 1} of {len(numbers)}", count, len(jobs))

    models = side_by_side(work, jobs, threads=config.threads, done=done)
    fitted: list[CrossFit] = []
    faults: list[Fault] = []
    for place, spec in enumerate(config.members):
        mine = models[place * len(numbers) : (place + 1) * len(numbers)]
        try:
            fitted.append(_joined(spec, material, mine))
        except TrainingFailed as error:
            faults.append(Fault(spec.name, error.what, next_step="; ".join(map(str, error.faults))))
    return tuple(fitted), tuple(faults)


def _joined(spec: EstimatorSpec, material: Material, found: Sequence[Model | TrainingFailed]) -> CrossFit:
    """Settle the rounds of a member and predict what its folds held out."""
    models: list[Model] = []
    for model in found:
        if isinstance(model, TrainingFailed):
            raise model
        models.append(model)
    rounds = _settled(models, [len(fold.fit) for fold in material.folds])
    if rounds is not None:
        models = [_cut(model, rounds) for model in models]
    predictions = np.full((len(material.x), material.outputs), np.nan)
    for model, fold in zip(models, material.folds, strict=True):
        predictions[fold.held_out] = checked_scores(
            model, material.held_out(fold.held_out, fit=fold.fit), outputs=material.outputs, name=spec.name
        )
    return CrossFit(spec=spec, models=tuple(models), predictions=predictions, rounds=rounds)


def _cut(model: Model, rounds: int) -> Model:
    return model.truncated(min(rounds, len(model.curve))) if isinstance(model, StagedModel) else model


def _settled(models: Sequence[Model], sizes: Sequence[int]) -> int | None:
    """Return the number of rounds with the lowest mean loss, folds weighted by the rows they learn from."""
    curves = [model.curve for model in models if isinstance(model, StagedModel) and model.curve]
    if not curves or len(curves) < len(models):
        return None
    longest = max(map(len, curves))
    # A fold that stopped early stands at its last loss from there on.
    table = np.array([[*curve, *[curve[-1]] * (longest - len(curve))] for curve in curves])
    return int(np.argmin(np.average(table, axis=0, weights=sizes))) + 1


def final_model(
    fitted: CrossFit, material: Material, *, config: TrainingConfig, checkpoints: Checkpoints
) -> Model:
    """Return the model of one member that is served: the average of its folds, or a fit on all rows.

    Raises:
        TrainingFailed: When it cannot be fitted anew.

    Examples:
        >>> final_model.__name__
        'final_model'
    """
    if config.bagging == "folds":
        share = 1 / len(fitted.models)
        return EnsembleModel([(share, model) for model in fitted.models])
    spec = fitted.spec
    if fitted.rounds is not None:
        spec = replace(spec, params={**spec.params, "max_rounds": fitted.rounds})
    copies = REFITS if getattr(ESTIMATORS.get(spec.family), "seeded", False) else 1

    def work(copy: int) -> Model:
        name = f"{spec.name}-all{copy + 1}"
        found = checkpoints.find(name)
        if found is not None:
            return found
        everything = np.arange(len(material.x))
        seed = seed_of(config, spec.name, len(fitted.models) + copy)
        made = fit_member(spec, material, rows=everything, held_out=None, config=config, seed=seed)
        return checkpoints.keep(name, made)

    models = side_by_side(work, range(copies), threads=config.threads)
    return models[0] if copies == 1 else EnsembleModel([(1 / copies, model) for model in models])

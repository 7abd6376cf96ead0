"""Sanity checks: small fits whose outcome is known beforehand, so that a broken member is seen."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from modelwright.candidates.estimator import EstimatorSpec, Vector
from modelwright.candidates.loss import loss_of
from modelwright.candidates.numerics import side_by_side
from modelwright.candidates.prior import PriorEstimator
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.kernel.outcome import Outcome, Status
from modelwright.training.config import TrainingConfig
from modelwright.training.crossfit import checked_scores, fit_member
from modelwright.training.material import Material

__all__ = ["sanity_checks"]

SMALL = 400
"""Rows of the small batch."""

SHORT_ROUNDS = 60
"""Rounds of a member that grows in rounds."""


Check = Callable[..., Outcome]
"""One expectation: fits a member and says whether it came true."""


def sanity_checks(spec: EstimatorSpec, material: Material, *, config: TrainingConfig) -> tuple[Outcome, ...]:
    """Fit a member where the outcome is known: it must learn a small batch by heart better than the prior,
    learn nothing from shuffled labels, and say the same of all rows when all columns are constant.

    Args:
        spec: The member with the largest weight.
        material: What the training was done on.
        config: How.

    Examples:
        >>> sanity_checks.__name__
        'sanity_checks'
    """  # noqa: D205 - the three expectations are the summary
    keys = np.random.PCG64(config.seed).random_raw(len(material.y))
    order = np.argsort(keys, kind="stable")
    batch, others = order[:SMALL], order[SMALL : 2 * SMALL]
    short = replace(config, max_rounds=SHORT_ROUNDS, threads=1)

    def checked(expected: tuple[str, Check]) -> Outcome:
        what, check = expected
        try:
            return check(what, spec, material, batch=batch, others=others, config=short)
        except TrainingFailed as error:
            return Outcome(status=Status.UNKNOWN, what=what, evidence=(error.what,))

    expectations: tuple[tuple[str, Check], ...] = (
        ("a small batch is learned", _small_batch),
        ("shuffled labels teach nothing", _shuffled),
        ("constant columns give one answer", _constant),
    )
    return tuple(side_by_side(checked, expectations, threads=config.threads))


def _scores(
    spec: EstimatorSpec, material: Material, *, fit: np.ndarray, ask: np.ndarray, config: TrainingConfig
) -> Matrix:
    model = fit_member(spec, material, rows=fit, held_out=None, config=config, seed=config.seed)
    return checked_scores(model, material.held_out(ask, fit=fit), outputs=material.outputs, name=spec.name)


def _prior(material: Material, *, fit: np.ndarray, ask: np.ndarray) -> Matrix:
    model = PriorEstimator({}).fit(
        material.x[fit], material.y[fit], plan=material.plan, target=material.target
    )
    made = model.predict(material.x[ask])
    if not material.target.classes:
        made[:] = material.y[fit].mean()
    return made


def _losses(y: Vector, scores: Matrix, prior: Matrix, material: Material) -> tuple[float, float]:
    return loss_of(y, scores, target=material.target), loss_of(y, prior, target=material.target)


def _small_batch(
    what: str,
    spec: EstimatorSpec,
    material: Material,
    *,
    batch: np.ndarray,
    others: np.ndarray,  # noqa: ARG001 - the checks share a signature
    config: TrainingConfig,
) -> Outcome:
    made = _scores(spec, material, fit=batch, ask=batch, config=config)
    found, prior = _losses(material.y[batch], made, _prior(material, fit=batch, ask=batch), material)
    passed = found < prior or spec.family == "prior"
    return Outcome(
        status=Status.PASSED if passed else Status.FAILED,
        what=what,
        evidence=(f"loss on its own {len(batch)} rows {found:.4g}, prior {prior:.4g}",),
        next_step="" if passed else "look at the member's hyper-parameters: it does not learn at all",
    )


def _shuffled(
    what: str,
    spec: EstimatorSpec,
    material: Material,
    *,
    batch: np.ndarray,
    others: np.ndarray,
    config: TrainingConfig,
) -> Outcome:
    if len(others) < SMALL // 4:
        return Outcome(
            status=Status.UNKNOWN, what=what, evidence=(f"{len(others)} rows are left to ask about",)
        )
    keys = np.random.PCG64(config.seed + 1).random_raw(len(batch))
    shuffled = material.y.copy()
    shuffled[batch] = material.y[batch][np.argsort(keys, kind="stable")]
    mixed = replace(material, y=shuffled)
    made = _scores(spec, mixed, fit=batch, ask=others, config=config)
    found, prior = _losses(material.y[others], made, _prior(material, fit=batch, ask=others), material)
    # By chance alone a fit may be a little better than the prior on a few hundred rows.
    passed = found > prior * 0.95
    return Outcome(
        status=Status.PASSED if passed else Status.FAILED,
        what=what,
        evidence=(f"loss on {len(others)} other rows {found:.4g}, prior {prior:.4g}",),
        next_step="" if passed else "look for a path by which the member sees the rows it is asked about",
    )


def _constant(
    what: str,
    spec: EstimatorSpec,
    material: Material,
    *,
    batch: np.ndarray,
    others: np.ndarray,  # noqa: ARG001 - the checks share a signature
    config: TrainingConfig,
) -> Outcome:
    flat = replace(material, x=np.repeat(np.nan_to_num(material.x[:1]), len(material.x), axis=0), means=None)
    made = _scores(spec, flat, fit=batch, ask=batch, config=config)
    spread = float(np.ptp(made, axis=0).max())
    passed = spread == 0
    return Outcome(
        status=Status.PASSED if passed else Status.FAILED,
        what=what,
        evidence=(f"answers differ by {spread:.3g}",),
        next_step="" if passed else "look for state that the member carries from row to row",
    )

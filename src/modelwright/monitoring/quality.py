"""Delayed quality: what late labels say about a window, against what evaluation promised; and the budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from modelwright.contracts.contract import Contract
from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.interval import Asked, draw, estimate
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.sample import Sample
from modelwright.kernel.outcome import Outcome, Status
from modelwright.monitoring.label import Joined
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["BudgetBurn", "CalibrationCheck", "WindowQuality", "measure_quality", "newest"]

LEAST_LABELS = 30
"""Labels a window needs for its quality to be measured at all."""

COST = "expected_cost"
PER = 1000
"""The budget is per so many decisions."""

CALIBRATION_GAP = 0.02
"""Difference of promised and observed share that matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationCheck:
    """Whether the promised share of the positive class came true.

    Examples:
        >>> CalibrationCheck(promised=0.3, observed=0.2, gap=0.1, off=True).off
        True
    """

    promised: float
    """Mean score."""
    observed: float
    """Share that came true."""
    gap: float
    """Promised minus observed."""
    off: bool
    """Whether the gap matters and is beyond chance (three standard errors)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetBurn:
    """How much of the mistake budget a window has spent.

    Examples:
        >>> unknown = Outcome(status=Status.UNKNOWN, what="cost within the mistake budget")
        >>> BudgetBurn(budget=None, cost=None, outcome=unknown).burn is None
        True
    """

    cost: float | None
    """Expected cost per 1,000 decisions on the labels that have arrived; None when it cannot be told."""
    low: float | None = None
    """Lower end of its interval."""
    high: float | None = None
    """Upper end of its interval."""
    budget: float | None
    """The highest cost per 1,000 decisions that was agreed; None when none was."""
    unit: str = "relative"
    """Unit of the cost."""
    outcome: Outcome
    """Passed within the budget, failed when the whole interval is above it, else unknown."""

    @property
    def burn(self) -> float | None:
        """Cost as a share of the budget; None when either is not known."""
        return self.cost / self.budget if self.cost is not None and self.budget else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuality:
    """What the labels say about one window.

    Examples:
        >>> WindowQuality.__slots__[0]
        'start'
    """

    start: datetime
    """When the window begins."""
    end: datetime
    """When it ends."""
    labels: int
    """Labels it rests on."""
    estimate: Estimate | None
    """The primary metric with its interval; None with too few labels."""
    reference: Estimate | None
    """The same metric as evaluation measured it."""
    drop: float | None = None
    """How much worse than the reference: positive is worse, in the metric's unit."""
    relative_drop: float | None = None
    """The same as a share of the reference."""
    beyond_chance: bool = False
    """Whether the intervals of both leave no room for equality."""
    outcome: Outcome
    """Failed when the drop is above the contract's limit and beyond chance; unknown with too few labels."""
    calibration: CalibrationCheck | None = None
    """Binary: whether scores still mean what they say."""
    budget: BudgetBurn
    """What the mistakes cost."""


def measure_quality(
    joined: Joined,
    *,
    contract: Contract,
    target: TargetSpec,
    rule: DecisionRule,
    reference: Estimate | None,
    between: tuple[datetime, datetime],
    seed: int,
) -> WindowQuality:
    """Measure one window on its joined labels.

    Args:
        joined: Answers with labels.
        contract: Metrics, costs and limits.
        target: What is predicted.
        rule: How scores become decisions.
        reference: The primary metric as evaluation measured it; None leaves the drop unknown.
        between: Beginning and end of the window.
        seed: Seed of the resampling.

    Examples:
        >>> measure_quality.__name__
        'measure_quality'
    """
    start, end = between
    primary = contract.evaluation.primary
    names = tuple(dict.fromkeys((primary, COST)))
    estimates: dict[str, Estimate] = {}
    reference = _meant(reference, primary)
    numbers = bool(np.isfinite(joined.y).all() and np.isfinite(joined.scores).all())
    if joined.rows >= LEAST_LABELS and numbers:
        sample = Sample(
            joined.y, joined.scores, target=target, mistakes=contract.decision.mistakes, rule=rule
        )
        drawn = draw(
            {"window": Asked(sample=sample, metrics=names)},
            resamples=min(contract.evaluation.resamples, 400),
            seed=seed,
        )["window"]
        level = contract.evaluation.interval_level
        estimates = {name: estimate(name, drawn[name], sample=sample, level=level) for name in names}
    mine = estimates.get(primary)
    drop, relative, beyond = _drop(mine, reference)
    return WindowQuality(
        start=start,
        end=end,
        labels=joined.rows,
        estimate=mine,
        reference=reference,
        drop=drop,
        relative_drop=relative,
        beyond_chance=beyond,
        outcome=_outcome(mine, reference, contract=contract, drop=drop, relative=relative, beyond=beyond),
        calibration=_calibration(joined) if target.task == "binary" and numbers else None,
        budget=_budget(estimates.get(COST), contract=contract),
    )


def _meant(reference: Estimate | None, primary: str) -> Estimate | None:
    """Return what was promised when it can be meant: a finite value of this metric inside its interval."""
    if reference is None or reference.metric != primary or reference.value is None:
        return None
    low = reference.value if reference.low is None else reference.low
    high = reference.value if reference.high is None else reference.high
    return reference if -math.inf < low <= reference.value <= high < math.inf else None


def _drop(mine: Estimate | None, reference: Estimate | None) -> tuple[float | None, float | None, bool]:
    """Return how much worse a window is, absolute and relative, and whether that is beyond chance."""
    if mine is None or reference is None or mine.value is None or reference.value is None:
        return None, None, False
    sign = 1.0 if mine.direction == "higher" else -1.0
    drop = sign * (reference.value - mine.value)
    relative = drop / abs(reference.value) if reference.value else None
    mine_reach, their_reach = _half(mine, worse=False), _half(reference, worse=True)
    if mine_reach is None or their_reach is None:
        return drop, relative, False
    # Both values are estimates; their errors add as squares because the samples are different ones.
    return drop, relative, drop > math.hypot(mine_reach, their_reach)


def _half(estimate: Estimate, *, worse: bool) -> float | None:
    """Return how far the interval reaches from the value, on the worse or the better side."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    upper = (estimate.direction == "higher") != worse
    return estimate.high - estimate.value if upper else estimate.value - estimate.low


def _outcome(
    mine: Estimate | None,
    reference: Estimate | None,
    *,
    contract: Contract,
    drop: float | None,
    relative: float | None,
    beyond: bool,
) -> Outcome:
    metric = METRICS.get(contract.evaluation.primary)
    bounded = metric.low == 0 and metric.high == 1
    limit = contract.monitoring.quality_drop_alert
    unit = "" if bounded else " of the reference"
    what = f"{metric.name} at most {limit:g}{unit} worse than evaluated"
    if mine is None or mine.value is None:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=(f"fewer than {LEAST_LABELS} labels, one class only, or scores that are no numbers",),
            next_step="send labels, or wait for them",
        )
    if drop is None or reference is None:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=(f"{mine.told()}; no reference to compare with",),
            next_step="hand in the evaluation of the served version",
        )
    told = f"{mine.told()} on {mine.rows:,} labels against {reference.told()}"
    size = drop if bounded else relative
    if size is None:  # of a promise of exactly 0 every drop is beyond any share
        size = math.inf if drop > 0 else 0.0
    if size <= limit:
        return Outcome(status=Status.PASSED, what=what, evidence=(told,))
    status, why = (Status.FAILED, "beyond chance") if beyond else (Status.UNKNOWN, "chance may explain it")
    return Outcome(
        status=status,
        what=what,
        evidence=(told, f"drop {size:.3g}, {why}"),
        next_step="answer the alerts" if beyond else "wait for more labels",
    )


def _calibration(joined: Joined) -> CalibrationCheck | None:
    if joined.rows < LEAST_LABELS:
        return None
    score = joined.scores[:, 1]
    gap = float(score.mean() - joined.y.mean())
    # Spiegelhalter's idea for the mean alone: the variance that honest scores would show.
    error = float(np.sqrt(np.sum(score * (1 - score)))) / joined.rows
    return CalibrationCheck(
        promised=float(score.mean()),
        observed=float(joined.y.mean()),
        gap=gap,
        off=abs(gap) > max(CALIBRATION_GAP, 3 * error),
    )


def _budget(cost: Estimate | None, *, contract: Contract) -> BudgetBurn:
    mistakes = contract.decision.mistakes
    what = "expected cost within the mistake budget"
    value, low, high = (
        (None, None, None) if cost is None else (_per(cost.value), _per(cost.low), _per(cost.high))
    )
    if mistakes.budget is None:
        outcome = Outcome(status=Status.UNKNOWN, what=what, evidence=("the contract grants no budget",))
    elif value is None:
        outcome = Outcome(status=Status.UNKNOWN, what=what, evidence=("too few labels to tell the cost",))
    else:
        told = f"{value:,.4g} {mistakes.unit} per 1,000 decisions, budget {mistakes.budget:,.4g}"
        above = low is not None and low > mistakes.budget
        status = Status.FAILED if above else Status.PASSED if value <= mistakes.budget else Status.UNKNOWN
        outcome = Outcome(status=status, what=what, evidence=(told,))
    return BudgetBurn(
        cost=value, low=low, high=high, budget=mistakes.budget, unit=mistakes.unit, outcome=outcome
    )


def _per(cost: float | None) -> float | None:
    return None if cost is None else cost * PER


def newest(qualities: Sequence[WindowQuality]) -> WindowQuality | None:
    """Return the newest window that has a value; None when none has.

    Examples:
        >>> newest(()) is None
        True
    """
    return next((item for item in reversed(qualities) if item.estimate is not None), None)

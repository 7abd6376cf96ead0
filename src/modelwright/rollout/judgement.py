"""Judgement of one step of a rollout: go on, hold, or roll back; the evidence may be looked at at any time.

A step goes on only when every criterion was looked at and holds. What is unknown holds. A criterion fails
only when its limit is broken and chance does not explain it, at a false alarm rate that covers all looks of
all criteria of the whole rollout together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from modelwright.contracts.duration import format_duration
from modelwright.contracts.operation import RolloutPlan
from modelwright.kernel.outcome import Outcome, Status
from modelwright.rollout.criteria import judge_answers, judge_latency, judge_quality, judge_rate
from modelwright.rollout.evidence import ArmEvidence, Flags
from modelwright.rollout.quality import QualityMetric

__all__ = ["Judgement", "JudgementPolicy", "Seen", "StepProgress", "judge_step"]

Action = Literal["advance", "hold", "rollback"]

CRITERIA = 5
"""Error rate, fallback rate, latency, distribution of answers, quality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementPolicy:
    """How sure one has to be, and whether labels are waited for.

    Examples:
        >>> JudgementPolicy().alpha
        0.01
    """

    alpha: float = 0.01
    """The most a rollout of a challenger that is as good as the champion may be rolled back by chance."""
    min_labels: int = 50
    """Labels each arm needs before quality is judged."""
    labels: Literal["required", "not expected"] = "required"
    """Whether a step waits for labels. `not expected` is an assumption that stands in the ledger."""
    reason: str = ""
    """Why labels are not expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """Where in the plan one stands, and how long already.

    Examples:
        >>> StepProgress(index=0, elapsed=timedelta(minutes=10), hold=timedelta(hours=1)).index
        0
    """

    index: int
    """The step, from 0."""
    elapsed: timedelta
    """Time since the step began."""
    hold: timedelta
    """The least time at this step, already scaled for a drill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was looked at before at this step, and need not be looked at again.

    Looks are a function of the evidence alone, so that leaving this out costs time and changes nothing.

    Examples:
        >>> Seen().answers
        0
    """

    answers: int = 0
    """Answers of the challenger at this step whose looks were taken."""
    labels: int = 0
    """Labels of the arm that has fewer whose looks were taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is to be done at this step, and what it rests on.

    Examples:
        >>> Judgement(action="hold", step=0, reason="no traffic", outcomes=()).action
        'hold'
    """

    action: Action
    """Go on, hold, or roll back."""
    step: int
    """The step that was judged, from 0."""
    reason: str
    """Why, in one line."""
    outcomes: tuple[Outcome, ...]
    """Each criterion with its evidence."""
    requests: int = 0
    """Answers of the challenger at this step."""
    control_requests: int = 0
    """Answers of the champion at this step."""
    seen: Seen = Seen()
    """What was looked at; hand it to the next judgement of the same step."""


RATES: Mapping[str, Callable[[ArmEvidence], Flags]] = {
    "error": lambda arm: arm.failed,
    "fallback": lambda arm: arm.fell_back,
}
"""The rates that are judged, and what counts for each."""


def judge_step(
    control: ArmEvidence,
    challenger: ArmEvidence,
    plan: RolloutPlan,
    *,
    progress: StepProgress,
    metric: QualityMetric,
    policy: JudgementPolicy,
    seen: Seen = Seen(),
) -> Judgement:
    """Judge one step.

    Args:
        control: What the champion has shown at this step (or before, when it has no traffic any more).
        challenger: What the challenger has shown at this step.
        plan: Steps and limits, from the contract.
        progress: The step, how long it has lasted, and how long it has to.
        metric: What quality is measured by.
        policy: How sure one has to be.
        seen: What the judgement before this one at the same step had looked at.

    Examples:
        >>> metric = QualityMetric(name="accuracy", higher_is_better=True, relative=False, reason="")
        >>> judged = judge_step(
        ...     ArmEvidence.empty("v1"),
        ...     ArmEvidence.empty("v2"),
        ...     RolloutPlan(),
        ...     progress=StepProgress(index=0, elapsed=timedelta(hours=2), hold=timedelta(hours=1)),
        ...     metric=metric,
        ...     policy=JudgementPolicy(),
        ... )
        >>> judged.action, judged.reason
        ('hold', 'no answers of the challenger yet')
    """
    each = policy.alpha / CRITERIA
    a_step = each / len(plan.steps)
    outcomes = [
        judge_rate(
            control,
            challenger,
            hits=hits,
            limit=plan.max_error_rate,
            alpha=a_step,
            what=f"{name} rate at most {plan.max_error_rate:.2%} and not above the champion's",
            seen=seen.answers,
        )
        for name, hits in RATES.items()
    ]
    outcomes += [
        judge_latency(challenger, limit=plan.max_p99_ms, alpha=a_step, seen=seen.answers),
        judge_answers(control, challenger, limit=plan.max_prediction_psi, alpha=a_step, seen=seen.answers),
    ]
    quality = judge_quality(
        control,
        challenger,
        metric=metric,
        limit=plan.max_quality_drop,
        least=policy.min_labels,
        alpha=each,
        seen=seen.labels,
    )
    if policy.labels == "required" or quality.status is Status.FAILED:
        outcomes.append(quality)
    action, reason = _settled(outcomes, challenger, plan=plan, progress=progress)
    return Judgement(
        action=action,
        step=progress.index,
        reason=reason,
        outcomes=tuple(outcomes),
        requests=challenger.requests,
        control_requests=control.requests,
        seen=Seen(answers=challenger.requests, labels=min(len(control.labelled), len(challenger.labelled))),
    )


def _settled(
    outcomes: list[Outcome], challenger: ArmEvidence, *, plan: RolloutPlan, progress: StepProgress
) -> tuple[Action, str]:
    failed = [outcome for outcome in outcomes if outcome.status is Status.FAILED]
    if failed:
        return "rollback", "; ".join(f"{o.what}: {o.evidence[0]}" for o in failed)
    if not challenger.requests:
        return "hold", "no answers of the challenger yet"
    needed = plan.steps[progress.index].min_requests
    if challenger.requests < needed:
        return "hold", f"fewer than {needed:,} answers of the challenger"
    unknown = [outcome.what for outcome in outcomes if outcome.status is Status.UNKNOWN]
    if unknown:
        return "hold", "not known yet: " + "; ".join(unknown)
    if progress.elapsed < progress.hold:
        return "hold", f"the step holds for {format_duration(progress.hold)}"
    return "advance", f"all {len(outcomes)} criteria hold"

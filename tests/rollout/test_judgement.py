"""Judgement: few false alarms however often one looks, and bad challengers found soon."""

from datetime import timedelta

import numpy as np
import pytest

from modelwright.contracts.operation import RolloutPlan
from modelwright.kernel.outcome import Status
from modelwright.rollout.evidence import ArmEvidence
from modelwright.rollout.judgement import JudgementPolicy, Seen, StepProgress, judge_step
from modelwright.rollout.quality import Labelled, QualityMetric
from modelwright.rollout.spending import Looks

AUC = QualityMetric(name="roc_auc", higher_is_better=True, relative=False, reason="primary metric")
ACCURACY = QualityMetric(name="accuracy", higher_is_better=True, relative=False, reason="primary metric")
PLAN = RolloutPlan()
EARLY = StepProgress(index=0, elapsed=timedelta(0), hold=timedelta(hours=1))
LATE = StepProgress(index=0, elapsed=timedelta(hours=2), hold=timedelta(hours=1))


def traffic(seed, count, *, share=0.3, errors=(0.0, 0.0), knows=(1.2, 1.2), latency=5.0):
    """Both arms of a step; pairs are champion and challenger."""
    rng = np.random.default_rng(seed)
    challenger = rng.random(count) < share
    y = (rng.random(count) < 0.15).astype(float)
    signal = np.where(challenger, knows[1], knows[0]) * y
    score = 1 / (1 + np.exp(-(rng.normal(size=count) + signal - 2)))
    failed = rng.random(count) < np.where(challenger, errors[1], errors[0])
    return tuple(
        ArmEvidence.of(
            version,
            place=places,
            failed=failed[places],
            latency_ms=np.full(len(places), latency),
            answer=score[places],
            labelled=Labelled.of(
                y=y[places], score=score[places], decision=(score[places] > 0.2) * 1.0, place=places
            ),
        )
        for version, places in (("v1", np.flatnonzero(~challenger)), ("v2", np.flatnonzero(challenger)))
    )


def judged(arms, *, alpha=0.01, progress=EARLY, metric=AUC, **more):
    """Judge a step."""
    return judge_step(
        *arms, PLAN, progress=progress, metric=metric, policy=JudgementPolicy(alpha=alpha), **more
    )


def test_equal_arms_are_rolled_back_no_oftener_than_stated():
    """A/A: every look of every criterion over 1,500 answers, with error rates right at the limit."""
    alpha, repeats = 0.2, 120
    alarms = sum(
        judged(traffic(seed, 1500, errors=(0.012, 0.012)), alpha=alpha).action == "rollback"
        for seed in range(repeats)
    )
    assert alarms / repeats <= alpha


def test_the_quality_looks_alone_keep_their_rate():
    """A/A on quality with a limit of zero: only the spending of alpha stands in the way."""
    plan = RolloutPlan(max_quality_drop=0.0)
    policy = JudgementPolicy(alpha=0.25)
    repeats = 150
    alarms = sum(
        judge_step(*traffic(seed, 1200, share=0.5), plan, progress=EARLY, metric=AUC, policy=policy).action
        == "rollback"
        for seed in range(repeats)
    )
    # A fifth of alpha is quality's; three standard errors of the simulation are allowed for.
    assert alarms / repeats <= 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5


def test_a_challenger_that_knows_nothing_is_found_within_two_thousand_requests():
    """Power: labels of a quarter of the traffic are enough, nearly always."""
    repeats = 25
    found = sum(
        judged(traffic(seed, 2000, share=0.25, knows=(1.2, 0.0))).action == "rollback"
        for seed in range(repeats)
    )
    assert found >= 24


def test_a_challenger_that_fails_is_found_within_a_thousand_requests():
    """Power: eight errors in a hundred against none."""
    found = sum(
        judged(traffic(seed, 1000, share=0.25, errors=(0.001, 0.08))).action == "rollback"
        for seed in range(25)
    )
    assert found >= 24


def test_ticks_do_not_matter():
    """Judged once at the end or after every hundred answers: the same look finds the same fault."""
    champion, challenger = traffic(3, 3000, errors=(0.0, 0.03), knows=(1.2, 0.6))
    whole = judged((champion, challenger))
    seen = Seen()
    for place in range(100, 3001, 100):
        arms = tuple(cut(arm, place) for arm in (champion, challenger))
        judgement = judged(arms, seen=seen)
        seen = judgement.seen
        if judgement.action == "rollback":
            break
    assert whole.action == judgement.action == "rollback"
    failed = [o.what for o in judgement.outcomes if o.status is Status.FAILED]
    assert set(failed) <= {o.what for o in whole.outcomes if o.status is Status.FAILED}


def cut(arm, place):
    """What was known of an arm when so many answers had been given."""
    count = arm.before(place)
    return ArmEvidence.of(
        arm.version,
        place=arm.place[:count],
        failed=arm.failed[:count],
        latency_ms=arm.latency_ms[:count],
        answer=arm.answer[:count],
        labelled=arm.labelled.before(place),
    )


def test_an_outage_that_hits_both_arms_holds_and_rolls_nothing_back():
    """The challenger is no worse; and nothing advances while the limit is broken."""
    judgement = judged(traffic(1, 3000, errors=(0.3, 0.3)), progress=LATE)
    assert judgement.action == "hold"
    assert any("suffers too" in line for outcome in judgement.outcomes for line in outcome.evidence)


def test_without_champion_traffic_the_limit_alone_decides():
    """All traffic on the challenger from the start: errors above the limit still end it."""
    _, challenger = traffic(1, 400, share=1.0, errors=(0.0, 0.2))
    judgement = judged((ArmEvidence.empty("v1"), challenger))
    assert judgement.action == "rollback"


def test_another_distribution_of_answers_is_a_reason():
    """Labels are late; scores that moved are not."""
    champion, challenger = traffic(4, 3000)
    moved = ArmEvidence.of(
        "v2",
        place=challenger.place,
        failed=challenger.failed,
        latency_ms=challenger.latency_ms,
        answer=1 - challenger.answer,
    )
    judgement = judged((champion, moved))
    assert judgement.action == "rollback"
    assert "PSI" in judgement.reason


def test_classes_are_compared_by_share():
    """Multiclass answers have no order; one class that took over is found."""
    rng = np.random.default_rng(1)
    arms = tuple(
        ArmEvidence.of(
            version,
            place=np.arange(600) * 2 + offset,
            failed=np.zeros(600),
            latency_ms=np.ones(600),
            answer=rng.choice(3, size=600, p=shares).astype(float),
            kind="class",
        )
        for version, offset, shares in (("v1", 0, (0.4, 0.4, 0.2)), ("v2", 1, (0.05, 0.05, 0.9)))
    )
    assert "PSI" in judged(arms, metric=ACCURACY).reason


def test_a_step_advances_when_everything_holds_and_the_time_is_up():
    """And not before."""
    arms = traffic(2, 3000)
    assert judged(arms).reason == "the step holds for 1h"
    assert judged(arms, progress=LATE).action == "advance"
    assert "fewer than 200" in judged(tuple(cut(arm, 300) for arm in arms), progress=LATE).reason


def test_a_slow_answer_or_two_are_not_a_slow_model():
    """The 99th percentile of forty answers is their slowest: not yet an answer."""
    champion, challenger = traffic(5, 150)
    latency = challenger.latency_ms.copy()
    latency[3] = 2000.0
    slow = ArmEvidence.of(
        "v2",
        place=challenger.place,
        failed=challenger.failed,
        latency_ms=latency,
        answer=challenger.answer,
        labelled=challenger.labelled,
    )
    judgement = judged((champion, slow), progress=LATE)
    assert judgement.action == "hold"


def test_looks_spend_less_than_granted():
    """However long one goes on."""
    looks = Looks(alpha=0.01, first=1, growth=1.0001)
    assert looks.counts(upto=5) == (1, 2, 3, 4, 5)
    assert sum(looks.spent(look) for look in range(100_000)) <= 0.01
    assert Looks(alpha=0.01, every=200).counts(upto=500) == (200, 400)
    assert looks.spent(0) == pytest.approx(0.01 * 6 / np.pi**2)

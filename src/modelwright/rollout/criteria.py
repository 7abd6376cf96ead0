"""The criteria of a rollout's step, each judged on the evidence in order of arrival.

A criterion fails when its limit is broken and chance does not explain it; it is unknown while there is too
little to say; it passes otherwise.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy import stats

from modelwright.kernel.outcome import Outcome, Status
from modelwright.rollout.divergence import chi_square, population_stability, rate_excess
from modelwright.rollout.evidence import ArmEvidence
from modelwright.rollout.quality import QualityMetric, drop_beyond_chance, measure
from modelwright.rollout.spending import Looks

__all__ = ["judge_answers", "judge_latency", "judge_quality", "judge_rate"]

LEAST_FOR_SHAPE = 100
"""Answers of each arm that a comparison of distributions needs; fewer are too coarse in ten bins."""

RECENT = 200
"""Answers of the challenger in one recent block: a fault that starts late is not diluted by a good past."""

SUSPICIOUS = 0.1
"""A drop above the limit whose p is below this holds the step until more labels tell; above, it is noise."""

COMPARED = 20_000
"""Latest answers of each arm whose distributions are compared; more would cost time and tell nothing new."""


def _outcome(status: Status, what: str, *evidence: str, next_step: str = "") -> Outcome:
    return Outcome(status=status, what=what, evidence=evidence, next_step=next_step)


def _spans(count: int, *, alpha: float, after: int) -> Iterator[tuple[int, int, float]]:
    """Yield what each look beyond `after` covers (from, to, in answers of the challenger) and may spend.

    Half of the rate goes to looks at everything so far, half to blocks of recent answers.
    """
    so_far = Looks(alpha=alpha / 2, first=10)
    for look, end in enumerate(so_far.counts(upto=count)):
        if end > after:
            yield 0, end, so_far.spent(look)
    recent = Looks(alpha=alpha / 2, every=RECENT)
    for look in range(after // RECENT, count // RECENT):
        yield look * RECENT, (look + 1) * RECENT, recent.spent(look)


def _chance(hits: int, of: int, *, control_hits: int, control_of: int, limit: float) -> float:
    """Return the p of a rate being above the champion's, or the limit where the champion has no traffic."""
    if control_of:
        return rate_excess(hits, of, control_hits=control_hits, control_of=control_of)
    return float(stats.binom.sf(hits - 1, of, limit))


def judge_rate(
    control: ArmEvidence,
    challenger: ArmEvidence,
    *,
    hits: Callable[[ArmEvidence], npt.NDArray[np.bool_]],
    limit: float,
    alpha: float,
    what: str,
    seen: int,
) -> Outcome:
    """Judge a rate: above the limit, and above the champion's beyond chance, is a failure."""
    if not challenger.requests:
        return _outcome(Status.UNKNOWN, what, "the challenger has not answered yet")
    mine = np.concatenate([[0], np.cumsum(hits(challenger))])
    theirs = np.concatenate([[0], np.cumsum(hits(control))])
    for start, end, share in _spans(challenger.requests, alpha=alpha, after=seen):
        bad = int(mine[end] - mine[start])
        if bad <= limit * (end - start):
            continue
        since = control.before(int(challenger.place[start])) if start else 0
        until = control.before(int(challenger.place[end - 1]) + 1)
        # When the champion has no answers at this stretch, all of its answers are the comparison.
        first, last = (since, until) if until > since else (0, control.requests)
        others = int(theirs[last] - theirs[first])
        p = _chance(bad, end - start, control_hits=others, control_of=last - first, limit=limit)
        if p < share:
            return _outcome(
                Status.FAILED,
                what,
                f"{bad} of {end - start} answers of the challenger against "
                f"{others} of {last - first} of the champion",
                f"limit {limit:.2%}; p = {p:.2g}, below the {share:.2g} this look may spend",
            )
    rate = float(mine[-1]) / challenger.requests
    champion = float(theirs[-1]) / control.requests if control.requests else None
    told = f"{rate:.2%} of {challenger.requests:,} answers" + (
        f"; champion {champion:.2%} of {control.requests:,}"
        if champion is not None
        else "; no champion traffic"
    )
    if rate > limit:
        why = (
            "the champion suffers too"
            if champion is not None and rate <= champion
            else "not yet beyond chance"
        )
        return _outcome(Status.UNKNOWN, what, told, f"above the limit of {limit:.2%}, {why}")
    return _outcome(Status.PASSED, what, told)


def judge_latency(challenger: ArmEvidence, *, limit: float, alpha: float, seen: int) -> Outcome:
    """Judge the 99th percentile: more than 1 in 100 answers above the limit, beyond chance, is a failure."""
    what = f"p99 latency at most {limit:g} ms"
    if not challenger.requests:
        return _outcome(Status.UNKNOWN, what, "the challenger has not answered yet")
    slow = np.concatenate([[0], np.cumsum(challenger.latency_ms > limit)])
    for start, end, share in _spans(challenger.requests, alpha=alpha, after=seen):
        count = int(slow[end] - slow[start])
        p = float(stats.binom.sf(count - 1, end - start, 0.01)) if count else 1.0
        if p < share:
            return _outcome(
                Status.FAILED,
                what,
                f"{count} of {end - start} answers took longer; p = {p:.2g}, "
                f"below the {share:.2g} this look may spend",
            )
    p99 = float(challenger.p99_ms or 0.0)
    # Whatever is no time at all, NaN included, is not quick.
    status = Status.PASSED if 0 <= p99 <= limit else Status.UNKNOWN
    return _outcome(status, what, f"{p99:.1f} ms over {challenger.requests:,} answers")


def _binned(
    control: ArmEvidence, challenger: ArmEvidence, *, until: int
) -> tuple[npt.NDArray[np.int64], ...]:
    """Count both arms in the champion's ten quantile bins (ends open), or by class."""
    mine = challenger.answer[max(until - COMPARED, 0) : until]
    known = control.before(int(challenger.place[until - 1]) + 1) or control.requests
    theirs = control.answer[max(known - COMPARED, 0) : known]
    mine, theirs = mine[np.isfinite(mine)], theirs[np.isfinite(theirs)]
    if challenger.kind == "class":
        values = np.unique(np.concatenate([mine, theirs]))
        edges = (values[1:] + values[:-1]) / 2
    else:
        edges = np.unique(np.quantile(theirs, np.linspace(0.1, 0.9, 9))) if len(theirs) else np.zeros(0)
    size = len(edges) + 1
    return tuple(
        np.bincount(np.searchsorted(edges, side, side="right"), minlength=size) for side in (theirs, mine)
    )


def judge_answers(
    control: ArmEvidence, challenger: ArmEvidence, *, limit: float, alpha: float, seen: int
) -> Outcome:
    """Judge whether the arms answer alike: PSI above the limit, net of noise, beyond chance, is a failure."""
    what = f"distribution of answers within PSI {limit:g} of the champion's"
    looks = Looks(alpha=alpha, first=LEAST_FOR_SHAPE)
    told, apart = "", 0.0
    due = looks.counts(upto=challenger.requests)
    for look, end in enumerate(due):
        if end <= seen and end != due[-1]:
            continue
        theirs, mine = _binned(control, challenger, until=end)
        if min(theirs.sum(), mine.sum()) < LEAST_FOR_SHAPE:
            continue
        # What PSI shows for equal arms of this size, by chance alone (Yurdakul and Naranjo, 2020).
        noise = (len(mine) - 1) * (1 / float(mine.sum()) + 1 / float(theirs.sum()))
        apart = population_stability(theirs, mine) - noise
        p = chi_square(theirs, mine).p
        told = f"PSI {apart:.3f} net of noise over {int(mine.sum()):,} answers; p = {p:.2g}"
        if apart > limit and p < looks.spent(look):
            return _outcome(Status.FAILED, what, told)
    if not told:
        return _outcome(Status.UNKNOWN, what, f"fewer than {LEAST_FOR_SHAPE} answers to compare in one arm")
    return _outcome(Status.UNKNOWN if apart > limit else Status.PASSED, what, told)


def judge_quality(
    control: ArmEvidence,
    challenger: ArmEvidence,
    *,
    metric: QualityMetric,
    limit: float,
    least: int,
    alpha: float,
    seen: int,
) -> Outcome:
    """Judge quality on joined labels: a drop above the limit, beyond chance, is a failure."""
    unit = "of the champion's" if metric.relative else "absolute"
    what = f"{metric.name} at most {limit:g} ({unit}) worse than the champion's"
    arrived = min(len(control.labelled), len(challenger.labelled))
    looks = Looks(alpha=alpha, first=least)
    told, drop, p = "", 0.0, 1.0
    due = looks.counts(upto=arrived)
    for look, end in enumerate(due):
        if end <= seen and end != due[-1]:
            continue
        # The moment when both arms had so many labels: the same whenever it is asked.
        place = max(int(arm.labelled.place[end - 1]) for arm in (control, challenger)) + 1
        champion = measure(control.labelled.before(place), metric)
        mine = measure(challenger.labelled.before(place), metric)
        if champion is None or mine is None:
            told = ""  # an earlier look does not speak for labels that came later and mean nothing
            continue
        drop, p = drop_beyond_chance(champion, mine, metric)
        share = looks.spent(look)
        told = f"champion {champion.value:.4g}, challenger {mine.value:.4g} on {end:,} labels each or more"
        if drop > limit and p < share:
            return _outcome(Status.FAILED, what, told, f"drop {drop:.4g}; p = {p:.2g}, below {share:.2g}")
    if not told:
        return _outcome(
            Status.UNKNOWN,
            what,
            f"labels: {len(challenger.labelled)} challenger, {len(control.labelled)} champion; "
            f"{least} each are needed",
            next_step="send labels, or wait for them",
        )
    if drop > limit and p < SUSPICIOUS:
        return _outcome(Status.UNKNOWN, what, told, f"drop {drop:.4g} above the limit, not yet beyond chance")
    return _outcome(Status.PASSED, what, told, f"drop {drop:.4g}; p = {p:.2g}")

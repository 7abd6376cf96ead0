"""The decision rule that costs least, found on the validation part only."""

import math
from dataclasses import dataclass

import numpy as np

from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.decision import row_costs
from modelwright.evaluation.estimate import number
from modelwright.evaluation.resample import one_thread, percentiles, weightings
from modelwright.evaluation.sample import Index, Matrix, Sample, Vector, answers
from modelwright.kernel.errors import UserFault
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["ThresholdChoice", "choose_rule", "least_cost_threshold"]

PLAIN = DecisionRule()
"""The rule when nothing is chosen: the likeliest class, or the value itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChoice:
    """The chosen rule, what it costs, and what it means in words.

    Examples:
        >>> choice = ThresholdChoice(
        ...     rule=DecisionRule(threshold=0.2, abstain=None),
        ...     cost=0.4,
        ...     cost_low=0.35,
        ...     cost_high=0.45,
        ...     cost_at_default=0.6,
        ...     statement="",
        ... )
        >>> choice.rule.threshold
        0.2
    """

    rule: DecisionRule
    """The rule a pipeline shall decide by."""
    cost: float | None
    """Expected cost of one decision under the rule, on the validation rows it was found on."""
    cost_low: float | None
    """Lower end of the interval of that cost."""
    cost_high: float | None
    """Upper end of the interval of that cost."""
    cost_at_default: float | None
    """Expected cost of one decision at the customary threshold of 0.5."""
    threshold_low: float | None = None
    """Lower end of where the best threshold would fall on other rows of the same kind."""
    threshold_high: float | None = None
    """Upper end of where the best threshold would fall on other rows of the same kind."""
    unit: str = "relative"
    """Unit of the costs."""
    statement: str
    """Which mistake becomes rarer, which likelier, and who pays."""


def least_cost_threshold(mistakes: Mistakes) -> float:
    """Return the threshold that costs least when scores are true probabilities (Elkan, IJCAI 2001).

    Examples:
        >>> least_cost_threshold(Mistakes(wrong_yes=1, wrong_no=4))
        0.2
        >>> least_cost_threshold(Mistakes(wrong_yes=0, wrong_no=0))
        0.5
    """
    both = mistakes.wrong_yes + mistakes.wrong_no
    return mistakes.wrong_yes / both if both > 0 else 0.5


class _Steps:
    """Binary scores by growing value: after how many groups of equal scores may yes begin?"""

    def __init__(self, y: Vector, score: Vector) -> None:
        self.order: Index = np.argsort(score, kind="stable").astype(np.intp)
        ordered = score[self.order]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.values: Vector = ordered[self.starts]
        self.positive = y[self.order]
        self.thresholds = np.array([self._between(step) for step in range(len(self.values) + 1)])

    def _between(self, step: int) -> float:
        if step == 0:
            return 0.0
        below = float(self.values[step - 1])
        if step == len(self.values):
            return (below + 1) / 2 if below < (below + 1) / 2 else math.nextafter(below, math.inf)
        above = float(self.values[step])
        middle = (below + above) / 2
        return middle if middle > below else above

    def sums(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Weight of positives and of negatives below each step, one column a step."""
        ordered = np.take(weights, self.order, axis=1)
        positives = np.add.reduceat(ordered * self.positive, self.starts, axis=1)
        everything = np.add.reduceat(ordered, self.starts, axis=1)
        before = np.zeros((len(weights), 1))
        below = np.hstack([before, np.cumsum(positives, axis=1)])
        return below, np.hstack([before, np.cumsum(everything - positives, axis=1)])

    def costs(self, weights: Matrix, mistakes: Mistakes) -> Matrix:
        """Cost of all decisions together when yes begins at each step."""
        missed, spared = self.sums(weights)
        return mistakes.wrong_no * missed + mistakes.wrong_yes * (spared[:, -1:] - spared)


def _cheapest(costs: Vector, thresholds: Vector, near: float) -> int:
    """The step of least cost; of several, the one nearest to the theoretical threshold."""
    best = np.flatnonzero(costs <= costs.min() + 1e-9 * max(1.0, float(np.abs(costs).max())))
    return int(best[np.argmin(np.abs(thresholds[best] - near))])


def _zone(steps: _Steps, mistakes: Mistakes, abstain: float) -> tuple[float, float] | None:
    """The zone of scores to hand over that costs least, None when handing over never pays."""
    missed, spared = (sums[0] for sums in steps.sums(np.ones((1, len(steps.order)))))
    rows = missed + spared
    no_below = mistakes.wrong_no * missed - abstain * rows
    yes_above = mistakes.wrong_yes * (spared[-1] - spared) - abstain * (rows[-1] - rows)
    cheapest_low = np.minimum.accumulate(no_below)
    high = int(np.argmin(cheapest_low + yes_above))
    low = int(np.argmin(no_below[: high + 1]))
    if low == high:
        return None
    return float(steps.thresholds[low]), float(steps.thresholds[high])


def choose_rule(
    y: Vector,
    scores: Matrix,
    *,
    target: TargetSpec,
    mistakes: Mistakes,
    part: str,
    seed: int = 0,
    resamples: int = 500,
    level: float = 0.95,
) -> ThresholdChoice:
    """Find the decision rule of least expected cost on the validation part.

    Binary: every possible threshold is tried; when abstaining has a cost, every zone to hand over is too.
    Multiclass and regression have no threshold; what their answers cost is reported.

    Args:
        y: Class index or value of each validation row.
        scores: Scores of each row.
        target: What is predicted.
        mistakes: What being wrong costs.
        part: Which part these rows are; anything but `validation` is refused.
        seed: Seed of the resampling behind the intervals.
        resamples: Bootstrap resamples.
        level: Confidence level of the intervals.

    Raises:
        UserFault: When the rows are not validation rows, or there are none.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> scores = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4], [0.1, 0.9]])
        >>> choice = choose_rule(
        ...     np.array([0.0, 0.0, 1.0, 1.0]),
        ...     scores,
        ...     target=spec,
        ...     mistakes=Mistakes(wrong_yes=1, wrong_no=4),
        ...     part="validation",
        ... )
        >>> choice.rule.threshold, choice.cost
        (0.35, 0.0)
    """
    if part != "validation" or len(y) == 0:
        raise UserFault(
            "a decision rule may be chosen on validation rows only",
            why="a threshold tuned on the rows that judge the model makes it look better than it is",
            next_step="hand in the validation part; the sealed test part then judges the rule",
            found=f"{len(y)} rows of {part}",
            expected="validation rows",
        )
    rule, ends = PLAIN, None
    rng = np.random.default_rng(seed)
    if target.task == "binary":
        steps = _Steps(y, scores[:, 1])
        near = least_cost_threshold(mistakes)
        totals = steps.costs(np.ones((1, len(y))), mistakes)[0]
        threshold = float(steps.thresholds[_cheapest(totals, steps.thresholds, near)])
        zone = None if mistakes.abstain is None else _zone(steps, mistakes, mistakes.abstain)
        rule = DecisionRule(threshold=threshold, abstain=zone)
        drawn = [
            steps.thresholds[np.argmin(steps.costs(weights, mistakes), axis=1)]
            for weights in weightings(len(y), resamples=resamples, rng=rng)
        ]
        ends = percentiles(np.concatenate(drawn), level=level)
    sample = Sample(y, scores, target=target, mistakes=mistakes, rule=rule)
    costs = row_costs(sample)
    with one_thread():
        means = [weights @ costs / len(y) for weights in weightings(len(y), resamples=resamples, rng=rng)]
    low, high = percentiles(np.concatenate(means), level=level) or (None, None)
    plain = Sample(y, scores, target=target, mistakes=mistakes, rule=PLAIN)
    return ThresholdChoice(
        rule=rule,
        cost=float(np.mean(costs)),
        cost_low=low,
        cost_high=high,
        cost_at_default=float(np.mean(row_costs(plain))),
        threshold_low=None if ends is None else ends[0],
        threshold_high=None if ends is None else ends[1],
        unit=mistakes.unit,
        statement=_statement(sample, plain, rule=rule),
    )


def _money(amount: float, unit: str) -> str:
    return number(amount) if unit == "relative" else f"{number(amount)} {unit}"


def _statement(sample: Sample, plain: Sample, *, rule: DecisionRule) -> str:
    """Say which mistake becomes rarer, which likelier, and who pays (requirement of every metric choice)."""
    mistakes, target = sample.mistakes, sample.target
    pays = f" {mistakes.borne_by[0].upper()}{mistakes.borne_by[1:]} pays." if mistakes.borne_by else ""
    cost = _money(float(np.mean(row_costs(sample))), mistakes.unit)
    if target.task == "multiclass":
        return f"Every row gets its likeliest class. A decision costs {cost} on average.{pays}"
    if target.task == "regression":
        return (
            f"A unit predicted too high costs {_money(mistakes.wrong_yes, mistakes.unit)}, a unit too low "
            f"{_money(mistakes.wrong_no, mistakes.unit)}; a prediction costs {cost} on average.{pays}"
        )
    yes = target.classes[1]
    before, after = _mistaken(plain), _mistaken(sample)
    named = (
        (f"answering {yes} when it is not ({_money(mistakes.wrong_yes, mistakes.unit)} each)", 0),
        (f"missing a {yes} ({_money(mistakes.wrong_no, mistakes.unit)} each)", 1),
    )
    moved = [
        f"{name} becomes {'rarer' if after[place] < before[place] else 'likelier'}, "
        f"{after[place]:,} instead of {before[place]:,}"
        for name, place in named
        if after[place] != before[place]
    ]
    told = "; ".join(moved) or "neither mistake changes in number"
    told = told[0].upper() + told[1:]
    was = _money(float(np.mean(row_costs(plain))), mistakes.unit)
    answer = f"Yes begins at a score of {rule.threshold:.3g}, not at 0.5."
    if rule.abstain is not None:
        low, high = rule.abstain
        left = int((answers(sample.scores, target, rule) < 0).sum())
        answer = f"Scores from {low:.3g} to {high:.3g} go to a person ({left:,} of {len(sample):,} rows)."
    return f"{answer} {told}. A decision costs {cost} on average instead of {was}.{pays}"


def _mistaken(sample: Sample) -> tuple[int, int]:
    wrong_yes = (sample.answers == 1) & (sample.labels == 0)
    wrong_no = (sample.answers == 0) & (sample.labels == 1)
    return int(wrong_yes.sum()), int(wrong_no.sum())

"""Reuse of sealed labels: what look k may tell, and at which level, so that chance passes no gate.

Whoever looks again after an answer asks a question that the labels helped to write. What bounds the harm is
how many different answers there could have been: if the earlier answers told `b` bits, at most `2**b`
questions could stand here now, and an interval that misses for one fixed question with probability `p`
misses for the one that is asked with at most `p * 2**b` (Dwork, Feldman, Hardt, Pitassi, Reingold and Roth,
"Generalization in Adaptive Data Analysis and Holdout Reuse", NeurIPS 2015, on description length). So

- look `k` spends `alpha * 6 / (pi k)**2`, which sums to `alpha` over all looks ever (spending in the spirit
  of Lan and DeMets, Biometrika 1983), and divides it by `2**b`;
- an answer that does not decide tells few bits: how each line came out, and the primary metric on a coarse
  grid, through the Ladder (Blum and Hardt, "The Ladder", ICML 2015): only when it beats the best one told by
  more than the step, so that a look that brings nothing costs little;
- the answer that decides tells everything, rounded to what its intervals support, once for each contract;
  what is judged on the same rows after it says so.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.look import SealedLook, ToldLine
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.release import nice_step, rounded, widened
from modelwright.evaluation.report import EvaluationReport

__all__ = ["Rung", "Standing", "Told", "brief", "level_of", "open_up", "spent"]

LINE_STATES = 3
"""A line passes, fails, or is unknown."""

REACHES = 16
"""How many different widths an interval of the Ladder may have, in steps; a wider one is told as none."""

SUREST = 1 - 1e-12
"""The highest level that is written down: closer to 1 the digits end, and no level is 1."""

WORST_SPREAD = 0.5
"""Standard deviation of a single 0 or 1 at its largest: the step of a bounded metric is made of it, so that
the step tells nothing about the labels."""


def spent(look: int, *, alpha: float, bits: int = 0) -> float:
    """Return the error that one look may make, when earlier answers told so many bits.

    Args:
        look: The look's number, from 1.
        alpha: What all looks together may err.
        bits: What was told before.

    Examples:
        >>> sum(spent(look, alpha=0.05) for look in range(1, 10_000)) < 0.05
        True
        >>> spent(2, alpha=0.05, bits=10) == spent(2, alpha=0.05) / 1024
        True
    """
    return alpha * 6 / (math.pi * look) ** 2 * 2.0**-bits


def level_of(look: int, *, level: float, bits: int = 0) -> float:
    """Return the confidence level of one look, so that all looks together keep `level`.

    Examples:
        >>> [round(level_of(look, level=0.95), 4) for look in (1, 2, 3)]
        [0.9696, 0.9924, 0.9966]
    """
    return min(1 - spent(look, alpha=1 - level, bits=bits), SUREST)


def _stretch(look: int, *, level: float, bits: int) -> float:
    """Return how much wider an interval of this look is than one at the contract's level."""
    normal = NormalDist()
    # The lower tail, because 1 - p is 1 for the small p of a later look.
    return normal.inv_cdf(spent(look, alpha=1 - level, bits=bits) / 2) / normal.inv_cdf((1 - level) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """The best value of a metric that was told so far, on its grid.

    Examples:
        >>> Rung(place=39, step=0.02).value
        0.78
    """

    place: int
    """Steps from zero."""
    step: float
    """The grid, fixed by the first answer."""

    @property
    def value(self) -> float:
        """The value that was told."""
        return float(f"{self.place * self.step:.12g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the answers to earlier looks at the same rows have told.

    Examples:
        >>> Standing(look=1, allowed=3).bits
        0
    """

    look: int
    """The number of the look that is answered now."""
    allowed: int
    """Looks the contract allows."""
    bits: int = 0
    """What was told so far."""
    rungs: Mapping[str, Rung] | None = None
    """The best value told of each primary metric."""
    opened_before: int = 0
    """The look that told everything, 0 when none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer, and what it costs the looks that follow.

    Examples:
        >>> Told.__slots__[0]
        'report'
    """

    report: EvaluationReport
    """What leaves the scorer."""
    bits: int
    """What it told."""
    rung: Rung | None = None
    """The new best value of the primary metric, when one was told."""


def open_up(report: EvaluationReport, standing: Standing) -> EvaluationReport:
    """Return the whole report at the look's level, every number rounded to what its interval supports.

    Args:
        report: What was measured, at the contract's level.
        standing: What earlier looks told.

    Examples:
        >>> open_up.__name__
        'open_up'
    """
    stretch = _stretch(standing.look, level=report.level, bits=standing.bits)
    level = level_of(standing.look, level=report.level, bits=standing.bits)
    look = SealedLook(
        number=standing.look,
        allowed=standing.allowed,
        level=level,
        bits=standing.bits,
        told="everything",
        opened_before=standing.opened_before,
    )
    wide = widened(report, by=stretch, level=level)
    return replace(rounded(wide), looks_used=standing.look, look=look)


def brief(report: EvaluationReport, standing: Standing, *, lines: tuple[ToldLine, ...]) -> Told:
    """Return the answer of a look that does not decide: lines, and the primary metric through the Ladder.

    Args:
        report: What was measured, at the contract's level.
        standing: What earlier looks told.
        lines: How the contract's lines came out at the look's level.

    Examples:
        >>> brief.__name__
        'brief'
    """
    stretch = _stretch(standing.look, level=report.level, bits=standing.bits)
    level = level_of(standing.look, level=report.level, bits=standing.bits)
    best = (standing.rungs or {}).get(report.primary)
    rung, shown, figure_bits = _climb(report, best, stretch=stretch, level=level)
    step = None if rung is None and best is None else (rung or best or Rung(place=0, step=0.0)).step
    look = SealedLook(
        number=standing.look,
        allowed=standing.allowed,
        level=level,
        bits=standing.bits,
        told="standing" if rung is not None else "nothing new",
        step=step,
        lines=lines,
        opened_before=standing.opened_before,
    )
    line_bits = math.ceil(len(lines) * math.log2(LINE_STATES))
    answer = replace(
        report,
        level=level,
        estimates=(shown,),
        slices=(),
        calibration=(),
        curves=(),
        confusion=(),
        abstained=0,
        costs=(),
        residuals=(),
        error_quantiles=(),
        comparisons=(),
        weak=(),
        looks_used=standing.look,
        look=look,
    )
    return Told(report=answer, bits=line_bits + 1 + figure_bits, rung=rung)


def _climb(
    report: EvaluationReport, best: Rung | None, *, stretch: float, level: float
) -> tuple[Rung | None, Estimate, int]:
    """Return the new rung, the estimate that is told with it, and its bits; none below the next rung."""
    found = report.estimate(report.primary)
    metric = METRICS.get(report.primary)
    sealed = Estimate(
        metric=report.primary, value=None, level=level, rows=report.rows, direction=metric.direction
    )
    if found is None or found.value is None:
        return None, sealed, 0
    bounded = metric.low is not None and metric.high is not None
    half = _half(found)
    if best is not None:
        step, step_bits = best.step, 0
    elif bounded:
        reach = (metric.high or 0.0) - (metric.low or 0.0)
        step, step_bits = nice_step(reach * WORST_SPREAD * 2 / math.sqrt(report.rows)), 0
    else:
        step = nice_step(half or max(abs(found.value), 1e-9) / math.sqrt(report.rows))
        step_bits = 1 + _gamma(round(3 * abs(math.log10(step))))
    if best is not None and metric.better(found.value) <= metric.better(best.value) + step:
        return None, sealed, 0
    rung = Rung(place=round(found.value / step), step=step)
    low, high = _ends(rung, found, stretch=stretch)
    shown = replace(sealed, value=rung.value, low=low, high=high)
    if bounded:
        place_bits = math.ceil(math.log2(((metric.high or 0.0) - (metric.low or 0.0)) / step + 2))
    else:
        place_bits = 1 + _gamma(abs(rung.place))
    return rung, shown, place_bits + step_bits + math.ceil(math.log2(REACHES + 1))


def _half(found: Estimate) -> float | None:
    if found.value is None or found.low is None or found.high is None:
        return None
    return max(found.high - found.value, found.value - found.low)


def _ends(rung: Rung, found: Estimate, *, stretch: float) -> tuple[float | None, float | None]:
    """Return an interval of whole steps around the rung that covers the widened one; none when too wide."""
    half = _half(found)
    if half is None:
        return None, None
    # Half a step covers what rounding to the rung moved.
    reach = math.ceil(stretch * half / rung.step + 0.5)
    if reach > REACHES:
        return None, None
    low = replace(rung, place=rung.place - reach).value
    high = replace(rung, place=rung.place + reach).value
    metric = METRICS.get(found.metric)
    if metric.low is not None:
        low = min(max(low, metric.low), rung.value)
    if metric.high is not None:
        high = max(min(high, metric.high), rung.value)
    return low, high


def _gamma(number: int) -> int:
    """Return the length of a whole number's code (Elias, IEEE Transactions on Information Theory 1975)."""
    return 2 * math.floor(math.log2(number + 1)) + 1

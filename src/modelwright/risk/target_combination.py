"""TARGET-COMBINATION: columns that together predict the target almost without error."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import boosted, matrix_of
from modelwright.risk.strength import auc
from modelwright.risk.target_copy import copies
from modelwright.risk.target_sum import identity_of

__all__ = ["TargetCombinationCheck", "skill"]

PERFECT = 0.99
"""Skill out of fold (0 to 1; 0.99 is an AUC of 0.995) that hardly any honest table allows."""

ALONE = 0.9
"""Strength of one column from which that column is told of, not the combination."""

MOST = 5
"""Columns a combination has at most: more are a task that is easy, not a leak."""

KEPT = 0.995
"""Share of the skill that the combination alone must keep."""

LEAST = 200
"""Rows from which a skill is known well enough."""


class TargetCombinationCheck:
    """Finds up to five columns that together predict the target almost perfectly while none does alone.

    A small boosted model is asked out of fold; the columns that serve it most are tried by themselves.

    Examples:
        >>> TargetCombinationCheck().code
        'TARGET-COMBINATION'
    """

    code = "TARGET-COMBINATION"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        if view.sample.rows < LEAST or copies(view) or identity_of(view) or len(view.usable) < 2:
            return
        strongest = max(view.sample.strength(name).power for name in view.usable)
        probe = view.probe
        if strongest >= ALONE or probe is None:
            return
        whole = skill(view.sample.y[probe.rows], probe.scores, classes=len(view.target.classes))
        if whole < PERFECT:
            return
        for count in range(2, min(MOST, len(probe.gains)) + 1):
            names = tuple(list(probe.gains)[:count])
            again = boosted(
                matrix_of(view.sample.frame, names),
                view.sample.y,
                names=names,
                classes=len(view.target.classes),
                seed=view.contract.data.split.seed,
            )
            if again is None:
                return
            reached = skill(view.sample.y[again.rows], again.scores, classes=len(view.target.classes))
            if reached >= KEPT * whole:
                yield self._risk(view, names, reached=reached, whole=whole)
                return

    def _risk(self, view: RiskView, names: tuple[str, ...], *, reached: float, whole: float) -> Risk:
        listed = ", ".join(names)
        return raised(
            self,
            title=f"{listed} together predict the target almost without error",
            severity=Severity.MEDIUM,
            confidence=70,
            subject="+".join(names),
            evidence=(
                (
                    f"a small model of these {len(names)} columns reaches {reached:.4f} out of fold, of all "
                    f"{len(view.usable)} columns {whole:.4f}"
                ),
                *(f"{name} alone reaches {view.sample.strength(name).told}" for name in names),
            ),
            why="Outcomes that people care about are rarely so easy: a rule that made the target, or "
            "columns filled in "
            "with it, look just like this.",
            fix=f"Find out how the target comes about, and which of {listed} is known before it.",
            question=f"Was the target made from {listed}, or are all of them known before the outcome?",
            columns=names,
        )


def skill(y: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], *, classes: int) -> float:
    """Return how well scores tell the target, from 0 to 1: of AUC, R², or the entropy that is left.

    Examples:
        >>> skill(np.array([0.0, 1.0]), np.array([[0.9, 0.1], [0.2, 0.8]]), classes=2)
        1.0
    """
    if classes == 2:
        return max(0.0, 2 * auc(scores[:, 1], y, 1 - y) - 1)
    if classes:
        label = y.astype(np.int64)
        shares = np.bincount(label, minlength=classes) / label.size
        told = -np.log(np.clip(scores[np.arange(label.size), label], 1e-6, 1)).mean()
        alone = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
        return float(max(0.0, 1 - told / alone)) if alone > 0 else 0.0
    spread = float(((y - y.mean()) ** 2).sum())
    return float(max(0.0, 1 - ((y - scores[:, 0]) ** 2).sum() / spread)) if spread > 0 else 0.0

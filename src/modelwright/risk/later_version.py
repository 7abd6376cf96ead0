"""LATER-VERSION: two columns that say the same at two moments: reserved and assigned, planned and actual."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words
from modelwright.risk.sample import Sample

__all__ = ["LaterVersionCheck", "same_share"]

MOSTLY, NEVER_ALL = 0.5, 0.999
"""Share of rows in which the two are equal: mostly, and not always."""

CHANCE = 0.25
"""By how much that must exceed what two columns with these values share by chance."""

LATER = frozenset(
    {"assigned", "actual", "final", "current", "updated", "revised", "real", "realised", "realized",
     "confirmed", "closing", "delivered", "latest", "new", "after", "end"}
)  # fmt: skip
"""Words of the version that comes later."""

EARLIER = frozenset(
    {"reserved", "planned", "initial", "original", "first", "requested", "expected", "booked", "estimated",
     "ordered", "opening", "old", "before", "start", "previous", "target"}
)  # fmt: skip
"""Words of the version that comes first."""

MOST = 60
"""Columns of categories or few-valued numbers up to which pairs are compared."""

LEVELS = 200
"""Values of such a column."""


class LaterVersionCheck:
    """Finds pairs of columns that hold the same values and are equal in most rows, but not in all.

    Examples:
        >>> LaterVersionCheck().code
        'LATER-VERSION'
    """

    code = "LATER-VERSION"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a pair whose names say that one came later."""
        sample = view.sample
        names = [name for name in view.usable if 2 < sample.distinct(name) <= LEVELS]
        if sample.rows < 100 or len(names) > MOST:
            return
        for first, second in combinations(names, 2):
            one, two = set(words(first)), set(words(second))
            if not one & two or not (LATER | EARLIER) & (one ^ two):
                continue
            equal = same_share(sample, first, second)
            if equal is None:
                continue
            later = second if LATER & (two - one) or EARLIER & (one - two) else first
            yield self._risk(first if later == second else second, later, equal=equal)

    def _risk(self, earlier: str, later: str, *, equal: float) -> Risk:
        return raised(
            self,
            title=f"{later} may be a later version of {earlier}",
            severity=Severity.MEDIUM,
            confidence=70,
            subject=later,
            evidence=(f"they hold the same values and are equal in {equal:.1%} of rows", "their names agree"),
            why="What was settled later is not known when the prediction is asked for, and where it "
            "differs from "
            "what was planned it tells what happened in between.",
            fix=f"If {later} is known only afterwards, set `available_at: after` and exclude it.",
            question=f"Is {later} known at the moment a prediction is asked for, or only {earlier}?",
            change=f"exclude column {later}",
            columns=(later,),
        )


def same_share(sample: Sample, first: str, second: str) -> float | None:
    """Return the share of rows in which two columns are equal; None unless they are versions of each other.

    Examples:
        >>> same_share.__name__
        'same_share'
    """
    text = sample.frame.select(
        pl.col(first).cast(pl.String).alias("a"), pl.col(second).cast(pl.String).alias("b")
    )
    text = text.drop_nulls()
    if text.height < 100:
        return None
    equal = float((text["a"] == text["b"]).sum()) / text.height
    if not MOSTLY <= equal < NEVER_ALL:
        return None
    counts = [dict(text[side].value_counts().iter_rows()) for side in ("a", "b")]
    shared = [counts[0][value] * counts[1].get(value, 0) for value in counts[0]]
    chance = float(np.sum(shared)) / text.height**2
    return equal if equal - chance >= CHANCE else None

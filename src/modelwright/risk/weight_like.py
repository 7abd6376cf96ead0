"""WEIGHT-LIKE: a column that says how many cases a row stands for, not what the case is like."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["WeightLikeCheck"]

NAMES = frozenset({"weight", "weights", "wgt", "wt", "pweight", "sampling", "expansion", "multiplier"})
"""Words that sampling weights carry."""

SILENT = 0.05
"""Strength below which a column says nothing about the target."""


class WeightLikeCheck:
    """Finds positive, many-valued columns named like a weight that say (almost) nothing about the target.

    Examples:
        >>> WeightLikeCheck().code
        'WEIGHT-LIKE'
    """

    code = "WEIGHT-LIKE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield a note on the weight that the contract names, and one risk a suspected one."""
        for name in view.contract.data.of_role("weight"):
            yield self._kept(name)
        for name in view.usable:
            column = view.train[name]
            if not column.dtype.is_numeric() or not _named(name):
                continue
            numbers = column.cast(pl.Float64).drop_nulls().to_numpy()
            distinct = np.unique(numbers).size
            strength = view.sample.strength(name)
            if distinct < 20 or strength.power >= SILENT or float(numbers.min()) <= 0:
                continue
            yield raised(
                self,
                title=f"{name} looks like a sampling weight",
                severity=Severity.MEDIUM,
                confidence=80,
                subject=name,
                evidence=(
                    f"positive, {distinct:,} distinct values from {numbers.min():g} to {numbers.max():g}",
                    f"alone it reaches {strength.told} out of fold: it says next to nothing about the target",
                ),
                why="A survey weight says how many people a row stands for; no request carries one.",
                fix=f"Give {name} the role `weight` or `excluded`.",
                question=f"Is {name} a sampling weight, and should scores count rows by it?",
                proposal="modify",
                change=f"exclude column {name}",
                columns=(name,),
            )

    def _kept(self, name: str) -> Risk:
        return raised(
            self,
            title=f"{name} is a sampling weight; it weighs rows and is no feature",
            severity=Severity.INFO,
            confidence=100,
            subject=name,
            evidence=("the contract gives it the role `weight`",),
            why="As a feature it would say how many cases a row stands for, which no request tells.",
            fix="Nothing to do.",
        )


def _named(name: str) -> bool:
    pieces = words(name)
    return bool(NAMES & set(pieces)) or any(piece.endswith(("wgt", "weight")) for piece in pieces)

"""MISSING-CODE: values that mean missing but stand as ordinary values."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import holds_categories

__all__ = ["MissingCodeCheck", "lonely_value"]

WORDS = frozenset(
    {"?", "-", "--", ".", "n/a", "na", "nan", "nil", "none", "null", "missing", "unknown", "unk", "not known",
     "not available", "not applicable", "undefined", "unspecified", "(null)", "#n/a"}
)  # fmt: skip
"""Words that mean missing when compared without case."""

CODES = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0})
"""Numbers used as codes; each still has to stand apart from the other values."""

APART = 2.0
"""A code stands at least so many spreads (5 % to 95 %) of the other values away from the nearest one."""

ZERO_APART = 0.3
"""The same for zero below positive values, where the gap is narrow by nature."""

STEPS = 5.0
"""A zero that is a code stands so many ordinary steps below the next value; a count of zero stands one."""

COMMON, MOSTLY = 0.02, 0.6
"""Share of zeros, close to the other values, between an accident and a quantity that is mostly nothing."""

SPIKE = 3
"""How often a lonely value has to occur to be a code and not an outlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lonely:
    """A value that occurs often and far from all others.

    Examples:
        >>> Lonely(value=999.0, count=96, nearest=27.0, gap=36.0).value
        999.0
    """

    value: float
    """The value."""
    count: int
    """How often it occurs."""
    nearest: float
    """The nearest other value."""
    gap: float
    """Distance to the nearest other value, in spreads of the other values."""


def lonely_value(values: npt.NDArray[np.float64]) -> Lonely | None:
    """Return the lowest or highest value when it is a code by its number, its count and its distance.

    Examples:
        >>> lonely_value(np.array([3.0, 6.0, 4.0, 5.0, 7.0, 8.0] * 5 + [999.0] * 9)).value
        999.0
        >>> lonely_value(np.arange(40.0)) is None
        True
    """
    distinct, counts = np.unique(values, return_counts=True)
    if distinct.size < 6:
        return None
    for place, neighbour in ((0, 1), (-1, -2)):
        value, nearest, count = float(distinct[place]), float(distinct[neighbour]), int(counts[place])
        others = values[values != value]
        low, high = np.quantile(others, [0.05, 0.95])
        spread = float(high - low) or float(distinct[neighbour] - distinct[0]) or 1.0
        gap = abs(value - nearest) / spread
        steps = float(np.median(np.diff(distinct)))
        far = abs(value - nearest) >= STEPS * steps
        zero = value == 0.0 and place == 0 and low > 0 and gap >= ZERO_APART and far
        spike = value == 0.0 and place == 0 and low > 0 and far and COMMON <= count / values.size <= MOSTLY
        coded = value in CODES and gap >= (APART if abs(value) > 1 else ZERO_APART)
        if count >= SPIKE and (zero or coded or spike):
            return Lonely(value=value, count=count, nearest=nearest, gap=gap)
    return None


class MissingCodeCheck:
    """Finds words such as `unknown` or `?` and numbers such as 999 or an impossible 0 that mean missing.

    Examples:
        >>> MissingCodeCheck().code
        'MISSING-CODE'
    """

    code = "MISSING-CODE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column with a likely code, and a note on codes already read as missing."""
        for name in view.features:
            declared = view.contract.data.columns[name].missing_codes
            if declared:
                yield self._declared(
                    view,
                    name,
                    codes=tuple(str(code) if isinstance(code, str) else f"{code:g}" for code in declared),
                )
            column = view.everything[name]
            if column.dtype.is_numeric():
                found = self._number(name, column)
            elif holds_categories(column):
                found = self._word(name, column)
            else:
                found = None
            if found:
                yield found

    def _declared(self, view: RiskView, name: str, *, codes: tuple[str, ...]) -> Risk:
        nulls = view.everything[name].null_count()
        shown = ", ".join(f"'{code}'" for code in codes)
        return raised(
            self,
            title=f"{name} writes missing as {shown}; it is read as missing",
            severity=Severity.INFO,
            confidence=100,
            subject=name,
            evidence=(f"{nulls:,} of {view.everything.height:,} values are missing after reading",),
            why="Left as a number or category, the code would be learned as a quantity.",
            fix="Nothing to do when served requests write missing the same way or leave the field empty.",
            columns=(name,),
        )

    def _number(self, name: str, column: pl.Series) -> Risk | None:
        values = column.drop_nulls().cast(pl.Float64).to_numpy()
        lonely = lonely_value(values[np.isfinite(values)])
        if lonely is None:
            return None
        told = f"{lonely.value:g}"
        return self._suspected(
            name,
            code=told,
            confidence=85 if lonely.gap >= APART else 70 if lonely.gap >= ZERO_APART else 45,
            evidence=(
                f"{lonely.count:,} of {len(column):,} values are {told}",
                f"the nearest other value is {lonely.nearest:g}, {lonely.gap:.1f} spreads away",
            ),
        )

    def _word(self, name: str, column: pl.Series) -> Risk | None:
        folded = column.cast(pl.String).str.strip_chars().str.to_lowercase()
        hits = column.cast(pl.String).filter(folded.is_in(list(WORDS)) | (folded == ""))
        if hits.is_empty():
            return None
        codes = sorted(hits.unique().to_list())
        return self._suspected(
            name,
            code=", ".join(f"'{code}'" for code in codes[:5]),
            confidence=90 if codes[0].strip().lower() != "none" else 60,
            evidence=(f"{len(hits):,} of {len(column):,} values ({len(hits) / len(column):.1%})",),
        )

    def _suspected(self, name: str, *, code: str, confidence: int, evidence: tuple[str, ...]) -> Risk:
        return raised(
            self,
            title=f"{name} may write missing as {code}",
            severity=Severity.MEDIUM if confidence >= 60 else Severity.LOW,
            confidence=confidence,
            subject=name,
            evidence=evidence,
            why="A code learned as a quantity or category bends the model, and breaks it when the code "
            "changes.",
            fix=f"Add the code to `missing_codes` of {name} in the contract.",
            question=f"Does {code} in {name} mean that the value is missing?",
            proposal="accept",
            change=f"read {code} in {name} as missing" if confidence >= 60 else "",
            columns=(name,),
        )

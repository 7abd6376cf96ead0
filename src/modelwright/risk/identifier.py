"""IDENTIFIER: columns that name the row instead of describing it."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["IdentifierCheck"]

NEARLY_ALL = 0.98
"""Share of distinct values from which a column names its row."""

LEAST = 50
"""Rows below which distinct values are no surprise."""

NAMES = frozenset(
    {"id", "ids", "uuid", "guid", "key", "hash", "serial", "ssn", "email", "phone", "iban", "token"}
)
"""Words that names of rows carry."""

SPOKEN = 4
"""Words a value has on average from which text is read, not looked up."""


class IdentifierCheck:
    """Finds features with (nearly) one value a row: text, or whole numbers dense or named as a key.

    Examples:
        >>> IdentifierCheck().code
        'IDENTIFIER'
    """

    code = "IDENTIFIER"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a suspected key, and a note on keys that the contract keeps out already."""
        for name in view.contract.data.of_role("entity"):
            if name in view.train.columns and _uniqueness(view.train[name]) >= NEARLY_ALL:
                yield self._kept(view, name)
        for name in view.usable:
            column = view.train[name]
            share = _uniqueness(column)
            if len(column) < LEAST or share < NEARLY_ALL:
                continue
            hinted = bool(NAMES & set(words(name)))
            if column.dtype == pl.String and not _is_prose(column):
                yield self._risk(name, column, share=share, confidence=97 if hinted else 90)
            elif column.dtype.is_integer() and (hinted or _is_dense(column)):
                yield self._risk(name, column, share=share, confidence=97 if hinted else 80)

    def _kept(self, view: RiskView, name: str) -> Risk:
        return raised(
            self,
            title=f"{name} names the row; it is kept as the entity and is no feature",
            severity=Severity.INFO,
            confidence=100,
            subject=name,
            evidence=(
                f"{view.train[name].n_unique():,} distinct values in {view.train.height:,} training rows",
            ),
            why="As a feature it would be learned by heart.",
            fix="Nothing to do.",
        )

    def _risk(self, name: str, column: pl.Series, *, share: float, confidence: int) -> Risk:
        known = column.drop_nulls()
        return raised(
            self,
            title=f"{name} names the row",
            severity=Severity.HIGH,
            confidence=confidence,
            subject=name,
            evidence=(
                f"{known.n_unique():,} distinct values among {len(known):,} known values ({share:.1%})",
            ),
            why="What never repeats can only be learned by heart; where keys were given out in order it also "
            "carries the time or the source of the row.",
            fix=f"Give {name} the role `entity` (kept for joins) or `excluded`.",
            proposal="modify",
            change=f"exclude column {name}",
            columns=(name,),
        )


def _uniqueness(column: pl.Series) -> float:
    known = column.drop_nulls()
    return known.n_unique() / len(known) if len(known) else 0.0


def _is_prose(column: pl.Series) -> bool:
    mean = column.drop_nulls().str.count_matches(r"\S+").mean()
    return isinstance(mean, float) and mean >= SPOKEN


def _is_dense(column: pl.Series) -> bool:
    """Whether the whole numbers lie as close as numbers given out one by one, a sample of them at least."""
    lowest, highest = column.min(), column.max()
    if not isinstance(lowest, int) or not isinstance(highest, int):
        return False
    return highest - lowest <= 3 * len(column)

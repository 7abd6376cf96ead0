"""CATEGORY-VARIANTS: one category spelt in several ways."""

from collections.abc import Iterator, Sequence

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import holds_categories

__all__ = ["CategoryVariantsCheck", "variants"]

MOST = 5_000
"""Distinct values up to which spellings are compared."""


def variants(values: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return groups of values that differ only in case, spaces, hyphens or a full stop at the end.

    Examples:
        >>> variants(["<=50K", ">50K", ">50K.", "<=50K."])
        (('<=50K', '<=50K.'), ('>50K', '>50K.'))
        >>> variants(["A+", "A-", "a"])
        ()
    """
    groups: dict[str, list[str]] = {}
    for value in sorted(set(values)):
        key = "".join(piece for piece in value.strip().rstrip(".").casefold() if piece not in " _\t")
        inner = key.lstrip("-").replace("-", "") if any(sign.isalpha() for sign in key[1:]) else key
        groups.setdefault(inner if key[-1:] != "-" else key, []).append(value)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1 and not _single(group))


def _single(group: Sequence[str]) -> bool:
    """Single letters in both cases are usually two codes, not two spellings."""
    return all(len(value.strip()) <= 1 for value in group)


class CategoryVariantsCheck:
    """Finds categories of a feature that are spellings of each other.

    Examples:
        >>> CategoryVariantsCheck().code
        'CATEGORY-VARIANTS'
    """

    code = "CATEGORY-VARIANTS"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column with spellings that belong together."""
        for name in view.features:
            column = view.everything[name]
            if not holds_categories(column):
                continue
            counts = column.cast(pl.String).drop_nulls().alias("value").value_counts()
            if counts.height > MOST:
                continue
            rows = {str(value): int(count) for value, count in counts.iter_rows()}
            groups = variants(list(rows))
            if not groups:
                continue
            shown = "; ".join(
                " = ".join(f"'{value}' ({rows[value]:,})" for value in group) for group in groups[:5]
            )
            yield raised(
                self,
                title=f"{name} spells {len(groups)} {'category' if len(groups) == 1 else 'categories'} in "
                "several ways",
                severity=Severity.MEDIUM,
                confidence=90,
                subject=name,
                evidence=(shown,),
                why="Each spelling is learned apart from half the rows, and a new spelling is unseen "
                "when served.",
                fix=f"Map the spellings to one with `replace` on {name} in the contract.",
                question=f"Do these spellings of {name} mean the same?",
                proposal="modify",
                change=f"map the spellings of {name} to one",
                columns=(name,),
            )

"""RARE-CLASS: target values with too few rows to learn or to judge."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.tasks.labels import as_labels

__all__ = ["RareClassCheck"]

FEW = 30
"""Labelled rows of a class below which neither its model nor its score can be trusted."""

GRADES = 20
"""A number with at most so many whole values is a grade whose rare values are looked at too."""


class RareClassCheck:
    """Finds classes, or grades of a whole-number target, with fewer than 30 labelled rows.

    Examples:
        >>> RareClassCheck().code
        'RARE-CLASS'
    """

    code = "RARE-CLASS"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk naming every rare class."""
        name = view.target.name
        labels = as_labels(pl.concat([view.train[name], view.validation[name]])).drop_nulls().alias("label")
        counted = labels.value_counts().sort(labels.name)
        if view.target.task == "regression" and counted.height > GRADES:
            return
        counts = {str(label): int(count) for label, count in counted.iter_rows()}
        counts |= {label: counts.get(label, 0) for label in view.target.classes}
        rare = {label: count for label, count in counts.items() if count < FEW}
        if not rare or len(rare) == len(counts):
            return
        shown = ", ".join(f"'{label}' ({count})" for label, count in sorted(rare.items()))
        yield raised(
            self,
            title=f"too few rows of {shown}",
            severity=Severity.MEDIUM,
            confidence=100,
            subject=name,
            evidence=tuple(
                f"'{label}': {count} of {len(labels):,} labelled rows" for label, count in rare.items()
            ),
            why="A class of a handful of rows is learned by heart or not at all, and its recall has an "
            "interval "
            "from zero to one.",
            fix="Collect more rows, merge the class with a neighbour, or treat the grades as a number.",
            question=f"May {shown} be merged with a neighbouring class, or must each be told apart?",
        )

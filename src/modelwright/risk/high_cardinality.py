"""HIGH-CARDINALITY: categories too many to learn one by one."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import holds_categories

__all__ = ["HighCardinalityCheck"]

MANY = 50
"""Distinct categories from which most are seldom seen."""

FEW = 30
"""Rows a category should have on average."""


class HighCardinalityCheck:
    """Finds category columns with more than 50 values of which a typical one has fewer than 30 rows.

    Examples:
        >>> HighCardinalityCheck().category
        'scalability'
    """

    code = "HIGH-CARDINALITY"
    category: Category = "scalability"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column."""
        for name in view.usable:
            column = view.train[name]
            if not holds_categories(column):
                continue
            known = column.drop_nulls()
            counts = known.alias("value").value_counts()["count"]
            if counts.len() <= MANY or counts.len() / max(len(known), 1) > 0.98:
                continue
            rare = int((counts < FEW).sum())
            if rare < counts.len() / 2:
                continue
            unseen = int((~view.test[name].drop_nulls().is_in(known.unique().implode())).sum())
            yield raised(
                self,
                title=f"{name} has {counts.len():,} categories",
                severity=Severity.LOW,
                confidence=100,
                subject=name,
                evidence=(
                    f"{rare:,} of them have fewer than {FEW} training rows",
                    f"{unseen:,} of {view.test.height:,} test rows hold one never seen in training",
                ),
                why="A column per category grows memory and time without bound, and rare ones are "
                "learned by heart.",
                fix="Pool rare categories, or encode by out-of-fold target statistics; the unseen bucket "
                "must hold.",
                columns=(name,),
            )

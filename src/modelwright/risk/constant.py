"""CONSTANT: columns that never, or almost never, change."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["ConstantCheck"]

ALMOST = 0.9995
"""Share of one value from which a column counts as almost constant."""


class ConstantCheck:
    """Finds feature columns with one value in all training rows, or in all but a handful.

    Examples:
        >>> ConstantCheck().code
        'CONSTANT'
    """

    code = "CONSTANT"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a constant or almost constant column."""
        rows = view.train.height
        for name in view.usable:
            column = view.train[name]
            distinct = column.n_unique()
            if distinct == 1:
                yield self._risk(name, told=f"1 value in {rows:,} training rows", almost=False)
            elif rows >= 1000 and distinct <= rows / 10:
                common = column.alias("value").value_counts(sort=True).row(0)[1]
                if common / rows >= ALMOST:
                    others = rows - common
                    yield self._risk(name, told=f"{others} of {rows:,} rows differ", almost=True)

    def _risk(self, name: str, *, told: str, almost: bool) -> Risk:
        return raised(
            self,
            title=f"{name} {'almost never' if almost else 'never'} changes",
            severity=Severity.INFO if almost else Severity.LOW,
            confidence=100,
            subject=name,
            evidence=(told,),
            why="A column without variation tells nothing apart, and a value it never took in training is a "
            "surprise when served.",
            fix="Exclude the column, or find out why it stopped changing.",
            proposal="accept" if almost else "modify",
            change="" if almost else f"exclude column {name}",
            columns=(name,),
        )

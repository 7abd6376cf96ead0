"""CODED-VALUES: classes and categories written as codes that only a key explains."""

import re
from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import holds_categories

__all__ = ["CodedValuesCheck"]

CODE = re.compile(r"[A-Za-z]{1,3}\d{1,5}")
"""Letters and a number, such as A11."""

ORDINARY = ({"0", "1"}, {"-1", "1"})
"""Pairs of numbers that every reader takes as no and yes."""


class CodedValuesCheck:
    """Finds a target of bare numbers other than 0 and 1, and features whose categories are codes such as A11.

    Examples:
        >>> CodedValuesCheck().code
        'CODED-VALUES'
    """

    code = "CODED-VALUES"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield a risk for a coded binary target and one for all coded features."""
        classes = set(view.target.classes)
        numbers = all(label.lstrip("-").replace(".", "", 1).isdigit() for label in classes)
        if view.target.task == "binary" and numbers and classes not in ORDINARY:
            yield self._target(view)
        coded = [name for name in view.features if _is_coded(view.train[name])]
        if coded:
            shown = ", ".join(coded[:12])
            yield raised(
                self,
                title=f"{len(coded)} {'column writes' if len(coded) == 1 else 'columns write'} categories "
                "as codes",
                severity=Severity.INFO,
                confidence=90,
                subject="categories",
                evidence=(f"columns: {shown}",),
                why="Nobody can judge a slice, a leak or an answer whose values they cannot read.",
                fix="Write down what the codes mean; keep the codes if the serving side sends them.",
                question=f"Where is the key to the codes of {shown}?",
                columns=tuple(coded),
            )

    def _target(self, view: RiskView) -> Risk:
        negative, positive = view.target.classes
        mistakes = view.contract.decision.mistakes
        return raised(
            self,
            title=f"the classes of {view.target.name} are bare numbers: {negative} and {positive}",
            severity=Severity.MEDIUM,
            confidence=100,
            subject=view.target.name,
            evidence=(
                f"'{positive}' is taken as the class that triggers the action",
                (
                    f"a wrong '{positive}' costs {mistakes.wrong_yes:g}, a missed '{positive}' "
                    f"{mistakes.wrong_no:g}"
                ),
            ),
            why="With the two classes swapped, every cost, threshold and action is the wrong way round.",
            fix="Confirm `prediction.positive` and the two costs in the contract.",
            question=f"Does '{positive}' name the case the action is for, and are the costs the right way "
            "round?",
        )


def _is_coded(column: pl.Series) -> bool:
    if not holds_categories(column):
        return False
    values = column.cast(pl.String).drop_nulls().unique().head(200).to_list()
    return len(values) > 1 and all(CODE.fullmatch(value) for value in values)

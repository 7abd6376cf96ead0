"""ORDERED-CATEGORY: categories with a natural order that nobody has declared."""

import re
from collections.abc import Iterator, Sequence

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import holds_categories

__all__ = ["OrderedCategoryCheck", "seems_ordered"]

LADDERS = tuple(
    frozenset(ladder.split())
    for ladder in (
        "awful terrible poor bad fair average medium good great excellent ideal premium superior best worst",
        "none low lower medium moderate high higher highest lowest",
        "tiny small medium large huge xs s m l xl xxl",
        "never rarely sometimes often usually always",
        "first second third fourth fifth sixth",
        "preschool primary elementary secondary high bachelor bachelors master masters doctorate phd",
        "junior mid senior lead principal",
        "bronze silver gold platinum",
        "young adult old",
    )
)
"""Words that stand on one ladder."""

FILLERS = frozenset({"very", "extra", "above", "below", "school", "degree", "class", "size", "and"})
"""Words that do not change the ladder."""

GRADE = re.compile(r"([A-Za-z]+?)(\d+)")
"""A grade such as SI2 or VS1."""


def seems_ordered(values: Sequence[str]) -> bool:
    """Whether the values stand on one ladder of words, are a run of letters, or are numbered grades.

    Examples:
        >>> seems_ordered(["Fair", "Good", "Very Good", "Ideal"]), seems_ordered(["red", "blue", "green"])
        (True, False)
        >>> seems_ordered(["D", "E", "F", "G"]), seems_ordered(["SI1", "SI2", "VS1", "VS2", "IF"])
        (True, True)
    """
    kept = sorted({value.strip() for value in values if value.strip()})
    if len(kept) < 3:
        return False
    if all(len(value) == 1 and value.isalpha() for value in kept):
        places = sorted(ord(value.upper()) for value in kept)
        return places[-1] - places[0] == len(places) - 1
    grades = [match.group(1) for value in kept if (match := GRADE.fullmatch(value))]
    if len(grades) >= 4 and 1 < len(set(grades)) < len(grades) and len(grades) >= len(kept) - 2:
        return True
    pieces = [set(re.findall(r"[a-z]+", value.lower())) - FILLERS for value in kept]
    return any(
        sum(bool(piece & ladder) for piece in pieces) >= max(3, 0.75 * len(kept)) for ladder in LADDERS
    )


class OrderedCategoryCheck:
    """Finds categories that seem to have a natural order which the contract does not state.

    Examples:
        >>> OrderedCategoryCheck().code
        'ORDERED-CATEGORY'
    """

    code = "ORDERED-CATEGORY"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk for all such columns together."""
        found = {}
        for name in view.features:
            column = view.train[name]
            if not holds_categories(column) or view.contract.data.columns[name].ordered:
                continue
            values = column.cast(pl.String).drop_nulls().unique().sort().head(31).to_list()
            if len(values) <= 30 and seems_ordered(values):
                found[name] = values
        if not found:
            return
        yield raised(
            self,
            title=f"{', '.join(found)}: categories that seem to have an order",
            severity=Severity.INFO,
            confidence=70,
            subject="categories",
            evidence=tuple(f"{name}: {', '.join(values[:9])}" for name, values in found.items()),
            why="Without the order a model needs more rows to learn that a step up is a step up.",
            fix="List the categories in their order and set `ordered: true` in the contract.",
            question=f"What is the order, lowest first, of {', '.join(found)}?",
            columns=tuple(found),
        )

"""NUMBER-AS-TEXT: numbers kept as text because of a few unreadable values."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["NumberAsTextCheck"]

MOST = 0.95
"""Share of values that must read as numbers for the column to be numeric at heart."""

MANY = 0.5
"""Share of values that must read as numbers for the column to be a mixture."""

LEVELS = 20
"""With this many distinct numbers or fewer they may be codes of categories."""


class NumberAsTextCheck:
    """Finds text columns of numbers but for a few values, such as blanks, or of numbers mixed with words.

    Examples:
        >>> NumberAsTextCheck().code
        'NUMBER-AS-TEXT'
    """

    code = "NUMBER-AS-TEXT"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a text column that is numeric at heart, or half numbers and half words."""
        read = view.contract.data.of_role("feature", "context")
        for name in (name for name in read if view.train.schema.get(name) == pl.String):
            known = pl.concat([frame[name] for frame in view.parts.values()]).drop_nulls()
            numbers = known.str.strip_chars().cast(pl.Float64, strict=False)
            readable = len(known) - numbers.null_count()
            if len(known) == 0 or readable / len(known) < MANY or numbers.n_unique() <= LEVELS:
                continue
            odd = known.filter(numbers.is_null()).unique().sort().to_list()[:5]
            shown = ", ".join(f"'{value}'" for value in odd) or "none"
            heart = readable / len(known) >= MOST
            yield raised(
                self,
                title=f"{name} holds numbers written as text" if heart else f"{name} mixes numbers and text",
                severity=Severity.MEDIUM,
                confidence=95,
                subject=name,
                evidence=(f"{readable:,} of {len(known):,} values read as numbers", f"unreadable: {shown}"),
                why="As text every number is a category of its own, and order and distance are lost.",
                fix=f"Give {name} the type `number` and list the unreadable values as `missing_codes`.",
                question="" if heart else f"What do values of {name} such as {shown} stand for?",
                proposal="modify" if heart else "accept",
                change=f"read {name} as number" if heart else "",
                columns=(name,),
            )

"""UNSTABLE-ORDER: sources that may give the same rows in another order tomorrow."""

import re
from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["UnstableOrderCheck"]

ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)


class UnstableOrderCheck:
    """Finds database sources without an order while the place of a row decides its part.

    Examples:
        >>> UnstableOrderCheck().category
        'reproducibility'
    """

    code = "UNSTABLE-ORDER"
    category: Category = "reproducibility"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a source."""
        data = view.contract.data
        placed = data.split.policy in {"random", "stratified"} or data.split.order == "rows"
        for source in data.sources if placed else ():
            if not source.url or ORDERED.search(source.query):
                continue
            in_time = data.split.policy == "temporal"
            yield raised(
                self,
                title=f"{source.name} has no order, and the place of a row decides its part",
                severity=Severity.MEDIUM if in_time else Severity.LOW,
                confidence=90,
                subject=source.name,
                evidence=(
                    "the query has no ORDER BY" if source.query else "a table of a database has no order",
                    f"rows are split {data.split.policy} by their place"
                    + ("" if data.primary_key else "; no primary key is declared"),
                ),
                why="A database may answer in another order after every change: the same rows then make "
                "another split, "
                "and test rows move into training.",
                fix="Read by a query with `order by` over the key, or split by a column.",
                columns=(),
            )

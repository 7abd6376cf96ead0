"""EXCLUDED-COLUMN: what the contract leaves out, and why, so that nobody forgets it was there."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["ExcludedColumnCheck"]


class ExcludedColumnCheck:
    """Lists the columns that the contract leaves out or keeps as context, with the reasons given there.

    Examples:
        >>> ExcludedColumnCheck().code
        'EXCLUDED-COLUMN'
    """

    code = "EXCLUDED-COLUMN"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one note a column."""
        for name, column in view.contract.data.columns.items():
            context = column.role == "context" and bool(column.reason)
            if column.role != "excluded" and not column.keep_out and not context:
                continue
            place = "kept as context, not a feature" if context else "left out by the contract"
            yield raised(
                self,
                title=f"{name} is {place}",
                severity=Severity.INFO,
                confidence=100,
                subject=name,
                evidence=(column.reason or "no reason is written down",),
                why="What was left out knowingly should not come back by accident.",
                fix="Nothing to do while the reason holds.",
            )

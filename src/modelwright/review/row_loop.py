"""ROW-LOOP: a table is walked row by row."""

from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["RowLoopRule"]


class RowLoopRule:
    """`iterrows` in a loop, and functions applied to every row.

    Examples:
        >>> RowLoopRule().foci
        ('performance and scalability',)
    """

    code = "ROW-LOOP"
    category = "scalability"
    severity = Severity.LOW
    foci: tuple[Focus, ...] = ("performance and scalability",)
    why = "It is a hundred times slower than the same over columns, and grows into hours with the table."
    fix = "Write it over whole columns; where each row needs its own code, use `itertuples` or plain lists."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call."""
        for call in flow.calls:
            if call.method == "iterrows" and not call.node.args:
                yield finding(
                    self, flow, call.node, title="iterrows walks the table row by row", confidence=88
                )
            axis = call.keyword("axis")
            if call.method == "apply" and axis is not None and getattr(axis, "value", None) in {1, "columns"}:
                yield finding(
                    self, flow, call.node, title="apply(axis=1) calls Python for every row", confidence=80
                )

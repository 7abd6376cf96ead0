"""LONG-FUNCTION: a function that nobody can test by itself."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["LongFunctionRule"]

LONG = 120
"""Lines of a body, docstring aside, from which it holds several functions."""


class LongFunctionRule:
    """A function body of more than 120 lines.

    Examples:
        >>> LongFunctionRule().severity.value
        'low'
    """

    code = "LONG-FUNCTION"
    category = "code"
    severity = Severity.LOW
    foci: tuple[Focus, ...] = ("code quality",)
    why = (
        "Loading, preparing, training and scoring in one piece cannot be tested or reused apart, so "
        "serving copies them."
    )
    fix = "Name the steps, and give each its own function."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a function."""
        for scope in flow.scopes:
            if isinstance(scope.node, ast.Module):
                continue
            body = scope.node.body[1:] if ast.get_docstring(scope.node) else scope.node.body
            if not body:
                continue
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
            if lines > LONG:
                yield finding(
                    self, flow, scope.node, title=f"{scope.name} is {lines} lines long", confidence=85,
                    evidence=(f"{LONG} lines are the limit",),
                )  # fmt: skip

"""SWALLOWED-EXCEPTION: a fault that nobody will hear of."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["SwallowedExceptionRule"]

WIDE = frozenset({"Exception", "BaseException"})


class SwallowedExceptionRule:
    """A handler for everything that does nothing: no raise, no log, no answer.

    Examples:
        >>> SwallowedExceptionRule().code
        'SWALLOWED-EXCEPTION'
    """

    code = "SWALLOWED-EXCEPTION"
    category = "code"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("code quality",)
    why = (
        "A failed load, join or prediction goes on as if nothing had happened, with half the data or the "
        "old answer."
    )
    fix = "Catch the fault you expect, by name, and say or count what happened; let the rest rise."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a handler."""
        for node in flow.nodes:
            if not isinstance(node, ast.ExceptHandler):
                continue
            wide = node.type is None or _names(node.type) & WIDE
            if not wide or not _silent(node.body):
                continue
            caught = "everything" if node.type is None else ast.unparse(node.type)
            yield finding(
                self,
                flow,
                node,
                title=f"{caught} is caught and dropped",
                confidence=92,
                evidence=(f"the handler is: {ast.unparse(node.body[0])[:60]}",),
            )


def _names(node: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _silent(body: list[ast.stmt]) -> bool:
    """Whether the handler only passes, goes on, or answers with nothing."""
    return all(
        isinstance(node, ast.Pass | ast.Continue | ast.Break)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (
            isinstance(node, ast.Return)
            and (node.value is None or ast.unparse(node.value) in {"None", "[]", "{}", "''"})
        )
        for node in body
    )

"""LOOKAHEAD: a feature is computed from rows that come later."""

import ast
import re
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding
from modelwright.review.source import own_nodes

__all__ = ["LookaheadRule"]

OUTCOME = re.compile(
    r"target|label|future|next|ahead|horizon|forward|outcome|(^|_)(y|ys|return|returns)(_|$|\d)",
    re.IGNORECASE,
)
"""Names of what is predicted: looking ahead is its purpose."""

STEPS = frozenset({"shift", "diff", "pct_change"})
"""Methods that reach a number of rows back, or ahead when it is negative."""


class LookaheadRule:
    """Negative shifts, centred windows, backward fills and forward joins outside the target.

    Examples:
        >>> LookaheadRule().category
        'leakage'
    """

    code = "LOOKAHEAD"
    category = "leakage"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("ml practice",)
    why = "When the prediction is asked for, the later rows do not exist yet."
    fix = "Use past rows only: positive shifts, trailing windows, forward fills, backward as-of joins."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call that looks ahead."""
        for scope in flow.scopes:
            ahead = {id(call.node): (call, *_ahead(call)) for call in scope.calls if _ahead(call)[0]}
            for statement in scope.body if ahead else ():
                wanted = _assigned(statement)
                for node in own_nodes(statement):
                    if id(node) not in ahead or OUTCOME.search(wanted):
                        continue
                    call, told, confidence = ahead[id(node)]
                    evidence = (f"assigned to {wanted}",) if wanted else ()
                    title = f"{told} looks ahead"
                    yield finding(
                        self, flow, call.node, title=title, confidence=confidence, evidence=evidence
                    )


def _assigned(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ", ".join(ast.unparse(target) for target in statement.targets)
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return ast.unparse(statement.target)
    return ""


def _negative(node: ast.expr | None) -> bool:
    return (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and not (isinstance(node.operand, ast.Constant) and node.operand.value == 0)
    )


def _ahead(call: Call) -> tuple[str, int]:
    """What looks ahead, and how sure that is; two empties when nothing does."""
    step = call.node.args[0] if call.node.args else call.keyword("periods") or call.keyword("n")
    if call.method in STEPS and _negative(step) and isinstance(call.node.func, ast.Attribute):
        if isinstance(call.node.func.value, ast.Name) and call.node.func.value.id in {"np", "numpy", "torch"}:
            return "", 0
        return f"{call.method}({ast.unparse(step) if step is not None else ''})", 84
    center = call.keyword("center")
    if call.method == "rolling" and isinstance(center, ast.Constant) and center.value is True:
        return "rolling(center=True)", 88
    direction = call.keyword("direction")
    if (
        call.method == "merge_asof"
        and isinstance(direction, ast.Constant)
        and direction.value in {"forward", "nearest"}
    ):
        return f"merge_asof(direction='{direction.value}')", 90
    method = call.keyword("method")
    if call.method in {"bfill", "backfill"} or (
        call.method == "fillna" and isinstance(method, ast.Constant) and method.value in {"bfill", "backfill"}
    ):
        return "a backward fill", 70
    return "", 0

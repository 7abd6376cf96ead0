"""MUTABLE-DEFAULT: a default value that every call shares."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["MutableDefaultRule"]

MAKERS = frozenset({"list", "dict", "set", "defaultdict", "DataFrame"})


class MutableDefaultRule:
    """A list, dictionary or set as the default of an argument.

    Examples:
        >>> MutableDefaultRule().code
        'MUTABLE-DEFAULT'
    """

    code = "MUTABLE-DEFAULT"
    category = "code"
    severity = Severity.LOW
    foci: tuple[Focus, ...] = ("code quality",)
    why = "It is made once: what one call adds, the next call finds, and a run depends on the runs before it."
    fix = "Default to None and make the value inside."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a function."""
        for scope in flow.scopes:
            if isinstance(scope.node, ast.Module):
                continue
            given = scope.node.args
            for value in [*given.defaults, *(one for one in given.kw_defaults if one)]:
                made = isinstance(value, ast.Call) and ast.unparse(value.func).rsplit(".", 1)[-1] in MAKERS
                if made or isinstance(value, ast.List | ast.Dict | ast.Set):
                    yield finding(
                        self, flow, value,
                        title=f"{scope.name} shares {ast.unparse(value)[:30]} between calls",
                        confidence=85,
                    )  # fmt: skip

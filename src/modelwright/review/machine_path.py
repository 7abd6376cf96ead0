"""MACHINE-PATH: a path that exists on one machine only."""

import ast
import re
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["MachinePathRule"]

PERSONAL = re.compile(
    r"^(/Users/[^/]+/|/home/[^/]+/|[A-Za-z]:\\+Users\\+|[A-Za-z]:/Users/|/content/drive/|/kaggle/input/)"
)
"""Beginnings of paths below one person's or one service's home."""


class MachinePathRule:
    """A text that is a path below somebody's home, a notebook service's drive, or a Windows user.

    Examples:
        >>> MachinePathRule().category
        'reproducibility'
    """

    code = "MACHINE-PATH"
    category = "reproducibility"
    severity = Severity.LOW
    foci: tuple[Focus, ...] = ("code quality", "ml practice")
    why = "The code runs for one person only, and what it read there is not recorded."
    fix = "Take the path as an argument or from configuration, relative to the project."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a text."""
        for node in flow.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and PERSONAL.match(node.value):
                yield finding(
                    self, flow, node, title="a path of one machine stands in the code",
                    confidence=65 if flow.file.is_test else 88,
                    evidence=(f"it starts with {node.value[:12]}...",),
                )  # fmt: skip

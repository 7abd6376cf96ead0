"""Review rules: the port every rule fits, the three foci, and how a finding is built."""

import ast
from collections.abc import Iterable
from typing import Literal, Protocol

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow

__all__ = ["FOCI", "Focus", "ReviewRule", "finding"]

Focus = Literal["code quality", "ml practice", "performance and scalability"]
"""What one reviewer looks for."""

FOCI: tuple[Focus, ...] = ("code quality", "ml practice", "performance and scalability")
"""The three reviewers of a quality review, in the order they report."""


TRIED_IN_TESTS = frozenset({"evaluation", "leakage", "reproducibility", "scalability", "training"})
"""Categories of defects that a test may hold on purpose, or on data so small that nothing follows."""

UNREPORTED = 75
"""The highest confidence of a finding that is kept for the audit."""


class ReviewRule(Protocol):
    """One rule: it looks at one file's flow and answers with what it found.

    A rule reads the flow and nothing else. Same flow, same answer. It stays silent rather than guess: what
    it is not sure of gets a confidence below 80, which is kept for the audit and not reported.

    Examples:
        >>> from modelwright.review.flow import trace_text
        >>> from modelwright.review.unsafe_load import UnsafeLoadRule
        >>> rule: ReviewRule = UnsafeLoadRule()
        >>> [found.title for found in rule.run(trace_text("import joblib; joblib.load('m')"))]
        ['joblib.load runs code out of the file']
    """

    code: str
    """Stable code of the rule's findings; it names the rule's page."""
    category: str
    """The family of its findings: leakage, reproducibility, evaluation, safety, privacy, training, ..."""
    severity: Severity
    """How much a finding matters, unless the finding says otherwise."""
    foci: tuple[Focus, ...]
    """The reviewers that run it."""
    why: str
    """What goes wrong in production."""
    fix: str
    """What to do."""

    def run(self, flow: Flow) -> Iterable[Finding]:
        """Return what was found in this file."""
        ...


def finding(
    rule: ReviewRule,
    flow: Flow,
    node: ast.AST | int,
    *,
    title: str,
    confidence: int,
    evidence: Iterable[str] = (),
    severity: Severity | None = None,
    fix: str = "",
) -> Finding:
    """Build a finding at a node, or at a line of the text.

    Examples:
        >>> from modelwright.review.flow import trace_text
        >>> from modelwright.review.unseeded import UnseededRule
        >>> finding(UnseededRule(), trace_text("f()"), 1, title="f is not seeded", confidence=90).where
        'example.py:1'
    """
    if flow.file.is_test and rule.category in TRIED_IN_TESTS:
        confidence = min(confidence, UNREPORTED)
    place = flow.file.place(node) if isinstance(node, int) else flow.file.where(node)
    return Finding(
        code=rule.code,
        title=title,
        severity=severity or rule.severity,
        confidence=confidence,
        category=rule.category,
        subject=place,
        where=place,
        evidence=tuple(evidence),
        why=rule.why,
        fix=fix or rule.fix,
    )

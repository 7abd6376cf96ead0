"""Findings: what a check saw, how bad and how sure, where, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Severity"]


class Severity(StrEnum):
    """How much a finding matters, least first.

    Examples:
        >>> Severity.HIGH.rank > Severity.LOW.rank
        True
    """

    INFO = "info"
    """Worth knowing."""
    LOW = "low"
    """Worth mending some day."""
    MEDIUM = "medium"
    """Mend before relying on it."""
    HIGH = "high"
    """Mend before production."""
    CRITICAL = "critical"
    """Blocks: results cannot be trusted while it stands."""

    @property
    def rank(self) -> int:
        """The place in the order, 0 for info."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check found.

    Examples:
        >>> finding = Finding(
        ...     code="LEAK-TIMING",
        ...     title="duration is known only after the call",
        ...     severity=Severity.CRITICAL,
        ...     confidence=95,
        ...     category="data leakage",
        ...     subject="duration",
        ... )
        >>> finding.identity
        'LEAK-TIMING:duration'
    """

    code: str
    """Stable code of the rule, upper case with hyphens; it names the rule's page in the docs."""
    title: str
    """The finding in one sentence."""
    severity: Severity
    """How much it matters."""
    confidence: int
    """How sure the check is, 0 to 100. Reviews report 80 and above."""
    category: str
    """The family of the finding, such as `data leakage`."""
    subject: str = ""
    """What it is about: a column, a file, a part of the contract."""
    where: str = ""
    """The place: `path:line` for code, a column or part for data."""
    evidence: tuple[str, ...] = ()
    """What was seen, in numbers where there are some. Never raw personal data."""
    why: str = ""
    """What goes wrong in production if nothing is done."""
    fix: str = ""
    """What to do about it."""
    question: str = ""
    """What a person has to answer when the data alone cannot tell."""

    @property
    def identity(self) -> str:
        """A name that stays the same between runs: code and subject."""
        return f"{self.code}:{self.subject}" if self.subject else self.code

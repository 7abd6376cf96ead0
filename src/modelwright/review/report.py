"""The review's report: what is reported, what is kept for the audit, who found it, and the two decisions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing, Table, Text
from modelwright.kernel.finding import Finding, Severity
from modelwright.review.rule import Focus

__all__ = ["Decision", "ReviewReport", "Reviewer", "Verdict", "decide", "judge"]

REPORTED = 80
"""Confidence from which a finding is reported; the rest is kept for the audit."""

Verdict = Literal["PASS", "NEEDS FIXES", "BLOCKING"]
"""What a quality review says."""

Decision = Literal["APPROVE", "APPROVE WITH WARNINGS", "BLOCK"]
"""What a production review says."""

NEVER = frozenset({"leakage", "sensitive data", "unsafe serving"})
"""Categories of which any plausible finding blocks production."""


def judge(findings: Sequence[Finding]) -> Verdict:
    """Return the verdict over reported findings: critical blocks, medium and high need fixes.

    Examples:
        >>> judge(())
        'PASS'
    """
    worst = max((finding.severity.rank for finding in findings), default=-1)
    if worst >= Severity.CRITICAL.rank:
        return "BLOCKING"
    return "NEEDS FIXES" if worst >= Severity.MEDIUM.rank else "PASS"


def decide(findings: Sequence[Finding]) -> Decision:
    """Return the decision for production: severe findings, leaks, secrets and unsafe loads block.

    Examples:
        >>> decide(())
        'APPROVE'
    """
    if any(
        finding.severity.rank >= Severity.HIGH.rank
        or (finding.category in NEVER and finding.severity.rank >= Severity.MEDIUM.rank)
        for finding in findings
    ):
        return "BLOCK"
    warned = any(finding.severity is Severity.MEDIUM for finding in findings)
    return "APPROVE WITH WARNINGS" if warned else "APPROVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """One of the three reviewers and what it answered.

    Examples:
        >>> Reviewer(focus="ml practice", rules=("UNSEEDED",), reported=0, verdict="PASS").verdict
        'PASS'
    """

    focus: Focus
    """What it looked for."""
    rules: tuple[str, ...]
    """The rules it ran."""
    reported: int
    """How many findings it reported."""
    verdict: Verdict
    """Its own verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """The joined report of three reviewers, each place and rule once.

    Examples:
        >>> report = ReviewReport(
        ...     findings=(),
        ...     audit=(),
        ...     notes=(),
        ...     reviewers=(),
        ...     agreement={},
        ...     files=0,
        ...     lines=0,
        ...     verdict="PASS",
        ...     decision="APPROVE",
        ...     positives=(),
        ... )
        >>> report.document().title
        'Code review'
    """

    findings: tuple[Finding, ...]
    """Findings of confidence 80 and above, most severe first."""
    audit: tuple[Finding, ...]
    """All findings, those below 80 too, in the order of the files."""
    notes: tuple[Finding, ...]
    """Files that could not be reviewed, and why."""
    reviewers: tuple[Reviewer, ...]
    """The three reviewers."""
    agreement: Mapping[str, tuple[str, ...]]
    """A finding's identity to the foci of the reviewers that report it."""
    files: int
    """Files that were reviewed."""
    lines: int
    """Lines that were reviewed."""
    verdict: Verdict
    """PASS, NEEDS FIXES or BLOCKING."""
    decision: Decision
    """APPROVE, APPROVE WITH WARNINGS or BLOCK."""
    positives: tuple[str, ...]
    """What was looked for and seen to be done well."""

    @property
    def primary_risks(self) -> tuple[str, ...]:
        """Categories of what is reported, commonest first."""
        counts = Counter(finding.category for finding in self.findings)
        return tuple(name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def document(self) -> Document:
        """Render: the two decisions, findings in two groups with their cure, reviewers, notes."""
        tones: Mapping[Verdict, Literal["passed", "unknown", "failed"]] = {
            "PASS": "passed",
            "NEEDS FIXES": "unknown",
            "BLOCKING": "failed",
        }
        blocks: list[Block] = [
            Callout(tone=tones[self.verdict], text=f"{self.verdict}; for production: {self.decision}"),
            Facts(
                items=(
                    ("Reviewed", f"{self.files:,} files, {self.lines:,} lines"),
                    (
                        "Reported",
                        f"{len(self.findings)} of {len(self.audit)} findings (confidence 80 and above)",
                    ),
                    ("Primary risks", ", ".join(self.primary_risks) or "none"),
                )
            ),
        ]
        blocks += _group("Critical", [one for one in self.findings if one.severity is Severity.CRITICAL])
        blocks += _group(
            "High and below", [one for one in self.findings if one.severity is not Severity.CRITICAL]
        )
        if not self.findings:
            blocks.append(Text(text="The review is clean: nothing is reported."))
        rows = tuple(
            (one.focus, str(len(one.rules)), str(one.reported), one.verdict) for one in self.reviewers
        )
        if rows:
            blocks += [
                Heading(text="Reviewers"),
                Table(columns=("focus", "rules", "reported", "verdict"), rows=rows),
            ]
        if self.positives:
            blocks += [Heading(text="Positive observations"), Listing(items=self.positives)]
        if self.notes:
            told = tuple(
                f"{one.title}" + (f" ({one.evidence[0]})" if one.evidence else "") for one in self.notes
            )
            blocks += [Heading(text="Not reviewed"), Listing(items=told)]
        return Document(title="Code review", blocks=tuple(blocks))


def _group(title: str, findings: Sequence[Finding]) -> list[Block]:
    if not findings:
        return []
    blocks: list[Block] = [Heading(text=title)]
    for one in findings:
        blocks.append(Heading(text=f"[{one.severity.value.upper()}] {one.title}", level=3))
        facts = [
            ("File", one.where),
            ("Rule", one.code),
            ("Confidence", f"{one.confidence}"),
            ("Issue", " ".join((*(f"{line}." for line in one.evidence), one.why))),
            ("Fix", one.fix),
        ]
        blocks.append(Facts(items=tuple((name, text) for name, text in facts if text)))
    return blocks

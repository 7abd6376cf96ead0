"""The result of a validation: every check with what came of it, and the table as a whole."""

from dataclasses import dataclass

from modelwright.contracts.check import Severity
from modelwright.kernel.document import Callout, Document, Facts, Table
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["CheckResult", "Validation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One promise and whether it is kept.

    Examples:
        >>> CheckResult(check="nulls", column="age", status=Status.PASSED, failing=0, share=0.0).sample_keys
        ()
    """

    check: str
    """Which promise: `present`, `type`, `nulls`, `range`, `categories`, `pattern`, `freshness`, `key`,
    `unique`, `condition` (of each row) or `table` (of the table as a whole)."""
    column: str
    """The column, the key's columns joined by a plus, or the condition."""
    status: Status
    """Passed, failed, or unknown when it could not be looked at."""
    failing: int
    """Rows that break it; 0 for promises of the table as a whole."""
    share: float
    """Their share of all rows."""
    sample_keys: tuple[str, ...] = ()
    """Row ids of the first failing rows; never their values."""
    sample: tuple[str, ...] = ()
    """Primary keys of those rows; personal columns are masked. Empty when the contract names no key."""
    expected: str = ""
    """What the contract says."""
    found: str = ""
    """What was seen of the table, or why it could not be looked at."""
    severity: Severity = "error"
    """What a broken promise does: stop, or be shown and counted."""

    @property
    def told(self) -> str:
        """What came of it, in words."""
        if self.status is Status.UNKNOWN:
            return f"{self.check} is unknown ({self.found})"
        if self.check in {"table", "freshness"}:
            holds = "holds" if self.status is Status.PASSED else "does not hold"
            return f"{self.check} {holds} ({self.found})"
        return f"{self.check} broken in {self.failing:,} rows (expected {self.expected})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What came of checking a table.

    Examples:
        >>> outcome = Outcome(status=Status.PASSED, what="data contract")
        >>> Validation(rows=2, checks=(), issue_rate=0.0, outcome=outcome).rows
        2
    """

    rows: int
    """Rows looked at."""
    checks: tuple[CheckResult, ...]
    """Every check, passed ones too."""
    issue_rate: float
    """Share of rows that break at least one promise, warnings among them."""
    batches: int = 1
    """Deliveries looked at, as `data.batch` tells them apart."""
    batch_pass_rate: float = 1.0
    """Share of deliveries in which every promise held that stops a run."""
    outcome: Outcome
    """Passed only when every check passed that stops a run; warnings are evidence."""

    def document(self) -> Document:
        """Render the result for people, what failed first."""
        ordered = sorted(
            self.checks,
            key=lambda item: (item.status is Status.PASSED, item.severity == "warning", item.column),
        )
        rows = tuple(map(_row, ordered))
        facts = Facts(
            items=(
                ("Rows", f"{self.rows:,}"),
                ("Checks", f"{len(self.checks):,}"),
                ("Rows with an issue", f"{self.issue_rate:.3%}"),
                ("Deliveries without one that stops", f"{self.batch_pass_rate:.2%} of {self.batches:,}"),
            )
        )
        told = "every check passed" if self.outcome.allows else "; ".join(self.outcome.evidence)
        table = Table(
            columns=("check", "column", "status", "rows", "share", "expected", "such as"), rows=rows
        )
        return Document(
            title="Data validation", blocks=(Callout(tone=self.outcome.status.value, text=told), facts, table)
        )


def _row(item: CheckResult) -> tuple[str, ...]:
    status = "warning" if item.severity == "warning" and item.status is Status.FAILED else item.status.value
    told = item.found or ", ".join(item.sample or tuple(f"row {key}" for key in item.sample_keys))
    return (item.check, item.column, status, f"{item.failing:,}", f"{item.share:.2%}", item.expected, told)

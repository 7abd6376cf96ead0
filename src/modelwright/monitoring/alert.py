"""Alerts: what is wrong, whose it is, and what to do about it, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modelwright.kernel.document import Table
from modelwright.kernel.finding import Severity

__all__ = ["UNOWNED", "Alert", "Response", "alert_table"]

Response = Literal["retrain", "recalibrate", "fix data", "roll back", "investigate"]
"""What an alert asks for. `retrain` asks for a candidate, which walks the same road as any other."""

UNOWNED = "unowned"
"""The owner of alerts nobody was named for; that is a finding itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that somebody has to look at.

    Examples:
        >>> day = datetime(2026, 1, 1)
        >>> Alert(
        ...     code="BLIND",
        ...     severity=Severity.CRITICAL,
        ...     what="no answers",
        ...     evidence=(),
        ...     owner="lead",
        ...     runbook="overload",
        ...     response="investigate",
        ...     reason="",
        ...     start=day,
        ...     end=day,
        ... ).identity
        'BLIND'
    """

    code: str
    """Stable code of the rule, upper case with hyphens."""
    severity: Severity
    """How much it matters; what a mistake costs weighs in."""
    what: str
    """What happened, in one sentence."""
    evidence: tuple[str, ...]
    """What was seen, in numbers."""
    owner: str
    """Who answers it; `unowned` when nobody was named."""
    runbook: str
    """Which runbook to open."""
    response: Response
    """What to do."""
    reason: str
    """Why that, and not something else."""
    start: datetime
    """When the window began that showed it."""
    end: datetime
    """When it ended."""
    subject: str = ""
    """The column it is about, when it is about one."""

    @property
    def identity(self) -> str:
        """A name that stays the same between windows, to group and to silence by."""
        return f"{self.code}:{self.subject}" if self.subject else self.code


def alert_table(alerts: Sequence[Alert]) -> Table:
    """Return alerts as a table, the worst first.

    Examples:
        >>> alert_table(()).rows
        ()
    """
    ordered = sorted(alerts, key=lambda alert: (-alert.severity.rank, alert.identity))
    return Table(
        columns=("severity", "alert", "what", "do", "why", "owner", "runbook"),
        rows=tuple(
            (
                alert.severity.value,
                alert.identity,
                "; ".join((alert.what, *alert.evidence)),
                alert.response,
                alert.reason,
                alert.owner,
                alert.runbook,
            )
            for alert in ordered
        ),
        caption="Alerts, the worst first",
    )

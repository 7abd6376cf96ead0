"""A version of a model: what it stands on, where it stands, and what lets it answer now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modelwright.kernel.outcome import Outcome, Status

__all__ = ["Standing", "Version", "verdict_now"]

Standing = Literal["registered", "challenger", "champion", "retired", "rolled_back", "drill"]
"""What a version is at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a model and where it stands.

    Examples:
        >>> Version(
        ...     name="calls",
        ...     version="v1",
        ...     bundle_digest="sha256:0",
        ...     path="v1.mwb",
        ...     contract_digest="",
        ...     run_id="r1",
        ...     verdict_status="passed",
        ...     standing="registered",
        ... ).standing
        'registered'
    """

    name: str
    """The model's name."""
    version: str
    """The version's name."""
    bundle_digest: str
    """Digest of the bundle's bytes."""
    path: str
    """Where the bundle lies: relative to the folder of the roster, or absolute."""
    contract_digest: str
    """The contract it was judged under."""
    run_id: str
    """The run that made it."""
    verdict_status: Literal["passed", "failed", "unknown"]
    """What the gates said."""
    standing: Standing
    """What it is at the moment."""
    certificate_digest: str = ""
    """Digest of its passed equivalence certificate; empty while there is none."""
    override_until: datetime | None = None
    """Until when a broken glass stands in for a verdict that did not pass; None when nobody broke it."""


def verdict_now(version: Version, *, now: datetime) -> Outcome:
    """Say whether a version's verdict lets it answer: it passed, or the glass was broken and still is.

    Args:
        version: The version.
        now: The present moment.

    Examples:
        >>> from datetime import UTC
        >>> version = Version(
        ...     name="calls",
        ...     version="v2",
        ...     bundle_digest="",
        ...     path="",
        ...     contract_digest="",
        ...     run_id="",
        ...     verdict_status="failed",
        ...     standing="champion",
        ...     override_until=datetime(2026, 1, 2, tzinfo=UTC),
        ... )
        >>> verdict_now(version, now=datetime(2026, 1, 3, tzinfo=UTC)).evidence
        ('the gates said failed', 'the glass that was broken for it held until 2026-01-02 00:00 UTC')
    """
    what = f"{version.version} has a verdict that lets it answer"
    if version.verdict_status == "passed":
        return Outcome(status=Status.PASSED, what=what, evidence=("gates passed",))
    said = f"the gates said {version.verdict_status}"
    until = version.override_until
    if until is None:
        return Outcome(
            status=Status.FAILED if version.verdict_status == "failed" else Status.UNKNOWN,
            what=what,
            evidence=(said,),
            next_step="run phase 11 again for this version",
        )
    if now < until:
        told = f"the glass is broken for it until {until:%Y-%m-%d %H:%M} UTC"
        return Outcome(status=Status.PASSED, what=what, evidence=(said, told))
    return Outcome(
        status=Status.UNKNOWN,
        what=what,
        evidence=(said, f"the glass that was broken for it held until {until:%Y-%m-%d %H:%M} UTC"),
        next_step="modelwright rollout back, or promote a version that passed its gates",
    )

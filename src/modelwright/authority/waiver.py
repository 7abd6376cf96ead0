"""Waivers: a named person lets a finding that blocks stand, for a reason, until a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import UserFault
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["LONGEST_WAIVER", "WAIVER", "Waiver", "check_waiver", "end_of"]

WAIVER = "application/vnd.modelwright.waiver+json"
"""What an envelope says that holds a waiver."""

LONGEST_WAIVER = timedelta(days=366)
"""An end further away than this is no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One person's word that a finding may stand for a time.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> Waiver(
        ...     finding="LEAK-TIMING:duration",
        ...     digest="sha256:0",
        ...     reason="the value is known by then",
        ...     actor=Actor(kind=ActorKind.PERSON, name="lead"),
        ...     given=datetime(2026, 1, 1, tzinfo=UTC),
        ...     until=datetime(2026, 3, 1, tzinfo=UTC),
        ... ).finding
        'LEAK-TIMING:duration'
    """

    finding: str
    """The finding's identity, such as `LEAK-TIMING:duration`."""
    digest: str
    """Digest of the finding as it was; when it changes, the waiver is void."""
    reason: str
    """Why it may stand, in the person's words."""
    actor: Actor
    """Who lets it stand."""
    given: datetime
    """When, UTC."""
    until: datetime
    """When it ends, UTC; from then on the finding blocks again."""
    head: str = ""
    """Head of the ledger when it was given, so that it cannot be handed in twice."""
    origin: str = ""
    """Where it was given when not by `modelwright waive`, such as `phase:3`."""


def end_of(text: str, *, now: datetime) -> datetime:
    """Return the instant a waiver ends: the end of a day, or a moment with its zone.

    Args:
        text: `2027-01-31`, or `2027-01-31T12:00+00:00`; a time without a zone is UTC.
        now: The present moment.

    Raises:
        UserFault: When it is no date, has passed, or is so far away that it is no end.

    Examples:
        >>> end_of("2026-03-01", now=datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
        '2026-03-02T00:00:00+00:00'
    """
    try:
        end = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UserFault(
            f"'{text[:40]}' is no date",
            why="what is let through without an end is let through for ever",
            expected="a day such as 2027-01-31",
            next_step="--until YYYY-MM-DD",
        ) from error
    end = end if end.tzinfo is not None else end.replace(tzinfo=UTC)
    if len(text.strip()) == len("2027-01-31"):
        end += timedelta(days=1)
    if not now < end <= now + LONGEST_WAIVER:
        raise UserFault(
            f"{text.strip()} is no end for a waiver",
            why="it has to lie ahead, and near enough that somebody looks again",
            found=text.strip(),
            expected=f"after {now:%Y-%m-%d}, at most {LONGEST_WAIVER.days} days ahead",
            next_step="--until YYYY-MM-DD",
        )
    return end.astimezone(UTC)


def check_waiver(given: Sequence[Waiver], *, finding: str, digest: str, now: datetime) -> Outcome:
    """Say whether a finding that blocks is waived now; the last waiver of it counts.

    Args:
        given: Waivers that were not revoked, oldest first.
        finding: The finding's identity.
        digest: Digest of the finding as it is now.
        now: The present moment.

    Returns:
        Passed while a person's waiver of this very finding holds; failed without one, after its end, or when
        the finding has changed; unknown when the clock is behind the day it was given on.

    Examples:
        >>> told = check_waiver((), finding="LEAK:x", digest="", now=datetime(2026, 1, 1, tzinfo=UTC))
        >>> told.status.value, told.next_step
        ('failed', 'fix it, or: modelwright waive LEAK:x --reason "..." --until YYYY-MM-DD')
    """
    what = f"{finding} is fixed or waived"
    cure = f'fix it, or: modelwright waive {finding} --reason "..." --until YYYY-MM-DD'
    mine = [waiver for waiver in given if waiver.finding == finding]
    if not mine:
        told = "it blocks, and nobody has waived it"
        return Outcome(status=Status.FAILED, what=what, evidence=(told,), next_step=cure)
    last = mine[-1]
    who = f"waived by {last.actor.label} until {last.until:%Y-%m-%d %H:%M} UTC: {last.reason}"
    if last.actor.kind is not ActorKind.PERSON:
        return Outcome(
            status=Status.FAILED, what=what, evidence=(f"{last.actor.label} is not a person",), next_step=cure
        )
    if last.digest != digest:
        told = "the finding is another one than the one that was waived"
        return Outcome(status=Status.FAILED, what=what, evidence=(told, who), next_step=cure)
    if now < last.given:
        told = f"the clock says {now:%Y-%m-%d %H:%M}, before the waiver was given"
        return Outcome(
            status=Status.UNKNOWN, what=what, evidence=(told, who), next_step="put the clock right"
        )
    if now >= last.until:
        return Outcome(
            status=Status.FAILED, what=what, evidence=("the waiver has expired", who), next_step=cure
        )
    return Outcome(status=Status.PASSED, what=what, evidence=(who,))

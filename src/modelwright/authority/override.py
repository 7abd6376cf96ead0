"""Overrides: the glass that a person breaks when something must go out that was not shown to be good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.policy import Policy
from modelwright.kernel.errors import UserFault
from modelwright.kernel.outcome import Outcome, Status

__all__ = [
    "CLOSING",
    "LONGEST_OVERRIDE",
    "OVERRIDE",
    "Closing",
    "Override",
    "check_overrides",
    "duration_of",
    "holding",
]

CLOSING = "application/vnd.modelwright.follow-up+json"
"""What an envelope says that holds the answer to a follow-up."""

OVERRIDE = "application/vnd.modelwright.override+json"
"""What an envelope says that holds an override."""

LONGEST_OVERRIDE = timedelta(days=7)
"""An emergency that lasts longer is a decision, and takes the ordinary way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person's word that a version goes out for a time, although something was not shown.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> Override(
        ...     version="v2",
        ...     covers=("the gates said failed",),
        ...     artifacts={},
        ...     contract_digest="",
        ...     reason="the old model answers nonsense",
        ...     actor=Actor(kind=ActorKind.PERSON, name="lead"),
        ...     given=datetime(2026, 1, 1, tzinfo=UTC),
        ...     until=datetime(2026, 1, 2, tzinfo=UTC),
        ... ).subject
        'override:v2'
    """

    version: str
    """The version that goes out."""
    covers: tuple[str, ...]
    """What was missing when it was given: lines that did not pass, approvals that were not there."""
    artifacts: Mapping[str, str]
    """Digests of bundle and certificate; when one changes, the override is void."""
    contract_digest: str
    """The contract the version was judged under."""
    reason: str
    """Why it cannot wait."""
    actor: Actor
    """Who broke the glass."""
    given: datetime
    """When, UTC."""
    until: datetime
    """When it ends, UTC; from then on the version counts as one without a verdict."""
    head: str = ""
    """Head of the ledger when it was given, so that it cannot be handed in twice."""

    @property
    def subject(self) -> str:
        """What the policy's rules know it by."""
        return f"override:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One person's answer to what a broken glass left behind.

    Examples:
        >>> Closing.__slots__[0]
        'follow_up'
    """

    follow_up: str
    """The follow-up, such as `F12`."""
    reason: str
    """What was found and done since."""
    actor: Actor
    """Who answers for it."""
    given: datetime
    """When, UTC."""
    head: str = ""
    """Head of the ledger when it was given."""


def duration_of(text: str) -> timedelta:
    """Return how long an override lasts.

    Raises:
        UserFault: When it is no length of time such as `24h`, or longer than an emergency.

    Examples:
        >>> duration_of("24h").total_seconds()
        86400.0
    """
    from modelwright.contracts.duration import parse_duration  # its room loads pydantic: only when needed

    length = parse_duration(text)
    if not timedelta() < length <= LONGEST_OVERRIDE:
        raise UserFault(
            f"{text} is no time for breaking the glass",
            why="an emergency that lasts longer is a decision, and takes the ordinary way",
            expected=f"more than nothing, at most {LONGEST_OVERRIDE.days} days",
            next_step="--for 24h",
        )
    return length


def check_overrides(
    given: Sequence[Override],
    *,
    version: str,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
    policy: Policy,
) -> Outcome:
    """Say whether a version may go out now because enough people broke the glass for it.

    Args:
        given: All overrides, oldest first; the last word of each person counts.
        version: The version.
        artifacts: Digests of its bundle and certificate as they are now.
        contract_digest: The contract it was judged under.
        now: The present moment.
        policy: How many people it takes.

    Examples:
        >>> from modelwright.authority.policy import policy_of
        >>> check_overrides(
        ...     (),
        ...     version="v2",
        ...     artifacts={},
        ...     contract_digest="",
        ...     now=datetime(2026, 1, 1, tzinfo=UTC),
        ...     policy=policy_of("quick"),
        ... ).status.value
        'unknown'
    """
    what = f"{version} goes out by a broken glass"
    needed = policy.rule(f"override:{version}").people
    mine = _last_words(given, version)
    held = holding(given, version=version, artifacts=artifacts, contract_digest=contract_digest, now=now)
    told = [
        why
        for item in mine
        if (why := _void(item, artifacts=artifacts, contract_digest=contract_digest, now=now))
    ]
    if len(held) >= needed:
        evidence = tuple(
            f"glass broken by {item.actor.label} until {item.until:%Y-%m-%d %H:%M} UTC: {item.reason}"
            for item in held
        )
        return Outcome(status=Status.PASSED, what=what, evidence=evidence)
    count = f"{len(held)} of {needed} people have broken the glass"
    return Outcome(
        status=Status.FAILED if told else Status.UNKNOWN,
        what=what,
        evidence=(*told, count) if given or needed > 1 else (count,),
        next_step=f'modelwright promote {version} --break-glass --reason "..." --for 24h',
    )


def holding(
    given: Sequence[Override],
    *,
    version: str,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
) -> tuple[Override, ...]:
    """Return the overrides of a version that hold now, one a person.

    Args:
        given: All overrides, oldest first.
        version: The version.
        artifacts: Digests of its bundle and certificate as they are now.
        contract_digest: The contract it was judged under.
        now: The present moment.

    Examples:
        >>> moment = datetime(2026, 1, 1, tzinfo=UTC)
        >>> holding((), version="v2", artifacts={}, contract_digest="", now=moment)
        ()
    """
    return tuple(
        item
        for item in _last_words(given, version)
        if not _void(item, artifacts=artifacts, contract_digest=contract_digest, now=now)
    )


def _last_words(given: Sequence[Override], version: str) -> tuple[Override, ...]:
    return tuple({folded(item.actor.name): item for item in given if item.version == version}.values())


def _void(item: Override, *, artifacts: Mapping[str, str], contract_digest: str, now: datetime) -> str:
    """Say why an override does not hold; empty when it does."""
    if item.actor.kind is not ActorKind.PERSON:
        return f"{item.actor.label} is not a person"
    if item.contract_digest != contract_digest:
        return "the glass was broken under another contract"
    if dict(item.artifacts) != dict(artifacts):
        return "the glass was broken for another bundle or certificate"
    if now < item.given:
        return "the clock is before the glass was broken"
    if now >= item.until:
        return (
            f"what {item.actor.label} let out has expired on {item.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )
    return ""

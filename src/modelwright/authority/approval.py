"""Approvals: what a person decided, over exactly which evidence, and for how long it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.policy import ApprovalRule, Policy
from modelwright.kernel.digest import short
from modelwright.kernel.errors import ApprovalRefused
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["Approval", "authorise", "check_approval", "check_approvals"]

LEAST_REASON = 3
"""Characters; a reason shorter than this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's answer about one subject.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> Approval(
        ...     subject="phase:4",
        ...     decision="approve",
        ...     artifacts={},
        ...     contract_digest="",
        ...     reason="within latency",
        ...     actor=Actor(kind=ActorKind.PERSON, name="lead"),
        ...     choices={"design": "pragmatic"},
        ... ).choices["design"]
        'pragmatic'
    """

    subject: str
    """What it is about, such as `phase:6` or `promotion:v1`."""
    decision: Literal["approve", "reject", "request-changes"]
    """The answer."""
    artifacts: Mapping[str, str]
    """Names and digests of what was approved; when one changes, the approval is void."""
    contract_digest: str
    """Digest of the contract it was given under; empty before there is one."""
    reason: str
    """Why, in the person's words."""
    actor: Actor
    """Who answered."""
    expires: datetime | None = None
    """When it stops counting, UTC; None when it does not expire."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What was chosen beside yes or no, such as the design or the fate of each risk."""


def _denied(what: str, evidence: str, next_step: str, *, status: Status = Status.FAILED) -> Outcome:
    return Outcome(status=status, what=what, evidence=(evidence,), next_step=next_step)


def _changed(approval: Approval, artifacts: Mapping[str, str], contract_digest: str) -> str:
    """Name what differs between what was approved and what there is; empty when nothing does."""
    told = []
    if approval.contract_digest != contract_digest:
        told.append(
            f"the contract is {short(contract_digest)}, approved was {short(approval.contract_digest)}"
        )
    for name in sorted({*approval.artifacts, *artifacts}):
        before, after = approval.artifacts.get(name), artifacts.get(name)
        if before is None:
            told.append(f"{name} was not there when it was approved")
        elif after is None:
            told.append(f"{name} was approved and is gone")
        elif before != after:
            told.append(f"{name} is {short(after)}, approved was {short(before)}")
    return "; ".join(told)


def _right(actor: Actor, rule: ApprovalRule, what: str, *, policy: Policy, author: Actor | None) -> Outcome:
    """Say whether this actor may approve under this rule at all."""
    if actor.kind is not ActorKind.PERSON:
        return _denied(
            what,
            f"{actor.label} is not a person: agents and services act, people decide",
            "ask a person to run `modelwright approve`",
        )
    allowed = policy.may(actor, rule.permission)
    if not allowed.allows:
        return _denied(what, allowed.evidence[0], "ask someone who has the permission", status=allowed.status)
    own = author is not None and author.kind is ActorKind.PERSON and _same(author, actor)
    if own and not rule.self_approval:
        return _denied(
            what,
            f"{actor.name} is the author, and in {policy.mode} mode the author is not the approver",
            "ask another person to approve",
        )
    evidence = (f"approved by {actor.label}", *(("self-approval: the author approved",) if own else ()))
    return Outcome(status=Status.PASSED, what=what, evidence=evidence)


def _same(one: Actor, other: Actor) -> bool:
    return one.name.strip().casefold() == other.name.strip().casefold()


def _against(approval: Approval, changed: str) -> bool:
    """Whether the answer is a person's no to exactly what there is now."""
    return approval.decision != "approve" and approval.actor.kind is ActorKind.PERSON and not changed


def _one(
    approval: Approval,
    what: str,
    *,
    subject: str,
    changed: str,
    now: datetime,
    policy: Policy,
    author: Actor | None,
) -> Outcome:
    who = approval.actor.label
    if approval.subject != subject:
        return _denied(what, f"the approval is for {approval.subject}", f"ask for an approval of {subject}")
    if _against(approval, changed):
        said = "rejected by" if approval.decision == "reject" else "changes asked for by"
        return _denied(what, f"{said} {who}: {approval.reason}", "make the changes and ask again")
    right = _right(approval.actor, policy.rule(subject), what, policy=policy, author=author)
    if not right.allows:
        return right
    if approval.decision != "approve":
        told = f"{who} said no to what it was before; since then {changed}"
        return _denied(what, told, "ask for the approval again", status=Status.UNKNOWN)
    if approval.expires is not None and now >= approval.expires:
        return _denied(what, f"it expired at {approval.expires.isoformat()}", "ask for the approval again")
    if changed:
        return _denied(what, f"void, because {changed}", "look at what changed and approve it again")
    if len(approval.reason.strip()) < LEAST_REASON:
        return _denied(what, "it has no reason", "approve again and say why")
    return right


def check_approvals(
    approvals: Sequence[Approval],
    *,
    subject: str,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
    policy: Policy,
    author: Actor | None,
) -> Outcome:
    """Say whether a subject is approved: enough different people, nobody against it, nothing changed since.

    Of each person only the last answer counts. A person's no to what there is now refuses, whoever else
    approved; answers of agents and services never count.

    Args:
        approvals: The answers about the subject, oldest first.
        subject: What must be approved.
        artifacts: Names and digests of it as it is now.
        contract_digest: Digest of the contract as it is now.
        now: The present moment; an expired approval is a denial.
        policy: Who may approve.
        author: Who made it, so that self-approval is seen; None when nobody in particular did.

    Returns:
        Passed; failed with the reason; or unknown while an answer is still missing.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.authority.policy import policy_of
        >>> check_approvals(
        ...     (),
        ...     subject="phase:6",
        ...     artifacts={},
        ...     contract_digest="",
        ...     author=None,
        ...     now=datetime(2026, 1, 1, tzinfo=UTC),
        ...     policy=policy_of("quick"),
        ... ).status.value
        'unknown'
    """
    what = f"{subject} is approved"
    needed = policy.rule(subject).people
    last = {(item.actor.kind, item.actor.name.strip().casefold()): item for item in approvals}
    passed: list[Outcome] = []
    refused: list[Outcome] = []
    against = False
    for approval in last.values():
        changed = _changed(approval, artifacts, contract_digest)
        outcome = _one(
            approval, what, subject=subject, changed=changed, now=now, policy=policy, author=author
        )
        (passed if outcome.allows else refused).append(outcome)
        against = against or _against(approval, changed)
    spoken = refused if against or len(passed) < needed else []
    if spoken:
        return Outcome(
            status=Status.FAILED if any(item.status is Status.FAILED for item in spoken) else Status.UNKNOWN,
            what=what,
            evidence=tuple(line for outcome in spoken for line in outcome.evidence),
            next_step=spoken[0].next_step,
        )
    evidence = tuple(line for outcome in passed for line in outcome.evidence)
    if len(passed) < needed:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=(f"{len(passed)} of {needed} approvals", *evidence),
            next_step=f"ask {'a person' if needed == 1 else 'another person'} to approve {subject}",
        )
    return Outcome(status=Status.PASSED, what=what, evidence=evidence)


def check_approval(
    approval: Approval | None,
    *,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
    policy: Policy,
    author: Actor | None,
    subject: str = "",
) -> Outcome:
    """Say whether one answer approves its subject; see `check_approvals`.

    Args:
        approval: The answer; None while there is none.
        artifacts: Names and digests of the subject as it is now.
        contract_digest: Digest of the contract as it is now.
        now: The present moment.
        policy: Who may approve.
        author: Who made it; None when nobody in particular did.
        subject: What must be approved; empty takes the approval's own word for it.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.authority.policy import policy_of
        >>> check_approval(
        ...     None,
        ...     artifacts={},
        ...     contract_digest="",
        ...     now=datetime(2026, 1, 1, tzinfo=UTC),
        ...     policy=policy_of("quick"),
        ...     author=None,
        ... ).next_step
        'ask a person to approve'
    """
    if approval is None:
        return Outcome(
            status=Status.UNKNOWN,
            what=f"{subject or 'it'} is approved",
            evidence=("nobody has answered",),
            next_step=f"ask a person to approve {subject}".rstrip(),
        )
    return check_approvals(
        (approval,),
        subject=subject or approval.subject,
        artifacts=artifacts,
        contract_digest=contract_digest,
        now=now,
        policy=policy,
        author=author,
    )


def authorise(actor: Actor, subject: str, *, reason: str, policy: Policy, author: Actor | None) -> None:
    """Refuse an answer before it is written down when it could never count.

    Raises:
        ApprovalRefused: When the actor is no person, lacks the permission, is the author where the policy
            asks for another, or gives no reason; the message names the next allowed step.
        UnknownName: When no rule covers the subject.

    Examples:
        >>> from modelwright.authority.policy import policy_of
        >>> helper = Actor(kind=ActorKind.AGENT, name="coder")
        >>> authorise(helper, "phase:6", reason="looks good", policy=policy_of("quick"), author=None)
        Traceback (most recent call last):
        modelwright.kernel.errors.ApprovalRefused: agent coder is not a person: ...
    """
    right = _right(actor, policy.rule(subject), f"{subject} is approved", policy=policy, author=author)
    if not right.allows:
        raise ApprovalRefused(
            right.evidence[0],
            why="an approval says that a person who may decide has decided",
            next_step=right.next_step,
        )
    if len(reason.strip()) < LEAST_REASON:
        raise ApprovalRefused(
            f"the answer about {subject} has no reason",
            why="a decision without a reason cannot be judged later",
            next_step="say why in a few words",
        )

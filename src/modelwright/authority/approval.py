"""Approvals: whether what people decided is enough, still fits what there is, and still counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.answer import Answer, Approval, check_signature, demanded
from modelwright.authority.policy import ApprovalRule, Policy
from modelwright.authority.trust import Trust
from modelwright.kernel.digest import short
from modelwright.kernel.errors import ApprovalRefused
from modelwright.kernel.outcome import Outcome, Status

__all__ = [
    "Answer",
    "Approval",
    "Heard",
    "authorise",
    "check_approval",
    "check_approvals",
    "demanded",
    "hear",
]

LEAST_REASON = 3
"""Characters; a reason shorter than this is none."""


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


def _no_person(actor: Actor, what: str) -> Outcome:
    return _denied(
        what,
        f"{actor.label} is not a person: agents and services act, people decide",
        "ask a person to run `modelwright approve`",
    )


def _right(actor: Actor, rule: ApprovalRule, what: str, *, policy: Policy, author: Actor | None) -> Outcome:
    """Say whether this actor may approve under this rule at all."""
    if actor.kind is not ActorKind.PERSON:
        return _no_person(actor, what)
    allowed = policy.may(actor, rule.permission)
    if not allowed.allows:
        return _denied(what, allowed.evidence[0], "ask someone who has the permission", status=allowed.status)
    if rule.role and actor.role != rule.role:
        return _denied(
            what,
            f"{actor.label} does not act as {rule.role}, which {policy.mode} mode asks for here",
            f"ask the {rule.role} to approve",
        )
    own = author is not None and author.kind is ActorKind.PERSON and author.is_same_as(actor)
    if own and not rule.self_approval:
        return _denied(
            what,
            f"{actor.name} is the author, and in {policy.mode} mode the author is not the approver",
            "ask another person to approve",
        )
    evidence = (f"approved by {actor.label}", *(("self-approval: the author approved",) if own else ()))
    return Outcome(status=Status.PASSED, what=what, evidence=evidence)


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
    if _against(approval, changed):
        said = "rejected by" if approval.decision == "reject" else "changes asked for by"
        return _denied(what, f"{said} {who}: {approval.reason}", "make the changes and ask again")
    right = _right(approval.actor, policy.rule(subject), what, policy=policy, author=author)
    if not right.allows:
        return right
    if approval.decision != "approve":
        told = f"{who} said no to what it was before; since then {changed}"
        return _denied(what, told, "ask for the approval again", status=Status.UNKNOWN)
    if approval.expires is not None and approval.expires.tzinfo is None:
        return _denied(what, "its expiry has no time zone", "ask for the approval again")
    if approval.expires is not None and now >= approval.expires:
        return _denied(what, f"it expired at {approval.expires.isoformat()}", "ask for the approval again")
    if changed:
        return _denied(what, f"void, because {changed}", "look at what changed and approve it again")
    if len(approval.reason.strip()) < LEAST_REASON:
        return _denied(what, "it has no reason", "approve again and say why")
    return right


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The answers that are by whom they say, and what was said of the others.

    Examples:
        >>> Heard(counted=(), unheard=()).last
        ()
    """

    counted: tuple[tuple[Answer, str], ...]
    """Every answer that is its author's, said then and there, with how it is signed; oldest first."""
    unheard: tuple[Outcome, ...]
    """Why the others are not heard."""

    @property
    def last(self) -> tuple[tuple[Answer, str], ...]:
        """The last answer of each person."""
        return tuple({folded(item[0].approval.actor.name): item for item in self.counted}.values())


def hear(answers: Sequence[Answer], *, subject: str, policy: Policy, trust: Trust) -> Heard:
    """Tell the answers of people about a subject from what is forged, said again, or about something else.

    Whether an answer still fits what there is now is another question: see `check_approvals`.

    Args:
        answers: The answers, oldest first.
        subject: What they are about.
        policy: The policy of the mode.
        trust: Who was known when.

    Examples:
        >>> from modelwright.authority.policy import policy_of
        >>> hear((), subject="phase:6", policy=policy_of("quick"), trust=Trust()).counted
        ()
    """
    what = f"{subject} is approved"
    fresh = _Fresh(trust)
    counted: list[tuple[Answer, str]] = []
    unheard: list[Outcome] = []
    for answer in answers:
        approval = answer.approval
        if approval.subject != subject:
            told = f"the approval is for {approval.subject}"
            unheard.append(_denied(what, told, f"ask for an approval of {subject}"))
            continue
        if approval.actor.kind is not ActorKind.PERSON:
            unheard.append(_no_person(approval.actor, what))
            continue
        outcome = check_signature(answer, policy=policy, trust=trust)
        flaw = fresh.flaw(answer) if outcome.allows else outcome.evidence[0]
        if flaw:
            step = outcome.next_step or f"ask {approval.actor.name} to answer again"
            unheard.append(_denied(what, flaw, step))
            continue
        counted.append((answer, outcome.evidence[0]))
    return Heard(counted=tuple(counted), unheard=tuple(unheard))


class _Fresh:
    """Tells answers that are said now from old ones that somebody brings up again."""

    def __init__(self, trust: Trust) -> None:
        """Start with nothing heard."""
        self._places = trust.places
        self._seen: set[str] = set()
        self._since: dict[str, tuple[int, int]] = {}

    def flaw(self, answer: Answer) -> str:
        """Say why a signed answer is not said now; empty when it is, or when it is unsigned."""
        if answer.envelope is None:
            return ""
        digest, approval = answer.envelope.digest, answer.approval
        if digest in self._seen:
            return f"the answer in entry {answer.sequence} was given before: it counts where it stood first"
        who, place = folded(approval.actor.name), self._places.get(approval.head, 0)
        least, entry = self._since.get(who, (0, 0))
        if approval.decision == "approve" and place < least:
            return f"{approval.actor.name} signed it before the later answer in entry {entry}"
        # A yes after a no has to know the no; a yes after a yes must not be older than it.
        after = place if approval.decision == "approve" else answer.sequence
        self._since[who] = (max(least, after), answer.sequence)
        self._seen.add(digest)
        return ""


def check_approvals(
    answers: Sequence[Answer | Approval],
    *,
    subject: str,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
    policy: Policy,
    author: Actor | None,
    trust: Trust | None = None,
) -> Outcome:
    """Say whether a subject is approved: enough different people, nobody against it, nothing changed since.

    Of each person only the last answer counts. A person's no to what there is now refuses, whoever else
    approved; answers of agents and services never count, nor do answers that are not signed where a signature
    is demanded, are signed by a key that does not stand, or are said a second time.

    Args:
        answers: The answers about the subject, oldest first; a bare approval is an unsigned answer.
        subject: What must be approved.
        artifacts: Names and digests of it as it is now.
        contract_digest: Digest of the contract as it is now.
        now: The present moment; an expired approval is a denial.
        policy: Who may approve.
        author: Who made it, so that self-approval is seen; None when nobody in particular did.
        trust: Who was known when; nobody when it is not given.

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
    known = trust or Trust()
    needed = policy.rule(subject).people
    listed = [item if isinstance(item, Answer) else Answer(approval=item) for item in answers]
    heard = hear(listed, subject=subject, policy=policy, trust=known)
    passed: list[Outcome] = []
    refused = list(heard.unheard)
    against = False
    for answer, signed in heard.last:
        changed = _changed(answer.approval, artifacts, contract_digest)
        outcome = _one(
            answer.approval, what, subject=subject, changed=changed, now=now, policy=policy, author=author
        )
        if outcome.allows:
            outcome = replace(outcome, evidence=(f"{outcome.evidence[0]}, {signed}", *outcome.evidence[1:]))
        (passed if outcome.allows else refused).append(outcome)
        against = against or _against(answer.approval, changed)
    return _enough(passed, refused, what, subject=subject, needed=needed, against=against)


def _enough(
    passed: Sequence[Outcome],
    refused: Sequence[Outcome],
    what: str,
    *,
    subject: str,
    needed: int,
    against: bool,
) -> Outcome:
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
    approval: Answer | Approval | None,
    *,
    artifacts: Mapping[str, str],
    contract_digest: str,
    now: datetime,
    policy: Policy,
    author: Actor | None,
    subject: str = "",
    trust: Trust | None = None,
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
        trust: Who was known when; nobody when it is not given.

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
    own = approval.approval if isinstance(approval, Answer) else approval
    return check_approvals(
        (approval,),
        subject=subject or own.subject,
        artifacts=artifacts,
        contract_digest=contract_digest,
        now=now,
        policy=policy,
        author=author,
        trust=trust,
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
            f"the answer about {subject} has no reason" + (" to speak of" if reason.strip() else ""),
            why="a decision without a reason cannot be judged later",
            found=f"'{reason.strip()}'" if reason.strip() else "",
            expected=f"at least {LEAST_REASON} characters",
            next_step="say why in a few words",
        )

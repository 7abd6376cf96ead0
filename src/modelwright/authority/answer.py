"""Answers: what a person decided, over exactly which evidence, and the signature that says who it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from modelwright.authority.actor import Actor
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, open_envelope
from modelwright.authority.policy import Policy
from modelwright.authority.statement import APPROVAL, signed_record
from modelwright.authority.trust import Recorded, Trust
from modelwright.kernel.digest import canonical_json, short
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status

__all__ = [
    "Answer",
    "Approval",
    "Stated",
    "answer_in",
    "check_signature",
    "check_statement",
    "demanded",
]

HOW = "modelwright identity create NAME makes a key; answer again and sign with it"
"""What to do where a signature is missing."""


class Stated(Protocol):
    """What a person states and signs: a frozen record that names its author and the ledger it is bound to.

    Examples:
        >>> def author(record: Stated) -> str:
        ...     return record.actor.name
    """

    @property
    def actor(self) -> Actor:
        """Who states it."""
        ...

    @property
    def head(self) -> str:
        """The ledger's head when it was signed."""
        ...


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
    head: str = ""
    """The ledger's head when it was signed: it binds the answer to this ledger and this past; empty when
    unsigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An approval as the ledger holds it: with its place and its signature.

    Examples:
        >>> Answer.__slots__
        ('approval', 'envelope', 'sequence', 'flaw', 'writer')
    """

    approval: Approval
    """What was decided."""
    envelope: Envelope | None = None
    """The signed bytes; None when it is unsigned."""
    sequence: int = 0
    """The entry that holds it; 0 when it is not written yet."""
    flaw: str = ""
    """Why the envelope cannot be read; empty when it can, or when there is none."""
    writer: Actor | None = None
    """Who wrote the entry; None when it is not written yet."""


def answer_in(entry: Recorded) -> Answer:
    """Return the answer a ledger entry holds under `approval` and `envelope`.

    Args:
        entry: An entry that states an answer.

    Raises:
        IntegrityBroken: When it holds no approval.

    Examples:
        >>> def told(entry: Recorded) -> str:
        ...     return answer_in(entry).approval.decision
    """
    try:
        approval = msgspec.json.decode(canonical_json(entry.body.get("approval")), type=Approval)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise IntegrityBroken(
            f"entry {entry.sequence} holds no approval: {error}",
            why="an answer that cannot be read counts for nothing",
            next_step="modelwright ledger verify",
        ) from error
    sealed = entry.body.get("envelope")
    if sealed is None:
        return Answer(approval=approval, sequence=entry.sequence, writer=entry.actor)
    try:
        envelope = Envelope.from_json(sealed)
    except IntegrityBroken as error:
        return Answer(approval=approval, sequence=entry.sequence, flaw=error.what, writer=entry.actor)
    return Answer(approval=approval, envelope=envelope, sequence=entry.sequence, writer=entry.actor)


def demanded(policy: Policy, trust: Trust, *, sequence: int) -> bool:
    """Whether an answer in this entry has to be signed.

    Where the policy leaves it open, signatures are demanded from the first enrolment on.

    Args:
        policy: The policy of the mode.
        trust: Who was known when.
        sequence: The place of the entry; one more than there are for the next one.

    Examples:
        >>> from modelwright.authority.policy import policy_of
        >>> demanded(policy_of("quick"), Trust(), sequence=1)
        False
        >>> demanded(policy_of("standard"), Trust(), sequence=1)
        True
    """
    return policy.signatures == "always" or (trust.begun is not None and trust.begun < sequence)


def check_signature(answer: Answer, *, policy: Policy, trust: Trust) -> Outcome:
    """Say whether an answer is by whom it says: signed, with a key that stood, over exactly what is written.

    Args:
        answer: The answer.
        policy: The policy of the mode, which says whether an unsigned answer counts.
        trust: Who was known when.

    Returns:
        Passed with `signed by ...` or `unsigned`; failed with what does not fit.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> from modelwright.authority.policy import policy_of
        >>> lead = Actor(kind=ActorKind.PERSON, name="lead")
        >>> yes = Approval(
        ...     subject="phase:1",
        ...     decision="approve",
        ...     artifacts={},
        ...     contract_digest="",
        ...     reason="fine",
        ...     actor=lead,
        ... )
        >>> check_signature(Answer(approval=yes), policy=policy_of("quick"), trust=Trust()).evidence
        ('unsigned',)
    """
    approval = answer.approval
    what = f"the answer of {approval.actor.label} about {approval.subject} is theirs"
    if answer.flaw:
        return _failed(what, answer.flaw)
    writer = approval.actor if answer.writer is None else answer.writer
    if answer.envelope is None and writer != approval.actor:
        told = f"the answer in the name of {approval.actor.name} was written down by {writer.label}"
        return _failed(what, told)
    return check_statement(
        approval,
        answer.envelope,
        payload_type=APPROVAL,
        policy=policy,
        trust=trust,
        sequence=answer.sequence,
    )


def check_statement(
    record: Stated,
    envelope: Envelope | None,
    *,
    payload_type: str,
    policy: Policy,
    trust: Trust,
    sequence: int,
) -> Outcome:
    """Say whether a statement of any kind is by whom it says: signed, by a key that stood, over these words.

    That it was not said before, and still fits what there is, is for whoever counts it to see.

    Args:
        record: What is stated.
        envelope: The signed bytes; None when it is unsigned.
        payload_type: What the envelope has to say it holds.
        policy: The policy of the mode, which says whether an unsigned statement counts.
        trust: Who was known when.
        sequence: The entry that holds it; 0 when it is not written yet.

    Returns:
        Passed with `signed with ...` or `unsigned`; failed with what does not fit.
    """
    name = record.actor.name
    what = f"the word of {record.actor.label} is theirs"
    place = sequence or trust.length + 1
    if envelope is None:
        if not demanded(policy, trust, sequence=place):
            return Outcome(status=Status.PASSED, what=what, evidence=("unsigned",))
        always = policy.signatures == "always"
        why = f"{policy.mode} mode" if always else f"the enrolment in entry {trust.begun}"
        return _failed(what, f"the answer in the name of {name} is unsigned, which {why} rules out")
    return _signed(envelope, record, what, payload_type=payload_type, trust=trust, sequence=place)


def _signed(
    envelope: Envelope, record: Stated, what: str, *, payload_type: str, trust: Trust, sequence: int
) -> Outcome:
    try:
        same = signed_record(envelope, type(record), payload_type=payload_type) == record
    except IntegrityBroken as error:
        return _failed(what, error.what)
    if not same:
        return _failed(what, "what was signed is not what stands beside it")
    outcome, signers = open_envelope(envelope, keys=trust.keys)
    if not outcome.allows:
        return Outcome(
            status=Status.FAILED, what=what, evidence=outcome.evidence, next_step=outcome.next_step
        )
    if len(signers) != 1:
        return _failed(what, "an answer is signed by one person")
    identity = signers[0]
    standing = trust.standing(identity.key_id, sequence=sequence)
    if not standing.allows:
        return Outcome(
            status=Status.FAILED, what=what, evidence=standing.evidence, next_step=standing.next_step
        )
    flaw = _unlike(record.actor, identity)
    if not flaw and not 0 < trust.places.get(record.head, 0) < sequence:
        flaw = "it was signed for another ledger, or another past of this one"
    if flaw:
        return _failed(what, flaw)
    return Outcome(
        status=Status.PASSED,
        what=what,
        evidence=(f"signed with {short(identity.key_id)} of {identity.name}",),
    )


def _unlike(actor: Actor, identity: Identity) -> str:
    """Say how an actor differs from the identity that signed; empty when they are the same."""
    if (actor.kind, actor.name) != (identity.kind, identity.name):
        return f"it says {actor.kind.value} {actor.name}, and {identity.kind.value} {identity.name} signed it"
    if actor.role and actor.role not in identity.roles:
        held = ", ".join(identity.roles) or "none"
        return f"{actor.name} signed as {actor.role}, and was enrolled with the roles: {held}"
    return ""


def _failed(what: str, flaw: str) -> Outcome:
    return Outcome(status=Status.FAILED, what=what, evidence=(flaw,), next_step=HOW)

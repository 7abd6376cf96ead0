"""Signing: every decision of a person goes through here, is signed where it must be, and is written down."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import datetime
from typing import TypeVar

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.answer import Answer, Approval, Stated, check_signature, demanded
from modelwright.authority.approval import authorise
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, Signer
from modelwright.authority.policy import Policy
from modelwright.authority.statement import APPROVAL, CARD, ENROLMENT, Enrolment, signed_record
from modelwright.authority.trust import Trust
from modelwright.kernel.digest import Json, canonical_json, plain
from modelwright.kernel.errors import ApprovalRefused, OurFault, PhaseLocked, nearest
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

__all__ = [
    "Decision",
    "decide",
    "decider",
    "deciding",
    "enrol_first",
    "no_key",
    "record_answer",
    "said_of",
    "sign_decision",
    "with_head",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is about to be decided, and how it will stand in the ledger.

    Examples:
        >>> Decision.__slots__[:2]
        ('record', 'identity')
    """

    record: Stated
    """What the person states: a frozen record with `actor` and `head`; the head is filled in on signing."""
    identity: Identity | None
    """Who signs; None where an unsigned statement counts and the person has no key."""
    purpose: str
    """What the passphrase is asked for, such as `approve phase 6`."""
    kind: str = "approval.given"
    """The kind of the entry that holds it."""
    name: str = "approval"
    """The name the record is kept under in the entry."""
    payload_type: str = APPROVAL
    """What its envelope says it holds."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What else the entry says, such as the subject."""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    """Names and digests of stored evidence the entry points at."""


def deciding(
    ports: Ports, subject: str, *, reason: str, policy: Policy, trust: Trust, author: Actor | None
) -> tuple[Actor, Identity | None]:
    """Say who decides a subject here, and refuse whoever may not before anything is asked.

    Both names are held against the policy and the author: the one at work, and the one that signs.

    Args:
        ports: The outside world.
        subject: What is decided about.
        reason: Why.
        policy: The policy of the mode.
        trust: Who is known in this project.
        author: Who made it; None when nobody in particular did.

    Raises:
        ApprovalRefused: When this actor may not decide, gives no reason, or has no key where one is demanded.
    """
    at_work = replace(ports.actor, role=policy.rule(subject).role or ports.actor.role)
    authorise(at_work, subject, reason=reason, policy=policy, author=author)
    actor, identity = decider(ports, policy=policy, trust=trust)
    authorise(actor, subject, reason=reason, policy=policy, author=author)
    return actor, identity


def decider(ports: Ports, *, policy: Policy, trust: Trust) -> tuple[Actor, Identity | None]:
    """Say who decides here: the identity of the person at work, or the bare actor where none is needed.

    The identity is the one that goes by the actor's name; where nobody was named and there is only one
    identity on this machine, it is that one.

    Args:
        ports: The outside world.
        policy: The policy of the mode.
        trust: Who is known in this project.

    Raises:
        ApprovalRefused: When a signature is demanded and there is no key for it, the key does not stand in
            this project, or the role is not one of its roles.
    """
    actor = ports.actor
    if actor.kind is not ActorKind.PERSON:
        return actor, None
    people = [item for item in ports.keys.identities() if item.kind is ActorKind.PERSON]
    named = [item for item in people if folded(item.name) == folded(actor.name)]
    if not named and not ports.named and len(people) == 1:
        named = people
    if not named:
        if demanded(policy, trust, sequence=trust.length + 1):
            raise no_key(actor, people)
        return actor, None
    identity = next((item for item in named if item.key_id in trust.keys), named[0])
    if trust.begun is not None:
        standing = trust.standing(identity.key_id, sequence=trust.length + 1)
        if not standing.allows:
            others = " or ".join(item.name for item in trust.present) or "somebody who is enrolled"
            raise ApprovalRefused(
                f"{identity.name} cannot decide here: {standing.evidence[0]}",
                why="an answer counts only with a key that is known in this project",
                next_step=f"a key that was revoked never comes back: modelwright identity create "
                f"{identity.name} makes a new one once the two files of the old are moved away; "
                f"have it enrolled by {others}"
                if identity.key_id in trust.members
                else f"modelwright identity export {identity.name}, and have the file enrolled by {others}",
            )
    role = actor.role or (identity.roles[0] if len(identity.roles) == 1 else "")
    if role and role not in identity.roles:
        raise ApprovalRefused(
            f"{identity.name} has no role '{role}'",
            why="an answer is signed in a role, and the roles of a key are fixed when it is made",
            found=role,
            expected=", ".join(identity.roles) or "no role",
            next_step=f"did you mean '{nearest(role, identity.roles)}'?"
            if nearest(role, identity.roles)
            else "unset MODELWRIGHT_ROLE, or make an identity with that role",
        )
    return identity.actor(role), identity


def no_key(actor: Actor, known: Iterable[Identity]) -> ApprovalRefused:
    """Return the refusal of somebody who has to sign and has no key.

    Args:
        actor: Who.
        known: The identities on this machine.
    """
    others = ", ".join(item.name for item in known if item.kind is ActorKind.PERSON)
    return ApprovalRefused(
        f"the answer has to be signed, and '{actor.name}' has no identity on this machine",
        why="a name alone proves nothing about who decided",
        next_step=f"set MODELWRIGHT_ACTOR to one of: {others}"
        if others
        else f"modelwright identity create '{actor.name}'",
    )


def sign_decision(signer: Signer, record: Stated, *, payload_type: str = APPROVAL) -> Envelope:
    """Sign a statement as it is; its actor has to be the signer, and its head has to name the ledger's.

    Args:
        signer: Whose key.
        record: The statement, complete.
        payload_type: What the envelope says it holds.

    Raises:
        ApprovalRefused: When it is the statement of somebody else, or bound to no ledger.
    """
    identity = signer.identity
    if (record.actor.kind, record.actor.name) != (identity.kind, identity.name) or not record.head:
        raise ApprovalRefused(
            f"{identity.name} can sign only for {identity.name}, and only over the head of a ledger",
            why="a signature says who decided, and in which ledger",
            next_step="make the answer again in your own name",
        )
    return signer.sign(payload_type, canonical_json(record))


def decide(
    ports: Ports,
    prepare: Callable[[datetime], Decision],
    *,
    then: Callable[[Entry], Entry] | None = None,
) -> Entry:
    """Have a person decide: check everything, ask for the passphrase, check again, sign, and write it down.

    The writer's lock is not held while somebody types. What changed meanwhile is refused, not signed.

    Args:
        ports: The outside world.
        prepare: Looks at the present state and returns the decision; raises whatever speaks against it. It is
            called with the writer's lock held, once before the passphrase and once after, with the same
            moment for whatever the statement dates.
        then: What follows from the decision, under the same lock; its entry is returned instead.

    Raises:
        ApprovalRefused: When there is nobody to sign, or the passphrase is wrong.
        PhaseLocked: When what is decided about changed while the passphrase was typed.
    """
    moment = ports.clock.now()
    with ports.lock():
        decision = prepare(moment)
        if decision.identity is None:
            entry = _write(ports, decision, decision.record, None)
            return then(entry) if then else entry
    signer = ports.keys.unlock(decision.identity, purpose=decision.purpose)
    with ports.lock():
        if canonical_json(prepare(moment).record) != canonical_json(decision.record):
            raise PhaseLocked(
                f"what you were about to {decision.purpose} changed while the passphrase was typed",
                why="what is signed is what was shown",
                next_step="look at it again, and answer again",
            )
        enrol_first(ports, signer)
        record = with_head(decision.record, ports.ledger.head())
        envelope = sign_decision(signer, record, payload_type=decision.payload_type)
        entry = _write(ports, decision, record, envelope)
        return then(entry) if then else entry


def with_head(record: T, head: str) -> T:
    """Return a statement bound to a ledger's head."""
    if not is_dataclass(record):
        raise OurFault(f"a {type(record).__name__} cannot be signed: a statement is a record")
    return replace(record, head=head)  # type: ignore[type-var]  # a type variable is not narrowed


def enrol_first(ports: Ports, signer: Signer) -> Entry | None:
    """Enrol the first identity of a project, which is trusted on first use; where there is one, do nothing.

    Args:
        ports: The outside world.
        signer: Whose key; its signature shows that it is theirs.
    """
    if fold(ports.ledger.entries()).trust.begun is not None:
        return None
    identity = signer.identity
    enrolment = Enrolment(
        identity=identity, actor=identity.actor(), reason="trusted on first use", head=ports.ledger.head()
    )
    return ports.ledger.append(
        "identity.enrolled",
        {
            "key_id": identity.key_id,
            "name": identity.name,
            "enrolment": plain(enrolment),
            "card": signer.sign(CARD, canonical_json(identity)).to_json(),
            "envelope": signer.sign(ENROLMENT, canonical_json(enrolment)).to_json(),
        },
        actor=identity.actor(),
    )


def _write(ports: Ports, decision: Decision, record: Stated, envelope: Envelope | None) -> Entry:
    body: dict[str, Json] = {**decision.facts, decision.name: plain(record)}
    if envelope is not None:
        body["envelope"] = envelope.to_json()
    return ports.ledger.append(decision.kind, body, actor=record.actor, artifacts={**decision.artifacts})


def record_answer(ports: Ports, envelope: Envelope) -> Entry:
    """Write down an answer that was signed elsewhere, such as on another machine without this project.

    The signature, the signer's standing, the ledger it is bound to, its age and that it is new are checked
    here; whether it fits what there is now is judged where answers are counted, as for every other.

    Args:
        ports: The outside world.
        envelope: The signed answer.

    Raises:
        IntegrityBroken: When the envelope holds no answer.
        ApprovalRefused: When it would not count: forged, expired, given before, or of another ledger.
    """
    approval = signed_record(envelope, Approval, payload_type=APPROVAL)
    with ports.lock():
        history = fold(ports.ledger.entries())
        outcome = check_signature(
            Answer(approval=approval, envelope=envelope), policy=history.policy, trust=history.trust
        )
        flaw, ask = (
            "" if outcome.allows else outcome.evidence[0],
            f"ask {approval.actor.name} to answer again",
        )
        if approval.actor.kind is not ActorKind.PERSON:
            flaw = f"{approval.actor.label} is not a person: agents and services act, people decide"
        if approval.expires is not None and history.not_before(ports.clock.now()) >= approval.expires:
            flaw = flaw or f"it expired at {approval.expires.isoformat()}"
        if envelope.digest in history.said:
            flaw = flaw or f"it stands in the ledger already, in entry {history.said[envelope.digest]}"
            ask = "nothing is to be done: an answer counts once; modelwright approvals list shows what waits"
        if flaw:
            raise ApprovalRefused(
                f"the answer about {approval.subject} does not count: {flaw}",
                why="only an answer that counts is written down",
                next_step=outcome.next_step or ask,
            )
        return ports.ledger.append(
            "approval.given",
            {**said_of(approval), "approval": plain(approval), "envelope": envelope.to_json()},
            actor=approval.actor,
        )


def said_of(approval: Approval) -> dict[str, Json]:
    """Return what an entry says of an answer beside the answer itself, so that it can be found."""
    return {"subject": approval.subject, "decision": approval.decision}

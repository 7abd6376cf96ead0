"""Requests for approval: listed, exported, answered elsewhere with nothing but a key, and taken back in.

A request is bound to what it asks about and to its own ledger entry; an answer signs both. Without an answer
by its deadline it is denied. Whoever asks need not be a person; whoever answers must be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.digest import plain
from modelwright.kernel.errors import ApprovalRefused, OurFault, PhaseLocked, UnknownName, UserFault
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.workflow.asking import Choice, asked
from modelwright.workflow.engine import Look, look
from modelwright.workflow.notifying import tell_people
from modelwright.workflow.phases import PHASES, phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import PhaseState, given_of, subject_artifacts
from modelwright.workflow.waiving import present

__all__ = [
    "DEFAULT_LENGTH",
    "ApprovalRequest",
    "RequestLine",
    "artifacts_now",
    "request_approval",
    "request_lines",
    "request_of",
    "waiting_subjects",
]

DEFAULT_LENGTH = timedelta(days=7)
"""How long a request is open when it does not say itself."""
LONGEST = timedelta(days=90)
"""A request that is open for longer asks about something nobody remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """What somebody is asked to decide, with all that is needed to answer it elsewhere.

    Examples:
        >>> ApprovalRequest.__slots__[0]
        'subject'
    """

    subject: str
    """What it is about, such as `phase:6` or `promotion:v1`."""
    question: str
    """What is asked, in words."""
    name: str
    """The model's name."""
    mode: str
    """The mode, which says who may answer."""
    artifacts: Mapping[str, str]
    """Names and digests of what is asked about; when one changes, an answer is void."""
    contract_digest: str
    """The contract it is asked under."""
    asked_by: Actor
    """Who asks."""
    asked: datetime
    """When, UTC."""
    deadline: datetime
    """Until when an answer counts; no answer by then is a no."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose beside yes or no."""
    form: Literal["modelwright approval request 1"] = "modelwright approval request 1"
    """What kind of file it is."""
    head: str = ""
    """Digest of the ledger entry that asks; answers name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One thing that waits for an answer, or was asked and is settled.

    Examples:
        >>> RequestLine(subject="phase:1", question="Right?", state="not asked yet").deadline is None
        True
    """

    subject: str
    """What it is about."""
    question: str
    """What is asked."""
    state: str
    """not asked yet, open, answered, void or denied."""
    deadline: datetime | None = None
    """Until when an answer counts; None while nobody has asked."""
    asked_by: str = ""
    """Who asked."""


def artifacts_now(ports: Ports, now: Look, subject: str) -> dict[str, str]:
    """Return what an answer about a subject is bound to at present.

    Args:
        ports: The outside world.
        now: The present state.
        subject: The subject.

    Raises:
        UnknownName: When it is nothing that is asked for, or there is no such version.
        PhaseLocked: When the phase has nothing to answer.
    """
    kind, _, name = subject.partition(":")
    if kind == "phase" and name.isascii() and name.isdigit():
        status = now.survey.of(phase_of(int(name)).number)
        if not status.phase.needs_answer or status.state not in {PhaseState.WAITING, PhaseState.DONE}:
            raise PhaseLocked(
                f"phase {name} ({status.phase.name}) has nothing to answer now",
                found=status.state.value,
                expected="waiting",
                next_step="modelwright approvals list shows what waits",
            )
        return subject_artifacts(now.history, int(name))
    if kind == "promotion":
        from modelwright.registry.versions import version_of
        from modelwright.workflow.allowance import demand_contract, shown_of

        version = version_of(ports.ledger, name)
        demand_contract(now, version)
        return shown_of(version)
    raise UnknownName.among("subject", subject, waiting_subjects(ports, now))


def waiting_subjects(ports: Ports, now: Look) -> dict[str, str]:
    """Return what waits for an answer now, with the question.

    Args:
        ports: The outside world.
        now: The present state.
    """
    found = {
        f"phase:{status.phase.number}": status.phase.question
        for status in now.survey.phases
        if status.state is PhaseState.WAITING
    }
    registered = ports.ledger.entries(kinds=["version.registered"])
    if next(registered, None) is None:
        return found
    from modelwright.registry.versions import versions
    from modelwright.workflow.allowance import promotion_outcome

    for version in versions(ports.ledger):
        fits = version.contract_digest == now.contract_digest and version.verdict_status == "passed"
        if version.standing == "registered" and fits and not promotion_outcome(ports, now, version).allows:
            found[f"promotion:{version.version}"] = _promotion_question(version.version)
    return found


def _promotion_question(version: str) -> str:
    return f"May {version} become the champion?"


def request_of(entry: Entry) -> ApprovalRequest:
    """Return the request an entry holds, bound to that entry.

    Args:
        entry: An entry of kind `approval.requested`.
    """
    return replace(decode(encode(entry.body["request"]), ApprovalRequest), head=entry.digest)


def request_approval(ports: Ports, subject: str, *, length: timedelta | None = None) -> Entry:
    """Ask people for an approval, and tell them; an open request for the same is kept.

    Args:
        ports: The outside world.
        subject: What it is about.
        length: How long an answer is waited for.

    Raises:
        ApprovalRefused: When this actor may not ask.
        UserFault: When the time is none.
        PhaseLocked: When there is nothing to answer.
    """
    wanted = DEFAULT_LENGTH if length is None else length
    if not timedelta() < wanted <= LONGEST:
        raise UserFault(
            "the request has no deadline that can be kept",
            why="no answer by the deadline is a no",
            expected=f"more than nothing, at most {LONGEST.days} days",
            next_step="--within 7d",
        )
    with ports.lock():
        now = look(ports)
        allowed = now.policy.may(ports.actor, "approval:request")
        if not allowed.allows:
            raise ApprovalRefused(allowed.evidence[0], next_step=allowed.next_step)
        artifacts = artifacts_now(ports, now, subject)
        entries = tuple(ports.ledger.entries(kinds=["approval.requested"]))
        moment = present(ports, tuple(ports.ledger.entries()))
        for entry in reversed(entries):
            known = request_of(entry)
            same = known.artifacts == artifacts and known.contract_digest == now.contract_digest
            if known.subject == subject and same and moment < known.deadline:
                return entry
        request = _request(ports, now, subject, artifacts=artifacts, deadline=moment + wanted)
        body = plain(request)
        if not isinstance(body, Mapping):  # a request is a record, so its plain form is a mapping
            raise OurFault("a request must be a record")
        written = ports.ledger.append(
            "approval.requested",
            {"subject": subject, "deadline": request.deadline.isoformat(), "request": body},
            actor=ports.actor,
        )
    tell_people(
        ports,
        "approval requested",
        subject=subject,
        text=f"{ports.actor.label} asks: {request.question}",
        next_step=f"modelwright approvals export {subject} --out request.json, or answer in the project",
        occasion=written.digest,
    )
    return written


def _request(
    ports: Ports,
    now: Look,
    subject: str,
    *,
    artifacts: Mapping[str, str],
    deadline: datetime,
) -> ApprovalRequest:
    kind, _, name = subject.partition(":")
    question = asked(ports, int(name)) if kind == "phase" else None
    said = now.history.contract or now.history.started
    return ApprovalRequest(
        subject=subject,
        question=question.question if question else _promotion_question(name),
        name=str(said.body["name"]) if said else "",
        mode=now.policy.mode,
        artifacts=artifacts,
        contract_digest=now.contract_digest,
        asked_by=ports.actor,
        asked=ports.clock.now(),
        deadline=deadline,
        choices=question.choices if question else (),
    )


def request_lines(ports: Ports) -> tuple[RequestLine, ...]:
    """Return what waits for an answer and what was asked, in the order of the run.

    Args:
        ports: The outside world.
    """
    now = look(ports)
    moment = present(ports, tuple(ports.ledger.entries()))
    waiting = waiting_subjects(ports, now)
    latest: dict[str, Entry] = {
        str(entry.body["subject"]): entry for entry in ports.ledger.entries(kinds=["approval.requested"])
    }
    lines = [
        RequestLine(subject=subject, question=question, state=_unasked(now, subject))
        for subject, question in waiting.items()
        if subject not in latest
    ]
    for subject, entry in latest.items():
        request = request_of(entry)
        lines.append(
            RequestLine(
                subject=subject,
                question=request.question,
                state=_state(now, request, entry, waiting=waiting, moment=moment),
                deadline=request.deadline,
                asked_by=request.asked_by.label,
            )
        )
    order = {f"phase:{phase.number}": phase.number for phase in PHASES}
    return tuple(sorted(lines, key=lambda line: (order.get(line.subject, len(order) + 1), line.subject)))


def _unasked(now: Look, subject: str) -> str:
    """Say what people have answered so far where nobody wrote a request: one of two is not nothing."""
    given = [
        answer.approval
        for answer in given_of(now.history, subject)
        if answer.approval.actor.kind is ActorKind.PERSON
    ]
    return f"{given[-1].decision} by {given[-1].actor.label}; still waiting" if given else "not asked yet"


def _state(
    now: Look, request: ApprovalRequest, entry: Entry, *, waiting: Mapping[str, str], moment: datetime
) -> str:
    given = [
        answer
        for answer in given_of(now.history, request.subject)
        if answer.sequence > entry.sequence and answer.approval.actor.kind is ActorKind.PERSON
    ]
    if given:
        last = given[-1].approval
        told = f"{last.decision} by {last.actor.label}"
        return told if request.subject not in waiting else f"{told}; still waiting"
    if request.contract_digest != now.contract_digest:
        return "void: the contract has changed since"
    return "denied: no answer by the deadline" if moment >= request.deadline else "open"

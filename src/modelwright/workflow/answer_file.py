"""Answer files: a request leaves the project, is answered where there is only a key, and comes back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from modelwright.authority.answer import Approval
from modelwright.authority.approval import authorise
from modelwright.authority.envelope import Envelope
from modelwright.authority.policy import policy_of
from modelwright.authority.statement import APPROVAL, signed_record
from modelwright.authority.trust import Trust
from modelwright.kernel.digest import Json, canonical_json, plain
from modelwright.kernel.errors import ApprovalRefused, IntegrityBroken, PhaseLocked, UnknownName, UserFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode
from modelwright.ledger.entry import Entry
from modelwright.workflow.choices import check_choices
from modelwright.workflow.engine import Look, look
from modelwright.workflow.phases import phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.requests import ApprovalRequest, artifacts_now, request_approval, request_of
from modelwright.workflow.signing import decider, record_answer, sign_decision
from modelwright.workflow.waiving import present

__all__ = ["answer_request", "export_request", "import_answer"]

LARGEST = 1 << 20
"""Bytes of a request or an answer that are read."""
FORM = "modelwright approval answer 1"
"""What an answer file says it is."""

DECISIONS: Mapping[str, Literal["approve", "reject", "request-changes"]] = {
    "approve": "approve",
    "reject": "reject",
    "request-changes": "request-changes",
}


def export_request(ports: Ports, subject: str, to: Path) -> ApprovalRequest:
    """Write a request into a file, asking first where nobody has asked.

    Args:
        ports: The outside world.
        subject: What it is about.
        to: The file.

    Raises:
        PhaseLocked: When there is nothing to answer.
    """
    request = request_of(request_approval(ports, subject))
    write_atomically(to, canonical_json(request) + b"\n")
    return request


def answer_request(
    ports: Ports, request: Path, to: Path, *, decision: str, reason: str, choices: Mapping[str, str]
) -> ApprovalRequest:
    """Answer a request out of a file, signed with the key of the person at work; no project is needed.

    Args:
        ports: The outside world; only clock, actor and keys are used.
        request: The request's file.
        to: Where the answer goes.
        decision: approve, reject or request-changes.
        reason: Why.
        choices: What is chosen; what is left out is answered as proposed.

    Raises:
        ApprovalRefused: When this actor may not answer, has no key, or the deadline has passed.
        UserFault: When the file is no request, or a choice does not fit.
    """
    asked = _read_request(request)
    if decision not in DECISIONS:
        raise UnknownName.among("decision", decision, DECISIONS)
    now, policy = ports.clock.now(), policy_of(asked.mode)
    authorise(ports.actor, asked.subject, reason=reason, policy=policy, author=None)
    if now >= asked.deadline:
        raise _late(asked)
    actor, identity = decider(ports, policy=policy, trust=Trust())
    if identity is None:
        raise ApprovalRefused(
            "an answer in a file has to be signed, and there is no key for it",
            why="a file that says who decided proves nothing by itself",
            next_step=f"modelwright identity create '{ports.actor.name}'",
        )
    authorise(actor, asked.subject, reason=reason, policy=policy, author=None)
    approval = Approval(
        subject=asked.subject,
        decision=DECISIONS[decision],
        artifacts=asked.artifacts,
        contract_digest=asked.contract_digest,
        reason=reason,
        actor=actor,
        expires=now + policy.valid_for,
        choices=_chosen(asked, choices) if decision == "approve" else {},
        head=asked.head,
    )
    signer = ports.keys.unlock(identity, purpose=f"{decision} {asked.subject} of {asked.name}")
    envelope = sign_decision(signer, approval)
    body: dict[str, Json] = {"form": FORM, "approval": plain(approval), "envelope": envelope.to_json()}
    write_atomically(to, canonical_json(body) + b"\n")
    return asked


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UserFault(
                f"{path.name} is too large to be an answer or a request", expected="at most 1 MiB"
            )
        return path.read_bytes()
    except OSError as error:
        raise UserFault(
            f"{path.name} cannot be read ({error.strerror or error})", next_step="check the path"
        ) from error


def _read_request(path: Path) -> ApprovalRequest:
    try:
        request = decode(_read(path).strip(), ApprovalRequest)
    except IntegrityBroken as error:
        raise UserFault(
            f"{path.name} is no request for approval",
            why="an answer is bound to what was asked",
            next_step="modelwright approvals export SUBJECT --out FILE, in the project",
            found=error.what,
        ) from error
    if not request.head:
        raise UserFault(
            f"{path.name} names no ledger entry that asks",
            next_step="modelwright approvals export SUBJECT --out FILE, in the project",
        )
    return request


def _late(request: ApprovalRequest) -> ApprovalRefused:
    return ApprovalRefused(
        f"the request about {request.subject} was open until {request.deadline:%Y-%m-%d %H:%M} UTC: denied",
        why="no answer by the deadline is a no",
        next_step=f"ask again: modelwright approvals request {request.subject}",
    )


def _chosen(request: ApprovalRequest, choices: Mapping[str, str]) -> dict[str, str]:
    offered = {choice.key: choice for choice in request.choices}
    for key, value in choices.items():
        if key not in offered:
            raise UnknownName.among("choice", key, offered)
        if not offered[key].open_ended and value not in offered[key].options:
            raise UnknownName.among(f"answer to {key}", value, offered[key].options)
    return {key: choices.get(key, choice.proposed) for key, choice in offered.items()}


def import_answer(ports: Ports, path: Path) -> Entry:
    """Take an answer out of a file into the ledger; promote where it was the last one missing.

    Args:
        ports: The outside world.
        path: The answer's file.

    Returns:
        The entry of the answer; that of the promotion when it made a first champion.

    Raises:
        ApprovalRefused: When it does not count: for another digest, contract or project, late, expired,
            replayed, by somebody who may not, or not by whom it says.
        UserFault: When the file is no answer.
    """
    envelope = _read_answer(path)
    approval = signed_record(envelope, Approval, payload_type=APPROVAL)
    with ports.lock():
        now = look(ports)
        _demand_fitting(ports, now, approval)
    entry = record_answer(ports, envelope)
    kind, _, name = approval.subject.partition(":")
    return _promoted(ports, name, approval) or entry if kind == "promotion" else entry


def _read_answer(path: Path) -> Envelope:
    data = _read(path)
    try:
        body = json.loads(data)
        said = body if isinstance(body, dict) and body.get("form") == FORM else {}
        return Envelope.from_json(said.get("envelope"))
    except (ValueError, RecursionError, IntegrityBroken) as error:
        raise UserFault(
            f"{path.name} is no answer to a request",
            next_step="modelwright approvals answer request.json --out answer.json makes one",
            found=str(error).splitlines()[0],
        ) from error


def _demand_fitting(ports: Ports, now: Look, approval: Approval) -> None:
    """Refuse an answer to something else than what is asked here and now."""
    again = f"modelwright approvals export {approval.subject} --out request.json, and have it answered again"
    asked = [
        request_of(entry)
        for entry in ports.ledger.entries(kinds=["approval.requested"])
        if entry.digest == approval.head
    ]
    if not asked or asked[0].subject != approval.subject:
        raise ApprovalRefused(
            f"nobody asked in this project for the answer about {approval.subject}",
            why="an answer counts where it was asked for, and once",
            next_step=again,
        )
    if present(ports, tuple(ports.ledger.entries())) >= asked[0].deadline:
        raise _late(asked[0])
    if approval.contract_digest != now.contract_digest:
        raise ApprovalRefused(
            f"the answer about {approval.subject} was given under another contract",
            why="what was approved is what was agreed then",
            next_step=again,
            found=approval.contract_digest,
            expected=now.contract_digest,
        )
    artifacts = artifacts_now(ports, now, approval.subject)
    if dict(approval.artifacts) != artifacts:
        changed = sorted(
            name
            for name in {*approval.artifacts, *artifacts}
            if approval.artifacts.get(name) != artifacts.get(name)
        )
        raise ApprovalRefused(
            f"what the answer about {approval.subject} approves has changed since: {', '.join(changed)}",
            why="a yes to something else is no yes to this",
            next_step=again,
        )
    kind, _, name = approval.subject.partition(":")
    made = now.history.completions.get(int(name) if kind == "phase" else 8)
    author = made.actor if made else None
    authorise(approval.actor, approval.subject, reason=approval.reason, policy=now.policy, author=author)
    if kind == "phase":
        _demand_choices(ports, now, int(name), approval)


def _demand_choices(ports: Ports, now: Look, number: int, approval: Approval) -> None:
    settled = check_choices(
        ports, now.history, phase_of(number), decision=approval.decision, choices=approval.choices
    )
    if settled != dict(approval.choices) and approval.decision == "approve":
        missing = sorted(set(settled) - set(approval.choices))
        raise PhaseLocked(
            f"the answer about phase {number} leaves open what has to be chosen: {', '.join(missing[:5])}",
            next_step="have the request answered again",
        )


def _promoted(ports: Ports, name: str, approval: Approval) -> Entry | None:
    """Make the first champion once the last approval that was missing is there; None where it is not due."""
    from modelwright.registry.versions import champion, promotable, promote, version_of
    from modelwright.workflow.allowance import promotion_outcome
    from modelwright.workflow.live import follow_ledger
    from modelwright.workflow.soundness import demand_sound
    from modelwright.workflow.waiving import demand_waivers

    with ports.lock():
        now, version = look(ports), version_of(ports.ledger, name)
        outcome = promotion_outcome(ports, now, version)
        if champion(ports.ledger) is not None or not promotable(version, approval=outcome).allows:
            return None
        bundle = demand_sound(ports, version)
        waived = bundle.verdict.waived if bundle.verdict else {}
        demand_waivers(ports, waived, before=f"the promotion of {name}")
        promote(
            ports.ledger,
            name,
            approval=outcome,
            actor=ports.actor,
            reason=approval.reason,
            agreed=now.contract_digest,
        )
        follow_ledger(ports)
        return list(ports.ledger.entries(kinds=["version.promoted"]))[-1]

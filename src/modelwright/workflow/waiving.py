"""Waiving: findings that block, let stand by a named person until a day; expired, they block again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.approval import Approval, authorise
from modelwright.authority.policy import policy_of
from modelwright.authority.waiver import WAIVER, Waiver, check_waiver, end_of
from modelwright.kernel.errors import Fault, PhaseLocked, UnknownName, UserFault
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import History, fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import choices_of
from modelwright.workflow.wording import worded

__all__ = [
    "WaiverLine",
    "demand_waivers",
    "give_waiver",
    "revoke_waiver",
    "standing_findings",
    "waivable",
    "waiver_lines",
    "waiver_outcomes",
    "waivers_of",
]

RISKS, REVIEW = 3, 10
"""The phases that find what may have to be waived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverLine:
    """One waiver and what has become of it.

    Examples:
        >>> WaiverLine.__slots__
        ('waiver', 'state')
    """

    waiver: Waiver
    """The waiver."""
    state: str
    """in force, expired, replaced or revoked; with who revoked it and why."""


def mode_of(history: History) -> str:
    """Return the mode the project is in.

    Args:
        history: What the ledger tells.
    """
    return str(history.contract.body["mode"]) if history.contract else "quick"


def waivers_of(entries: Iterable[Entry], *, store: ArtifactStore, mode: str) -> tuple[Waiver, ...]:
    """Return the waivers that were not revoked, oldest first.

    In quick mode an answer after phase 3 that accepts a risk waives it until that answer expires; elsewhere
    only `modelwright waive` does, which asks for the end.

    Args:
        entries: The ledger's entries, in order.
        store: Where the risk lists lie that answers were given on.
        mode: The mode the project is in.

    Raises:
        IntegrityBroken: When an entry holds no waiver, or evidence was changed.
    """
    held: dict[str, list[Waiver]] = {}
    for entry in entries:
        if entry.kind == "waiver.given":
            waiver = decode(encode(entry.body["waiver"]), Waiver)
            held.setdefault(waiver.finding, []).append(waiver)
        elif entry.kind == "waiver.revoked":
            held.pop(str(entry.body["finding"]), None)
        elif mode == "quick" and entry.kind == "approval.given" and entry.body["subject"] == f"phase:{RISKS}":
            for waiver in _by_answer(entry, store=store):
                held.setdefault(waiver.finding, []).append(waiver)
    return tuple(waiver for each in held.values() for waiver in each)


def _by_answer(entry: Entry, *, store: ArtifactStore) -> Iterable[Waiver]:
    answer = decode(encode(entry.body["approval"]), Approval)
    shown = answer.artifacts.get(f"phase{RISKS}.risks")
    if answer.decision != "approve" or answer.expires is None or shown is None:
        return
    from modelwright.risk.register import RiskList, standing, waiver_digest

    for risk in standing(store.get_record(shown, RiskList), answer.choices):
        yield Waiver(
            finding=risk.id,
            digest=waiver_digest(risk),
            reason=answer.reason,
            actor=answer.actor,
            given=entry.at,
            until=answer.expires,
            origin=f"phase:{RISKS}",
        )


def waivable(ports: Ports, history: History) -> Mapping[str, str]:
    """Return every finding that can be waived now, with the digest a waiver is bound to.

    Args:
        ports: The outside world.
        history: What the ledger tells.
    """
    found: dict[str, str] = {}
    if RISKS in history.completions:
        from modelwright.risk.register import RiskList, blocks, waiver_digest

        risks = ports.store.get_record(history.completions[RISKS].outputs["risks"], RiskList)
        found |= {risk.id: waiver_digest(risk) for risk in risks.risks if blocks(risk)}
    if REVIEW in history.completions:
        from modelwright.workflow.checklist import Checklist

        listed = ports.store.get_record(history.completions[REVIEW].outputs["checklist"], Checklist)
        found |= listed.open_items
    return found


def standing_findings(ports: Ports, history: History) -> Mapping[str, str]:
    """Return the risks that block and were answered so that they stand, with the digest of each.

    Args:
        ports: The outside world.
        history: What the ledger tells.
    """
    choices = choices_of(history, RISKS)
    if RISKS not in history.completions or not set(choices.values()) & {"accept", "modify"}:
        return {}
    from modelwright.risk.register import RiskList, standing, waiver_digest

    risks = ports.store.get_record(history.completions[RISKS].outputs["risks"], RiskList)
    return {risk.id: waiver_digest(risk) for risk in standing(risks, choices)}


def waiver_outcomes(ports: Ports, findings: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Say of each finding whether it is waived now.

    Args:
        ports: The outside world.
        findings: Ids of findings, each with its digest.
    """
    if not findings:
        return ()
    entries = tuple(ports.ledger.entries())
    given = waivers_of(entries, store=ports.store, mode=mode_of(fold(entries)))
    now = ports.clock.now()
    return tuple(
        check_waiver(given, finding=name, digest=digest, now=now) for name, digest in findings.items()
    )


def demand_waivers(ports: Ports, findings: Mapping[str, str], *, before: str) -> None:
    """Refuse to go on while a finding that blocks is neither fixed nor waived.

    Args:
        ports: The outside world.
        findings: Ids of findings that stand, each with its digest.
        before: What shall come next, in words.

    Raises:
        PhaseLocked: With every finding whose waiver is missing, void or expired.
    """
    stopped = [outcome for outcome in waiver_outcomes(ports, findings) if not outcome.allows]
    if not stopped:
        return
    raise PhaseLocked(
        f"findings that block stand in the way of {before}",
        why="a finding that blocks is fixed, or waived by name, with a reason, until a day",
        next_step=stopped[0].next_step,
        faults=[Fault(outcome.what.split(" ", 1)[0], "; ".join(outcome.evidence)) for outcome in stopped],
    )


def give_waiver(ports: Ports, finding: str, *, reason: str, until: str) -> Entry:
    """Let a finding that blocks stand until a day, as the present actor.

    Args:
        ports: The outside world.
        finding: Its id.
        reason: Why it may stand.
        until: The day it ends; empty takes the policy's own length, in quick mode only.

    Raises:
        ApprovalRefused: When this actor may not waive, or gives no reason.
        UnknownName: When nothing of this name blocks; the nearest is offered.
        UserFault: When the end is missing or no end.
    """
    with ports.lock():
        history = fold(ports.ledger.entries())
        policy = policy_of(mode_of(history))
        authorise(ports.actor, f"waiver:{finding}", reason=reason, policy=policy, author=None)
        known = waivable(ports, history)
        if finding not in known:
            raise UnknownName.among("finding that blocks", finding, known)
        now = ports.clock.now()
        if not until.strip() and policy.mode != "quick":
            raise UserFault(
                f"the waiver of {finding} has no end",
                why=f"in {policy.mode} mode nothing is let through for ever",
                next_step="--until YYYY-MM-DD",
            )
        end = end_of(until, now=now) if until.strip() else now + policy.valid_for
        waiver = Waiver(
            finding=finding,
            digest=known[finding],
            reason=reason.strip(),
            actor=ports.actor,
            given=now,
            until=end,
            head=ports.ledger.head(),
        )
        body = worded(ports, waiver, name="waiver", payload_type=WAIVER, policy=policy)
        return ports.ledger.append(
            "waiver.given", {"subject": f"waiver:{finding}", **body}, actor=ports.actor
        )


def revoke_waiver(ports: Ports, finding: str, *, reason: str) -> Entry:
    """Take a waiver back: the finding blocks again at once.

    Raises:
        ApprovalRefused: When this actor may not, or gives no reason.
        UnknownName: When no waiver of this finding is in force.
    """
    with ports.lock():
        entries = tuple(ports.ledger.entries())
        mode = mode_of(fold(entries))
        policy = policy_of(mode)
        authorise(ports.actor, f"waiver:{finding}", reason=reason, policy=policy, author=None)
        held = {waiver.finding for waiver in waivers_of(entries, store=ports.store, mode=mode)}
        if finding not in held:
            raise UnknownName.among("waiver", finding, sorted(held))
        return ports.ledger.append(
            "waiver.revoked", {"finding": finding, "reason": reason.strip()}, actor=ports.actor
        )


def waiver_lines(ports: Ports) -> tuple[WaiverLine, ...]:
    """Return every waiver that was ever given, oldest first, and what has become of it.

    Args:
        ports: The outside world.
    """
    entries = tuple(ports.ledger.entries())
    mode, now = mode_of(fold(entries)), ports.clock.now()
    last = {waiver.finding: waiver for waiver in waivers_of(entries, store=ports.store, mode=mode)}
    revoked = {
        str(entry.body["finding"]): (
            entry.sequence,
            f"revoked by {entry.actor.label}: {entry.body['reason']}",
        )
        for entry in entries
        if entry.kind == "waiver.revoked"
    }
    lines = []
    for entry in entries:
        for waiver in waivers_of([entry], store=ports.store, mode=mode):
            if waiver == last.get(waiver.finding):
                lines.append(WaiverLine(waiver=waiver, state=_state(waiver, now)))
            elif revoked.get(waiver.finding, (0, ""))[0] > entry.sequence:
                lines.append(WaiverLine(waiver=waiver, state=revoked[waiver.finding][1]))
            else:
                lines.append(WaiverLine(waiver=waiver, state="replaced"))
    return tuple(lines)


def _state(waiver: Waiver, now: datetime) -> str:
    return "expired: it blocks again" if now >= waiver.until else "in force"

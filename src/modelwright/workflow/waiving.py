"""Waiving: findings that block, let stand by a named person until a day; expired, they block again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.actor import ActorKind
from modelwright.authority.answer import answer_in, check_signature, check_statement
from modelwright.authority.approval import authorise
from modelwright.authority.envelope import Envelope
from modelwright.authority.waiver import WAIVER, Waiver, check_waiver, end_of
from modelwright.kernel.errors import Fault, IntegrityBroken, PhaseLocked, UnknownName, UserFault
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import History, fold
from modelwright.workflow.notifying import notify_expired
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, decider
from modelwright.workflow.survey import choices_of

__all__ = [
    "WaiverLine",
    "demand_waivers",
    "expired_waivers",
    "give_waiver",
    "present",
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


def waivers_of(entries: Iterable[Entry], *, store: ArtifactStore, history: History) -> tuple[Waiver, ...]:
    """Return the waivers that count and were not revoked, oldest first.

    In quick mode an answer after phase 3 that accepts a risk waives it until that answer expires; elsewhere
    only `modelwright waive` does, which asks for the end. One that is not by whom it says, or is handed in
    a second time, does not count.

    Args:
        entries: The ledger's entries, in order.
        store: Where the risk lists lie that answers were given on.
        history: What the ledger tells: the policy, and whose key was known when.

    Raises:
        IntegrityBroken: When an entry holds no waiver, or evidence was changed.
    """
    held: dict[str, list[Waiver]] = {}
    said: set[str] = set()
    for entry in entries:
        if entry.kind == "waiver.given":
            waiver = _given(entry, said, history=history)
            if waiver is not None:
                held.setdefault(waiver.finding, []).append(waiver)
        elif entry.kind == "waiver.revoked":
            held.pop(str(entry.body["finding"]), None)
        elif entry.kind == "approval.given" and entry.body["subject"] == f"phase:{RISKS}":
            for waiver in _by_answer(entry, store=store, history=history):
                held.setdefault(waiver.finding, []).append(waiver)
    return tuple(waiver for each in held.values() for waiver in each)


def _given(entry: Entry, said: set[str], *, history: History) -> Waiver | None:
    """Return the waiver of an entry; None when it does not count."""
    waiver = decode(encode(entry.body["waiver"]), Waiver)
    sealed = entry.body.get("envelope")
    try:
        envelope = None if sealed is None else Envelope.from_json(sealed)
    except IntegrityBroken:
        return None
    if envelope is not None:
        if envelope.digest in said:
            return None
        said.add(envelope.digest)
    elif entry.actor != waiver.actor:
        return None
    outcome = check_statement(
        waiver,
        envelope,
        payload_type=WAIVER,
        policy=history.policy,
        trust=history.trust,
        sequence=entry.sequence,
    )
    return waiver if outcome.allows and waiver.actor.kind is ActorKind.PERSON else None


def _by_answer(entry: Entry, *, store: ArtifactStore, history: History) -> Iterable[Waiver]:
    """Yield the waivers that an answer after phase 3 stands for: in quick mode, and when it counts."""
    if history.policy.mode != "quick":
        return
    answer = answer_in(entry)
    said, theirs = answer.approval, check_signature(answer, policy=history.policy, trust=history.trust)
    shown = said.artifacts.get(f"phase{RISKS}.risks")
    if said.decision != "approve" or said.expires is None or shown is None or not theirs.allows:
        return
    from modelwright.risk.register import RiskList, standing, waiver_digest

    for risk in standing(store.get_record(shown, RiskList), said.choices):
        yield Waiver(
            finding=risk.id,
            digest=waiver_digest(risk),
            reason=said.reason,
            actor=said.actor,
            given=entry.at,
            until=said.expires,
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


def present(ports: Ports, entries: Sequence[Entry]) -> datetime:
    """Return the present moment, never before the last entry: a clock set back opens nothing again.

    Args:
        ports: The outside world.
        entries: The ledger's entries.
    """
    now = ports.clock.now()
    return max(now, entries[-1].at) if entries else now


def waiver_outcomes(ports: Ports, findings: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Say of each finding whether it is waived now.

    Args:
        ports: The outside world.
        findings: Ids of findings, each with its digest.
    """
    if not findings:
        return ()
    entries = tuple(ports.ledger.entries())
    given = waivers_of(entries, store=ports.store, history=fold(entries))
    now = present(ports, entries)
    return tuple(
        check_waiver(given, finding=name, digest=digest, now=now) for name, digest in findings.items()
    )


def demand_waivers(ports: Ports, findings: Mapping[str, str], *, before: str) -> None:
    """Refuse to go on while a finding that blocks is neither fixed nor waived; tell people what has expired.

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
    notify_expired(ports, [waiver for waiver in expired_waivers(ports) if waiver.finding in findings])
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

    def prepare(moment: datetime) -> Decision:
        history = fold(ports.ledger.entries())
        policy = history.policy
        authorise(ports.actor, f"waiver:{finding}", reason=reason, policy=policy, author=None)
        known = waivable(ports, history)
        if finding not in known:
            raise UnknownName.among("finding that blocks", finding, known)
        if not until.strip() and policy.mode != "quick":
            raise UserFault(
                f"the waiver of {finding} has no end",
                why=f"in {policy.mode} mode nothing is let through for ever",
                next_step="--until YYYY-MM-DD",
            )
        actor, identity = decider(ports, policy=policy, trust=history.trust)
        waiver = Waiver(
            finding=finding,
            digest=known[finding],
            reason=reason.strip(),
            actor=actor,
            given=moment,
            until=end_of(until, now=moment) if until.strip() else moment + policy.valid_for,
        )
        return Decision(
            record=waiver,
            identity=identity,
            purpose=f"waive {finding}",
            kind="waiver.given",
            name="waiver",
            payload_type=WAIVER,
            facts={"subject": f"waiver:{finding}", "until": waiver.until.isoformat()},
        )

    return decide(ports, prepare)


def revoke_waiver(ports: Ports, finding: str, *, reason: str) -> Entry:
    """Take a waiver back: the finding blocks again at once.

    Raises:
        ApprovalRefused: When this actor may not, or gives no reason.
        UnknownName: When no waiver of this finding is in force.
    """
    with ports.lock():
        entries = tuple(ports.ledger.entries())
        history = fold(entries)
        authorise(ports.actor, f"waiver:{finding}", reason=reason, policy=history.policy, author=None)
        held = {waiver.finding for waiver in waivers_of(entries, store=ports.store, history=history)}
        if finding not in held:
            raise UnknownName.among("waiver", finding, sorted(held))
        return ports.ledger.append(
            "waiver.revoked", {"finding": finding, "reason": reason.strip()}, actor=ports.actor
        )


def waiver_lines(ports: Ports) -> tuple[WaiverLine, ...]:
    """Return every waiver that was ever given and counts, oldest first, and what has become of it.

    Args:
        ports: The outside world.
    """
    entries = tuple(ports.ledger.entries())
    history, now = fold(entries), present(ports, entries)
    last = {waiver.finding: waiver for waiver in waivers_of(entries, store=ports.store, history=history)}
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
        for waiver in waivers_of([entry], store=ports.store, history=history):
            place, told = revoked.get(waiver.finding, (0, ""))
            if waiver == last.get(waiver.finding):
                told = "expired: it blocks again" if now >= waiver.until else "in force"
            elif place < entry.sequence:
                told = "replaced"
            lines.append(WaiverLine(waiver=waiver, state=told))
    return tuple(lines)


def expired_waivers(ports: Ports) -> tuple[Waiver, ...]:
    """Return the waivers that ran out and were neither renewed nor revoked.

    Args:
        ports: The outside world.
    """
    return tuple(line.waiver for line in waiver_lines(ports) if line.state.startswith("expired"))

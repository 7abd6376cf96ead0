"""Answers of people: approve, reject or ask for changes; each bound to exactly what was shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from modelwright.authority.answer import Approval
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.entry import Entry
from modelwright.workflow.choices import check_choices
from modelwright.workflow.engine import Look, look
from modelwright.workflow.phases import Phase, phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, said_of
from modelwright.workflow.survey import PhaseState, subject_artifacts

__all__ = ["answer_phase"]

Said = Literal["approve", "reject", "request-changes"]


def answer_phase(
    ports: Ports,
    number: int,
    *,
    decision: Said = "approve",
    reason: str = "",
    choices: Mapping[str, str] | None = None,
    valid_for: timedelta | None = None,
) -> Entry:
    """Record a person's answer to a phase, bound to the digests of everything the phase showed.

    Raises:
        PhaseLocked: When the phase has nothing to answer now.
        ApprovalRefused: When this actor may not answer, or the policy asks for somebody else.
        UserFault: When a choice is missing, unknown, or a reason is required.
    """

    def prepare(moment: datetime) -> Decision:
        now = look(ports)
        phase = phase_of(number)
        subject = f"phase:{number}"
        _require_shown(now, phase)
        completion = now.history.completions[number]
        policy = now.policy
        actor, identity = deciding(
            ports, subject, reason=reason, policy=policy, trust=now.history.trust, author=completion.actor
        )
        settled = check_choices(ports, now.history, phase, decision=decision, choices=choices or {})
        approval = Approval(
            subject=subject,
            decision=decision,
            artifacts=subject_artifacts(now.history, number),
            contract_digest=now.contract_digest,
            reason=reason,
            actor=actor,
            expires=moment + (valid_for or policy.valid_for),
            choices=settled,
        )
        return Decision(
            record=approval,
            identity=identity,
            purpose=f"{decision} phase {number}",
            facts=said_of(approval),
            artifacts=_stored(approval.artifacts, ports),
        )

    return decide(ports, prepare)


def _stored(artifacts: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """Choices are bound by digest and lie in the ledger, not in the store: the entry names what is there."""
    return {name: digest for name, digest in artifacts.items() if ports.store.has(digest)}


def _require_shown(now: Look, phase: Phase) -> None:
    status = now.survey.of(phase.number)
    if not phase.needs_answer:
        raise PhaseLocked(
            f"phase {phase.number} ({phase.name}) asks nothing",
            next_step="modelwright status shows which phase waits for an answer",
            expected="1, 3, 4, 5, 6 or 10",
        )
    if status.state not in {PhaseState.WAITING, PhaseState.DONE}:
        raise PhaseLocked(
            f"phase {phase.number} ({phase.name}) has nothing to answer now",
            why="an answer is bound to what was shown, and nothing current has been shown",
            found=status.state.value,
            expected="waiting",
            next_step="modelwright run",
        )

"""Promotion: a version becomes the champion only on gates, certificate and people, all on one contract."""

from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.authority.answer import Approval
from modelwright.kernel.errors import Fault, PhaseLocked
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry
from modelwright.workflow.allowance import TRAINED, demand_contract, promotion_outcome, shown_of
from modelwright.workflow.engine import Look, look
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, said_of

if TYPE_CHECKING:  # the registry is loaded by the call that needs it
    from modelwright.registry.version import Version

__all__ = ["promote_version"]


def promote_version(ports: Ports, name: str, *, reason: str, at_once: bool = False) -> Entry:
    """Approve a version as the present actor, and make it the champion where that is the next step.

    The first champion is promoted as soon as enough people have approved. With a champion in place the
    approval is recorded and the version takes over by a rollout, step by step; `at_once` skips the rollout
    and says so in the ledger. In a mode that asks for two people the promotion waits for the second.

    Returns:
        The ledger entry of the promotion, or of the approval when a rollout is the next step.

    Raises:
        ApprovalRefused: When this actor may not approve.
        PhaseLocked: When gates, certificate or a second approval are missing, or a rollout is under way.
        ContractChanged: When the version belongs to another contract.
        BundleRejected: When the bundle is not the one that was registered.
        UnknownName: When there is no such version.
    """
    from modelwright.registry.versions import champion, promotable, promote, version_of
    from modelwright.rollout.admission import demand
    from modelwright.rollout.state import read_state
    from modelwright.workflow.overriding import override_outcome
    from modelwright.workflow.soundness import demand_sound
    from modelwright.workflow.waiving import demand_waivers

    def prepare(moment: datetime) -> Decision:
        now = look(ports)
        version = version_of(ports.ledger, name)
        demand_contract(now, version)
        state = read_state(ports.ledger)
        if state is not None and state.active:
            raise PhaseLocked(
                f"{state.challenger} is being rolled out",
                why="two versions that take over at once cannot be told apart in their effects",
                next_step="wait for it, or modelwright rollout back --reason ...",
            )
        bundle = demand_sound(ports, version)
        waived = bundle.verdict.waived if bundle.verdict else {}
        demand_waivers(ports, waived, before=f"the promotion of {name}")
        _demand_open(version, override=override_outcome(ports, version))
        return _approval(ports, now, version, reason=reason, moment=moment)

    def follow(approved: Entry) -> Entry:
        now = look(ports)
        version = version_of(ports.ledger, name)
        outcome, override = promotion_outcome(ports, now, version), override_outcome(ports, version)
        before = champion(ports.ledger)
        if outcome.status is Status.UNKNOWN and not (override is not None and override.allows):
            raise _waits(name, approved, outcome)
        if before is not None and before.version != name and not at_once:
            demand(promotable(version, approval=outcome, override=override))
            return approved
        promote(
            ports.ledger,
            name,
            approval=outcome,
            actor=approved.actor,
            reason=_told(reason, before, at_once=at_once),
            agreed=now.contract_digest,
            override=override,
        )
        _follow(ports)
        return list(ports.ledger.entries(kinds=["version.promoted"]))[-1]

    return decide(ports, prepare, then=follow)


def _demand_open(version: "Version", *, override: Outcome | None) -> None:
    """Refuse a version that no yes could let through, before anybody types a passphrase.

    Raises:
        PhaseLocked: When its gates, its certificate or its standing are in the way.
    """
    from modelwright.registry.versions import promotable

    given = Outcome(status=Status.PASSED, what="people agree")
    outcome = promotable(version, approval=given, override=override)
    if version.standing != "champion" and not outcome.allows:
        raise PhaseLocked(
            f"{version.version} cannot be promoted",
            why="what answers in production passed its gates and was proven equal: no yes stands in for that",
            next_step="modelwright report 11 says what is missing; mend it, and modelwright run",
            faults=[Fault(version.version, line) for line in outcome.evidence],
        )


def _waits(name: str, approved: Entry, outcome: Outcome) -> PhaseLocked:
    """Say that this yes is kept, and what it waits for."""
    return PhaseLocked(
        f"{name} waits for another person: your yes is kept in ledger entry {approved.sequence}"
        f" ({outcome.evidence[0]})",
        why="what two people have to allow is not one person's to decide",
        next_step=outcome.next_step,
    )


def _told(reason: str, before: "Version | None", *, at_once: bool) -> str:
    return f"{reason} (without a rollout)" if before is not None and at_once else reason


def _follow(ports: Ports) -> None:
    """Let the traffic of a running server follow the ledger."""
    from modelwright.workflow.live import follow_ledger

    follow_ledger(ports)


def _approval(ports: Ports, now: Look, version: "Version", *, reason: str, moment: datetime) -> Decision:
    trained = now.history.completions.get(TRAINED)
    subject, policy = f"promotion:{version.version}", now.policy
    author = trained.actor if trained else None
    actor, identity = deciding(
        ports, subject, reason=reason, policy=policy, trust=now.history.trust, author=author
    )
    approval = Approval(
        subject=subject,
        decision="approve",
        artifacts=shown_of(version),
        contract_digest=now.contract_digest,
        reason=reason,
        actor=actor,
        expires=moment + policy.valid_for,
    )
    return Decision(
        record=approval,
        identity=identity,
        purpose=f"approve the promotion of {version.version}",
        facts=said_of(approval),
        artifacts={"certificate": version.certificate_digest} if version.certificate_digest else {},
    )

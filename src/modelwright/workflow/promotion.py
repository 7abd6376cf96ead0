"""Promotion: a version becomes the champion only on gates, certificate and people, all on one contract."""

from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.authority.answer import Approval
from modelwright.kernel.errors import Fault, IntegrityBroken, PhaseLocked
from modelwright.ledger.entry import Entry
from modelwright.workflow.allowance import TRAINED, demand_contract, promotion_outcome, shown_of
from modelwright.workflow.engine import Look, look
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, said_of

if TYPE_CHECKING:  # the registry is loaded by the call that needs it
    from modelwright.registry.versions import Version

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
        _demand_bundle(ports, version)
        return _approval(ports, now, version, reason=reason, moment=moment)

    def follow(approved: Entry) -> Entry:
        now = look(ports)
        version = version_of(ports.ledger, name)
        outcome = promotion_outcome(ports, now, version)
        before = champion(ports.ledger)
        if before is not None and before.version != name and not at_once:
            demand(promotable(version, approval=outcome))
            return approved
        promote(
            ports.ledger,
            name,
            approval=outcome,
            actor=approved.actor,
            reason=_told(reason, before, at_once=at_once),
        )
        _follow(ports)
        return list(ports.ledger.entries(kinds=["version.promoted"]))[-1]

    return decide(ports, prepare, then=follow)


def _told(reason: str, before: "Version | None", *, at_once: bool) -> str:
    return f"{reason} (without a rollout)" if before is not None and at_once else reason


def _follow(ports: Ports) -> None:
    """Let the traffic of a running server follow the ledger."""
    from modelwright.workflow.live import follow_ledger

    follow_ledger(ports)


def _demand_bundle(ports: Ports, version: "Version") -> None:
    """Open the bundle: what is promoted is what was registered, judged and packed under this contract.

    Raises:
        BundleRejected: When its bytes are not those that were registered.
        IntegrityBroken: When it says something else than the ledger.
    """
    from modelwright.registry.bundle import load

    manifest = load(ports.project.store / version.path, expected_digest=version.bundle_digest).manifest
    pairs = [
        ("version", manifest.version, version.version),
        ("contract", manifest.contract_digest, version.contract_digest),
        ("run", manifest.run_id, version.run_id),
        ("verdict", manifest.verdict_status, version.verdict_status),
    ]
    faults = [
        Fault(what, f"the bundle says {found}", next_step=f"the ledger {said}")
        for what, found, said in pairs
        if found != said
    ]
    if faults:
        raise IntegrityBroken(
            f"the bundle of {version.version} and the ledger do not say the same",
            why="a version stands on one chain of evidence",
            next_step="modelwright verify names what was changed",
            faults=faults,
        )


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

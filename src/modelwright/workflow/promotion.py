"""Promotion: a version becomes the champion only on gates, certificate and people, all on one contract."""

from typing import TYPE_CHECKING

from modelwright.authority.approval import Approval, authorise, check_approvals
from modelwright.kernel.digest import plain, short
from modelwright.kernel.errors import ContractChanged, OurFault
from modelwright.ledger.entry import Entry
from modelwright.workflow.engine import Look, look
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import answers_of

if TYPE_CHECKING:  # the registry is loaded by the call that needs it
    from modelwright.kernel.outcome import Outcome
    from modelwright.registry.versions import Version

__all__ = ["demand_contract", "promote_version", "promotion_outcome"]

TRAINED = 8
"""The phase whose runner is the author of the model."""


def demand_contract(now: Look, version: "Version") -> None:
    """Refuse a version that was judged under another contract than the one in force.

    Raises:
        ContractChanged: When the digests differ.
    """
    if version.contract_digest != now.contract_digest:
        raise ContractChanged(
            f"{version.version} was judged under another contract",
            why="gate, registry, server and rollout must mean the same agreement",
            next_step="modelwright run judges a new version under the present contract",
            found=short(version.contract_digest),
            expected=short(now.contract_digest),
        )


def promotion_outcome(ports: Ports, now: Look, version: "Version") -> "Outcome":
    """Say whether people have allowed this version, bound to its bundle and certificate.

    Args:
        ports: The outside world.
        now: The present state.
        version: The version.
    """
    trained = now.history.completions.get(TRAINED)
    subject = f"promotion:{version.version}"
    return check_approvals(
        answers_of(now.history, subject),
        subject=subject,
        artifacts=_shown(version),
        contract_digest=now.contract_digest,
        now=ports.clock.now(),
        policy=now.policy,
        author=trained.actor if trained else None,
    )


def _shown(version: "Version") -> dict[str, str]:
    return {"bundle": version.bundle_digest, "certificate": version.certificate_digest}


def promote_version(ports: Ports, name: str, *, reason: str) -> Entry:
    """Approve a version as the present actor and promote it once enough people have.

    In a mode that asks for two people the first approval is recorded and the promotion waits for the second.

    Raises:
        ApprovalRefused: When this actor may not approve.
        PhaseLocked: When gates, certificate or a second approval are missing; everything missing is named.
        ContractChanged: When the version belongs to another contract.
        UnknownName: When there is no such version.
    """
    from modelwright.registry.versions import promote, version_of

    with ports.lock():
        now = look(ports)
        version = version_of(ports.ledger, name)
        demand_contract(now, version)
        trained = now.history.completions.get(TRAINED)
        author = trained.actor if trained else None
        subject = f"promotion:{name}"
        authorise(ports.actor, subject, reason=reason, policy=now.policy, author=author)
        approval = Approval(
            subject=subject,
            decision="approve",
            artifacts=_shown(version),
            contract_digest=now.contract_digest,
            reason=reason,
            actor=ports.actor,
            expires=ports.clock.now() + now.policy.valid_for,
        )
        body = plain(approval)
        if not isinstance(body, dict):  # an approval is a record, so its plain form is a mapping
            raise OurFault("an approval must be a record")
        ports.ledger.append(
            "approval.given",
            {"subject": subject, "decision": "approve", "approval": body},
            actor=ports.actor,
            artifacts={"certificate": version.certificate_digest} if version.certificate_digest else {},
        )
        outcome = promotion_outcome(ports, look(ports), version)
        promote(ports.ledger, name, approval=outcome, actor=ports.actor, reason=reason)
        promoted = list(ports.ledger.entries(kinds=["version.promoted"]))
        return promoted[-1]

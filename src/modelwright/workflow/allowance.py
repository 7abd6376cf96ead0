"""Allowance: whether people have allowed a version, and whether it stands on the contract in force."""

from modelwright.authority.approval import check_approvals
from modelwright.kernel.digest import short
from modelwright.kernel.errors import ContractChanged
from modelwright.kernel.outcome import Outcome
from modelwright.registry.versions import Version
from modelwright.workflow.engine import Look
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import given_of

__all__ = ["TRAINED", "demand_contract", "promotion_outcome", "shown_of"]

TRAINED = 8
"""The phase whose runner is the author of the model."""


def demand_contract(now: Look, version: Version) -> None:
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


def promotion_outcome(ports: Ports, now: Look, version: Version) -> Outcome:
    """Say whether people have allowed this version, bound to its bundle and certificate.

    Args:
        ports: The outside world.
        now: The present state.
        version: The version.
    """
    trained = now.history.completions.get(TRAINED)
    subject = f"promotion:{version.version}"
    return check_approvals(
        given_of(now.history, subject),
        subject=subject,
        artifacts=shown_of(version),
        contract_digest=now.contract_digest,
        now=now.history.not_before(ports.clock.now()),
        policy=now.policy,
        author=trained.actor if trained else None,
        trust=now.history.trust,
    )


def shown_of(version: Version) -> dict[str, str]:
    """Return what an approval of a promotion is bound to.

    Args:
        version: The version.
    """
    return {"bundle": version.bundle_digest, "certificate": version.certificate_digest}

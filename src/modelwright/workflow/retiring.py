"""Retirement: a version leaves service for good, by a person's word, and the ledger says who and why."""

from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.authority.answer import Approval
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.entry import Entry
from modelwright.workflow.engine import look
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, said_of

if TYPE_CHECKING:  # the registry and the rollout are loaded by the call that needs them
    from modelwright.registry.version import Version
    from modelwright.rollout.state import RolloutState

__all__ = ["retire_version"]


def _demand_idle(version: "Version", state: "RolloutState | None", *, end_of_life: bool) -> None:
    """Refuse what is retired already, what traffic goes to, and a champion without a successor."""
    if state is not None and state.active:
        raise PhaseLocked(
            f"{state.challenger} is being rolled out",
            why="a rollout needs both of its versions",
            next_step="wait for it, or modelwright rollout back --reason ...",
        )
    if version.standing == "retired":
        raise PhaseLocked(f"{version.version} is retired already", next_step="modelwright versions")
    if version.standing == "champion" and not end_of_life:
        raise PhaseLocked(
            f"{version.version} is the champion: it answers",
            why="without it nothing answers any more",
            next_step="promote another version first, or end the model's life with --end-of-life",
        )


def retire_version(ports: Ports, name: str, *, reason: str, end_of_life: bool = False) -> Entry:
    """Take a version out of use as the present actor; its evidence stays.

    Args:
        ports: The outside world.
        name: The version.
        reason: Why.
        end_of_life: Whether the champion may go although nothing takes its place: the life of the model ends.

    Returns:
        The entry `version.retired`.

    Raises:
        ApprovalRefused: When this actor may not decide it, or gives no reason.
        PhaseLocked: When it is the champion and nothing takes its place, or traffic still goes to it.
        UnknownName: When there is no such version.
    """
    from modelwright.registry.versions import retire, version_of, versions, write_roster
    from modelwright.rollout.state import read_state
    from modelwright.workflow.places import places_of

    def prepare(moment: datetime) -> Decision:
        now = look(ports)
        version = version_of(ports.ledger, name)
        _demand_idle(version, read_state(ports.ledger), end_of_life=end_of_life)
        actor, identity = deciding(
            ports,
            f"retirement:{name}",
            reason=reason,
            policy=now.policy,
            trust=now.history.trust,
            author=None,
        )
        approval = Approval(
            subject=f"retirement:{name}",
            decision="approve",
            artifacts={"bundle": version.bundle_digest},
            contract_digest=now.contract_digest,
            reason=reason,
            actor=actor,
            expires=moment + now.policy.valid_for,
        )
        return Decision(record=approval, identity=identity, purpose=f"retire {name}", facts=said_of(approval))

    def follow(approved: Entry) -> Entry:
        retire(ports.ledger, name, actor=approved.actor, reason=reason)
        write_roster(places_of(ports).roster, versions(ports.ledger))
        return list(ports.ledger.entries(kinds=["version.retired"]))[-1]

    return decide(ports, prepare, then=follow)

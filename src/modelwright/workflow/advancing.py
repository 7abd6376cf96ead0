"""Advancing: whether people have allowed a rollout to go beyond its first step."""

from datetime import datetime

from modelwright.authority.answer import Approval
from modelwright.authority.approval import check_approvals
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import PhaseLocked
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry
from modelwright.registry.versions import version_of
from modelwright.rollout.state import RolloutState, read_state
from modelwright.workflow.allowance import TRAINED, demand_contract, shown_of
from modelwright.workflow.engine import Look, look
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding, said_of
from modelwright.workflow.survey import given_of

__all__ = ["approve_rollout", "rollout_outcome"]


def approve_rollout(ports: Ports, name: str, *, reason: str) -> Entry:
    """Allow the running rollout of a version to go beyond its first step, as the present actor.

    The answer is bound to this rollout: one that is started anew asks again.

    Args:
        ports: The outside world.
        name: The version that is rolled out.
        reason: Why.

    Raises:
        ApprovalRefused: When this actor may not approve.
        PhaseLocked: When this version is not being rolled out.
        UnknownName: When there is no such version.
    """

    def prepare(moment: datetime) -> Decision:
        now = look(ports)
        version = version_of(ports.ledger, name)
        demand_contract(now, version)
        state = read_state(ports.ledger)
        if state is None or not state.active or state.challenger != name:
            raise PhaseLocked(
                f"{name} is not being rolled out",
                why="what is approved is the rollout that goes on",
                next_step=f"modelwright rollout start {name}",
            )
        author = now.history.completions.get(TRAINED)
        actor, identity = deciding(
            ports,
            f"rollout:{name}",
            reason=reason,
            policy=now.policy,
            trust=now.history.trust,
            author=author.actor if author else None,
        )
        approval = Approval(
            subject=f"rollout:{name}",
            decision="approve",
            artifacts=_shown(ports, state),
            contract_digest=now.contract_digest,
            reason=reason,
            actor=actor,
            expires=moment + now.policy.valid_for,
        )
        return Decision(
            record=approval,
            identity=identity,
            purpose=f"let {name} go beyond its first step",
            facts=said_of(approval),
        )

    return decide(ports, prepare)


def _shown(ports: Ports, state: RolloutState) -> dict[str, str]:
    """Return what the answer is bound to: the version's evidence, and this very rollout."""
    version = version_of(ports.ledger, state.challenger)
    return {**shown_of(version), "rollout": digest_of([state.rollout, state.champion, state.challenger])}


def rollout_outcome(ports: Ports, state: RolloutState) -> Outcome:
    """Say whether a rollout may go beyond its first step, as far as people are asked.

    Args:
        ports: The outside world.
        state: Where the rollout stands.
    """
    what = f"people let {state.challenger} go beyond its first step"
    policy = fold(ports.ledger.entries()).policy
    if state.drill or not policy.asks_beyond_first_step:
        return Outcome(status=Status.PASSED, what=what, evidence=(f"{policy.mode} mode does not ask for it",))
    now: Look = look(ports)
    author = now.history.completions.get(TRAINED)
    outcome = check_approvals(
        given_of(now.history, f"rollout:{state.challenger}"),
        subject=f"rollout:{state.challenger}",
        artifacts=_shown(ports, state),
        contract_digest=now.contract_digest,
        now=now.history.not_before(ports.clock.now()),
        policy=now.policy,
        author=author.actor if author else None,
        trust=now.history.trust,
    )
    if outcome.allows:
        return outcome
    return Outcome(
        status=outcome.status,
        what=what,
        evidence=outcome.evidence,
        next_step=f'modelwright rollout approve {state.challenger} --reason "..."',
    )

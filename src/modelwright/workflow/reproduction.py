"""Reproduction: retrain from the record and compare, without touching what was kept."""

from typing import TYPE_CHECKING

from modelwright.kernel.errors import PhaseLocked
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.engine import look
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # training is loaded by the call that needs it
    from modelwright.training.reproduce import Reproduction

__all__ = ["reproduce_run"]

TRAINED = 8


def reproduce_run(ports: Ports) -> "Reproduction":
    """Train the recorded run again from its snapshot and say whether the result is the same, bit by bit.

    Checkpoints of the first training are not used.

    Raises:
        PhaseLocked: When nothing has been trained yet.
        IntegrityBroken: When evidence of the run was changed.
    """
    from modelwright.contracts.contract import Contract
    from modelwright.data.snapshot import Snapshot, part
    from modelwright.features.plan import FeaturePlan
    from modelwright.training.reproduce import reproduce
    from modelwright.training.run import Run

    now = look(ports)
    trained = now.history.completions.get(TRAINED)
    held = now.history.agreements.get(trained.contract_digest) if trained else None
    if held is None:
        raise PhaseLocked(
            "there is no run to reproduce yet",
            why="phase 8 trains the approved design",
            next_step="modelwright run",
        )
    contract = Contract.model_validate_json(ports.store.get(held.artifacts["contract"]))
    context = PhaseContext(
        ports=ports, contract=contract, contract_digest=contract.digest, history=now.history
    )
    snapshot = context.output(2, "snapshot", Snapshot)
    return reproduce(
        context.output(TRAINED, "run", Run),
        train=part(snapshot, "train", store=ports.store),
        validation=part(snapshot, "validation", store=ports.store),
        plan=context.output(4, "plan", FeaturePlan),
        target=snapshot.target,
        contract=contract,
        snapshot_digest=snapshot.digest,
        store=ports.store,
        environment=ports.environment(),
        clock=ports.clock,
        progress=ports.progress,
    )

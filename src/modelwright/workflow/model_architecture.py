"""Phase 4, Model Architecture: three designs, measured on probes, with a reasoned recommendation."""

from typing import Literal

from modelwright.candidates.propose import propose
from modelwright.data.lineage import lineage_of
from modelwright.data.snapshot import Snapshot, part
from modelwright.features.derivation import derivations
from modelwright.features.plan import compile_plan
from modelwright.kernel.errors import PhaseLocked
from modelwright.risk.register import RiskDecision, RiskList, settle
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.waiving import demand_waivers, standing_findings

__all__ = ["perform"]

PROBE_SECONDS = {"quick": 12.0, "standard": 30.0, "enterprise": 60.0}
"""Time for measuring the designs before one is chosen, by mode."""


def perform(context: PhaseContext) -> Outputs:
    """Settle the risks as decided, compile the feature plan, and propose three designs.

    Raises:
        PhaseLocked: When a risk was decided to block, or blocks and is not waived.
    """
    ports, contract = context.ports, context.contract
    risks = context.output(3, "risks", RiskList)
    decisions = tuple(
        RiskDecision(risk=name, action=_action(action), reason="decided after phase 3")
        for name, action in context.choices(3).items()
    )
    standing = standing_findings(ports, context.history)
    demand_waivers(ports, standing, before="the design")
    settlement = settle(risks, decisions, waived=standing)
    if settlement.blocked or settlement.open or settlement.unwaived:
        named = ", ".join((*settlement.blocked, *settlement.open, *settlement.unwaived))
        raise PhaseLocked(
            f"risks stop the design: {named}",
            why="a risk that was decided to block, or was not decided at all, stops the run",
            next_step="mend data or contract and run again, or decide otherwise: modelwright approve 3",
        )
    if settlement.changes:
        raise PhaseLocked(
            "risks were decided to change the contract, and the contract is as it was",
            why="a decision that is not carried out changes nothing",
            next_step="change contract.yaml as named and run again, or decide otherwise with approve 3",
            found="; ".join(settlement.changes),
        )
    snapshot = context.output(2, "snapshot", Snapshot)
    train = part(snapshot, "train", store=ports.store)
    plan = compile_plan(train, contract, exclude=settlement.excluded, root=ports.project.root)
    ports.progress.say(f"measuring three designs on {len(plan.names)} features")
    proposals = propose(
        train,
        contract,
        plan=plan,
        target=snapshot.target,
        seed=contract.data.split.seed,
        threads=ports.threads,
        budget_seconds=PROBE_SECONDS[contract.mode],
    )
    lineage = lineage_of(
        contract,
        snapshot_digest=snapshot.digest,
        source_digests=snapshot.source_digests,
        features=derivations(plan, contract),
    )
    return {"settlement": settlement, "plan": plan, "proposals": proposals, "lineage": lineage}


def _action(text: str) -> Literal["accept", "modify", "block"]:
    match text:
        case "accept" | "modify" | "block":
            return text
        case _:
            return "block"

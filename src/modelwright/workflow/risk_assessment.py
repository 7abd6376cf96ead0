"""Phase 3, Risk Assessment: leaks, shift, bias, reproducibility, scalability; a person decides on each."""

from modelwright.data.snapshot import Snapshot, part
from modelwright.risk.check import RiskView
from modelwright.risk.register import assess
from modelwright.roles.explorer import explore
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["perform"]


def perform(context: PhaseContext) -> Outputs:
    """Run every risk check on the snapshot; sealed labels are not looked at.

    Args:
        context: The desk.
    """
    ports = context.ports
    snapshot = context.output(2, "snapshot", Snapshot)
    ports.progress.say("looking for leaks, shift, bias and what else can go wrong")
    view = RiskView(
        train=part(snapshot, "train", store=ports.store),
        validation=part(snapshot, "validation", store=ports.store),
        test=part(snapshot, "test", store=ports.store),
        contract=context.contract,
        snapshot=snapshot,
        target=snapshot.target,
        raw_rows=sum(snapshot.rows.values()),
    )
    exploration = explore(
        ports.project.code_files(), root=ports.project.root, aspect="leakage, shift and bias"
    )
    return {"risks": assess(view), "exploration": exploration}

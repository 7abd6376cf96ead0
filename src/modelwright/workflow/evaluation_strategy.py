"""Phase 6, Evaluation Strategy: how the model will be judged; approved together with the whole design."""

from modelwright.data.snapshot import Snapshot
from modelwright.roles.data_scientist import FactCheck, design_evaluation
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["perform"]


def perform(context: PhaseContext) -> Outputs:
    """Design the evaluation and carry the fact check on to the person who approves.

    Args:
        context: The desk.
    """
    snapshot = context.output(2, "snapshot", Snapshot)
    return {
        "evaluation_design": design_evaluation(context.contract, rows=snapshot.rows),
        "fact_check": context.output(5, "fact_check", FactCheck),
    }

"""Phase 5, Training Pipeline: how the chosen design is trained; facts checked by a second role."""

from modelwright.candidates.design import Design, Proposals
from modelwright.data.snapshot import Snapshot
from modelwright.features.plan import FeaturePlan
from modelwright.kernel.errors import OurFault
from modelwright.roles.data_scientist import check_facts
from modelwright.roles.mlops_engineer import design_pipeline
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["chosen_design", "perform"]


def chosen_design(context: PhaseContext) -> Design:
    """Return the design a person chose after phase 4.

    Raises:
        OurFault: When there is no choice; the order of phases rules that out.
    """
    proposals = context.output(4, "proposals", Proposals)
    wanted = context.choices(4).get("design")
    for design in proposals.designs:
        if design.name == wanted:
            return design
    raise OurFault(f"the answer to phase 4 names the design '{wanted}', which was not proposed")


def perform(context: PhaseContext) -> Outputs:
    """Design the training pipeline and check its facts.

    Args:
        context: The desk.
    """
    design = chosen_design(context)
    snapshot = context.output(2, "snapshot", Snapshot)
    plan = context.output(4, "plan", FeaturePlan)
    pipeline = design_pipeline(
        design,
        context.contract,
        rows=snapshot.rows["train"],
        columns=len(plan.names),
        threads=context.ports.threads,
        seed=context.contract.data.split.seed,
    )
    return {
        "pipeline_design": pipeline,
        "fact_check": check_facts(pipeline, context.contract, rows=snapshot.rows),
    }

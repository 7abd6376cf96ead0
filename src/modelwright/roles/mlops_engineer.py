"""The MLOps engineer: designs the training pipeline that phase 8 then runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.candidates.design import Design
from modelwright.contracts.contract import Contract
from modelwright.kernel.document import Block, Document, Facts, Heading, Listing

__all__ = ["PipelineDesign", "design_pipeline"]

ROWS_FOR_ONE_MACHINE = 50_000_000
"""Above this many rows the local engine is no longer the plain choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDesign:
    """How training is carried out.

    Examples:
        >>> PipelineDesign.__slots__[0]
        'loop'
    """

    loop: tuple[str, ...]
    """The training loop, step by step."""
    tracking: Mapping[str, str]
    """What is tracked, and where."""
    hyperparameters: Mapping[str, str]
    """How hyper-parameters are held and chosen."""
    resources: Mapping[str, str]
    """Threads, memory, accelerators."""
    orchestration: str
    """Who calls the pipeline; a lane that is off says why."""
    loading: str
    """How data is loaded and batched."""
    distributed: str
    """How it spreads over machines; a lane that is off says why."""
    checkpointing: str
    """What survives a kill."""
    versioning: str
    """How models are named."""

    def document(self) -> Document:
        """Render the design."""
        blocks: list[Block] = [Heading(text="Training loop"), Listing(items=self.loop, ordered=True)]
        for title, facts in (
            ("Tracking", self.tracking),
            ("Hyper-parameters", self.hyperparameters),
            ("Resources", self.resources),
        ):
            blocks += [Heading(text=title), Facts(items=tuple(facts.items()))]
        rest = (
            ("Data loading and batching", self.loading),
            ("Distributed training", self.distributed),
            ("Checkpointing", self.checkpointing),
            ("Model versioning", self.versioning),
            ("Orchestration", self.orchestration),
        )
        blocks += [Heading(text="Execution"), Facts(items=rest)]
        return Document(title="Training pipeline", blocks=tuple(blocks))


SETTLED: Mapping[str, str] = {
    "binary": "calibrate on the validation part; choose the threshold there by the cost of mistakes",
    "multiclass": "calibrate the probabilities on the validation part",
    "regression": "measure the errors on the validation part",
}
"""What the validation part is for, by task."""


def design_pipeline(
    design: Design, contract: Contract, *, rows: int, columns: int, threads: int, seed: int
) -> PipelineDesign:
    """Design the pipeline for a chosen design.

    Args:
        design: The design chosen after phase 4.
        contract: The contract.
        rows: Training rows.
        columns: Columns of the feature matrix.
        threads: Threads a training may use.
        seed: The seed everything random starts from.

    Examples:
        >>> design_pipeline.__name__
        'design_pipeline'
    """
    split = contract.data.split
    folds = {
        "temporal": "forward-chaining folds in time order",
        "group": f"folds that keep each {split.group} whole",
    }
    tracking = contract.stack.tracking
    matrix = rows * columns * 8 / 2**20
    spread = (
        "off: the table fits one machine"
        if rows < ROWS_FOR_ONE_MACHINE
        else "the table is larger than one machine should hold: plan for a cluster executor"
    )
    return PipelineDesign(
        loop=(
            f"compile the feature plan on the training part ({columns} matrix columns)",
            (
                f"cross-fit {design.bagging_folds} {folds.get(split.policy, 'stratified folds')}; "
                "every row is predicted by models that never saw it"
            ),
            f"fit the {len(design.members)} members of the design in each fold",
            "weight members greedily on out-of-fold predictions",
            SETTLED[contract.prediction.task],
            "run the sanity checks: overfit a small batch, shuffled labels, constant feature",
        ),
        tracking={
            "Run record": "parameters, metrics by fold, artifacts by digest, packages, commit, dirty flag",
            "Mirror": "off: the contract asks for local tracking"
            if tracking == "local"
            else f"{tracking}, if installed",
        },
        hyperparameters={
            "Held in": "a frozen TrainingConfig; its digest names the run",
            "Chosen by": "probes inside the training part; never by the sealed test part",
        },
        resources={
            "Threads": str(threads),
            "Memory": f"about {max(matrix * 4, 64):,.0f} MiB (the matrix alone {matrix:,.1f} MiB)",
            "Accelerator": "off: no member of this design needs one",
            "Seed": str(seed),
        },
        orchestration="off: one command runs it"
        if contract.stack.orchestrator == "local"
        else f"{contract.stack.orchestrator} calls the same command",
        loading=f"{rows:,} rows as one columnar matrix in memory; no batching needed",
        distributed=spread,
        checkpointing="each fold of each member is written whole under its digest; a killed run goes on",
        versioning="models are named by the digests of contract, snapshot and configuration",
    )

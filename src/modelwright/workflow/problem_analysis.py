"""Phase 1, Problem Analysis: what is asked, by whom, how success is seen; what code exists already."""

from dataclasses import dataclass

from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing
from modelwright.roles.explorer import explore
from modelwright.workflow.compact import OPEN, compact_of
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["Requirements", "perform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What was understood, to be confirmed by a person.

    Examples:
        >>> Requirements.__slots__[0]
        'request'
    """

    request: str
    """The task in the user's own words; the contract's goal when none was given."""
    problem_type: str
    """Classification, regression and the like, with its target."""
    available_data: str
    """The sources."""
    success_metrics: str
    """What will be measured."""
    deployment_target: str
    """Batch, online, streaming or hybrid."""
    constraints: str
    """Latency, memory, interpretability, law."""
    open_questions: tuple[str, ...]
    """What nobody has said yet: called out, never filled in."""
    capsule: str = ""
    """The capsule the run was started from."""
    capsule_notes: tuple[str, ...] = ()
    """What the capsule brought, and where it disagrees with the contract."""

    def document(self) -> Document:
        """Render the requirements."""
        blocks: list[Block] = []
        if self.capsule:
            blocks.append(Callout(tone="note", text=f"Capsule '{self.capsule}' was loaded"))
        blocks.append(
            Facts(
                items=(
                    ("Request", self.request),
                    ("Problem type", self.problem_type),
                    ("Available data", self.available_data),
                    ("Success metrics", self.success_metrics),
                    ("Deployment target", self.deployment_target),
                    ("Constraints", self.constraints),
                )
            )
        )
        if self.capsule_notes:
            blocks += [Heading(text="From the capsule"), Listing(items=self.capsule_notes)]
        if self.open_questions:
            blocks += [Heading(text="Open questions"), Listing(items=self.open_questions)]
        return Document(title="Requirements", blocks=tuple(blocks))


def perform(context: PhaseContext) -> Outputs:
    """Summarise the requirements and look for existing code.

    Args:
        context: The desk.
    """
    contract, capsule = context.contract, context.capsule
    compact = compact_of(contract)
    latency = contract.prediction.latency
    limits = f"p95 within {latency.p95_ms:g} ms, p99 within {latency.p99_ms:g} ms"
    document = compact.document()
    facts = next(block for block in document.blocks if isinstance(block, Facts))
    notes: tuple[str, ...] = ()
    if capsule is not None:
        notes = tuple(
            line
            for line in (
                f"goal: {capsule.goal}",
                ""
                if capsule.goal.strip() == contract.decision.goal
                else "the capsule's goal is worded differently "
                "from the contract's: the contract is what counts",
                *(f"constraint: {item}" for item in capsule.constraints),
                *(f"key file: {file.path} ({file.reason})" for file in capsule.key_files),
                *(f"risk ({risk.severity}): {risk.description}" for risk in capsule.risks),
            )
            if line
        )
    requirements = Requirements(
        request=context.request or (capsule.goal if capsule else "") or contract.decision.goal,
        problem_type=f"{contract.prediction.task}, target `{contract.prediction.target}`",
        available_data=", ".join(source.name for source in contract.data.sources),
        success_metrics=f"{contract.decision.success_metric.name}; offline {contract.evaluation.primary}",
        deployment_target=contract.prediction.serving,
        constraints="; ".join((limits, *contract.decision.constraints)),
        open_questions=tuple(f"{name}: nobody has said" for name, value in facts.items if value == OPEN),
        capsule=capsule.slug if capsule else "",
        capsule_notes=notes,
    )
    exploration = explore(
        context.ports.project.code_files(),
        root=context.ports.project.root,
        aspect="training, models and tracking",
    )
    return {"requirements": requirements, "compact": compact, "exploration": exploration}

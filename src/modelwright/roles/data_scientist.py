"""The data scientist: designs the evaluation, and checks the facts of a pipeline design."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.contracts.contract import Contract
from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing, Text
from modelwright.roles.mlops_engineer import PipelineDesign

__all__ = ["EvaluationDesign", "FactCheck", "check_facts", "design_evaluation"]

ROWS_FOR_NARROW_INTERVALS = 300
"""With fewer sealed rows an interval of a rate is wider than about ten points; say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDesign:
    """How quality will be judged; frozen together with the contract.

    Examples:
        >>> EvaluationDesign.__slots__[0]
        'primary'
    """

    primary: str
    """The metric that decides."""
    secondary: tuple[str, ...]
    """Metrics reported beside it."""
    validation: str
    """Which rows are used for what."""
    significance: str
    """How a difference is told from chance."""
    baselines: tuple[str, ...]
    """What the model has to be better than."""
    gates: tuple[str, ...]
    """The lines that must hold before promotion."""
    do_not_ship: tuple[str, ...]
    """Lines that stop a release at any price."""
    slices: tuple[str, ...]
    """Columns reported value by value."""
    monitoring: Mapping[str, str]
    """What is watched in production."""
    experiment: str
    """What is planned as an online experiment; a lane that is off says why."""
    looks: int
    """How often the sealed labels may be asked."""
    notes: tuple[str, ...]
    """What a reader should know before believing the numbers."""

    def document(self) -> Document:
        """Render the design."""
        blocks: list[Block] = [
            Facts(
                items=(
                    ("Primary metric", self.primary),
                    ("Secondary metrics", ", ".join(self.secondary) or "none"),
                    ("Validation", self.validation),
                    ("Significance", self.significance),
                    ("Baselines", ", ".join(self.baselines)),
                    ("Slices", ", ".join(self.slices) or "none declared"),
                    ("Looks at sealed labels", str(self.looks)),
                    ("Online experiment", self.experiment),
                )
            ),
            Heading(text="Gates"),
            Listing(items=self.gates or ("none: nothing can pass",)),
        ]
        if self.do_not_ship:
            blocks += [Heading(text="Never ship when"), Listing(items=self.do_not_ship)]
        blocks += [Heading(text="Watched in production"), Facts(items=tuple(self.monitoring.items()))]
        if self.notes:
            blocks += [Heading(text="Before believing the numbers"), Listing(items=self.notes)]
        return Document(title="Evaluation plan", blocks=tuple(blocks))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCheck:
    """What does not add up in a design; empty means approved.

    Examples:
        >>> FactCheck(issues=()).document().blocks[0].text
        'APPROVED'
    """

    issues: tuple[str, ...]
    """Concrete contradictions, each with what was found and what was expected."""

    def document(self) -> Document:
        """Render the check."""
        if not self.issues:
            return Document(title="Fact check", blocks=(Callout(tone="passed", text="APPROVED"),))
        return Document(title="Fact check", blocks=(Text(text="To be settled:"), Listing(items=self.issues)))


USE: Mapping[str, str] = {
    "binary": "calibrate and set the threshold",
    "multiclass": "calibrate",
    "regression": "measure the errors",
}
"""What the rows of the validation part do, by task."""


def design_evaluation(contract: Contract, *, rows: Mapping[str, int]) -> EvaluationDesign:
    """Design the evaluation that the contract asks for.

    Args:
        contract: The contract.
        rows: Rows by part (`train`, `validation`, `test`).

    Examples:
        >>> design_evaluation.__name__
        'design_evaluation'
    """
    plan, split = contract.evaluation, contract.data.split
    monitoring = contract.monitoring
    order = {
        "temporal": "the sealed part is the latest in time",
        "group": f"no {split.group} stands on two sides",
        "stratified": "parts hold the classes in equal shares",
        "random": "parts are drawn at random",
    }[split.policy]
    notes: list[str] = []
    if rows.get("test", 0) < ROWS_FOR_NARROW_INTERVALS:
        notes.append(f"the sealed part holds {rows.get('test', 0)} rows: intervals will be wide")
    if not contract.data.label.delay:
        notes.append("the label delay is not known: delayed quality is judged as labels come")
    if contract.data.label.confidence is None:
        notes.append("the confidence of the labels is not known")
    return EvaluationDesign(
        primary=plan.primary,
        secondary=plan.secondary,
        validation=(
            f"{rows.get('train', 0):,} rows train by cross-fitting, {rows.get('validation', 0):,} "
            f"{USE[contract.prediction.task]}, {rows.get('test', 0):,} are sealed for the final judgement; "
            f"{order}"
        ),
        significance=(
            f"{plan.interval_level:.0%} percentile bootstrap, {plan.resamples:,} resamples; comparisons "
            "paired on the same rows"
        ),
        baselines=plan.baselines,
        gates=contract.gates.lines,
        do_not_ship=contract.gates.do_not_ship,
        slices=plan.slices,
        monitoring={
            "Owner": monitoring.owner or "nobody yet: an alert without an owner helps nobody",
            "Window": f"{monitoring.window}, judged from {monitoring.min_rows:,} answers on",
            "Drift": f"PSI above {monitoring.psi_warn} warns, above {monitoring.psi_alert} alerts, corrected "
            f"for false alarms at {monitoring.false_alarm_rate:.0%}",
            "Quality": f"late labels; a drop of {monitoring.quality_drop_alert} alerts",
            "Rollback": f"errors above {contract.rollout.max_error_rate:.1%}, p99 above "
            f"{contract.rollout.max_p99_ms:.0f} ms, a quality drop above {contract.rollout.max_quality_drop}",
        },
        experiment="off: no experiment is declared in the contract",
        looks=plan.looks,
        notes=tuple(notes),
    )


def check_facts(design: PipelineDesign, contract: Contract, *, rows: Mapping[str, int]) -> FactCheck:
    """Check a pipeline design against the contract and the snapshot.

    Args:
        design: The design of phase 5.
        contract: The contract.
        rows: Rows by part.

    Examples:
        >>> check_facts.__name__
        'check_facts'
    """
    issues: list[str] = []
    loop = " ".join(design.loop)
    if contract.data.split.policy == "temporal" and "forward-chaining" not in loop:
        issues.append("the contract splits by time, but the folds of the design do not go forward in time")
    if contract.data.split.policy == "group" and str(contract.data.split.group) not in loop:
        issues.append("the contract keeps groups whole, but the folds of the design do not name the group")
    total = sum(rows.values())
    shares = {"validation": contract.data.split.validation, "test": contract.data.split.test}
    for part, share in shares.items():
        found = rows.get(part, 0) / total if total else 0.0
        if abs(found - share) > 0.1:
            issues.append(f"the {part} part holds {found:.0%} of the rows, the contract asks for {share:.0%}")
    if not contract.gates.lines:
        issues.append("the contract has no gate: no model can be promoted")
    return FactCheck(issues=tuple(issues))

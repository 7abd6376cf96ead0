"""The contract: what was agreed before any training. YAML in, digest out."""

from typing import Literal

from pydantic import Field

from modelwright.contracts.data import DataContract
from modelwright.contracts.decision import Decision
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.operation import MonitoringPlan, RolloutPlan, Stack
from modelwright.contracts.prediction import Prediction
from modelwright.contracts.section import Section
from modelwright.kernel.digest import digest_of

__all__ = ["Contract", "Gates"]


class Gates(Section):
    """The lines a model must pass before promotion, one condition a line.

    Examples:
        >>> Gates(lines=("roc_auc >= 0.75",)).lines
        ('roc_auc >= 0.75',)
    """

    lines: tuple[str, ...] = ()
    """Conditions such as `roc_auc >= 0.75`, `expected_cost < baseline`, `slice(job): recall >= 0.5`,
    `p95_latency <= 80ms`. Judged on the interval unless the line starts with `point`."""
    do_not_ship: tuple[str, ...] = ()
    """Conditions under which a model is never shipped, such as `calibration_error > 0.1`."""


class Contract(Section):
    """What was agreed: the decision, the prediction, the data, the evaluation, the gates, the operation.

    Examples:
        >>> from modelwright.contracts.contract import Contract
        >>> Contract.model_json_schema()["title"]
        'Contract'
    """

    contract: Literal[1] = 1
    """Version of this file's format."""
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,62}$")
    """The model's name: lower case letters, digits, `-` and `_`."""
    mode: Literal["quick", "standard", "enterprise"] = "quick"
    """How much is done: prototype, production, platform."""
    decision: Decision
    """The decision the model serves."""
    prediction: Prediction
    """What is predicted and how it is served."""
    data: DataContract
    """Where the data comes from and what it may hold."""
    evaluation: EvaluationPlan
    """How quality is measured."""
    gates: Gates = Gates()
    """What must hold before promotion."""
    rollout: RolloutPlan = RolloutPlan()
    """How a new version takes over."""
    monitoring: MonitoringPlan = MonitoringPlan()
    """What is watched in production."""
    stack: Stack = Stack()
    """What the model lives on."""

    @property
    def digest(self) -> str:
        """The digest every later step demands: over all values, not over comments or layout."""
        return digest_of(self.model_dump(mode="json"))

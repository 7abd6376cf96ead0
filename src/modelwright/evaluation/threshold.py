"""The decision rule that costs least, found on the validation part only."""

from dataclasses import dataclass

from modelwright.training.pipeline import DecisionRule

__all__ = ["ThresholdChoice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChoice:
    """The chosen rule, what it costs, and what it means in words.

    Examples:
        >>> choice = ThresholdChoice(
        ...     rule=DecisionRule(threshold=0.2),
        ...     cost=0.4,
        ...     cost_low=0.35,
        ...     cost_high=0.45,
        ...     cost_at_default=0.6,
        ...     statement="",
        ... )
        >>> choice.rule.threshold
        0.2
    """

    rule: DecisionRule
    """The rule a pipeline shall decide by."""
    cost: float | None
    """Expected cost of one decision under the rule, on the validation rows it was found on."""
    cost_low: float | None
    """Lower end of the interval of that cost."""
    cost_high: float | None
    """Upper end of the interval of that cost."""
    cost_at_default: float | None
    """Expected cost of one decision at the customary threshold of 0.5."""
    threshold_low: float | None = None
    """Lower end of where the best threshold would fall on other rows of the same kind."""
    threshold_high: float | None = None
    """Upper end of where the best threshold would fall on other rows of the same kind."""
    unit: str = "relative"
    """Unit of the costs."""
    statement: str
    """Which mistake becomes rarer, which likelier, and who pays."""

"""The evaluation plan: metrics, slices, intervals, looks."""

from typing import Literal

from pydantic import Field

from modelwright.contracts.section import Section

__all__ = ["EvaluationPlan"]


class EvaluationPlan(Section):
    """How quality is measured; agreed before training.

    Examples:
        >>> EvaluationPlan(primary="roc_auc").looks
        3
    """

    primary: str
    """The metric that ranks designs."""
    secondary: tuple[str, ...] = ()
    """Metrics reported beside it."""
    slices: tuple[str, ...] = ()
    """Columns whose values are reported one by one."""
    interval_level: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    interval_method: Literal["bootstrap"] = "bootstrap"
    """How intervals are made: percentile bootstrap over rows (over groups when rows are grouped)."""
    resamples: int = Field(default=1000, ge=100, le=20000)
    """Bootstrap resamples."""
    significance: Literal["paired-bootstrap"] = "paired-bootstrap"
    """How a candidate is compared with the baseline and the champion: on the same rows."""
    baselines: tuple[Literal["prior", "linear", "champion"], ...] = ("prior", "linear")
    """What a candidate has to be better than."""
    min_slice_rows: int = Field(default=50, ge=1)
    """Slices with fewer rows are reported as unknown."""
    looks: int = Field(default=3, ge=1)
    """How often the sealed test labels may be asked."""
    max_attempts: int = Field(default=3, ge=1)
    """How many models may fail their gates under one contract before the run stops with a report."""

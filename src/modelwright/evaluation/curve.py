"""Curves and bins: what a report draws, thinned so that no single row can be read off."""

from dataclasses import dataclass

__all__ = ["CalibrationBin", "CostPoint", "Curve", "ResidualBin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Rows with similar scores: what was promised and what happened.

    Examples:
        >>> CalibrationBin(
        ...     low=0.1,
        ...     high=0.2,
        ...     mean_score=0.15,
        ...     observed=0.14,
        ...     rows=500,
        ...     interval_low=0.11,
        ...     interval_high=0.17,
        ... ).rows
        500
    """

    low: float
    """Lowest score in the bin."""
    high: float
    """Highest score in the bin."""
    mean_score: float
    """Mean score: the share that was promised."""
    observed: float
    """Share of rows where it happened."""
    rows: int
    """Rows in the bin."""
    interval_low: float
    """Lower end of Wilson's interval of the observed share."""
    interval_high: float
    """Upper end of Wilson's interval of the observed share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line to draw.

    Examples:
        >>> Curve(name="roc", x=(0.0, 1.0), y=(0.0, 1.0)).name
        'roc'
    """

    name: str
    """`roc` (false positive rate, true positive rate) or `precision_recall` (recall, precision)."""
    x: tuple[float, ...]
    """Horizontal positions."""
    y: tuple[float, ...]
    """Vertical positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    """What deciding at one threshold would cost.

    Examples:
        >>> CostPoint(threshold=0.2, cost=0.4).cost
        0.4
    """

    threshold: float
    """Scores at or above it are answered yes."""
    cost: float
    """Expected cost of one decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualBin:
    """Regression: rows with similar predictions and what really came.

    Examples:
        >>> ResidualBin(
        ...     rows=100,
        ...     predicted=10.0,
        ...     actual=9.5,
        ...     actual_low=7.0,
        ...     actual_high=12.0,
        ...     bias=0.5,
        ...     bias_low=0.1,
        ...     bias_high=0.9,
        ... ).bias
        0.5
    """

    rows: int
    """Rows in the bin."""
    predicted: float
    """Mean prediction."""
    actual: float
    """Mean of the actual values."""
    actual_low: float
    """10 % of the actual values lie below."""
    actual_high: float
    """10 % of the actual values lie above."""
    bias: float
    """Mean of prediction minus actual: positive is predicted too high."""
    bias_low: float
    """Lower end of the interval of that mean."""
    bias_high: float
    """Upper end of the interval of that mean."""

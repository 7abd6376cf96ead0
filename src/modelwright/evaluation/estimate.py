"""Estimates: a metric's value with its interval, overall, on a slice, and against another model."""

from dataclasses import dataclass, replace
from typing import Literal

from modelwright.evaluation.resample import against_zero
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["Comparison", "Estimate", "SliceResult", "shown_difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one metric came to, and how far sampling alone could have moved it.

    Examples:
        >>> auc = Estimate(
        ...     metric="roc_auc", value=0.79, low=0.78, high=0.81, level=0.95, rows=8238, direction="higher"
        ... )
        >>> auc.told()
        '0.790 [0.780, 0.810]'
    """

    metric: str
    """The metric's name in the catalogue."""
    value: float | None
    """The value on these rows; None when it is not defined on them or there were too few."""
    low: float | None = None
    """Lower end of the interval; None when no honest interval can be given."""
    high: float | None = None
    """Upper end of the interval; None when no honest interval can be given."""
    level: float
    """Confidence level of the interval, such as 0.95."""
    rows: int
    """Rows the value rests on."""
    direction: Literal["higher", "lower"]
    """Which way is better."""

    def told(self) -> str:
        """Return value and interval as a person writes them; `unknown` when there is no value."""
        if self.value is None:
            return "unknown"
        if self.low is None or self.high is None:
            return f"{number(self.value)} (no interval)"
        return f"{number(self.value)} [{number(self.low)}, {number(self.high)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceResult:
    """The metrics on the rows where one column has one value.

    Examples:
        >>> SliceResult(column="job", value="student", rows=12, estimates=()).name
        'job = student'
    """

    column: str
    """The column."""
    value: str
    """The value; `(missing)` for rows without one."""
    rows: int
    """Rows of the slice."""
    estimates: tuple[Estimate, ...]
    """The declared metrics on the slice; without a value when the slice is smaller than agreed."""

    @property
    def name(self) -> str:
        """The slice in words."""
        return f"{self.column} = {self.value}"

    def of(self, metric: str) -> Estimate | None:
        """Return the slice's estimate of one metric, None when it was not measured."""
        return next((estimate for estimate in self.estimates if estimate.metric == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The model against another one on the same rows.

    Examples:
        >>> from modelwright.kernel.outcome import Outcome, Status
        >>> Comparison(
        ...     other="baseline",
        ...     metric="roc_auc",
        ...     difference=0.02,
        ...     low=0.01,
        ...     high=0.03,
        ...     outcome=Outcome(status=Status.PASSED, what="better than baseline"),
        ... ).difference
        0.02
    """

    other: str
    """The other model: `baseline`, `champion` or `prior`."""
    metric: str
    """The metric that is compared."""
    value: float | None = None
    """The model's own value."""
    other_value: float | None = None
    """The other model's value on the same rows."""
    difference: float | None
    """The model's value minus the other's (of the distances from the ideal, for a metric such as bias)."""
    low: float | None
    """Lower end of the interval of the difference, resampled in pairs."""
    high: float | None
    """Upper end of the interval of the difference, resampled in pairs."""
    level: float = 0.95
    """Confidence level of the interval."""
    rows: int = 0
    """Rows both were measured on."""
    outcome: Outcome
    """Passed when the whole interval is on the better side, failed when on the worse, else unknown."""


def shown_difference(found: Comparison, *, direction: Literal["higher", "lower"]) -> Comparison:
    """Return a comparison with the outcome that its interval shows.

    Args:
        found: The comparison; its outcome is replaced.
        direction: Which way is better.

    Examples:
        >>> blank = Outcome(status=Status.UNKNOWN, what="")
        >>> found = Comparison(
        ...     other="prior", metric="brier", difference=-0.2, low=-0.3, high=-0.1, rows=90, outcome=blank
        ... )
        >>> shown_difference(found, direction="lower").outcome.status.value
        'passed'
    """
    ends = None if found.low is None or found.high is None else (found.low, found.high)
    words = {"better": Status.PASSED, "worse": Status.FAILED, "open": Status.UNKNOWN}
    reach = "no interval" if ends is None else f"[{ends[0]:.4g}, {ends[1]:.4g}]"
    told = "not defined on both"
    if found.difference is not None:
        told = f"difference {found.difference:.4g} {reach} on {found.rows:,} rows"
    return replace(
        found,
        outcome=Outcome(
            status=words[against_zero(ends, direction=direction)],
            what=f"{found.metric} is better than that of {found.other}",
            evidence=(told,),
        ),
    )


def number(value: float) -> str:
    """Write a number with about three significant digits and thousands separators.

    Examples:
        >>> number(0.79312), number(12345.6), number(0.00042), number(8.0)
        ('0.793', '12,346', '0.00042', '8')
    """
    size = abs(value)
    if size >= 1000 or value == int(value):
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.1f}"
    if size >= 10:
        return f"{value:.2f}"
    if size >= 0.01:
        return f"{value:.3f}"
    return f"{value:.2g}"

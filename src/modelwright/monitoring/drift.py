"""Drift: each column of a window against the reference, by size of the difference and by chance, both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from modelwright.contracts.operation import MonitoringPlan
from modelwright.kernel.outcome import Status
from modelwright.monitoring.correction import benjamini_hochberg
from modelwright.registry.reference import FeatureSketch
from modelwright.rollout.divergence import (
    Counts,
    Distance,
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    population_stability,
    rate_difference,
)
from modelwright.serving.sketch import FeatureCounts

__all__ = ["UNSEEN_CHANGE", "ColumnDrift", "Compared", "Level", "measure_drift"]

Test = Literal["Kolmogorov-Smirnov", "chi-square"]
Level = Literal["stable", "warning", "alert", "unknown"]

NULL_CHANGE = 0.05
"""Change of the share of missing values that alerts when chance does not explain it."""

UNSEEN_CHANGE = 0.05
"""Rise of the share of values that the reference does not list, from which on they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One column as it was and as it is, in the same bins.

    Examples:
        >>> then = FeatureSketch(name="age", kind="number", edges=(30.0,), counts=(50, 50))
        >>> Compared(then=then, now=FeatureCounts(counts=(10, 90), nulls=0)).then.name
        'age'
    """

    then: FeatureSketch
    """The reference."""
    now: FeatureCounts
    """The window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """How far one column has moved.

    Examples:
        >>> then = FeatureSketch(name="age", kind="number", edges=(30.0,), counts=(500, 500))
        >>> moved = Compared(then=then, now=FeatureCounts(counts=(100, 900), nulls=0))
        >>> drift = measure_drift([moved], plan=MonitoringPlan())[0]
        >>> drift.level, drift.test
        ('alert', 'Kolmogorov-Smirnov')
    """

    column: str
    """The column, or `score`, `confidence`, `prediction`."""
    kind: Literal["number", "category"]
    """How it was compared."""
    rows: int
    """Rows of the window."""
    psi: float
    """Population stability index over all bins, missing values included."""
    jensen_shannon: float
    """Jensen-Shannon distance over the same bins: 0 equal, 1 disjoint."""
    test: Test
    """The test behind p."""
    statistic: float
    """Kolmogorov-Smirnov distance, or Cramér's V."""
    p: float
    """Chance of a difference as large where nothing has changed."""
    p_corrected: float
    """The same over all tests of the window (Benjamini-Hochberg)."""
    null_rate: float
    """Share of missing values in the window."""
    null_rate_then: float
    """Share of missing values in the reference."""
    null_p_corrected: float
    """Corrected chance of that difference."""
    unseen: float = 0.0
    """Categories: rise of the share of values that the reference does not list."""
    level: Level
    """Stable, warning, alert; unknown with too few rows."""
    nulls_alert: bool = False
    """Whether missing values alone are a reason to alert."""

    @property
    def status(self) -> Status:
        """The level as an outcome's status: an alert has failed, a warning still passes."""
        if self.level == "unknown":
            return Status.UNKNOWN
        return Status.FAILED if self.level == "alert" else Status.PASSED


def measure_drift(columns: Sequence[Compared], *, plan: MonitoringPlan) -> tuple[ColumnDrift, ...]:
    """Compare all columns of one window with the reference.

    A column alerts when the difference is large (PSI above the contract's limit) and chance does not explain
    it (p corrected over all columns and their missing values, at the contract's false alarm rate). Neither
    alone is enough: large windows make everything significant, small ones make noise look large.

    Args:
        columns: The columns, in the order they are reported.
        plan: Limits, from the contract.

    Examples:
        >>> measure_drift([], plan=MonitoringPlan())
        ()
    """
    tests = [_test(compared) for compared in columns]
    nulls = [_null_p(compared) for compared in columns]
    corrected = benjamini_hochberg([distance.p for _, distance in tests] + nulls)
    return tuple(
        _column(
            compared,
            tested=tests[place],
            p_corrected=corrected[place],
            null_p=corrected[len(columns) + place],
            plan=plan,
        )
        for place, compared in enumerate(columns)
    )


def _counts(compared: Compared) -> tuple[Counts, Counts]:
    return np.array(compared.then.counts, dtype=np.int64), np.array(compared.now.counts, dtype=np.int64)


def _test(compared: Compared) -> tuple[Test, Distance]:
    then, now = _counts(compared)
    if compared.then.kind == "number":
        return "Kolmogorov-Smirnov", kolmogorov_smirnov(then, now)
    return "chi-square", chi_square(then, now)


def _null_p(compared: Compared) -> float:
    return rate_difference(
        compared.now.nulls,
        _rows(compared.now),
        control_hits=compared.then.nulls,
        control_of=compared.then.rows,
    )


def _rows(counts: FeatureCounts) -> int:
    return sum(counts.counts) + counts.nulls


def _column(
    compared: Compared,
    *,
    tested: tuple[Test, Distance],
    p_corrected: float,
    null_p: float,
    plan: MonitoringPlan,
) -> ColumnDrift:
    test, distance = tested
    then, now = (
        np.append(counts, nulls)
        for counts, nulls in zip(_counts(compared), (compared.then.nulls, compared.now.nulls), strict=True)
    )
    rows = int(now.sum())
    psi = population_stability(then, now)
    null_rate = compared.now.nulls / max(rows, 1)
    null_then = compared.then.nulls / max(compared.then.rows, 1)
    nulls_alert = null_p <= plan.false_alarm_rate and abs(null_rate - null_then) >= NULL_CHANGE
    beyond_chance = min(p_corrected, null_p) <= plan.false_alarm_rate
    level: Level = "stable"
    if rows < plan.min_rows:
        level, nulls_alert = "unknown", False
    elif nulls_alert or (beyond_chance and psi >= plan.psi_alert):
        level = "alert"
    elif beyond_chance and psi >= plan.psi_warn:
        level = "warning"
    return ColumnDrift(
        column=compared.then.name,
        kind=compared.then.kind,
        rows=rows,
        psi=psi,
        jensen_shannon=jensen_shannon(then, now),
        test=test,
        statistic=distance.statistic,
        p=distance.p,
        p_corrected=p_corrected,
        null_rate=null_rate,
        null_rate_then=null_then,
        null_p_corrected=null_p,
        unseen=_unseen(compared),
        level=level,
        nulls_alert=nulls_alert,
    )


def _unseen(compared: Compared) -> float:
    """Return how much the share of values without a name of their own has risen."""
    if compared.then.kind != "category":
        return 0.0
    then = compared.then.counts[-1] / max(compared.then.rows, 1)
    return max(compared.now.counts[-1] / max(_rows(compared.now), 1) - then, 0.0)

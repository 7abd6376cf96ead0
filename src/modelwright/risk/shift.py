"""SHIFT: held-out rows that differ from the training rows."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["ShiftCheck", "stability_index"]

BINS = 10
"""Bins of a number: tenths of the training rows."""

LEVELS = 30
"""Categories compared one by one; the rest are one."""

NOTED = 0.1
"""Population stability index from which a shift is told."""

LARGE = 0.25
"""Population stability index from which it is large (Siddiqi 2006, "Credit risk scorecards")."""

CHANCE = 1e-4
"""Largest chance, over all columns together, of a difference this large between parts drawn alike."""

LEAST = 50
"""Rows a part needs."""


def stability_index(expected: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> float:
    """Population stability index of two histograms, half a row added to each bin.

    Examples:
        >>> stability_index(np.array([50.0, 50.0]), np.array([50.0, 50.0]))
        0.0
        >>> round(stability_index(np.array([90.0, 10.0]), np.array([10.0, 90.0])), 1)
        3.4
    """
    first = (expected + 0.5) / (expected.sum() + 0.5 * expected.size)
    second = (found + 0.5) / (found.sum() + 0.5 * found.size)
    return float(((second - first) * np.log(second / first)).sum())


class ShiftCheck:
    """Compares every feature between training and test rows, and the target between training and validation.

    Examples:
        >>> ShiftCheck().category
        'distribution shift'
    """

    code = "SHIFT"
    category: Category = "distribution shift"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk for all features that shifted, and one for the target."""
        if min(frame.height for frame in view.parts.values()) < LEAST:
            return
        shifted: dict[str, float] = {}
        for name in view.usable:
            expected, found = histograms(view.train[name], view.test[name])
            index = stability_index(expected, found)
            if index >= NOTED and _chance(expected, found) * len(view.usable) <= CHANCE:
                shifted[name] = index
        if shifted:
            yield self._features(view, shifted)
        yield from self._target(view)

    def _features(self, view: RiskView, shifted: dict[str, float]) -> Risk:
        ranked = sorted(shifted, key=lambda name: -shifted[name])
        large = [name for name in ranked if shifted[name] >= LARGE]
        temporal = view.contract.data.split.policy == "temporal"
        why = "Under a split by chance the parts should be alike: rows come in groups, or in an order."
        fix = "Find out what groups or orders the rows, and split by it."
        if temporal:
            why = "The model is asked about a period unlike those it learned from."
            fix = "Watch these columns in production, prefer features that stay put, retrain often enough."
        return raised(
            self,
            title=f"{len(ranked)} of {len(view.usable)} features differ between training and test rows",
            severity=Severity.MEDIUM if large else Severity.LOW,
            confidence=95,
            subject="features",
            evidence=tuple(f"{name}: population stability index {shifted[name]:.2f}" for name in ranked[:8]),
            why=why,
            fix=fix,
            columns=tuple(ranked),
        )

    def _target(self, view: RiskView) -> Iterator[Risk]:
        name = view.target.name
        first, second = view.train[name], view.validation[name]
        if view.target.task != "regression":
            first, second = first.cast(pl.String), second.cast(pl.String)
        expected, found = histograms(first, second)
        index = stability_index(expected, found)
        if index < NOTED or _chance(expected, found) > CHANCE:
            return
        yield raised(
            self,
            title=f"the target {name} differs between training and validation rows",
            severity=Severity.MEDIUM if index >= LARGE else Severity.LOW,
            confidence=95,
            subject=name,
            evidence=(f"population stability index {index:.2f}",),
            why="Calibration and thresholds found on one period do not hold in the next.",
            fix="Recalibrate on the latest rows, and let the gate be judged on the latest rows too.",
        )


def histograms(
    expected: pl.Series, found: pl.Series
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return both columns counted over the same bins: missing, then tenths or categories of `expected`.

    Examples:
        >>> [part.tolist() for part in histograms(pl.Series(["a", "a", "b"]), pl.Series(["b", None, "c"]))]
        [[0.0, 2.0, 1.0, 0.0], [1.0, 0.0, 1.0, 1.0]]
    """
    if expected.dtype.is_numeric() or expected.dtype.is_temporal() or expected.dtype == pl.Boolean:
        first = expected.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
        second = found.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
        known = first[np.isfinite(first)]
        edges = (
            np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
            if known.size
            else np.array([0.0])
        )
        counted = [
            np.bincount(
                np.where(np.isfinite(values), np.searchsorted(edges, values, side="right") + 1, 0),
                minlength=edges.size + 2,
            ).astype(np.float64)
            for values in (first, second)
        ]
        return counted[0], counted[1]
    text, other = expected.cast(pl.String).alias("value"), found.cast(pl.String).alias("value")
    ranked = text.drop_nulls().value_counts().sort(["count", "value"], descending=[True, False]).head(LEVELS)
    kept = [str(value) for value in ranked["value"].to_list()]
    tables = []
    for column in (text, other):
        counts = {value: float(count) for value, count in column.drop_nulls().value_counts().iter_rows()}
        listed = [counts.get(value, 0.0) for value in kept]
        tables.append(np.array([float(column.null_count()), *listed, float(column.count()) - sum(listed)]))
    return tables[0], tables[1]


def _chance(expected: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> float:
    """Chance of two histograms this different when both are drawn alike (Pearson's test of homogeneity)."""
    table = np.vstack([expected, found])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    wanted = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(chi2.sf(((table - wanted) ** 2 / wanted).sum(), table.shape[1] - 1))

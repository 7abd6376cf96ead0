"""DISPARATE-ERROR: a model that errs more often for one group than for another."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sensitive import sensitive_columns

__all__ = ["DisparateErrorCheck", "error_gap"]

LEAST = 30
"""Positives, or negatives, a group needs for its rate to be told."""

GAP = 0.1
"""Difference of two groups' rates that matters."""

CHANCE = 1e-3
"""Largest chance, over all rates looked at together, of rates this different in equal groups."""

MOST_GROUPS = 12
"""Groups of a column; more are no groups of people."""


class DisparateErrorCheck:
    """Compares, between groups of a protected attribute, how often a small model misses and raises alarms.

    Equal opportunity and equalised odds (Hardt, Price and Srebro 2016) of the probe, out of fold, with as
    many positive answers as there are positive rows. The report measures the same of the model that
    is built; here it is known before anything is.

    Examples:
        >>> DisparateErrorCheck().category
        'bias and fairness'
    """

    code = "DISPARATE-ERROR"
    category: Category = "bias and fairness"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a protected attribute."""
        if view.target.task != "binary":
            return
        columns = sensitive_columns(view)
        if not columns or view.probe is None:
            return
        y, score = view.sample.y[view.probe.rows], view.probe.scores[:, 1]
        said = score >= np.quantile(score, 1 - y.mean())
        for name in columns:
            groups = _groups(view.sample.frame[name])
            if groups is None:
                continue
            group = groups.to_numpy()[view.probe.rows]
            for kind, chosen in (("missed", y == 1), ("false alarms", y == 0)):
                wrong = said != (y == 1)
                gap = error_gap(group[chosen], wrong[chosen])
                if gap is not None and gap[0] >= GAP and gap[1] * 2 * len(columns) <= CHANCE:
                    yield self._risk(view, name, kind, gap[0], gap[1], gap[2])
                    break

    def _risk(
        self, view: RiskView, name: str, kind: str, gap: float, p: float, rates: dict[str, float]
    ) -> Risk:
        told = ", ".join(f"{group} {rate:.0%}" for group, rate in rates.items())
        case = f"'{view.target.positive}' missed" if kind == "missed" else f"false '{view.target.positive}'"
        return raised(
            self,
            title=f"errors differ by {name}: {case} differs by {gap:.0%} between groups",
            severity=Severity.MEDIUM,
            confidence=75,
            subject=name,
            evidence=(
                f"share of {case} by {name}, of a small model out of fold: {told}",
                f"chance of rates this different in equal groups: {p:.1g}",
            ),
            why="The burden of mistakes falls on one group, whether or not the attribute is a feature.",
            fix=f"Report error rates by {name}, gate them, and look for features that serve one group worse.",
            question=f"Which difference of error rates between groups of {name} is acceptable, and who "
            "decides?",
            change="" if name in view.contract.evaluation.slices else f"report by {name}",
            columns=(name,),
        )


def _groups(column: pl.Series) -> pl.Series | None:
    if column.dtype.is_numeric() and column.n_unique() > MOST_GROUPS:
        middle = column.cast(pl.Float64).median()
        if not isinstance(middle, float):
            return None
        named = (
            pl.when(pl.col("g") <= middle).then(pl.lit(f"<= {middle:g}")).otherwise(pl.lit(f"> {middle:g}"))
        )
        return column.alias("g").to_frame().select(named.alias("g")).to_series()
    return column.cast(pl.String).fill_null("missing") if column.n_unique() <= MOST_GROUPS else None


def error_gap(
    group: npt.NDArray[np.object_], wrong: npt.NDArray[np.bool_]
) -> tuple[float, float, dict[str, float]] | None:
    """Return the largest difference of error rates, the chance of it in equal groups, and the rates.

    Groups with too few rows are left aside; None when fewer than two are left.

    Examples:
        >>> group = np.repeat(["a", "b"], 100)
        >>> wrong = np.arange(200) % 100 < np.where(group == "a", 10, 40)
        >>> gap, p, rates = error_gap(group, wrong)
        >>> round(gap, 2), p < 1e-5, rates["b"]
        (0.3, True, 0.4)
    """
    names, place = np.unique(group.astype(str), return_inverse=True)
    rows = np.bincount(place).astype(np.float64)
    kept = rows >= LEAST
    if kept.sum() < 2:
        return None
    errors = np.bincount(place, weights=wrong)[kept]
    rows = rows[kept]
    rates = errors / rows
    overall = errors.sum() / rows.sum()
    if not 0 < overall < 1:
        return None
    statistic = float((rows * (rates - overall) ** 2).sum() / (overall * (1 - overall)))
    told = {str(name): float(rate) for name, rate in zip(names[kept], rates, strict=True)}
    return float(rates.max() - rates.min()), float(chi2.sf(statistic, rows.size - 1)), told

"""MISSING: how much is missing, whether that follows another column, and whether it tells the target."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.strength import strength

__all__ = ["MissingCheck"]

WORTH = 0.001
"""Share of missing values worth a line."""

MUCH = 0.5
"""Share of missing values that makes a column doubtful."""

FEWEST = 5
"""Missing values from which agreeing with another column is hardly chance."""

CLASS_ROWS = 20
"""Rows a class needs for its share of gaps to be told."""

TELLING = 0.3
"""Strength (0 to 1) of missingness alone from which it may be a leak: an AUC of 0.65."""

LEAKING = 0.6
"""Strength of missingness alone from which it most likely is one: an AUC of 0.8."""


class MissingCheck:
    """Finds missing values, explains them by another column where one does, and tests them for the target.

    Examples:
        >>> MissingCheck().category
        'data quality'
    """

    code = "MISSING"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column with missing values worth knowing."""
        frame = view.everything
        for name in view.features:
            nulls = frame[name].null_count()
            share = nulls / max(frame.height, 1)
            if nulls and (share >= WORTH or nulls >= 5):
                yield self._risk(view, name, nulls=nulls, share=share)

    def _risk(self, view: RiskView, name: str, *, nulls: int, share: float) -> Risk:
        evidence = [f"{nulls:,} of {view.everything.height:,} values are missing ({share:.1%})"]
        power = 0.0
        if 0 < view.sample.frame[name].null_count() < view.sample.rows:
            alone = strength(
                view.sample.frame[name].is_null().to_numpy().astype(np.int64),
                view.sample.y,
                levels=2,
                folds=view.sample.folds,
                classes=0 if view.target.task == "regression" else len(view.target.classes),
            )
            power = max(alone.power, _one_class(view, name))
            evidence.append(f"whether it is missing alone reaches {alone.told}")
        cause = explained_by(view.everything, name, candidates=view.features)
        if cause:
            evidence.append(f"missing exactly where {cause}")
        told = name in view.usable and power >= TELLING
        severity = Severity.HIGH if told and power >= LEAKING else Severity.MEDIUM if told else Severity.LOW
        if share >= MUCH and not told:
            severity = Severity.MEDIUM
        return raised(
            self,
            title=f"{name} is missing in {share:.1%} of rows",
            severity=severity,
            confidence=100,
            subject=name,
            category="data leakage" if told and power >= LEAKING else None,
            evidence=evidence,
            why="How a gap is filled becomes part of the model; a gap that follows the outcome is a "
            "leak, a gap "
            "that follows a process changes when the process does.",
            fix="Keep missing as a value of its own, and check that it is missing for the same reason "
            "when served.",
            question=f"Is it already known at prediction time that {name} is missing, and why is it?"
            if told or share >= MUCH
            else "",
            columns=(name,),
        )


def _one_class(view: RiskView, name: str) -> float:
    """Return how much more often a value is missing in one of several classes than in the others."""
    classes = len(view.target.classes)
    if classes <= 2:
        return 0.0
    label = view.sample.y.astype(np.int64)
    gaps = view.sample.frame[name].is_null().to_numpy().astype(np.float64)
    rows = np.bincount(label, minlength=classes)
    inside = np.bincount(label, weights=gaps, minlength=classes)
    rest = (gaps.sum() - inside) / np.maximum(label.size - rows, 1)
    apart = np.abs(inside / np.maximum(rows, 1) - rest)[rows >= CLASS_ROWS]
    return float(apart.max()) if apart.size else 0.0


def explained_by(frame: pl.DataFrame, name: str, *, candidates: tuple[str, ...]) -> str:
    """Return `column = value` when that value occurs exactly in the rows where `name` is missing, else ''.

    Examples:
        >>> frame = pl.DataFrame({"tenure": [0] * 5 + [3], "charges": [None] * 5 + [7.0]})
        >>> explained_by(frame, "charges", candidates=("tenure", "charges"))
        'tenure = 0'
    """
    empty = frame[name].is_null()
    gaps = frame.filter(empty)
    if gaps.height < FEWEST or gaps.height == frame.height:
        return ""
    for other in candidates:
        if other == name or gaps[other].n_unique() > 1:
            continue
        value = gaps[other][0]
        if value is not None and frame.filter(~empty)[other].eq(value).sum() == 0:
            return f"{other} = {value}"
    return ""

"""TARGET-COPY: one column that is the target in other words."""

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.stats import rankdata

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import Sample

__all__ = ["TargetCopyCheck", "copies"]

LEAST = 50
"""Rows below which agreement may be chance."""

SAME = 0.9995
"""Share of rows that must agree, or rank correlation, for a copy."""

WORTH = 0.5
"""Strength from which agreement is counted; smoothing takes much from a copy in a small table."""

REPEATS = 5.0
"""Rows a value must have on average: a value seen once agrees with anything."""


class TargetCopyCheck:
    """Finds features that determine the target: equal, renamed one to one, or a growing function of it.

    Examples:
        >>> TargetCopyCheck().code
        'TARGET-COPY'
    """

    code = "TARGET-COPY"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a copy."""
        sample = view.sample
        for name, told in copies(view).items():
            yield raised(
                self,
                title=f"{name} is the target in other words",
                severity=Severity.CRITICAL,
                confidence=99,
                subject=name,
                evidence=(told, f"{name} alone reaches {sample.strength(name).told} out of fold"),
                why="It will not be known when a prediction is asked for; every score with it is worthless.",
                fix=f"Exclude {name}.",
                proposal="modify",
                change=f"exclude column {name}",
                columns=(name,),
            )


def copies(view: RiskView) -> Mapping[str, str]:
    """Return the features that determine the target, with the evidence.

    Examples:
        >>> copies.__name__
        'copies'
    """
    sample = view.sample
    if sample.rows < LEAST or np.unique(sample.y).size < 2:
        return {}
    measure = _number if view.target.task == "regression" else _classes
    return {name: told for name in view.features if (told := measure(sample, name))}


def _classes(sample: Sample, name: str) -> str:
    """Purity of the target per value (or quantile bin) of the column; empty unless (nearly) complete."""
    if sample.strength(name).power < WORTH:
        return ""
    code = sample.coded(name)
    classes = len(sample.target.classes)
    label = sample.y.astype(np.int64)
    table = np.bincount(code.codes * classes + label, minlength=code.levels * classes).reshape(-1, classes)
    used = int((table.sum(axis=1) > 0).sum())
    agreeing = int(table.max(axis=1).sum())
    if agreeing / sample.rows < SAME or sample.rows / max(used, 1) < REPEATS:
        return ""
    return f"its value settles the class in {agreeing:,} of {sample.rows:,} rows"


def _number(sample: Sample, name: str) -> str:
    """Rank correlation with the target; empty unless (nearly) complete or every value has one target."""
    column = sample.frame[name]
    if column.null_count() == len(column):
        return ""
    if not column.dtype.is_numeric():
        return _renamed(sample, name)
    values = column.to_numpy().astype(np.float64)
    known = np.isfinite(values)
    if known.sum() < LEAST or np.unique(values[known]).size < LEAST:
        return _renamed(sample, name)
    ranks = np.corrcoef(rankdata(values[known]), rankdata(sample.y[known]))[0, 1]
    if not abs(float(ranks)) >= SAME:
        return ""
    return f"rank correlation {ranks:.5f} over {int(known.sum()):,} rows"


def _renamed(sample: Sample, name: str) -> str:
    code = sample.coded(name)
    used = np.unique(code.codes).size
    if not code.exact or sample.strength(name).power < 0.9 or sample.rows / max(used, 1) < REPEATS:
        return ""
    rows = np.maximum(np.bincount(code.codes, minlength=code.levels), 1)
    means = np.bincount(code.codes, weights=sample.y, minlength=code.levels) / rows
    left = float(((sample.y - means[code.codes]) ** 2).sum())
    whole = float(((sample.y - sample.y.mean()) ** 2).sum())
    return f"each of its {used:,} values has one target" if left <= (1 - SAME) * whole else ""

"""REDUNDANT: columns that say what another column says already."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from modelwright.kernel.finding import Severity
from modelwright.risk.association import dependence, determined_share
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sample import Sample

__all__ = ["RedundantCheck"]

MOST = 120
"""Feature columns up to which all pairs are compared."""

SAME = 0.9995
"""Share of rows one value must settle the other in."""

LINE = 0.99
"""Correlation from which two numbers are one."""

REPEATS = 5.0
"""Rows a value must have on average: a value seen once settles anything."""

SPLIT_KEY = frozenset({"train", "test", "validation", "valid", "dev", "holdout"})
"""Values of a column that says which part of a donor's split a row was in."""


class RedundantCheck:
    """Finds pairs of features of which one settles the other, pairs that are one number, and donor's splits.

    Examples:
        >>> RedundantCheck().code
        'REDUNDANT'
    """

    code = "REDUNDANT"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column that another column, or two others, settle."""
        sample = view.sample
        names = [name for name in view.features if _varies(sample, name)]
        for name in names:
            yield from self._split_key(view, name)
        if len(names) > MOST:
            names = []
        said: set[str] = set()
        for first, second in combinations(names, 2):
            found = _relation(sample, first, second)
            if found is None:
                continue
            spare, kept, told, mutual = found
            if spare in said:
                continue
            said.add(spare)
            yield self._risk(spare, (kept,), told=told, mutual=mutual)
        for spare, pair in _derived(sample, [name for name in names if name not in said]):
            yield self._risk(
                spare, pair, told=f"{' and '.join(pair)} together settle {spare} in every row", mutual=False
            )

    def _risk(self, spare: str, kept: tuple[str, ...], *, told: str, mutual: bool) -> Risk:
        return raised(
            self,
            title=f"{spare} repeats {' and '.join(kept)}"
            if mutual
            else f"{spare} follows from {' and '.join(kept)}",
            severity=Severity.LOW,
            confidence=95,
            subject=spare,
            evidence=(told,),
            why="Two columns for one fact share its weight between them, hide each other in every "
            "explanation, and "
            "double what has to be right when served.",
            fix=f"Keep one of {spare} and {', '.join(kept)}.",
            columns=(spare,),
            change=f"exclude column {spare}",
        )

    def _split_key(self, view: RiskView, name: str) -> Iterator[Risk]:
        column = view.train[name]
        if column.dtype.is_numeric():
            return
        values = {str(value).strip().lower() for value in column.drop_nulls().unique().head(8).to_list()}
        if len(values) < 2 or not values <= SPLIT_KEY:
            return
        yield raised(
            self,
            title=f"{name} says which part of an earlier split a row was in",
            severity=Severity.MEDIUM,
            confidence=95,
            subject=name,
            evidence=(
                f"values: {', '.join(sorted(values))}",
                f"alone it reaches {view.sample.strength(name).told}",
            ),
            why="It is a fact about the file, not about the case; no request carries it.",
            fix=f"Exclude {name}.",
            proposal="modify",
            change=f"exclude column {name}",
            columns=(name,),
        )


def _varies(sample: Sample, name: str) -> bool:
    counts = np.bincount(sample.coded(name).codes)
    return bool(counts.max() < 0.999 * max(sample.rows, 1)) if counts.size else False


def _repeats(sample: Sample, name: str) -> bool:
    code = sample.coded(name)
    return code.exact and sample.rows / max(np.unique(code.codes).size, 1) >= REPEATS


def _relation(sample: Sample, first: str, second: str) -> tuple[str, str, str, bool] | None:
    """Return (spare column, kept column, evidence, whether both settle each other)."""
    a, b = sample.coded(first), sample.coded(second)
    numeric = sample.frame[first].dtype.is_numeric() and sample.frame[second].dtype.is_numeric()
    if numeric and sample.distinct(first) > 20 and sample.distinct(second) > 20:
        both = sample.frame.select(first, second).drop_nulls().to_numpy().astype(np.float64)
        if both.shape[0] < 50 or not (both.std(axis=0) > 0).all():
            return None
        r = float(np.corrcoef(both[:, 0], both[:, 1])[0, 1])
        return (second, first, f"correlation {r:.4f}", True) if abs(r) >= LINE else None
    if not (_repeats(sample, first) and _repeats(sample, second)):
        return None
    if dependence(a, b) < 0.5 and dependence(b, a) < 0.5:
        return None
    forward, backward = determined_share(b, a), determined_share(a, b)
    if forward >= SAME and backward >= SAME:
        told = f"each value of {first} goes with one value of {second}, and the other way round"
        spare, kept = (first, second) if numeric_later(sample, first, second) else (second, first)
        return spare, kept, told, True
    if forward >= SAME and _informative(sample, second):
        return second, first, f"the value of {first} settles {second} in {forward:.2%} of rows", False
    if backward >= SAME and _informative(sample, first):
        return first, second, f"the value of {second} settles {first} in {backward:.2%} of rows", False
    return None


def numeric_later(sample: Sample, first: str, second: str) -> bool:
    """Whether the second is a number and the first is not: the number keeps the order.

    Examples:
        >>> numeric_later.__name__
        'numeric_later'
    """
    return sample.frame[second].dtype.is_numeric() and not sample.frame[first].dtype.is_numeric()


def _informative(sample: Sample, name: str) -> bool:
    """Whether the commonest value leaves at least 2 % of rows: else everything settles it."""
    counts = np.bincount(sample.coded(name).codes)
    return bool(counts.max() <= 0.98 * sample.rows)


def _derived(sample: Sample, names: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield yes-no columns that two small columns settle together though neither does alone."""
    small = [name for name in names if sample.coded(name).levels <= 12 and _repeats(sample, name)]
    if len(small) > 25:
        return
    settled: set[str] = set()
    for spare in small:
        code = sample.coded(spare)
        if np.unique(code.codes).size != 2 or not _informative(sample, spare):
            continue
        for first, second in combinations(
            [name for name in small if name != spare and name not in settled], 2
        ):
            a, b = sample.coded(first), sample.coded(second)
            joint = type(a)(codes=a.codes * b.levels + b.codes, levels=a.levels * b.levels, exact=True)
            if determined_share(code, joint) < 1 or sample.rows / np.unique(joint.codes).size < 10:
                continue
            if determined_share(code, a) < 0.995 and determined_share(code, b) < 0.995:
                settled.add(spare)
                yield spare, (first, second)
                break

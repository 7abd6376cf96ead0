"""TARGET-SUM: columns that add up, or multiply, to the target."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.target_copy import copies

__all__ = ["Identity", "TargetSumCheck", "identity_of", "linear_identity", "pair_identity"]

LEAST = 50
"""Rows below which an identity may be chance."""

PROBE = 256
"""Rows on which all pairs are tried before the survivors are proven on all rows."""

MOST = 200
"""Numeric columns up to which pairs are tried: 200 columns are 20,000 pairs."""

CLOSE = 1e-9
"""Largest error of an identity, relative to the size of the target; sums of decimals are not exact."""

HOLDS = 0.999
"""Share of rows in which the identity must hold."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Columns and the rule that makes the target of them.

    Examples:
        >>> Identity(columns=("a", "b"), rule="a + b", share=1.0).rule
        'a + b'
    """

    columns: tuple[str, ...]
    """The columns."""
    rule: str
    """The rule in words."""
    share: float
    """Share of rows in which it holds."""


class TargetSumCheck:
    """Finds two columns whose sum, difference, product or ratio is the target, and exact linear combinations.

    Examples:
        >>> TargetSumCheck().code
        'TARGET-SUM'
    """

    code = "TARGET-SUM"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk: the simplest identity."""
        sample = view.sample
        found = identity_of(view)
        if found is None:
            return
        yield raised(
            self,
            title=f"{view.target.name} = {found.rule}",
            severity=Severity.CRITICAL,
            confidence=99,
            subject="+".join(found.columns[:4]),
            evidence=(
                f"holds in {found.share:.1%} of {sample.rows:,} labelled rows",
                *(f"{name} alone reaches {sample.strength(name).told}" for name in found.columns[:4]),
            ),
            why="Parts of the target are not known before the target is; together they give it away.",
            fix=f"Exclude {' and '.join(found.columns[:4])}.",
            proposal="modify",
            change=f"exclude column {', '.join(found.columns)}",
            columns=found.columns,
        )


def identity_of(view: RiskView) -> Identity | None:
    """Return the simplest rule by which numeric features make the target, if there is one.

    Examples:
        >>> identity_of.__name__
        'identity_of'
    """
    sample = view.sample
    told = copies(view)
    names = [name for name in view.features if sample.frame[name].dtype.is_numeric() and name not in told]
    if view.target.task != "regression" or sample.rows < LEAST or len(names) < 2:
        return None
    x = sample.frame.select(names).cast(dict.fromkeys(names, pl.Float64)).to_numpy()
    found = pair_identity(x, sample.y, names=names) if len(names) <= MOST else None
    return found or linear_identity(x, sample.y, names=names)


def _share(guess: Matrix, y: Matrix, scale: float) -> float:
    near: npt.NDArray[np.bool_] = np.abs(guess - y) <= CLOSE * scale
    return float(near.mean())


def pair_identity(x: Matrix, y: Matrix, *, names: list[str]) -> Identity | None:
    """Return the pair of columns whose sum, difference, product or ratio is y, if there is one.

    Examples:
        >>> x = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 1.0]])
        >>> pair_identity(x, np.array([3.0, 8.0, 5.0]), names=["casual", "registered"]).rule
        'casual + registered'
    """
    scale = float(np.abs(y).max()) or 1.0
    rows = np.linspace(0, y.size - 1, min(PROBE, y.size)).astype(np.int64)
    probe, wanted = x[rows], y[rows]
    varied = [place for place in range(x.shape[1]) if np.nanstd(probe[:, place]) > 0]
    rules = {"+": np.add, "-": np.subtract, "×": np.multiply, "/": np.divide}
    for left in varied:
        for sign, rule in rules.items():
            with np.errstate(all="ignore"):
                guesses = rule(probe[:, [left]], probe)
            near = (np.abs(guesses - wanted[:, None]) <= CLOSE * scale).mean(axis=0)
            for right in np.flatnonzero(near >= HOLDS):
                if int(right) == left or int(right) not in varied:
                    continue
                with np.errstate(all="ignore"):
                    share = _share(rule(x[:, left], x[:, right]), y, scale)
                if share >= HOLDS:
                    pair = (names[left], names[int(right)])
                    return Identity(columns=pair, rule=f"{pair[0]} {sign} {pair[1]}", share=share)
    return None


def linear_identity(x: Matrix, y: Matrix, *, names: list[str]) -> Identity | None:
    """Return the exact linear combination of at least two columns that is y, if there is one.

    Examples:
        >>> chance = np.random.default_rng(0)
        >>> x = chance.normal(size=(60, 4))
        >>> linear_identity(x, x[:, 0] + x[:, 1] - 2 * x[:, 2], names=list("abcd")).columns
        ('a', 'b', 'c')
    """
    known = np.isfinite(x).all(axis=1)
    x, wanted = x[known], y[known]
    if x.shape[0] < max(LEAST, 3 * x.shape[1]):
        return None
    rows = np.linspace(0, wanted.size - 1, min(max(PROBE, 3 * x.shape[1]), wanted.size)).astype(np.int64)
    spread = x.std(axis=0)
    spread[spread == 0] = 1.0
    centre = x.mean(axis=0)
    design = np.column_stack([(x - centre) / spread, np.ones(x.shape[0])])
    weights, *_ = np.linalg.lstsq(design[rows], wanted[rows], rcond=None)
    size = float(wanted.std())
    share = _share(design @ weights, wanted, max(size, 1e-300) * 1e3)
    used = [place for place in range(x.shape[1]) if abs(weights[place]) > 1e-6 * size]
    if size == 0 or share < HOLDS or len(used) < 2:
        return None
    factors = {names[place]: float(weights[place] / spread[place]) for place in used}
    rule = " + ".join(f"{factor:.4g} {name}" for name, factor in list(factors.items())[:6])
    return Identity(columns=tuple(factors), rule=rule, share=share)

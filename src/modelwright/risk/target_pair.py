"""TARGET-PAIR: two columns that together are the target, by a rule that is no plain sum."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import matrix_of
from modelwright.risk.target_copy import LEAST, REPEATS, SAME, copies
from modelwright.risk.target_sum import identity_of

__all__ = ["TargetPairCheck", "growing_pair", "parting_pair", "settling_pair"]

PROBE = 400
"""Rows on which all pairs are tried before the survivors are proven on all rows."""

MOST = 100
"""Numeric columns up to which pairs are tried."""

FEW = 40
"""Values of a column up to which joint values are looked at."""

EXACT = 0.9995
"""Rank correlation of a rule that makes the target."""

NEAR_RANK, NEAR_AUC, NEAR_LINE = 0.97, 0.97, 0.99
"""Rank correlation, AUC, or correlation of a rule that makes the target but for noise."""

APART = 0.9
"""What either column alone stays below, when the rule holds but for noise."""

NEARLY = 0.99
"""Rank correlation of one column alone from which it, not the pair, is told of."""

Matrix = npt.NDArray[np.float64]
Pair = tuple[tuple[str, str], str, bool]
"""Two columns, the evidence, and whether the rule holds exactly."""

RULES = {
    "+": np.add,
    "-": np.subtract,
    "×": np.multiply,
    "/": np.divide,
    "max": np.maximum,
    "min": np.minimum,
}


class TargetPairCheck:
    """Finds two columns that settle the target by a rule: growing, parting two classes, or joint values.

    The rules are sum, difference, product, ratio, maximum and minimum.

    Examples:
        >>> TargetPairCheck().code
        'TARGET-PAIR'
    """

    code = "TARGET-PAIR"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk: the first pair that is found."""
        sample, told = view.sample, copies(view)
        if sample.rows < LEAST or np.unique(sample.y).size < 2:
            return
        names = [name for name in view.usable if name not in told and sample.distinct(name) > 1]
        found = None
        if view.target.task != "multiclass" and not identity_of(view):
            numeric = [name for name in names if sample.frame[name].dtype.is_numeric()]
            if 2 <= len(numeric) <= MOST:
                search = growing_pair if view.target.task == "regression" else parting_pair
                found = search(matrix_of(sample.frame, numeric), sample.y, numeric)
        if found is None and view.target.task != "regression":
            found = self._joint(view, names)
        if found is None:
            return
        pair, evidence, exact = found
        listed = " and ".join(pair)
        yield raised(
            self,
            title=f"{listed} together are the target{'' if exact else ' but for noise'}",
            severity=Severity.CRITICAL if exact else Severity.MEDIUM,
            confidence=97 if exact else 70,
            subject="+".join(pair),
            evidence=(evidence, *(f"{name} alone reaches {sample.strength(name).told}" for name in pair)),
            why="The target is computed from them, or they from the target; when the prediction is asked for "
            "one of them at least is not known.",
            fix=f"Exclude {listed}, or the one that is known only afterwards.",
            question=f"Which of {listed} is known at the moment a prediction is asked for?",
            proposal="modify" if exact else "accept",
            change=f"exclude column {', '.join(pair)}",
            columns=pair,
        )

    def _joint(self, view: RiskView, names: list[str]) -> Pair | None:
        sample = view.sample
        small = [name for name in names if sample.coded(name).exact and sample.distinct(name) <= FEW]
        if len(small) > MOST:
            return None
        codes = {name: (sample.coded(name).codes, sample.coded(name).levels) for name in small}
        return settling_pair(codes, sample.y.astype(np.int64))


def settling_pair(
    codes: dict[str, tuple[npt.NDArray[np.int64], int]], label: npt.NDArray[np.int64]
) -> Pair | None:
    """Return two columns of few values whose joint value settles the class while neither does alone.

    Examples:
        >>> a, b = np.arange(400) % 2, np.arange(400) // 2 % 2
        >>> settling_pair({"a": (a, 2), "b": (b, 2)}, a ^ b)[0]
        ('a', 'b')
    """
    classes = int(label.max()) + 1
    usual = float(np.bincount(label).max() / label.size)
    alone = {name: _pure(code, levels, label, classes) for name, (code, levels) in codes.items()}
    for first, second in combinations(codes, 2):
        (a, _), (b, levels) = codes[first], codes[second]
        if max(alone[first], alone[second]) > 1 - 0.2 * (1 - usual):
            continue
        joint = a * levels + b
        used = np.unique(joint).size
        if label.size / used < REPEATS or used * 2 > label.size * (1 - usual):
            continue
        share = _pure(joint, int(joint.max()) + 1, label, classes)
        if share >= SAME:
            return (
                (
                    first,
                    second,
                ),
                f"their joint value settles the class in {share:.2%} of {label.size:,} rows",
                True,
            )
    return None


def _pure(code: npt.NDArray[np.int64], levels: int, label: npt.NDArray[np.int64], classes: int) -> float:
    table = np.bincount(code * classes + label, minlength=levels * classes).reshape(levels, classes)
    return float(table.max(axis=1).sum() / label.size)


def _columns(x: Matrix, rows: npt.NDArray[np.int64]) -> list[int]:
    return [
        place
        for place in range(x.shape[1])
        if np.isfinite(x[rows, place]).mean() > 0.99 and x[rows, place].std() > 0
    ]


def parting_pair(x: Matrix, y: Matrix, names: list[str]) -> Pair | None:
    """Return two numbers of which a limit on sum, difference, product or ratio parts the two classes.

    Examples:
        >>> x = np.random.default_rng(0).normal(size=(500, 3))
        >>> parting_pair(x, (x[:, 0] > x[:, 2]) * 1.0, ["a", "b", "c"])[:2]
        (('a', 'c'), 'a - c parts the classes in 100.00% of 500 rows')
    """
    rows = np.linspace(0, y.size - 1, min(PROBE, y.size)).astype(np.int64)
    positive = y[rows] == 1
    if not 10 <= positive.sum() <= rows.size - 10:
        return None
    columns = _columns(x, rows)
    alone = _aucs(x[rows], positive)
    near: tuple[float, int, int, str] | None = None
    for left in columns:
        for sign, rule in RULES.items():
            with np.errstate(all="ignore"):
                made = rule(x[rows][:, [left]], x[rows])
            usable = np.isfinite(made).all(axis=0)
            reached = np.where(usable, _aucs(np.where(usable, made, 0.0), positive), 0.5)
            for right in np.flatnonzero(reached >= NEAR_AUC):
                single = max(alone[left], alone[right])
                if int(right) == left or int(right) not in columns or single >= NEARLY:
                    continue
                with np.errstate(all="ignore"):
                    share = _parted(rule(x[:, left], x[:, right]), y)
                if share >= SAME:
                    pair = (names[left], names[int(right)])
                    return (
                        pair,
                        f"{_rule(pair, sign)} parts the classes in {share:.2%} of {y.size:,} rows",
                        True,
                    )
                if single < APART and (near is None or reached[right] > near[0]):
                    near = (float(reached[right]), left, int(right), sign)
    if near is None:
        return None
    pair = (names[near[1]], names[near[2]])
    return pair, f"{_rule(pair, near[3])} reaches AUC {near[0]:.3f} in {rows.size:,} rows", False


def _aucs(made: Matrix, positive: npt.NDArray[np.bool_]) -> Matrix:
    """Return the area under the ROC curve of each column, the better way round."""
    ranks = rankdata(np.where(np.isfinite(made), made, 0.0), axis=0)
    count = int(positive.sum())
    above = ranks[positive].sum(axis=0) - count * (count + 1) / 2
    area: Matrix = above / (count * (positive.size - count))
    return np.maximum(area, 1 - area)


def _rule(pair: tuple[str, str], sign: str) -> str:
    return f"{sign}({pair[0]}, {pair[1]})" if sign in {"max", "min"} else f"{pair[0]} {sign} {pair[1]}"


def _parted(values: Matrix, y: Matrix) -> float:
    """Largest share of rows that one limit puts on the right side."""
    known = np.isfinite(values)
    order = np.argsort(values[known], kind="stable")
    positives = np.concatenate([[0.0], np.cumsum(y[known][order])])
    place = np.arange(positives.size)
    right = positives + (place[-1] - place) - (positives[-1] - positives)
    fresh = np.concatenate([[True], np.diff(values[known][order]) > 0, [True]])
    best: Matrix = np.maximum(right, place[-1] - right)[fresh]
    return float(best.max() / y.size)


def growing_pair(x: Matrix, y: Matrix, names: list[str]) -> Pair | None:
    """Return two numbers of which the target is a growing (or falling) function of a simple rule.

    Examples:
        >>> x = np.random.default_rng(0).uniform(1, 2, size=(500, 3))
        >>> growing_pair(x, np.sqrt(x[:, 0] * x[:, 1]), ["a", "b", "c"])[1]
        'the target grows or falls with a × b: rank correlation 1.00000 over 500 rows'
    """
    rows = np.linspace(0, y.size - 1, min(PROBE, y.size)).astype(np.int64)
    columns = _columns(x, rows)
    wanted = _centred(y[rows][:, None])
    straight = _unit(y[rows][:, None])
    alone = np.abs((_centred(x[rows]) * wanted).sum(axis=0))
    best: tuple[float, int, int, str] | None = None
    for left in columns:
        for sign, rule in RULES.items():
            with np.errstate(all="ignore"):
                made = rule(x[rows][:, [left]], x[rows])
            usable = np.isfinite(made).all(axis=0)
            made = np.where(usable, made, 0.0)
            ranks = np.abs((_centred(made) * wanted).sum(axis=0))
            # Few-valued targets have ties that noise breaks: there a line says more than ranks.
            lines = np.abs((_unit(made) * straight).sum(axis=0))
            ranks = np.maximum(ranks, np.where(lines >= NEAR_LINE, NEAR_RANK, 0.0))
            for right in np.flatnonzero(usable & (ranks >= NEAR_RANK)):
                single = max(alone[left], alone[right])
                exact = ranks[right] >= EXACT and single < NEARLY
                if int(right) == left or int(right) not in columns or not (exact or single < APART):
                    continue
                if best is None or ranks[right] > best[0]:
                    best = (float(ranks[right]), left, int(right), sign)
    if best is None:
        return None
    _, one, other, sign = best
    with np.errstate(all="ignore"):
        whole = RULES[sign](x[:, one], x[:, other])
    known = np.isfinite(whole)
    r = float((_centred(whole[known][:, None]) * _centred(y[known][:, None])).sum())
    line = float((_unit(whole[known][:, None]) * _unit(y[known][:, None])).sum())
    if (abs(r) < NEAR_RANK and abs(line) < NEAR_LINE) or known.mean() < 0.99:
        return None
    pair = (names[one], names[other])
    told = f"the target grows or falls with {_rule(pair, sign)}: rank correlation {r:.5f}"
    return pair, f"{told} over {int(known.sum()):,} rows", abs(r) >= EXACT


def _centred(values: Matrix) -> Matrix:
    """Ranks, centred, with length one: their product is the rank correlation."""
    known = np.where(np.isfinite(values), values, 0.0)
    # Rounded, for a rule gives equal values only up to its last digits, and ranks see those.
    size = np.maximum(np.abs(known).max(axis=0), 1e-300)
    ranks = rankdata(np.round(known / size, 9), axis=0)
    return _unit(ranks)


def _unit(values: Matrix) -> Matrix:
    """Centred, with length one: the product of two is their correlation."""
    values = values - values.mean(axis=0)
    length: Matrix = values / np.maximum(np.sqrt((values**2).sum(axis=0)), 1e-300)
    return length

"""PREPROCESSED: columns that were fitted on all rows, held-out ones included, before the split."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import matrix_of
from modelwright.risk.sample import Sample
from modelwright.risk.target_copy import copies

__all__ = ["PreprocessedCheck", "encoding_fit"]

LEAST = 100
"""Rows below which a mean of zero may be chance."""

CLOSE = 0.05
"""Largest distance of mean and spread from 0 and 1, in standard errors: chance gets so close once in 25."""

ROUNDED = 1e-3
"""The same at most in units of the column: numbers are written with few digits."""

SHARE = 0.005
"""Share of rows that hold the same filled-in mean."""

VALUES = 10
"""Values of a column from which it may be an encoding."""

ROWS_A_VALUE = 3
"""Rows a value has on average in an encoding of categories."""

CHANCE = 1e-4
"""Largest chance, over all columns, of means that agree so well with values not made of them."""

MOST_CLASSES = 10
"""Classes, commonest first, whose shares are looked for."""

MOST = 400
"""Numeric columns up to which correlations are looked at."""

Matrix = npt.NDArray[np.float64]


class PreprocessedCheck:
    """Finds columns scaled, filled in or decorrelated over all rows, and categories encoded by their target.

    Statistics taken over all rows come out exact over all rows and not over the training rows alone. An
    encoding by the target's mean agrees with the targets better than any column could that was made
    without them.

    Examples:
        >>> PreprocessedCheck().code
        'PREPROCESSED'
    """

    code = "PREPROCESSED"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield a risk for scaled columns, one for filled-in ones, and one an encoding."""
        whole = view.everything
        names = [name for name in view.usable if whole[name].dtype.is_numeric()]
        if whole.height < LEAST or not names:
            return
        x = matrix_of(whole, names)
        train = np.flatnonzero((whole["part"] == "train").to_numpy())
        scaled = _scaled(x, train, names)
        if scaled:
            yield self._fitted("scaled", scaled)
        filled = _filled(x, train, names)
        if filled:
            yield self._fitted("filled in", filled)
        told = copies(view)
        labelled = pl.concat([view.train, view.validation], how="vertical_relaxed")
        known = Sample(labelled, target=view.target, seed=view.contract.data.split.seed)
        repeating = [
            name for name in names if name not in told and known.distinct(name) * ROWS_A_VALUE <= known.rows
        ]
        for name in repeating:
            evidence = _encoding(known, name, columns=len(repeating))
            if evidence:
                yield self._encoded(view, name, evidence)

    def _fitted(self, how: str, found: Mapping[str, str]) -> Risk:
        listed = tuple(found)
        return raised(
            self,
            title=f"{len(listed)} {'column was' if len(listed) == 1 else 'columns were'} {how} over all "
            "rows, before "
            "the split",
            severity=Severity.MEDIUM,
            confidence=90 if len(listed) > 1 else 80,
            subject=how,
            evidence=tuple(f"{name}: {told}" for name, told in list(found.items())[:8]),
            why="What was fitted on held-out rows tells of them in training: a little for a mean, much "
            "for what is "
            "selected or decorrelated. Served rows were in no such fit.",
            fix="Bring the columns as they were, and let the feature plan fit on the training rows alone.",
            question="Which rows were the columns fitted on, and can they be had as they were?",
            columns=listed,
        )

    def _encoded(self, view: RiskView, name: str, told: str) -> Risk:
        return raised(
            self,
            title=f"{name} is a category encoded by its own targets",
            severity=Severity.HIGH,
            confidence=90,
            subject=name,
            evidence=(told, f"alone it reaches {view.sample.strength(name).told}"),
            why="Each row's own target is in its value, held-out rows' targets too where all rows were "
            "used; rare "
            "categories then give the answer away.",
            fix="Bring the category itself; the feature plan encodes it out of fold.",
            proposal="modify",
            change=f"exclude column {name}",
            columns=(name,),
        )


def _encoding(sample: Sample, name: str, *, columns: int) -> str:
    """Return the evidence that a number is the mean target of categories, for a class or the number."""
    values = matrix_of(sample.frame, [name])[:, 0]
    classes = len(sample.target.classes)
    wanted = [sample.y]
    if classes:
        common = np.argsort(-np.bincount(sample.y.astype(np.int64), minlength=classes), kind="stable")
        wanted = [(sample.y == one) * 1.0 for one in common[:MOST_CLASSES]]
    fits = [fit for y in wanted if (fit := encoding_fit(values, y)) is not None]
    share, p = min(fits, key=lambda fit: fit[1], default=(1.0, 1.0))
    if p * columns * len(wanted) > CHANCE:
        return ""
    return (
        "the mean target of each of its values lies closer to the value than sampling allows: "
        f"{share:.2f} of the expected deviation (p = {max(p, 1e-99):.1g})"
    )


def _scaled(x: Matrix, train: npt.NDArray[np.int64], names: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    close = min(ROUNDED, CLOSE / np.sqrt(x.shape[0]))
    for place, name in enumerate(names):
        column = x[:, place]
        if not np.isfinite(column).all() or np.unique(column[:500]).size < VALUES:
            continue
        part = column[train]
        near = abs(column.mean()) < close and min(abs(column.std() - 1), abs(column.std(ddof=1) - 1)) < close
        apart = abs(part.mean()) > 2 * close or abs(part.std() - 1) > 2 * close
        if near and apart:
            found[name] = (
                f"mean {column.mean():.1e} and spread {column.std():.6f} over all rows, "
                f"{part.mean():.1e} and {part.std():.4f} over training rows"
            )
    varied = [
        place
        for place in range(len(names))
        if np.isfinite(x[:, place]).all() and x[train, place].std() > 1e-12 * np.abs(x[:, place]).max()
    ]
    if not 2 <= len(varied) <= MOST or x.shape[0] < 10 * len(varied):
        return found
    r = np.abs(np.corrcoef(x[:, varied], rowvar=False))
    inside = np.abs(np.corrcoef(x[train][:, varied], rowvar=False))
    for place, where in enumerate(varied):
        others = [other for other in range(len(varied)) if other != place and r[place, other] < 1e-5]
        if len(others) >= max(1, (len(varied) - 1) // 3) and inside[place, others].max() > 1e-3:
            found.setdefault(
                names[where],
                f"exactly uncorrelated with {len(others)} columns over all rows, not over training rows",
            )
    return found


def _filled(x: Matrix, train: npt.NDArray[np.int64], names: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        column = x[:, place]
        known = np.isfinite(column)
        distinct, counts = np.unique(column[known], return_counts=True)
        if distinct.size < 2 * VALUES or counts.max() < max(5, SHARE * column.size):
            continue
        value = float(distinct[counts.argmax()])
        others = known & (column != value)
        spread = float(column[others].std())
        inside = others[train]
        error, alone = abs(column[others].mean() - value), abs(column[train][inside].mean() - value)
        limit = CLOSE * spread / np.sqrt(max(others.sum(), 1)) / 10
        # A common value of few digits that happens to be the mean is an ordinary value.
        if error < limit < alone and abs(value - np.round(value, 2)) > 1e-9 * max(1.0, abs(value)):
            found[name] = f"{int(counts.max()):,} rows hold {value:.6g}, the mean of the others over all rows"
    return found


def encoding_fit(values: Matrix, y: Matrix) -> tuple[float, float] | None:
    """Return how far means of the target deviate from the values, as a share of what chance would give.

    For a column known before its targets, the weighted squares of the deviations from a line follow a
    chi-squared distribution with two degrees less than it has values; an encoding by the same targets stays
    far below. The second number is the chance of so small a sum.

    Examples:
        >>> chance = np.random.default_rng(0)
        >>> town, y = chance.integers(0, 40, 2000), (chance.random(2000) < 0.3) * 1.0
        >>> means = np.array([y[town == one].mean() for one in range(40)])
        >>> encoding_fit(means[town], y)[0] < 0.01
        True
        >>> encoding_fit(chance.random(40)[town], y) is None
        True
    """
    known = np.isfinite(values)
    distinct, place = np.unique(values[known], return_inverse=True)
    wanted = y[known]
    if distinct.size < VALUES or wanted.size < ROWS_A_VALUE * distinct.size or wanted.std() == 0:
        return None
    rows = np.bincount(place).astype(np.float64)
    means = np.bincount(place, weights=wanted) / rows
    inside = float(((wanted - means[place]) ** 2).sum()) / max(wanted.size - distinct.size, 1)
    if inside <= 1e-12 * wanted.var():
        return None
    slope, level = np.polyfit(distinct, means, 1, w=np.sqrt(rows))
    if not 0.7 <= slope <= 3.0 or abs(level + (slope - 1) * wanted.mean()) > 0.1 * wanted.std():
        return None
    noise = inside
    if np.isin(wanted, (0.0, 1.0)).all():
        chance = np.clip(level + slope * distinct, 0.5 / wanted.size, 1 - 0.5 / wanted.size)
        noise = chance * (1 - chance)
    deviation = float((rows * (means - level - slope * distinct) ** 2 / noise).sum())
    freedom = distinct.size - 2
    return deviation / freedom, float(chi2.cdf(deviation, freedom))

"""The probe: a small boosted model, asked out of fold, of which several checks read what the columns know.

It is no candidate: few rows, few rounds and plain settings, so that a check that needs a joint view of all
columns costs a fraction of a second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.risk.sample import coded

__all__ = ["Probe", "boosted", "fitted", "matrix_of"]

ROWS = 4_000
"""Rows the probe looks at."""

FOLDS = 4
"""Folds; each row is predicted by a model that never saw it."""

ROUNDS = 60
"""Rounds of boosting for one score; shared out among the classes when there are several."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Out-of-fold answers of the probe.

    Examples:
        >>> Probe(rows=np.array([0]), scores=np.array([[0.2, 0.8]]), gains={"x": 3.0}).scores.shape
        (1, 2)
    """

    rows: npt.NDArray[np.int64]
    """Which rows it looked at."""
    scores: Matrix
    """Probabilities of the classes, a column each; for a number one column with the estimate."""
    gains: Mapping[str, float]
    """How much each column served the models (sum of gains), largest first."""


def matrix_of(frame: pl.DataFrame, names: Sequence[str]) -> Matrix:
    """Return columns as numbers: numbers as they are, everything else by its code; missing is NaN.

    Examples:
        >>> matrix_of(pl.DataFrame({"a": [1.5, None], "b": ["x", "y"]}), ["a", "b"]).tolist()
        [[1.5, 1.0], [nan, 2.0]]
    """
    columns = []
    for name in names:
        column = frame[name]
        if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
            values = column.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
            columns.append(np.where(np.isfinite(values), values, np.nan))
        else:
            codes = coded(column).codes.astype(np.float64)
            columns.append(np.where(codes == 0, np.nan, codes))
    return np.column_stack(columns) if columns else np.empty((frame.height, 0))


def boosted(
    x: Matrix, y: Matrix, *, names: Sequence[str], classes: int, seed: int, rows: int = ROWS
) -> Probe | None:
    """Fit the probe in folds and ask it out of fold; None when there is too little to learn from.

    Args:
        x: The columns.
        y: Class numbers, or values.
        names: The columns' names.
        classes: How many classes; 0 for a number.
        seed: Draws the rows and the folds.
        rows: Rows it looks at.

    Examples:
        >>> x = np.linspace(0, 1, 200)[:, None]
        >>> boosted(x, (x[:, 0] > 0.5) * 1.0, names=["x"], classes=2, seed=7).scores[0].round().tolist()
        [1.0, 0.0]
    """
    chance = np.random.default_rng(seed)
    chosen = np.arange(y.size)
    if y.size > rows:
        chosen = np.sort(chance.choice(y.size, size=rows, replace=False))
    x, y = x[chosen], y[chosen]
    if y.size < 20 * FOLDS or x.shape[1] == 0 or np.unique(y).size < 2:
        return None
    fold = chance.permutation(y.size) % FOLDS
    scores = np.zeros((y.size, max(classes, 1)))
    gains = np.zeros(x.shape[1])
    for number in range(FOLDS):
        kept = fold != number
        asked, gained = _fit_and_ask(x[kept], y[kept], x[~kept], classes=classes, seed=seed)
        scores[~kept] = asked
        gains += gained
    told = zip(names, gains.tolist(), strict=True)
    ranked = sorted(told, key=lambda item: -item[1])  # equal gains keep their order
    return Probe(rows=chosen, scores=scores, gains=dict(ranked))


def fitted(
    x: Matrix,
    y: Matrix,
    learn: npt.NDArray[np.int64],
    ask: npt.NDArray[np.int64],
    *,
    classes: int,
    seed: int,
) -> Matrix:
    """Fit the probe's model on some rows and return its answers for others.

    Examples:
        >>> x = np.linspace(0, 1, 200)[:, None]
        >>> fitted(
        ...     x, (x[:, 0] > 0.5) * 1.0, np.arange(200), np.array([0]), classes=2, seed=7
        ... ).round().tolist()
        [[1.0, 0.0]]
    """
    return _fit_and_ask(x[learn], y[learn], x[ask], classes=classes, seed=seed)[0]


def _fit_and_ask(x: Matrix, y: Matrix, asked: Matrix, *, classes: int, seed: int) -> tuple[Matrix, Matrix]:
    """Return the answers, a column a class (one for a number), and the gain of each column."""
    # Loaded here: it is the largest library a check needs, and most commands run no check.
    import lightgbm

    several = classes > 2
    settings: dict[str, object] = {
        "objective": "multiclass" if several else "binary" if classes else "regression",
        "num_leaves": 15,
        "min_data_in_leaf": max(5, min(20, y.size // 40)),
        "learning_rate": 0.2 if several else 0.1,
        "max_bin": 127,
        "seed": seed % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    if several:
        settings["num_class"] = classes
    rounds = max(12, 2 * ROUNDS // classes) if several else ROUNDS
    data = lightgbm.Dataset(x, label=y, params={"verbose": -1, "max_bin": 127})
    model = lightgbm.train(settings, data, num_boost_round=rounds)
    answer = np.asarray(model.predict(asked, num_threads=1), dtype=np.float64)
    if not several:
        answer = np.column_stack([1 - answer, answer]) if classes else answer[:, None]
    return answer, np.asarray(model.feature_importance("gain"), dtype=np.float64)

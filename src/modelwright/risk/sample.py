"""The thinned, labelled sample that the statistical checks share, with every column coded once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.risk.strength import Strength, strength
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec

__all__ = ["Coded", "Sample", "coded", "holds_categories"]

LARGEST = 20_000
"""Rows of the sample: an AUC is then known to about 0.005 and every check stays fast."""

BINS = 64
"""Quantile bins of a number with many values."""

FEWEST_BINS = 8
"""Quantile bins of a number in a small sample."""

ROWS_A_BIN = 30
"""Rows a bin has at least, so that its mean is worth something."""

LEVELS = 256
"""Categories kept apart; the rest share one code."""

FOLDS = 5
"""Folds of the out-of-fold scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column as small integers: 0 is missing, then bins in order or categories by frequency.

    Examples:
        >>> coded(pl.Series(["a", None, "a", "b"])).codes.tolist()
        [1, 0, 1, 2]
    """

    codes: npt.NDArray[np.int64]
    """One code a row."""
    levels: int
    """How many codes there may be, missing included."""
    exact: bool
    """Whether every value has a code of its own."""


def _bins(rows: int) -> int:
    return max(FEWEST_BINS, min(BINS, rows // ROWS_A_BIN))


def _coded_number(values: npt.NDArray[np.float64], *, apart: int = LEVELS) -> Coded:
    missing = ~np.isfinite(values)
    present = values[~missing]
    distinct = np.unique(present)
    exact = distinct.size < apart
    if exact:
        codes = np.searchsorted(distinct, np.where(missing, 0.0, values)) + 1
        levels = distinct.size + 2
    else:
        edges = np.unique(np.quantile(present, np.linspace(0, 1, _bins(values.size) + 1)[1:-1]))
        codes = np.searchsorted(edges, np.where(missing, 0.0, values), side="right") + 1
        levels = edges.size + 2
    codes[missing] = 0
    return Coded(codes=codes.astype(np.int64), levels=levels, exact=exact)


def holds_categories(column: pl.Series) -> bool:
    """Whether a column holds text or categories.

    Examples:
        >>> holds_categories(pl.Series(["a"])), holds_categories(pl.Series([1]))
        (True, False)
    """
    kind = column.dtype
    return kind == pl.String or kind == pl.Categorical or kind == pl.Enum  # noqa: PLR1714 - a set needs instances


def coded(series: pl.Series) -> Coded:
    """Code a column: numbers and dates by value or quantile bin, everything else by category.

    Examples:
        >>> coded(pl.Series([3.0, 1.0, None])).codes.tolist()
        [2, 1, 0]
    """
    kind = series.dtype
    if kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean:
        whole = series.to_physical() if kind.is_temporal() else series
        return _coded_number(whole.cast(pl.Float64).to_numpy().astype(np.float64, copy=False))
    frame = series.cast(pl.String).to_frame("value")
    ranked = (
        frame.drop_nulls()
        .group_by("value")
        .len()
        .sort(["len", "value"], descending=[True, False])
        .with_row_index("code", offset=1)
        .with_columns(pl.col("code").clip(upper_bound=LEVELS).cast(pl.Int64))
    )
    joined = frame.join(ranked, on="value", how="left", maintain_order="left")
    codes = joined["code"].fill_null(0).to_numpy().astype(np.int64)
    return Coded(codes=codes, levels=min(ranked.height, LEVELS) + 1, exact=ranked.height <= LEVELS)


class Sample:
    """Labelled rows for the statistical checks; at most `LARGEST`, drawn by the contract's split seed.

    Args:
        rows: Labelled rows, in the order of the source.
        target: What is predicted.
        seed: Seed of the draw and of the folds.

    Examples:
        >>> spec = TargetSpec(task="regression", name="y", classes=(), prior=(1.0,))
        >>> Sample(pl.DataFrame({"x": [1, 2], "y": [0.5, 1.5]}), target=spec, seed=7).y.tolist()
        [0.5, 1.5]
    """

    def __init__(self, rows: pl.DataFrame, *, target: TargetSpec, seed: int) -> None:
        self.target = target
        chance = np.random.default_rng(seed)
        if rows.height > LARGEST:
            kept = np.sort(chance.choice(rows.height, size=LARGEST, replace=False))
            rows = rows[kept]
        labels = _labels(rows[target.name], target)
        known = np.isfinite(labels)
        self.frame = rows.filter(pl.Series(known)) if not known.all() else rows
        self.y: npt.NDArray[np.float64] = labels[known]
        self.folds: npt.NDArray[np.int64] = chance.permutation(self.y.size) % FOLDS
        self._coded: dict[str, Coded] = {}
        self._strengths: dict[str, Strength] = {}
        self._distinct: dict[str, int] = {}

    @property
    def rows(self) -> int:
        """How many labelled rows there are."""
        return int(self.y.size)

    def coded(self, column: str) -> Coded:
        """Return the column as small integers, computed once."""
        if column not in self._coded:
            self._coded[column] = coded(self.frame[column])
        return self._coded[column]

    def distinct(self, column: str) -> int:
        """Return the number of distinct values, computed once."""
        if column not in self._distinct:
            self._distinct[column] = self.frame[column].n_unique()
        return self._distinct[column]

    def _binned(self, column: str) -> Coded:
        """Return the codes for a strength: many-valued numbers in bins that hold enough rows each."""
        code = self.coded(column)
        bins = _bins(self.rows)
        if not self.frame[column].dtype.is_numeric() or not code.exact or code.levels <= bins:
            return code
        return _coded_number(self.frame[column].cast(pl.Float64).to_numpy(), apart=bins)

    def strength(self, column: str) -> Strength:
        """Return how well this column alone predicts the target out of fold, computed once."""
        if column not in self._strengths:
            code = self._binned(column)
            self._strengths[column] = strength(
                code.codes,
                self.y,
                levels=code.levels,
                folds=self.folds,
                classes=0 if self.target.task == "regression" else len(self.target.classes),
            )
        return self._strengths[column]

    def strengths(self, columns: Sequence[str]) -> tuple[tuple[str, Strength], ...]:
        """Return the columns with their strengths, strongest first."""
        listed = [(column, self.strength(column)) for column in columns]
        return tuple(sorted(listed, key=lambda pair: (-pair[1].power, pair[0])))


def _labels(column: pl.Series, target: TargetSpec) -> npt.NDArray[np.float64]:
    if target.task == "regression":
        return column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().astype(np.float64)
    places = {name: float(index) for index, name in enumerate(target.classes)}
    names = as_labels(column)
    return (
        names.replace_strict(places, default=None, return_dtype=pl.Float64).fill_null(float("nan")).to_numpy()
    )

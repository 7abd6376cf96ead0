"""Associations: how far two columns go together, whatever they hold; and which are missing together.

Numbers with numbers by Spearman's rank correlation (1904), categories with categories by Cramér's V with
the correction for bias of Bergsma (2013), categories with numbers by the correlation ratio of the ranks,
adjusted for the number of categories (Kelley 1935). Drift is the population stability index of the last
quarter of time against the first (Siddiqi 2006).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Association", "Look", "associations", "look_closely", "missing_together", "stability"]

SAMPLE = 10_000
"""Rows from which associations and drift are told, spread evenly over the table."""
MOST_COLUMNS = 120
"""Columns that are paired; in wider tables the first ones."""
MOST_CODES = 30
"""Categories told apart; rarer ones count as one."""
PERIODS = 8
"""Periods of time, equal in rows, whose averages are compared."""
QUARTER = 4
BINS = 10

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How far two columns go together.

    Examples:
        >>> look = look_closely(pl.DataFrame({"a": range(9), "b": range(9)}), {"a": "number", "b": "number"})
        >>> associations(look)[0].value
        1.0
    """

    first: str
    """One column."""
    second: str
    """The other."""
    measure: str
    """`Spearman's rho`, `Cramér's V`, `correlation ratio`, or `missing together`."""
    value: float
    """From 0 to 1; rho and missing together from -1 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A sample of rows, its numbers as ranks and its categories as codes.

    Examples:
        >>> look_closely(pl.DataFrame({"a": [1.0, None, 3.0]}), {"a": "number"}).rows
        3
    """

    rows: int
    """Rows of the sample."""
    numbers: Mapping[str, Floats]
    """Ranks of each column of numbers or dates, NaN where empty."""
    categories: Mapping[str, Codes]
    """Codes of each column of categories, -1 where empty."""
    values: Mapping[str, Floats]
    """The numbers themselves."""


def look_closely(frame: pl.DataFrame, kinds: Mapping[str, str], *, time: str | None = None) -> Look:
    """Take an even sample of a table, in the order of time where there is one.

    Args:
        frame: The table.
        kinds: Kind of each column to look at, as in `ColumnProfile.kind`; texts are passed over.
        time: The column that orders rows.

    Examples:
        >>> look_closely(pl.DataFrame({"a": ["x", "y"]}), {"a": "category"}).categories["a"].tolist()
        [0, 1]
    """
    names = [name for name, kind in kinds.items() if kind != "text"][:MOST_COLUMNS]
    part = frame.select(list(dict.fromkeys([*names, *([time] if time else [])])))
    part = part.gather_every(max(1, frame.height // SAMPLE)).head(SAMPLE)
    if time is not None:
        part = part.sort(time, maintain_order=True)
    numeric = [name for name in names if kinds[name] in {"number", "integer", "datetime"}]
    values = part.select(_as_number(part[name]) for name in numeric)
    ranks = values.select(pl.all().rank())
    coded = {name: _codes(part[name]) for name in names if name not in set(numeric)}
    return Look(
        rows=part.height,
        numbers={name: _floats(ranks[name]) for name in numeric},
        categories=coded,
        values={name: _floats(values[name]) for name in numeric},
    )


def _as_number(column: pl.Series) -> pl.Series:
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("us"), strict=False).cast(pl.Int64).cast(pl.Float64)
    numbers = column.cast(pl.Float64, strict=False).fill_nan(None)
    return numbers.set(numbers.is_infinite().fill_null(value=False), None)


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _codes(column: pl.Series) -> Codes:
    text = column.cast(pl.String)
    counted = (
        text.drop_nulls()
        .alias("value")
        .value_counts(name="count")
        .sort("count", "value", descending=[True, False])
    )
    kept = counted["value"].head(MOST_CODES).to_list()
    table = {value: code for code, value in enumerate(kept)}
    codes = text.replace_strict(table, default=len(kept), return_dtype=pl.Int64)
    return codes.set(text.is_null(), -1).to_numpy()


def _rank_correlations(columns: Sequence[Floats]) -> Floats:
    """Return the correlations of all pairs of columns, each over the rows where both are known."""
    values = np.column_stack(columns)
    known = (~np.isnan(values)).astype(np.float64)
    values = np.where(known > 0, values - np.nanmean(values, axis=0), 0.0)
    count = np.maximum(known.T @ known, 1.0)
    sums = values.T @ known
    squares = (values**2).T @ known
    mean = sums / count
    spread = np.maximum(squares / count - mean**2, 0.0)
    shared = values.T @ values / count - mean * mean.T
    with np.errstate(invalid="ignore", divide="ignore"):
        found = shared / np.sqrt(spread * spread.T)
    return np.clip(np.where(count >= 3, found, np.nan), -1.0, 1.0)


def _cramer(first: Codes, second: Codes) -> float:
    known = (first >= 0) & (second >= 0)
    one, other = first[known], second[known]
    total = len(one)
    if total < 2:
        return float("nan")
    width = int(other.max()) + 1
    table = np.bincount(one * width + other, minlength=(int(one.max()) + 1) * width).reshape(-1, width)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.float64)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    square = float(((table - expected) ** 2 / expected).sum()) / total
    rows, columns = table.shape
    square = max(0.0, square - (rows - 1) * (columns - 1) / (total - 1))
    least = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return min(1.0, float(np.sqrt(square / least))) if least > 0 else float("nan")


def _ratio(codes: Codes, ranks: Floats) -> float:
    known = (codes >= 0) & ~np.isnan(ranks)
    one, other = codes[known], ranks[known]
    total = len(one)
    if total < 3:
        return float("nan")
    counts = np.bincount(one)
    sums = np.bincount(one, weights=other)
    groups = int((counts > 0).sum())
    spread = float(((other - other.mean()) ** 2).sum())
    between = float((sums[counts > 0] ** 2 / counts[counts > 0]).sum()) - total * float(other.mean()) ** 2
    if spread <= 0 or groups >= total or groups < 2:
        return float("nan")
    share = 1 - (1 - between / spread) * (total - 1) / (total - groups)
    return float(np.sqrt(min(max(share, 0.0), 1.0)))


def _pairs(look: Look) -> Iterator[Association]:
    numbers = list(look.numbers)
    if len(numbers) > 1:
        with np.errstate(all="ignore"):
            known = [name for name in numbers if not np.isnan(look.numbers[name]).all()]
            found = _rank_correlations([look.numbers[name] for name in known]) if known else np.empty((0, 0))
        for (i, first), (j, second) in combinations(enumerate(known), 2):
            yield Association(first=first, second=second, measure="Spearman's rho", value=float(found[i, j]))
    for first, second in combinations(look.categories, 2):
        value = _cramer(look.categories[first], look.categories[second])
        yield Association(first=first, second=second, measure="Cramér's V", value=value)
    for first, codes in look.categories.items():
        for second, ranks in look.numbers.items():
            value = _ratio(codes, ranks)
            yield Association(first=first, second=second, measure="correlation ratio", value=value)


def associations(look: Look) -> tuple[Association, ...]:
    """Return how far all pairs of columns go together, the strongest first; constants have none.

    Examples:
        >>> table = pl.DataFrame({"a": ["x", "y"] * 20, "b": [1.0, 2.0] * 20})
        >>> look = look_closely(table, {"a": "category", "b": "number"})
        >>> [(item.measure, item.value) for item in associations(look)]
        [('correlation ratio', 1.0)]
    """
    found = [item for item in _pairs(look) if np.isfinite(item.value)]
    rounded = [
        Association(first=item.first, second=item.second, measure=item.measure, value=round(item.value, 4))
        for item in found
    ]
    return tuple(sorted(rounded, key=lambda item: (-abs(item.value), item.first, item.second)))


def missing_together(frame: pl.DataFrame, *, least: float = 0.5) -> tuple[Association, ...]:
    """Return pairs of columns that tend to be empty in the same rows, or in each other's.

    Args:
        frame: The table.
        least: The least correlation of being empty that is told.

    Examples:
        >>> found = missing_together(pl.DataFrame({"a": [1, None, None, 4], "b": ["x", None, None, "y"]}))
        >>> [(item.first, item.second, item.value) for item in found]
        [('a', 'b', 1.0)]
    """
    part = frame.gather_every(max(1, frame.height // (2 * SAMPLE)))
    names = [column.name for column in part.iter_columns() if 0 < column.null_count() < part.height]
    names = names[:MOST_COLUMNS]
    if len(names) < 2:
        return ()
    empty = part.select(pl.col(names).is_null().cast(pl.Float32)).to_numpy()
    shares = empty.mean(axis=0, dtype=np.float64)
    both = (empty.T @ empty).astype(np.float64) / part.height
    spread = np.sqrt(shares * (1 - shares))
    found = np.clip((both - np.outer(shares, shares)) / np.outer(spread, spread), -1.0, 1.0)
    pairs = [
        Association(
            first=first, second=second, measure="missing together", value=round(float(found[i, j]), 4)
        )
        for (i, first), (j, second) in combinations(enumerate(names), 2)
        if abs(found[i, j]) >= least
    ]
    return tuple(sorted(pairs, key=lambda item: (-abs(item.value), item.first, item.second)))


def _index(first: npt.NDArray[np.float64], last: npt.NDArray[np.float64]) -> float:
    """Return the population stability index of two sets of counts, half a row added to each bin."""
    one = (first + 0.5) / (first + 0.5).sum()
    other = (last + 0.5) / (last + 0.5).sum()
    return float(((other - one) * np.log(other / one)).sum())


def _binned(values: Floats) -> Codes:
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
    codes = np.searchsorted(edges, values, side="right").astype(np.int64)
    return np.where(np.isnan(values), -1, codes)


def stability(look: Look) -> Mapping[str, tuple[float, tuple[float, ...]]]:
    """Return, for rows in the order of time, how each column moved: its index, and its averages by period.

    The index compares the last quarter of rows with the first; below 0.1 is calm, above 0.2 is a shift. The
    averages are means of numbers, and shares of the commonest category.

    Examples:
        >>> look = look_closely(pl.DataFrame({"t": range(80), "a": range(80)}), {"a": "number"}, time="t")
        >>> stability(look)["a"][0] > 1
        True
    """
    edge = look.rows // QUARTER
    if edge < BINS:
        return {}
    cut = [round(look.rows * step / PERIODS) for step in range(PERIODS + 1)]
    found = {}
    for name in (*look.values, *look.categories):
        codes = _binned(look.values[name]) if name in look.values else look.categories[name]
        width = int(codes.max()) + 2
        first, last = (
            np.bincount(part + 1, minlength=width).astype(np.float64)
            for part in (codes[:edge], codes[-edge:])
        )
        levels = look.values[name] if name in look.values else np.where(codes < 0, np.nan, codes == 0)
        means = [_mean(levels[low:high]) for low, high in pairwise(cut)]
        found[name] = (round(_index(first, last), 4), tuple(means))
    return found


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0

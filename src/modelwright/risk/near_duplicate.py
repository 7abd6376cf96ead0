"""NEAR-DUPLICATE: held-out rows that are training rows but for a few values."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["NearDuplicateCheck", "near_rows"]

MOST_ROWS = 60_000
"""Training rows compared; more are thinned evenly."""

TRIES = 12
"""Draws of columns by which rows are brought together."""

LEAST_COLUMNS = 5
"""Columns below which a few differing values are another row."""

ALIKE = 0.75
"""Share of columns in which two rows must agree."""

CROWD = 0.5
"""Share of distinct training rows in the drawn columns below which meeting there says nothing."""

SURE_BITS = 12.0
"""Bits of agreement beyond those that the closest of all pairs would share by chance."""

GRID = 2_000
"""Steps between the 1st and the 99th percentile of a number: two values on one step are the same."""

MANY, GRAVE = 0.01, 0.1
"""Share of test rows with a twin in training that flatters a score, and that makes it memory."""

Codes = npt.NDArray[np.int64]


class NearDuplicateCheck:
    """Finds test rows that agree with a training row in nearly all columns, more than chance allows.

    Rows meet that agree in a drawn half of the columns (locality-sensitive hashing; Indyk and Motwani 1998).
    Agreement in a column weighs by how rare its value is (Fellegi and Sunter 1969). Where most training rows
    meet in the drawn columns, meeting says nothing and the draw is left out.

    Examples:
        >>> NearDuplicateCheck().code
        'NEAR-DUPLICATE'
    """

    code = "NEAR-DUPLICATE"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        names = [name for name in view.usable if view.sample.distinct(name) > 1]
        if len(names) < LEAST_COLUMNS or min(view.train.height, view.test.height) < 30:
            return
        twins, pair, rich = near_rows(
            view.train.select(names), view.test.select(names), seed=view.contract.data.split.seed
        )
        share = twins / view.test.height
        if twins < 3 or share < 0.002:
            return
        yield raised(
            self,
            title=f"{twins:,} test rows are training rows but for a few values",
            severity=Severity.HIGH
            if share >= GRAVE and rich
            else Severity.MEDIUM
            if share >= MANY
            else Severity.LOW,
            confidence=85,
            evidence=(
                (
                    f"{twins:,} of {view.test.height:,} test rows ({share:.1%}) agree with a training row in "
                    f"{ALIKE:.0%} of {len(names)} columns or more, by more than chance"
                ),
                f"such a pair differs in {', '.join(pair) if pair else 'no column but by rounding'}",
            ),
            why="One event delivered twice with a corrected value, or a row made from another, is "
            "learned by heart "
            "and asked about again.",
            fix="Find what the pairs share (a key, a batch, an over-sampling step), keep one of each, or "
            "split by it.",
            question="Are rows that are equal but for a few values one event, or made from each other?",
        )


def near_rows(train: pl.DataFrame, test: pl.DataFrame, *, seed: int) -> tuple[int, tuple[str, ...], bool]:
    """Return how many test rows have a near twin in training, where a pair differs, and if rows are rich.

    Rich rows hold twice the bits that tell a twin from chance: then even columns that depend on each other
    leave no doubt.

    Examples:
        >>> chance = np.random.default_rng(0)
        >>> rows = pl.DataFrame(chance.normal(size=(300, 8)), schema=list("abcdefgh"))
        >>> other = pl.DataFrame(chance.normal(size=(50, 8)), schema=list("abcdefgh"))
        >>> near_rows(rows, rows.head(50).with_columns(b=other["b"]), seed=7)
        (50, ('b',), True)
        >>> near_rows(rows, other, seed=7)
        (0, (), True)
    """
    names = train.columns
    step = max(1, -(-train.height // MOST_ROWS))
    train = train.gather_every(step)
    test = test.filter(~test.hash_rows(seed=1).is_in(train.hash_rows(seed=1).implode()))
    if test.is_empty():
        return 0, (), False
    both = pl.concat([train, test], how="vertical_relaxed")
    codes = np.column_stack([_grid(both[name]) for name in names])
    left, right = codes[: train.height], codes[train.height :]
    bits = np.column_stack([_rarity(codes[:, place]) for place in range(len(names))])
    entropy = bits.mean(axis=0)
    needed = np.log2(max(train.height, 2)) + np.log2(max(test.height, 2)) + SURE_BITS
    if entropy.sum() < needed:
        return 0, (), False
    chance = np.random.default_rng(seed)
    twin = np.zeros(test.height, dtype=bool)
    shown: tuple[str, ...] = ()
    for _ in range(TRIES):
        drawn = chance.permutation(len(names))
        kept = drawn[: (len(names) + 1) // 2]
        if _crowded(left[:, kept]):
            continue
        mine, other = _meet(left[:, kept], right[:, kept])
        fresh = ~twin[other]
        mine, other = mine[fresh], other[fresh]
        same = left[mine] == right[other]
        share = same.mean(axis=1)
        weight = np.where(same, bits[train.height :][other], 0.0).sum(axis=1)
        good = (share >= ALIKE) & (weight >= needed)
        if good.any() and not shown:
            first = int(np.flatnonzero(good)[0])
            shown = tuple(names[place] for place in np.flatnonzero(~same[first])[:5])
        twin[other[good]] = True
    return int(twin.sum()), shown, bool(entropy.sum() >= 2 * needed)


def _grid(column: pl.Series) -> Codes:
    """Code a column: categories and few-valued numbers exactly, others on a fine grid; missing is 0."""
    if (column.dtype.is_numeric() or column.dtype.is_temporal()) and column.n_unique() > GRID // 4:
        values = column.to_physical().cast(pl.Float64).fill_null(float("nan")).to_numpy()
        known = np.isfinite(values)
        low, high = np.quantile(values[known], [0.01, 0.99]) if known.any() else (0.0, 1.0)
        width = (float(high) - float(low)) / GRID or 1.0
        placed = (
            np.clip(np.floor((np.where(known, values, 0.0) - low) / width), -4 * GRID, 4 * GRID)
            + 4 * GRID
            + 1
        )
        return np.where(known, placed, 0).astype(np.int64)
    ranks: Codes = column.cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
    return ranks


def _rarity(codes: Codes) -> npt.NDArray[np.float64]:
    counts = np.bincount(codes)
    told: npt.NDArray[np.float64] = -np.log2(counts[codes] / codes.size)
    return told


def _meet(left: Codes, right: Codes) -> tuple[Codes, Codes]:
    """Return pairs of rows that are equal in these columns: right ones, each with the first left one."""
    chance = _factors(left.shape[1])
    with np.errstate(over="ignore"):
        mine = _mixed(left, chance)
        other = _mixed(right, chance)
    keys, first = np.unique(mine, return_index=True)
    place = np.minimum(np.searchsorted(keys, other), keys.size - 1)
    hit = np.flatnonzero(keys[place] == other)
    return first[place[hit]].astype(np.int64), hit.astype(np.int64)


def _factors(count: int) -> npt.NDArray[np.uint64]:
    drawn = np.asarray(np.random.PCG64(count).random_raw(count), dtype=np.uint64)
    odd: npt.NDArray[np.uint64] = drawn | np.uint64(1)
    return odd


def _mixed(codes: Codes, factors: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(codes.shape[0], dtype=np.uint64)
    for place, factor in enumerate(factors):
        mixed = (mixed ^ codes[:, place].astype(np.uint64)) * factor
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _crowded(left: Codes) -> bool:
    """Whether so many training rows meet each other in these columns that meeting says nothing."""
    mixed = _mixed(left, _factors(left.shape[1]))
    return bool(np.unique(mixed).size < CROWD * mixed.size)

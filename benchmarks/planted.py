"""Leaks to plant in a clean table: of each kind three strengths, from plain to faint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from modelwright.contracts.data import SplitPolicy

__all__ = ["PLANTS", "STRENGTHS", "Table"]

STRENGTHS = ("strong", "medium", "weak")
"""How plain a plant is."""

Chance = np.random.Generator
Plant = Callable[["Table", int, Chance], "Table | None"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, what is predicted, and how it is split."""

    name: str
    """Where it comes from."""
    frame: pl.DataFrame
    """Its rows."""
    target: str
    """What is predicted."""
    task: str
    """`binary`, `multiclass` or `regression`."""
    split: SplitPolicy
    """How its rows are divided."""
    planted: str = ""
    """The column that was planted; empty for a plant of rows."""
    event_time: str | None = None
    """The column of the row's moment."""

    @property
    def y(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The target as numbers: values, or places of classes, the rarest last."""
        column = self.frame[self.target]
        if self.task == "regression":
            return column.cast(pl.Float64).to_numpy()
        counts = column.cast(pl.String).value_counts(sort=True)
        place = {value: float(index) for index, value in enumerate(counts[column.name].to_list())}
        return column.cast(pl.String).replace_strict(place, return_dtype=pl.Float64).to_numpy()

    def plus(self, values: object, name: str = "planted") -> "Table":
        """The same with one more column."""
        return replace(self, frame=self.frame.with_columns(pl.Series(name, values)), planted=name)


def target_copy(table: Table, strength: int, chance: Chance) -> Table:
    """The target renamed; with 1 % of rows wrong; with 5 % wrong (or that much noise)."""
    y, share = table.y, (0.0, 0.01, 0.05)[strength]
    if table.task == "regression":
        return table.plus(3.0 * y + 7 + share * y.std() * chance.normal(size=y.size))
    wrong = chance.random(y.size) < share
    y = np.where(wrong, chance.permutation(y), y)
    return table.plus([f"state {int(value)}" for value in y])


def target_pair(table: Table, strength: int, chance: Chance) -> Table | None:
    """Two columns whose difference, ratio or (weak) noisy sum is the target; for classes: parts it."""
    if table.task == "multiclass":
        return None
    y = table.y
    first = (chance.lognormal(size=y.size) + 0.3) * (y.std() if table.task == "regression" else 3.0)
    if table.task == "regression":
        scaled = y - y.min() + 1
        noise = 1 + 0.02 * chance.normal(size=y.size)
        second = (scaled + first, scaled * first, scaled * first * noise)[strength]
    else:
        gap = np.where(y == 1, 1.0, -1.0) * chance.exponential(size=y.size)
        wrong = chance.random(y.size) < 0.02
        second = (first + gap, first * np.exp(gap), first + np.where(wrong, -gap, gap))[strength]
    return replace(table.plus(first, "made").plus(second), planted="planted")


def post_outcome(table: Table, strength: int, chance: Chance) -> Table | None:
    """A column filled in with the outcome: nearly always, mostly, or often."""
    y = table.y
    share = (0.97, 0.85, 0.7)[strength]
    known = chance.random(y.size) < share
    if table.task == "regression":
        return table.plus(np.where(known, y * 0.9, chance.permutation(y)), "refund_amount")
    return table.plus(np.where(known, y, chance.permutation(y)).astype(np.int64), "final_status")


def missingness(table: Table, strength: int, chance: Chance) -> Table | None:
    """A column left empty by the outcome: always, in 90 %, in 80 % of cases."""
    if table.task == "regression":
        return None
    y = table.y
    follows = chance.random(y.size) < (1.0, 0.9, 0.8)[strength]
    empty = np.where(follows, y == y.max(), chance.random(y.size) < 0.3)
    return table.plus(
        [None if gap else float(value) for gap, value in zip(empty, chance.normal(size=y.size), strict=True)]
    )


def identifier(table: Table, strength: int, chance: Chance) -> Table:
    """A key: text; a dense number; a row number among gaps."""
    rows = table.frame.height
    if strength == 0:
        return table.plus(
            [f"K{value:09d}" for value in chance.permutation(rows) * 7919 % 999_999_937], "customer_id"
        )
    if strength == 1:
        return table.plus(chance.permutation(rows) + 10_000)
    return table.plus(np.cumsum(chance.integers(1, 9, rows)))


def groups(table: Table, strength: int, chance: Chance) -> Table:
    """Entities with eight, four or two rows on both sides, whose features are theirs."""
    rows, size = table.frame.height, (8, 4, 2)[strength]
    who = chance.integers(0, rows // size, rows)
    return table.plus([f"P{value}" for value in who], "patient_id")


def duplicates(table: Table, strength: int, chance: Chance) -> Table:
    """Twenty, eight or three per cent of rows delivered twice."""
    rows = table.frame.height
    again = chance.choice(rows, int((0.2, 0.08, 0.03)[strength] * rows), replace=False)
    both = pl.concat([table.frame, table.frame[np.sort(again)]])
    return replace(table, frame=both.sample(fraction=1.0, shuffle=True, seed=7))


def near_duplicates(table: Table, strength: int, chance: Chance) -> Table | None:
    """A fifth, a tenth or one in twenty of rows delivered again with one value corrected."""
    features = [name for name in table.frame.columns if name != table.target]
    if len(features) < 6:
        return None
    rows = table.frame.height
    again = table.frame[np.sort(chance.choice(rows, int((0.2, 0.1, 0.05)[strength] * rows), replace=False))]
    corrected = features[int(chance.integers(len(features)))]
    other = table.frame[corrected].sample(again.height, with_replacement=True, seed=3)
    both = pl.concat([table.frame, again.with_columns(other.alias(corrected))])
    return replace(table, frame=both.sample(fraction=1.0, shuffle=True, seed=7))


WORDS = ("order", "invoice", "bank", "client", "price", "offer", "week", "parcel",
    "garden", "summer", "train", "river", "letter", "meeting", "report", "budget", "visit",
    "school", "travel", "engine", "paper", "market", "signal", "copper", "window",
    "forest", "bridge", "stone", "winter", "doctor")  # fmt: skip
"""Words of made-up messages."""


def near_text(table: Table, strength: int, chance: Chance) -> Table:
    """Messages, a third, a tenth or one in twenty of which repeat another with one word changed."""
    rows = table.frame.height
    texts = [[WORDS[place] for place in chance.integers(0, len(WORDS), 18)] for _ in range(rows)]
    for row in chance.choice(np.arange(1, rows), int((0.33, 0.1, 0.05)[strength] * rows), replace=False):
        copied = list(texts[int(chance.integers(0, row))])
        copied[int(chance.integers(0, 18))] = "changed"
        texts[int(row)] = copied
    return table.plus([" ".join(words) for words in texts], "message")


def window(table: Table, strength: int, chance: Chance) -> Table | None:
    """A mean of the target over 7 rows around this one, 7 up to this one, or 14 up to this one, noisy."""
    if table.task == "multiclass":
        return None
    y = _in_time(table.y, chance)
    timed = replace(
        table,
        frame=table.frame.with_columns(_back(table, y)),
        split=SplitPolicy(policy="temporal", order="rows"),
    )
    width = (7, 7, 14)[strength]
    padded = np.concatenate([np.repeat(y.mean(), width), y, np.repeat(y.mean(), width)])
    total = np.concatenate([[0.0], np.cumsum(padded)])
    place = np.arange(y.size) + width
    last = place + (3 if strength == 0 else 0)
    mean = (total[last + 1] - total[last + 1 - width]) / width
    if strength == 2:
        mean = mean + 0.02 * mean.std() * chance.normal(size=y.size)
    return timed.plus(mean)


def lead(table: Table, strength: int, chance: Chance) -> Table | None:
    """A number of the next row: called so; with an empty last row; mute, so that either may be first."""
    numbers = [name for name in table.frame.columns if name != table.target and _varied(table.frame[name])]
    if not numbers:
        return None
    name = numbers[int(chance.integers(len(numbers)))]
    column = table.frame[name].shift(-1)
    if strength != 1:
        column = column.fill_null(strategy="forward")
    timed = replace(table, split=SplitPolicy(policy="temporal", order="rows"))
    return timed.plus(column, "next_reading" if strength == 0 else "planted")


def scaled(table: Table, strength: int, _: Chance) -> Table | None:
    """Numbers standardised over all rows; one of them; the same rounded to four digits."""
    numbers = [name for name in table.frame.columns if name != table.target and _varied(table.frame[name])]
    if not numbers:
        return None
    chosen = numbers if strength == 0 else numbers[:1]
    made = [((pl.col(name) - pl.col(name).mean()) / pl.col(name).std()).fill_null(0.0) for name in chosen]
    made = [one.round(4) if strength == 2 else one for one in made]
    return replace(table, frame=table.frame.with_columns(made), planted=chosen[0])


def encoded(table: Table, strength: int, chance: Chance) -> Table | None:
    """A category of 30 rows a value encoded by its mean target over all rows; of 10; of 30, smoothed."""
    if table.task == "multiclass":
        return None
    y, rows = table.y, table.frame.height
    town = chance.integers(0, max(rows // (30, 10, 30)[strength], 12), rows)
    counts = np.bincount(town)
    weight = 10.0 if strength == 2 else 0.0
    means = (np.bincount(town, weights=y) + weight * y.mean()) / np.maximum(counts + weight, 1)
    return table.plus(means[town])


def label_before(table: Table, strength: int, chance: Chance) -> Table:
    """A moment after the row's own: always, in a fifth, in one of fifty rows."""
    rows = table.frame.height
    start = np.datetime64("2025-01-01T08:00:00", "us")
    at = start + np.sort(chance.integers(0, 200 * 86_400, rows)).astype("timedelta64[s]")
    later = chance.random(rows) < (1.0, 0.2, 0.02)[strength]
    days = chance.integers(1, 30, rows)
    other = at + np.where(later, days, -days).astype("timedelta64[D]")
    frame = table.frame.with_columns(opened_at=pl.Series(at), last_contact=pl.Series(other))
    split = SplitPolicy(policy="temporal", time="opened_at")
    return replace(table, frame=frame, planted="last_contact", event_time="opened_at", split=split)


def _varied(column: pl.Series) -> bool:
    return column.dtype.is_numeric() and column.n_unique() > 30


def _in_time(y: np.ndarray, chance: Chance) -> np.ndarray:  # type: ignore[type-arg]
    """The targets in an order in which neighbours are somewhat alike, as they are in time."""
    slow = np.cumsum(chance.normal(size=y.size)) / np.sqrt(y.size)
    order = np.argsort(slow + 1.5 * slow.std() * chance.normal(size=y.size), kind="stable")
    ranked = np.empty_like(y)
    ranked[order] = np.sort(y)
    return ranked


def _back(table: Table, y: np.ndarray) -> pl.Series:  # type: ignore[type-arg]
    """The reordered targets in the words of the table."""
    if table.task == "regression":
        return pl.Series(table.target, y)
    labels = dict(zip(table.y, table.frame[table.target].to_list(), strict=True))
    return pl.Series(table.target, [labels[value] for value in y])


PLANTS: Mapping[str, tuple[Plant, tuple[str, ...]]] = {
    "target copy": (target_copy, ("TARGET-COPY", "LEAK-TIMING")),
    "target made of two columns": (target_pair, ("TARGET-SUM", "TARGET-PAIR", "TARGET-COMBINATION")),
    "post-outcome column": (post_outcome, ("LEAK-TIMING", "TARGET-COPY")),
    "missing by the outcome": (missingness, ("MISSING", "MISSING-PATTERN")),
    "identifier proxy": (identifier, ("IDENTIFIER", "ROW-NUMBER")),
    "group on both sides": (groups, ("GROUP-OVERLAP",)),
    "duplicates across the split": (duplicates, ("CONTAMINATION",)),
    "near-duplicates across the split": (near_duplicates, ("NEAR-DUPLICATE",)),
    "near-duplicate text": (near_text, ("NEAR-TEXT",)),
    "future rows in a window": (window, ("FUTURE-ROWS",)),
    "future row in a join": (lead, ("FUTURE-ROWS",)),
    "scaled before the split": (scaled, ("PREPROCESSED",)),
    "encoded before the split": (encoded, ("PREPROCESSED",)),
    "features later than the row": (label_before, ("FUTURE-VALUE",)),
}
"""Kind of leak to what plants it, and the checks any of which may tell of it."""

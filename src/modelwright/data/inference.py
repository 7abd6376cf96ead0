"""Inference: task, classes, time and groups guessed from the data, each with what speaks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from modelwright.data.profile import Profile
from modelwright.data.suspicion import words
from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.classes import class_order
from modelwright.tasks.labels import as_labels, looks_negative, looks_positive

__all__ = [
    "RICH_BITS",
    "PositiveGuess",
    "TaskGuess",
    "calendar_runs",
    "group_columns",
    "guess_positive",
    "guess_task",
    "label_variants",
    "row_bits",
    "time_columns",
    "unique_key",
]

TaskName = Literal["binary", "multiclass", "regression"]

MOST_LEVELS = 20
"""Whole numbers with more distinct values than this are amounts, not grades or classes."""

FEW_LEVELS = 5
"""Whole numbers with fewer distinct values than this are taken as classes."""

BIRTH_WORDS = frozenset({"dob", "birth", "birthday", "birthdate", "born"})
"""Dates that say how old something is, not when the row happened."""

CALENDAR_WORDS = frozenset({"month", "mnth", "day", "weekday", "week", "hour", "quarter", "season", "dow"})
"""Parts of a date: with them and no full date, the order of rows may be the order of time."""

LEAST_MOMENTS = 20
"""A column with fewer distinct moments does not order rows finely enough to split by."""

ROWS_A_GROUP = 1.5
"""Rows an identifier must have on average to be a group."""

MOST_STEPS = 400
"""Values a column may have to be a step within a moment, such as the hour within a day."""

RICH_BITS = 30.0
"""Bits of a row from which two rows are not equal by chance in a table of ordinary size."""

RUN_EXCESS = 0.3
"""By this much more than by chance must neighbours share a calendar value to look ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGuess:
    """The kind of problem a target seems to pose.

    Examples:
        >>> guess_task(pl.Series("y", ["no", "yes", "no"])).task
        'binary'
    """

    task: TaskName
    """The kind of problem."""
    sure: bool
    """Whether no other kind would make sense."""
    reason: str
    """What speaks for it."""
    options: tuple[TaskName, ...] = ()
    """The kinds that would make sense when it is not sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositiveGuess:
    """The class that seems to trigger the action.

    Examples:
        >>> guess_positive(pl.Series(["no", "yes", "no"])).positive
        'yes'
    """

    positive: str
    """The class."""
    sure: bool
    """Whether its name says so; otherwise it is just the rarer one."""
    reason: str
    """What speaks for it."""


def _variant_key(label: str) -> str:
    return " ".join(label.casefold().rstrip(".!; ").split()).replace("_", " ").replace("-", " ")


def label_variants(column: pl.Series) -> Mapping[str, str]:
    """Return labels that differ only in case, spaces or a final full stop, each with its commonest spelling.

    Examples:
        >>> label_variants(pl.Series([">50K", ">50K", ">50K.", "<=50K"]))
        {'>50K.': '>50K'}
    """
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return {}
    counted = as_labels(column).drop_nulls().alias("label").value_counts(name="count")
    counted = counted.sort("count", "label", descending=[True, False])
    meant: dict[str, str] = {}
    variants: dict[str, str] = {}
    for label in counted["label"].to_list():
        chosen = meant.setdefault(_variant_key(label), label)
        if chosen != label:
            variants[label] = chosen
    return dict(sorted(variants.items()))


def _numbers(column: pl.Series) -> pl.Series | None:
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).drop_nulls()
    if column.dtype != pl.String:
        return None
    labels = as_labels(column).drop_nulls()
    numbers = labels.cast(pl.Float64, strict=False)
    return None if numbers.null_count() else numbers


def guess_task(column: pl.Series) -> TaskGuess:
    """Guess the task from the target's values.

    Raises:
        DataInvalid: When no task suits: one value, dates, or texts that nearly all differ.

    Examples:
        >>> guess_task(pl.Series("grade", [3, 4, 5, 6, 7, 8] * 9)).options
        ('regression', 'multiclass')
    """
    labels = as_labels(column).drop_nulls()
    distinct = labels.n_unique()
    if distinct < 2:
        shown = f"'{labels[0]}'" if len(labels) else "empty"
        raise DataInvalid(
            f"the target {column.name} is {shown} in every row",
            why="a model learns what makes rows differ, and here they do not",
            next_step="bring rows with other outcomes, or name another target",
            found=f"{distinct} distinct value" + ("s" if distinct != 1 else ""),
            expected="2 or more",
        )
    if distinct == 2:
        return TaskGuess(task="binary", sure=True, reason="two distinct values")
    numbers = None if column.dtype.is_temporal() else _numbers(column)
    if numbers is not None:
        whole = bool((numbers == numbers.floor()).all())
        if not whole or distinct > MOST_LEVELS:
            return TaskGuess(task="regression", sure=True, reason=f"{distinct:,} distinct numbers")
        if distinct >= FEW_LEVELS:
            told = f"{distinct} whole numbers, taken as grades on a scale"
            return TaskGuess(task="regression", sure=False, reason=told, options=("regression", "multiclass"))
        told = f"{distinct} whole numbers, taken as classes"
        return TaskGuess(task="multiclass", sure=False, reason=told, options=("multiclass", "regression"))
    if column.dtype.is_temporal() or (distinct > 100 and distinct > 0.2 * len(labels)):
        raise DataInvalid(
            f"the target {column.name} holds neither classes nor numbers",
            why="dates and texts that nearly all differ cannot be predicted as classes",
            next_step="name another target, or turn it into a number or a few classes first",
            found=f"{distinct:,} distinct values in {len(labels):,} rows ({column.dtype})",
        )
    return TaskGuess(task="multiclass", sure=True, reason=f"{distinct} distinct texts")


def guess_positive(labels: pl.Series) -> PositiveGuess:
    """Guess the positive one of two classes: by its name, else the rarer one.

    Examples:
        >>> guess = guess_positive(pl.Series(["1", "2", "1"]))
        >>> guess.positive, guess.sure
        ('2', False)
    """
    classes = class_order(labels)
    pairs = [(one, other) for one in classes for other in classes if one != other]
    numeric = set(classes) <= {"0", "1"} or not all(label.replace(".", "").isdigit() for label in classes)
    for one, other in pairs:
        if numeric and looks_positive(one) and not looks_positive(other):
            return PositiveGuess(positive=one, sure=True, reason=f"'{one}' names the case that matters")
    for one, other in pairs:
        if numeric and looks_negative(other) and not looks_negative(one):
            return PositiveGuess(positive=one, sure=True, reason=f"'{other}' names the ordinary case")
    counts = {label: int((labels == label).sum()) for label in classes}
    rarer = min(classes, key=lambda label: counts[label])
    share = counts[rarer] / max(len(labels), 1)
    return PositiveGuess(positive=rarer, sure=False, reason=f"the rarer class ({share:.0%} of rows)")


def time_columns(profile: Profile, target: str) -> tuple[str, ...]:
    """Return columns that say when a row happened and can order all rows, the likeliest first.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> from datetime import date, timedelta
        >>> days = [date(2026, 1, 1) + timedelta(days=n) for n in range(30)]
        >>> time_columns(profile(pl.DataFrame({"day": days, "y": range(30)})), "y")
        ('day',)
    """
    return tuple(
        column.name
        for column in profile.columns
        if column.suspected_role == "time"
        and column.name != target
        and column.nulls == 0
        and column.unique >= LEAST_MOMENTS
        and not set(words(column.name)) & BIRTH_WORDS
    )


def group_columns(profile: Profile, target: str) -> tuple[str, ...]:
    """Return identifier columns whose values repeat, so that rows belong together.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> group_columns(profile(pl.DataFrame({"patient_id": list(range(20)) * 3, "y": range(60)})), "y")
        ('patient_id',)
    """
    return tuple(
        column.name
        for column in profile.columns
        if column.suspected_role == "group"
        and column.name != target
        and column.unique >= LEAST_MOMENTS
        and (column.rows - column.nulls) / column.unique >= ROWS_A_GROUP
    )


def calendar_runs(frame: pl.DataFrame, profile: Profile) -> tuple[str, ...]:
    """Return calendar columns, such as the month, whose values lie in long runs down the table.

    With no full date beside them they suggest that rows are stored in the order of time.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> table = pl.DataFrame({"month": ["may"] * 20 + ["jun"] * 20, "y": range(40)})
        >>> calendar_runs(table, profile(table))
        ('month',)
    """
    found = []
    for column in profile.columns:
        if not set(words(column.name)) & CALENDAR_WORDS or column.nulls or column.unique < 2:
            continue
        values = frame[column.name]
        same = float((values == values.shift(1)).mean() or 0.0)  # type: ignore[arg-type] # the mean of booleans
        shares = values.alias("value").value_counts(name="count")["count"] / len(values)
        if same - float((shares * shares).sum()) > RUN_EXCESS:
            found.append(column.name)
    return tuple(found)


def unique_key(frame: pl.DataFrame, profile: Profile, *, time: str | None) -> tuple[str, ...]:
    """Return the columns that name a row: an entity column, or the time with one more column.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> table = pl.DataFrame({"day": [1, 1, 2, 2], "hr": [0, 1, 0, 1]})
        >>> unique_key(table, profile(table), time="day")
        ('day', 'hr')
    """
    for column in profile.columns:
        if column.suspected_role == "entity" and not column.nulls:
            return (column.name,)
    if time is None:
        return ()
    moments = frame[time].n_unique()
    if moments == frame.height:
        return (time,)
    for column in profile.columns:
        steps = column.kind in {"integer", "category"} and column.unique <= MOST_STEPS
        if column.name == time or not steps or column.unique * moments < frame.height:
            continue
        if frame.select(time, column.name).n_unique() == frame.height:
            return (time, column.name)
    return ()


def row_bits(frame: pl.DataFrame) -> float:
    """Return the entropy of a row's values added up: an upper bound, as if columns were independent.

    Examples:
        >>> row_bits(pl.DataFrame({"coin": [0, 1], "die": ["a", "b"], "same": [7, 7]}))
        2.0
    """
    total = 0.0
    for column in frame.iter_columns():
        counts = column.alias("value").value_counts()["count"].to_numpy()
        shares = counts / max(counts.sum(), 1)
        total += float(-(shares * np.log2(shares)).sum())
    return total

"""Suspicion: what a column's name and values hint at; always a guess that a person may overrule."""

import re
from dataclasses import dataclass

import polars as pl

__all__ = ["Suspicion", "suspect_missing_codes", "suspect_role", "words"]

MISSING_WORDS = frozenset(
    {
        "?",
        "-",
        "--",
        ".",
        "n/a",
        "na",
        "nan",
        "nil",
        "null",
        "missing",
        "unknown",
        "unk",
        "unspecified",
        "undefined",
        "not available",
        "not known",
        "not specified",
        "no data",
        "#n/a",
        "#value!",
    }
)
"""Text that stands for missing in many tables. `none` and `other` are left out: they often mean something."""

SENTINELS = (999, 9999, 99999, 999999, 9999999, -999, -9999, -99, -9, -1)
"""Numbers that are used for missing."""

SENTINEL_GAP = 10.0
"""A sentinel stands this many times further out than the next value."""

SPLIT_WORDS = frozenset({"train", "training", "test", "val", "valid", "validation", "dev", "eval", "holdout"})

ID_WORDS = frozenset({"id", "ids", "idcode", "uuid", "guid", "uid", "pid", "key", "code_id", "identifier"})

PERSON_WORDS = frozenset(
    {
        "customer",
        "client",
        "patient",
        "user",
        "person",
        "subject",
        "account",
        "household",
        "member",
        "employee",
    }
)

WEIGHT_NAMES = frozenset(
    {
        "fnlwgt",
        "wgt",
        "wt",
        "pweight",
        "fweight",
        "aweight",
        "sample_weight",
        "sampling_weight",
        "survey_weight",
        "sampleweight",
        "instance_weight",
        "person_weight",
        "perwt",
        "weights",
        "case_weight",
    }
)

MOST_TEXTS = 5_000
"""Distinct texts looked at for missing codes, most frequent first."""

RARE_ZERO = 0.35
"""Zeros in more than this share of rows are a value of their own, not a stand-in."""

ZERO_GAP = 0.2
"""Zeros stand apart when the next value is at least this share of the median of the others."""

MANY_VALUES = 20
"""Distinct values a column needs before zeros in it can stand apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What a column seems to be for.

    Examples:
        >>> Suspicion(role="feature").reason
        ''
    """

    role: str
    """The suspected role, as in `ColumnProfile.suspected_role`."""
    reason: str = ""
    """What speaks for it."""


def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words a column name is made of.

    Examples:
        >>> words("customerID"), words("day_of_week")
        (('customer', 'id'), ('day', 'of', 'week'))
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", spaced.casefold()) if word)


def _looks_like_id(name: str) -> bool:
    found = words(name)
    return bool(found) and (found[-1] in ID_WORDS or found[0] == "id" or found[-1] in PERSON_WORDS)


def _numbered(column: pl.Series) -> bool:
    """Whether the integers count the rows one by one."""
    low, high = column.min(), column.max()
    return isinstance(low, int) and isinstance(high, int) and high - low + 1 == len(column)


def suspect_role(column: pl.Series, *, kind: str, unique: int) -> Suspicion:  # noqa: PLR0911 - one return per role
    """Guess what a column is for, the target aside.

    Args:
        column: The column.
        kind: What its values are, as in `ColumnProfile.kind`.
        unique: Distinct values that are not empty.

    Examples:
        >>> suspect_role(pl.Series("instant", range(1, 31)), kind="integer", unique=30).role
        'row number'
    """
    rows, known = len(column), len(column) - column.null_count()
    if unique <= 1:
        return Suspicion(role="constant", reason="one value at most")
    if kind == "category" and unique <= len(SPLIT_WORDS):
        values = {str(value).strip().casefold() for value in column.drop_nulls().unique().to_list()}
        if values <= SPLIT_WORDS:
            return Suspicion(role="split marker", reason="its values name the parts of somebody's split")
    if kind == "datetime":
        return Suspicion(role="time", reason="holds dates or moments")
    if kind == "integer" and column.dtype.is_integer() and unique == rows and _numbered(column):
        if rows >= MANY_VALUES:
            return Suspicion(role="row number", reason="counts the rows one by one")
    elif kind in {"text", "category", "integer"} and known >= MANY_VALUES and unique >= 0.999 * known:
        spaces = column.dtype == pl.String and bool(column.str.contains(r"\s").fill_null(value=False).any())
        if not spaces and (kind != "integer" or _looks_like_id(column.name)):
            return Suspicion(role="entity", reason="every row has its own value")
    if column.name.casefold() in WEIGHT_NAMES:
        return Suspicion(role="weight", reason="named like a sampling weight")
    if kind in {"text", "category", "integer"} and _looks_like_id(column.name) and unique >= 10:
        return Suspicion(role="group", reason=f"named like an identifier, {known / unique:.1f} rows a value")
    if kind == "text":
        return Suspicion(role="text", reason="free text or very many values")
    return Suspicion(role="feature")


def suspect_missing_codes(column: pl.Series) -> tuple[tuple[str, str], ...]:
    """Return values that seem to stand for missing, each with what speaks for it.

    Examples:
        >>> suspect_missing_codes(pl.Series("pdays", [3, 6, 4, 999, 999]))
        (('999', '2 rows; the next value is 6'),)
        >>> suspect_missing_codes(pl.Series("job", ["clerk", "unknown"]))
        (('unknown', '1 row'),)
    """
    if column.dtype == pl.String:
        return _missing_words(column)
    if not column.dtype.is_numeric():
        return ()
    values = column.cast(pl.Float64).fill_nan(None).drop_nulls()
    distinct = values.filter(values.is_finite()).unique().sort()
    if len(distinct) < 3:
        return ()
    return (*_sentinels(values, distinct), *_odd_zeros(values, distinct))


def _rows(count: int) -> str:
    return f"{count:,} row" + ("" if count == 1 else "s")


def _missing_words(column: pl.Series) -> tuple[tuple[str, str], ...]:
    counted = column.drop_nulls().str.strip_chars().alias("value").value_counts(name="count")
    counted = counted.sort("count", "value", descending=[True, False]).head(MOST_TEXTS)
    return tuple(
        (value, _rows(count))
        for value, count in counted.iter_rows()
        if value.casefold() in MISSING_WORDS and counted.height > 1
    )


def _sentinels(values: pl.Series, distinct: pl.Series) -> list[tuple[str, str]]:
    found = []
    low, high = float(distinct[0]), float(distinct[-1])
    below_high, above_low = float(distinct[-2]), float(distinct[1])
    if high in SENTINELS and high > 0 and below_high * SENTINEL_GAP <= high:
        found.append(
            (f"{high:.0f}", f"{_rows(int((values == high).sum()))}; the next value is {below_high:g}")
        )
    if low in SENTINELS and above_low >= 0 and (low < -1 or above_low > 0):
        found.append((f"{low:.0f}", f"{_rows(int((values == low).sum()))}; the next value is {above_low:g}"))
    return found


def _odd_zeros(values: pl.Series, distinct: pl.Series) -> list[tuple[str, str]]:
    if distinct[0] != 0 or len(distinct) < MANY_VALUES:
        return []
    zeros = int((values == 0).sum())
    others = values.filter(values != 0)
    following, middle = float(distinct[1]), float(others.median() or 0.0)  # type: ignore[arg-type] # a number here
    if zeros / len(values) >= RARE_ZERO or following < ZERO_GAP * middle or following == 1:
        return []
    return [("0", f"{_rows(zeros)}; the next value is {following:g}, the median {middle:g}")]

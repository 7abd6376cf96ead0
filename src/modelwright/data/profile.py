"""The profile: what each column holds, seen once, with a guess at what it is for."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from modelwright.data.dates import parse_dates
from modelwright.data.suspicion import suspect_missing_codes, suspect_role
from modelwright.kernel.document import Callout, Document, Facts, Table
from modelwright.kernel.errors import UnknownName

__all__ = ["ColumnProfile", "Profile", "profile"]

DECILES = tuple(step / 10 for step in range(11))
"""Quantiles taken of every number."""

TOP = 10
"""Most frequent values kept per column."""

MOST_CATEGORIES = 255
"""Up to this many distinct texts are categories, whatever the number of rows."""

CATEGORY_SHARE = 0.02
"""Up to this share of distinct texts are categories too."""

NUMERIC_TEXT = 0.9
"""A text column of which this share reads as numbers is a number written as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds.

    Examples:
        >>> profile(pl.DataFrame({"a": [1, 2, 2]})).columns[0].unique
        2
    """

    name: str
    """The column."""
    dtype: str
    """The type it has in memory."""
    kind: str
    """What its values are: `number`, `integer`, `boolean`, `category`, `text` or `datetime`."""
    rows: int
    """Rows of the table."""
    nulls: int
    """Empty values, NaN among them."""
    unique: int
    """Distinct values that are not empty."""
    minimum: float | None = None
    """Lowest number; None when it is no number or all empty."""
    maximum: float | None = None
    """Highest number."""
    mean: float | None = None
    """Mean of the numbers."""
    deviation: float | None = None
    """Standard deviation of the numbers (n - 1)."""
    quantiles: tuple[float, ...] | None = None
    """The 11 deciles of the numbers, lowest to highest."""
    top: tuple[tuple[str, int], ...] = ()
    """Most frequent values as text with their counts; empty for columns where nearly every value differs."""
    zeros: int = 0
    """Numbers that are exactly 0."""
    suspected_role: str = "feature"
    """What the column seems to be for: `target`, `feature`, `entity`, `row number`, `time`, `group`,
    `weight`, `split marker`, `constant` or `text`."""
    suspected_missing_codes: tuple[str, ...] = ()
    """Values that seem to stand for missing, such as `999` or `unknown`, as text."""
    note: str = ""
    """Why the role or the codes are suspected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a table holds.

    Examples:
        >>> profile(pl.DataFrame({"a": [1, 1], "b": ["x", "x"]})).duplicate_rows
        1
    """

    rows: int
    """Rows of the table."""
    duplicate_rows: int
    """Rows that repeat an earlier one in every column."""
    columns: tuple[ColumnProfile, ...]
    """The columns, in the table's order."""

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of one column.

        Raises:
            UnknownName: When there is no such column; the nearest name is offered.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownName.among("column", name, [column.name for column in self.columns])

    def document(self) -> Document:
        """Render the profile for people."""
        facts = Facts(
            items=(
                ("Rows", f"{self.rows:,}"),
                ("Columns", f"{len(self.columns):,}"),
                ("Repeated rows", f"{self.duplicate_rows:,} ({self.duplicate_rows / max(self.rows, 1):.2%})"),
                ("Empty cells", f"{sum(column.nulls for column in self.columns):,}"),
            )
        )
        suspected = tuple(
            Callout(tone="note", text=f"{column.name}: {column.note}")
            for column in self.columns
            if column.note
        )
        table = Table(
            columns=(
                "column",
                "kind",
                "seems to be",
                "empty",
                "distinct",
                "lowest to highest",
                "mean",
                "most frequent",
            ),
            rows=tuple(_row(column) for column in self.columns),
            caption="What each column holds",
        )
        return Document(title="Data profile", blocks=(facts, table, *suspected))


def profile(frame: pl.DataFrame, *, target: str | None = None, kept_out: Collection[str] = ()) -> Profile:
    """Look at every column once.

    Args:
        frame: The table.
        target: The column to be predicted, when it is known.
        kept_out: Columns whose values must not be repeated: they are counted, and nothing else.

    Examples:
        >>> [column.kind for column in profile(pl.DataFrame({"a": [1], "b": [0.5], "c": ["x"]})).columns]
        ['integer', 'number', 'category']
    """
    duplicates = frame.height - frame.n_unique() if frame.height else 0
    columns = tuple(
        _counts(column) if column.name in kept_out else _column(column, is_target=column.name == target)
        for column in frame.iter_columns()
    )
    return Profile(rows=frame.height, duplicate_rows=duplicates, columns=columns)


def _row(column: ColumnProfile) -> tuple[str, ...]:
    reach = f"{column.minimum:g} to {column.maximum:g}" if column.minimum is not None else ""
    top = ", ".join(f"{value} ({count:,})" for value, count in column.top[:3])
    return (
        column.name,
        column.kind,
        column.suspected_role,
        f"{column.nulls / max(column.rows, 1):.1%}" if column.nulls else "",
        f"{column.unique:,}",
        reach,
        f"{column.mean:.4g}" if column.mean is not None else "",
        top,
    )


def _kind(column: pl.Series, unique: int) -> tuple[str, pl.Series, list[str]]:
    """Return what the values are, the column read that way, and a note when it had to be parsed."""
    dtype = column.dtype
    if dtype == pl.Boolean:
        return "boolean", column, []
    if dtype.is_temporal():
        return "datetime", column, []
    if dtype.is_integer():
        return "integer", column, []
    if dtype.is_numeric():
        return "number", column, []
    parsed = parse_dates(column)
    if parsed.format and not parsed.unread:
        how = "with day and month in doubt" if parsed.ambiguous else f"as {parsed.format}"
        return ("text" if parsed.ambiguous else "datetime"), parsed.values, [f"dates written as text, {how}"]
    text = column.cast(pl.String).str.strip_chars()
    text = text.set((text == "").fill_null(value=False), None)
    numbers = text.cast(pl.Float64, strict=False)
    known, read = len(text) - text.null_count(), len(numbers) - numbers.null_count()
    if known and read >= NUMERIC_TEXT * known:
        odd = (
            text.filter(text.is_not_null() & numbers.is_null()).unique(maintain_order=True).head(3).to_list()
        )
        blanks = text.null_count() - column.null_count()
        told = "numbers written as text"
        told += f", {blanks:,} blank" if blanks else ""
        told += f", {known - read:,} that are no number, such as {odd[0]!r}" if odd else ""
        return "number", numbers, [told]
    many = unique > MOST_CATEGORIES and unique > CATEGORY_SHARE * len(column)
    return ("text" if many else "category"), column, []


def _numbers(values: pl.Series) -> tuple[dict[str, float | None], tuple[float, ...] | None, list[str]]:
    found = values.cast(pl.Float64).fill_nan(None).drop_nulls()
    finite = found.filter(found.is_finite()).to_numpy()
    infinite = len(found) - len(finite)
    notes = [f"{infinite:,} infinite values"] if infinite else []
    if not len(finite):
        return {"minimum": None, "maximum": None, "mean": None, "deviation": None}, None, notes
    with np.errstate(over="ignore", invalid="ignore"):
        moments = {
            "mean": float(finite.mean()),
            "deviation": float(finite.std(ddof=1)) if len(finite) > 1 else None,
        }
    moments = {
        name: value if value is not None and np.isfinite(value) else None for name, value in moments.items()
    }
    quantiles = tuple(float(value) for value in np.quantile(finite, DECILES))
    return {"minimum": quantiles[0], "maximum": quantiles[-1], **moments}, quantiles, notes


def _counts(column: pl.Series) -> ColumnProfile:
    """Count a column that is kept out of artifacts, without a word about what it holds."""
    unique = column.drop_nulls().n_unique()
    return ColumnProfile(
        name=column.name,
        dtype=str(column.dtype),
        kind=_kind(column, unique)[0],
        rows=len(column),
        nulls=column.null_count(),
        unique=unique,
        suspected_role="context",
        note="kept out: counted only",
    )


def _column(column: pl.Series, *, is_target: bool) -> ColumnProfile:
    empty = column.null_count() + (int(column.is_nan().sum()) if column.dtype.is_float() else 0)
    present = column.drop_nans().drop_nulls() if column.dtype.is_float() else column.drop_nulls()
    unique = present.n_unique()
    kind, values, notes = _kind(column, unique)
    moments: dict[str, float | None] = {}
    quantiles: tuple[float, ...] | None = None
    zeros = 0
    if kind in {"integer", "number"}:
        moments, quantiles, told = _numbers(values)
        notes += told
        zeros = int((values == 0).sum())
    elif kind == "datetime" and values.null_count() < len(values):
        notes.append(f"from {values.min()!s} to {values.max()!s}")
    suspicion = suspect_role(values if kind == "integer" else column, kind=kind, unique=unique)
    role = "target" if is_target else suspicion.role
    codes = suspect_missing_codes(values if quantiles is not None else column) if not is_target else ()
    if column.dtype == pl.String and quantiles is not None:
        codes = (*suspect_missing_codes(column), *codes)
    notes += [f"role {role} suspected: {suspicion.reason}"] if role not in {"feature", "target"} else []
    notes += [f"{code} seems to mean missing ({reason})" for code, reason in codes]
    spread = unique <= max(MOST_CATEGORIES, CATEGORY_SHARE * len(column)) and role not in {
        "entity",
        "row number",
    }
    counted = present.alias("value").value_counts(name="count") if spread else pl.DataFrame()
    top = counted.sort("count", "value", descending=[True, False]).head(TOP).iter_rows() if spread else ()
    return ColumnProfile(
        name=column.name,
        dtype=str(column.dtype),
        kind=kind,
        rows=len(column),
        nulls=empty,
        unique=unique,
        quantiles=quantiles,
        top=tuple((str(value), int(count)) for value, count in top),
        zeros=zeros,
        suspected_role=role,
        suspected_missing_codes=tuple(dict.fromkeys(code for code, _ in codes)),
        note="; ".join(notes),
        **moments,
    )

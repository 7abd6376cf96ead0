"""The profile: what each column holds, seen once, with a guess at what it is for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.data.association import (
    Association,
    associations,
    look_closely,
    missing_together,
    stability,
)
from modelwright.data.column_profile import ColumnProfile
from modelwright.data.dates import parse_dates
from modelwright.data.pii import PiiFinding, detect_pii, mask_text, privacy_class
from modelwright.data.profile_page import profile_blocks
from modelwright.data.suspicion import suspect_missing_codes, suspect_role
from modelwright.kernel.document import Document
from modelwright.kernel.errors import UnknownName

__all__ = ["Profile", "profile"]

DECILES = tuple(step / 10 for step in range(11))
"""Quantiles taken of every number."""

TOP = 10
"""Most frequent values kept per column."""

MOST_CATEGORIES = 255
"""Up to this many distinct texts are categories, whatever the number of rows."""

CATEGORY_SHARE = 0.02
"""Up to this share of distinct texts are categories too."""

BINS = 20
"""Bins of a histogram."""

FAR = 3.0
"""Widths of the middle half from which a number is far out (Tukey 1977)."""

LEAST_MOMENTS = 20
"""A column with fewer distinct moments does not order rows finely enough to see them move."""

WEAK = 0.1
"""Associations below this are not kept."""

MOST_PAIRS = 100
"""Pairs that are kept."""

NAMES = frozenset({"entity", "row number", "text", "constant"})
"""Roles of columns that are not paired with others: they name rows, or say nothing."""

NUMERIC_TEXT = 0.9
"""A text column of which this share reads as numbers is a number written as text."""


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
    complete_rows: int = 0
    """Rows without an empty cell."""
    associations: tuple[Association, ...] = ()
    """Pairs of columns that go together, the strongest first."""
    missing_together: tuple[Association, ...] = ()
    """Pairs of columns that are empty in the same rows."""
    time: str | None = None
    """The column that rows were ordered by to see what moved; None when none was found."""

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
        blocks = profile_blocks(
            self.columns,
            rows=self.rows,
            duplicate_rows=self.duplicate_rows,
            complete_rows=self.complete_rows,
            pairs=self.associations,
            missing=self.missing_together,
            time=self.time,
        )
        return Document(title="Data profile", blocks=blocks)


def profile(
    frame: pl.DataFrame,
    *,
    target: str | None = None,
    kept_out: Collection[str] = (),
    time: str | None = None,
) -> Profile:
    """Look at every column once, and at pairs of them in a sample.

    Args:
        frame: The table.
        target: The column to be predicted, when it is known.
        kept_out: Columns whose values must not be repeated: they are counted, and nothing else.
        time: The column that orders rows; without it the first column of dates that orders them well.

    Examples:
        >>> [column.kind for column in profile(pl.DataFrame({"a": [1], "b": [0.5], "c": ["x"]})).columns]
        ['integer', 'number', 'category']
    """
    duplicates = frame.height - frame.n_unique() if frame.height else 0
    seen = [
        _counts(column) if column.name in kept_out else _column(column, is_target=column.name == target)
        for column in frame.iter_columns()
    ]
    columns = [found for found, _ in seen]
    told = [column for column in columns if column.name not in kept_out and not _identifies(column)]
    ordered = time if time in frame.columns else _time(told)
    # Dates and numbers written as text are read by now: what follows reads them, not the text.
    read = frame.with_columns(values for _, values in seen if values is not None)
    kinds = {item.name: item.kind for item in told if item.suspected_role not in NAMES and item.unique > 1}
    look = look_closely(read, kinds, time=ordered)
    pairs = [item for item in associations(look) if abs(item.value) >= WEAK]
    moved = stability(look) if ordered is not None else {}
    return Profile(
        rows=frame.height,
        duplicate_rows=duplicates,
        columns=tuple(
            _with_drift(item, moved.get(item.name) if item.name != ordered else None) for item in columns
        ),
        complete_rows=_complete(frame),
        associations=tuple(pairs[:MOST_PAIRS]),
        missing_together=missing_together(frame)[:MOST_PAIRS],
        time=ordered,
    )


def _identifies(column: ColumnProfile) -> bool:
    return privacy_class(column.personal) == "direct"


def _time(columns: Sequence[ColumnProfile]) -> str | None:
    found = [
        item.name
        for item in columns
        if item.kind == "datetime" and not item.nulls and item.unique >= LEAST_MOMENTS
    ]
    return found[0] if found else None


def _with_drift(column: ColumnProfile, moved: tuple[float, tuple[float, ...]] | None) -> ColumnProfile:
    return column if moved is None else replace(column, drift=moved[0], trend=moved[1])


def _complete(frame: pl.DataFrame) -> int:
    names = [column.name for column in frame.iter_columns() if column.null_count()]
    if not names or not frame.height:
        return frame.height
    return int(frame.select(pl.all_horizontal(pl.col(names).is_not_null()).sum()).item())


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
        told += f", {known - read:,} that are no number, such as {mask_text(odd[0])!r}" if odd else ""
        return "number", numbers, [told]
    many = unique > MOST_CATEGORIES and unique > CATEGORY_SHARE * len(column)
    return ("text" if many else "category"), column, []


def _spread(finite: npt.NDArray[np.float64]) -> tuple[tuple[float, ...], tuple[int, ...], int]:
    """Return a histogram whose first and last bins hold the tails, and the count of values far out."""
    low, first, third, high = np.quantile(finite, (0.01, 0.25, 0.75, 0.99))
    if not high > low:
        low, high = finite.min(), finite.max()
    with np.errstate(over="ignore"):  # numbers near the largest there are reach beyond them
        reach = FAR * (third - first)
        far = int(((finite < first - reach) | (finite > third + reach)).sum()) if reach > 0 else 0
        scale = BINS / (high - low) if high > low else np.inf
        if not (np.isfinite(scale) and np.isfinite(high - low)):
            return (), (), far
        edges = np.linspace(low, high, BINS + 1)
        places = np.clip((finite - low) * scale, 0, BINS - 1).astype(np.int64)
    return tuple(map(float, edges)), tuple(map(int, np.bincount(places, minlength=BINS))), far


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


def _counts(column: pl.Series) -> tuple[ColumnProfile, None]:
    """Count a column that is kept out of artifacts, without a word about what it holds."""
    unique = column.drop_nulls().n_unique()
    counted = ColumnProfile(
        name=column.name,
        dtype=str(column.dtype),
        kind=_kind(column, unique)[0],
        rows=len(column),
        nulls=column.null_count(),
        unique=unique,
        suspected_role="context",
        note="kept out: counted only",
    )
    return counted, None


def _masked(seen: ColumnProfile, found: tuple[PiiFinding, ...]) -> ColumnProfile:
    """Return the profile of a column that identifies somebody: counts and guesses, no value."""
    told = "; ".join(f"seems to hold {item.kind} ({item.reason})" for item in found)
    return ColumnProfile(
        name=seen.name,
        dtype=seen.dtype,
        kind=seen.kind,
        rows=seen.rows,
        nulls=seen.nulls,
        unique=seen.unique,
        suspected_role=seen.suspected_role,
        personal=found,
        note=f"{told}; values are not shown",
    )


def _column(column: pl.Series, *, is_target: bool) -> tuple[ColumnProfile, pl.Series | None]:
    """Return what a column holds, and its values where they had to be read out of text."""
    empty = column.null_count() + (int(column.is_nan().sum()) if column.dtype.is_float() else 0)
    present = column.drop_nans().drop_nulls() if column.dtype.is_float() else column.drop_nulls()
    unique = present.n_unique()
    kind, values, notes = _kind(column, unique)
    moments: dict[str, float | None] = {}
    quantiles: tuple[float, ...] | None = None
    if kind in {"integer", "number"}:
        moments, quantiles, told = _numbers(values)
        notes += told
    elif kind == "datetime" and values.null_count() < len(values):
        notes.append(f"from {values.min()!s} to {values.max()!s}")
    role = "target"
    if not is_target:
        suspicion = suspect_role(values if kind == "integer" else column, kind=kind, unique=unique)
        role = suspicion.role
        notes += [f"role {role} suspected: {suspicion.reason}"] if role != "feature" else []
    codes = suspect_missing_codes(values if quantiles is not None else column) if not is_target else ()
    if column.dtype == pl.String and quantiles is not None:
        codes = (*suspect_missing_codes(column), *codes)
    notes += [f"{code} seems to mean missing ({reason})" for code, reason in codes]
    found = detect_pii(column) if not is_target else ()
    notes += [f"{item.kind} {item.reason}" for item in found if item.privacy == "direct"]
    edges, counts, far = _histogram(values, quantiles)
    seen = ColumnProfile(
        name=column.name,
        dtype=str(column.dtype),
        kind=kind,
        rows=len(column),
        nulls=empty,
        unique=unique,
        quantiles=quantiles,
        top=_top(present, unique, role),
        zeros=int((values == 0).sum()) if quantiles is not None else 0,
        suspected_role=role,
        suspected_missing_codes=tuple(dict.fromkeys(code for code, _ in codes)),
        outliers=far,
        edges=edges,
        counts=counts,
        personal=found,
        note="; ".join(notes),
        minimum=moments.get("minimum"),
        maximum=moments.get("maximum"),
        mean=moments.get("mean"),
        deviation=moments.get("deviation"),
    )
    read = values.alias(column.name) if values.dtype != column.dtype else None
    return (_masked(seen, found) if privacy_class(found) == "direct" else seen), read


def _histogram(
    values: pl.Series, quantiles: tuple[float, ...] | None
) -> tuple[tuple[float, ...], tuple[int, ...], int]:
    if quantiles is None:
        return (), (), 0
    known = values.cast(pl.Float64).fill_nan(None).drop_nulls()
    return _spread(known.filter(known.is_finite()).to_numpy())


def _top(present: pl.Series, unique: int, role: str) -> tuple[tuple[str, int], ...]:
    """Return the commonest values, masked; nothing where nearly every value differs."""
    if unique > max(MOST_CATEGORIES, CATEGORY_SHARE * len(present)) or role in {"entity", "row number"}:
        return ()
    counted = present.alias("value").value_counts(name="count")
    listed = counted.sort("count", "value", descending=[True, False]).head(TOP).iter_rows()
    return tuple((mask_text(str(value)), int(count)) for value, count in listed)

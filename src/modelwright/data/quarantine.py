"""Quarantine: rows that do not fit the contract are set apart, with reason and key, and the others go on.

The dead-letter pattern of Hohpe and Woolf (2003, Enterprise integration patterns). Reading a source as a
whole refuses it for one bad row; a load that comes every hour sets the row apart and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.data.conform import conform
from modelwright.data.source import column_faults
from modelwright.kernel.document import Document, Facts, Table
from modelwright.kernel.errors import DataInvalid

__all__ = ["Quarantine", "Screened", "screen"]

MOST_ROWS = 1_000
"""Rows that are kept with their reasons; more are counted."""

LONGEST_VALUE = 60
"""Characters of a value that are kept."""

MASKED = "***"
"""What is kept of a value that identifies a person or must not be kept at all."""

ROW = "row"
SCHEMA: Mapping[str, type[pl.DataType]] = {
    ROW: pl.Int64,
    "key": pl.String,
    "column": pl.String,
    "reason": pl.String,
    "found": pl.String,
}
"""What is kept of a row that is set apart."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quarantine:
    """Rows that were set apart: how many, why, and a bounded number of them by place and key.

    Examples:
        >>> Quarantine(source="calls.csv", rows=0, counts={}, letters=pl.DataFrame(schema=SCHEMA)).rows
        0
    """

    source: str
    """What the rows came from."""
    rows: int
    """Rows that were set apart."""
    counts: Mapping[str, int]
    """Column and reason, to the number of rows; a row may have several."""
    letters: pl.DataFrame
    """One line a reason of a row: its place in the source, key, column, reason and value. Personal values and
    those that are kept out are masked."""

    def document(self) -> Document:
        """Render the quarantine for people."""
        facts = Facts(items=(("Source", self.source), ("Rows set apart", f"{self.rows:,}")))
        counts = Table(
            columns=("reason", "rows"),
            rows=tuple((reason, f"{count:,}") for reason, count in self.counts.items()),
        )
        shown = Table(
            columns=tuple(self.letters.columns),
            rows=tuple(
                tuple("" if cell is None else str(cell) for cell in row)
                for row in self.letters.head(20).rows()
            ),
        )
        return Document(title="Quarantine", blocks=(facts, counts, shown))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """A table in two parts: rows that fit the contract, and those set apart.

    Examples:
        >>> Screened.__slots__[0]
        'frame'
    """

    frame: pl.DataFrame
    """The rows that fit, in the contract's types."""
    quarantine: Quarantine
    """The others."""
    notes: tuple[str, ...] = ()
    """What was changed on the way, counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reason:
    column: str
    told: str
    rows: pl.Series
    """Which rows it holds for."""
    cells: pl.Series
    """What they hold."""


def screen(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    source: str,
    now: datetime | None = None,
    most: int = MOST_ROWS,
) -> Screened:
    """Divide a table as it came into rows that fit the contract and rows that do not.

    A row is set apart when a value is not of its type, missing where it must not be, out of its range or its
    categories; when its key is missing or another row has the same one; when it happened in the future; or
    when its label was known before it happened.

    Args:
        frame: The table as it stands in the source.
        contract: Says what fits.
        source: What messages call the table.
        now: The present moment, in UTC; without it no row is in the future.
        most: Rows of which place, key and reason are kept.

    Raises:
        DataInvalid: When the columns themselves are not those of the contract: no row can fit then.

    Examples:
        >>> screen.__name__
        'screen'
    """
    if faults := column_faults(frame, contract, source):
        raise DataInvalid(
            f"the columns of {source} are not those of the contract",
            why="no row of it fits, so setting rows apart would set everything apart",
            next_step="correct the source, or amend the contract",
            faults=faults,
        )
    kept = [
        name
        for name, spec in contract.data.columns.items()
        if spec.role != "excluded" and name in frame.columns
    ]
    typed, reasons, notes = [], [], []
    for name in kept:
        values, found, told = _column(frame[name], contract.data.columns[name], source)
        typed.append(values)
        reasons += found
        notes += told
    table = pl.DataFrame(typed)
    reasons += [*_key_reasons(table, contract), *_time_reasons(table, contract, now)]
    bad = pl.Series([False] * table.height, dtype=pl.Boolean)
    for reason in reasons:
        bad = bad | reason.rows
    quarantine = _quarantine(table, reasons, bad, contract, source=source, most=most)
    return Screened(frame=table.filter(~bad), quarantine=quarantine, notes=tuple(notes))


def _column(column: pl.Series, spec: Column, source: str) -> tuple[pl.Series, list[_Reason], list[str]]:
    """Return a column in its type, and the rows whose values do not fit."""
    result = conform(column, spec, where=source)
    cells = conform(column, spec.model_copy(update={"type": "text"}), where=source).values
    unread = [fault for fault in result.faults if not _of_values(fault.what)]
    if unread:
        raise DataInvalid(
            f"column {column.name} of {source} cannot be read as a whole",
            why="no row of it fits, so setting rows apart would set everything apart",
            next_step="write it as the contract says",
            faults=unread,
        )
    values = result.values
    found = [
        _Reason(column=column.name, told=told, rows=rows, cells=cells)
        for told, rows in _unfit(values, cells, spec)
    ]
    return values, [reason for reason in found if bool(reason.rows.any())], list(result.notes)


def _of_values(what: str) -> bool:
    """Say whether a fault of a column is about some of its values, which can be set apart."""
    return " values are not of type " in what or " values have decimals" in what


def _unfit(values: pl.Series, cells: pl.Series, spec: Column) -> Iterator[tuple[str, pl.Series]]:
    infinite = (
        cells.str.to_lowercase().is_in(["inf", "-inf", "infinity", "-infinity", "nan"]).fill_null(value=False)
    )
    unread = cells.is_not_null() & values.is_null() & ~infinite
    if spec.type == "integer":
        broken = cells.cast(pl.Float64, strict=False)
        unread = unread | (broken.is_finite() & (broken != broken.floor())).fill_null(value=False)
    yield f"not of type {spec.type}", unread
    if not spec.nulls or spec.role == "target":
        yield "missing", values.is_null() & ~unread
    if spec.range is not None and values.dtype.is_numeric():
        low, high = spec.range
        below = values < low if low is not None else pl.Series([False] * len(values), dtype=pl.Boolean)
        above = values > high if high is not None else pl.Series([False] * len(values), dtype=pl.Boolean)
        yield "out of range", (below | above).fill_null(value=False) & ~unread
    if spec.categories is not None:
        text = values.cast(pl.String)
        yield "not a category", text.is_not_null() & ~text.is_in(list(spec.categories)).fill_null(value=True)


def _key_reasons(table: pl.DataFrame, contract: Contract) -> list[_Reason]:
    key = [name for name in contract.data.primary_key if name in table.columns]
    if not key or not table.height:
        return []
    told = " + ".join(key)
    cells = table.select(
        pl.concat_str(pl.col(key).cast(pl.String), separator=" ", ignore_nulls=True)
    ).to_series()
    missing = table.select(pl.any_horizontal(pl.col(key).is_null())).to_series()
    # Rows that are equal in every column are one row said twice, and rows of two moments are two versions of
    # one: neither is a contradiction.
    event = contract.data.event_time
    version = [event] if event is not None and event in table.columns and event not in key else []
    distinct = table.select(pl.struct(pl.all()).n_unique().over(key + version) > 1).to_series() & ~missing
    found = [
        _Reason(column=told, told="key is missing", rows=missing, cells=cells),
        _Reason(column=told, told="key repeats with other values", rows=distinct, cells=cells),
    ]
    return [reason for reason in found if bool(reason.rows.any())]


def _time_reasons(table: pl.DataFrame, contract: Contract, now: datetime | None) -> list[_Reason]:
    found = []
    event, label = contract.data.event_time, contract.data.label.time
    if event is None or event not in table.columns or not isinstance(table.schema[event], pl.Datetime):
        return []
    moments = table[event]
    if now is not None:
        ahead = (moments > now.replace(tzinfo=None)).fill_null(value=False)
        found.append(_Reason(column=event, told="in the future", rows=ahead, cells=moments.cast(pl.String)))
    if label is not None and label in table.columns and isinstance(table.schema[label], pl.Datetime):
        before = (table[label] < moments).fill_null(value=False)
        cells = table[label].cast(pl.String)
        found.append(
            _Reason(column=label, told=f"before {event}: negative duration", rows=before, cells=cells)
        )
    return [reason for reason in found if bool(reason.rows.any())]


def _quarantine(
    table: pl.DataFrame, reasons: list[_Reason], bad: pl.Series, contract: Contract, *, source: str, most: int
) -> Quarantine:
    columns = contract.data.columns
    key = [name for name in contract.data.primary_key if name in table.columns]
    secret_key = any(_secret(columns[name]) for name in key)
    letters = []
    first = bad.arg_true().head(most)
    for reason in reasons:
        places = reason.rows.arg_true()
        places = places.filter(places.is_in(first.implode()))
        parts = reason.column.split(" + ")
        hidden = any(_secret(columns[part]) for part in parts if part in columns)
        cells = reason.cells.gather(places).cast(pl.String).str.slice(0, LONGEST_VALUE)
        keys = (
            table.select(pl.concat_str(pl.col(key).cast(pl.String), separator=" ", ignore_nulls=True))
            if key
            else None
        )
        shown = keys.to_series().gather(places).str.slice(0, LONGEST_VALUE) if keys is not None else None
        letters.append(
            pl.DataFrame(
                {
                    ROW: places.cast(pl.Int64),
                    "key": pl.Series([MASKED] * len(places), dtype=pl.String) if secret_key else shown,
                    "column": pl.Series([reason.column] * len(places), dtype=pl.String),
                    "reason": pl.Series([reason.told] * len(places), dtype=pl.String),
                    "found": pl.Series([MASKED] * len(places), dtype=pl.String) if hidden else cells,
                },
                schema=SCHEMA,
            )
        )
    return Quarantine(
        source=source,
        rows=int(bad.sum()),
        counts={f"{reason.column}: {reason.told}": int(reason.rows.sum()) for reason in reasons},
        letters=pl.concat(letters).sort(ROW, maintain_order=True) if letters else pl.DataFrame(schema=SCHEMA),
    )


def _secret(spec: Column) -> bool:
    return spec.pii != "none" or spec.keep_out

"""Row promises: patterns and conditions of the contract, looked at in rows that ask for a prediction.

Rows and tables are read to the same values and judged by the very expressions that validate a table, so a
row is refused exactly where the table it came from would have been at fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from modelwright.contracts.check import parse_check
from modelwright.contracts.contract import Contract
from modelwright.data.promise import plan
from modelwright.features.cell import CELL_TYPES, cell_reader, clean_column
from modelwright.features.learn import input_of

__all__ = ["BrokenPromise", "RowPromises"]

VALIDATED: Mapping[str, pl.DataType] = {
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "category": pl.String(),
    "text": pl.String(),
    "datetime": pl.Datetime("us"),
}
"""Types a table has when it is validated; promises are compiled for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPromise:
    """What one row breaks.

    Examples:
        >>> BrokenPromise(row=0, check="pattern", text="[A-Z]", columns=("code",)).columns
        ('code',)
    """

    row: int
    """Place of the row, from 0."""
    check: str
    """`pattern` or `condition`."""
    text: str
    """The pattern or the condition, as the contract writes it."""
    columns: tuple[str, ...]
    """The columns it looks at."""


def _storable(value: object) -> object:
    """Return a text without half surrogate pairs, which columns cannot hold."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


class RowPromises:
    """The promises that a single row keeps or breaks by itself.

    Left out is what needs more than the row: looks at the whole table, keys, tables that are referred to,
    columns that no row may bring. Promises that only warn refuse nothing.

    Args:
        contract: The promises.
        columns: The columns that rows may bring.

    Examples:
        >>> RowPromises.__name__
        'RowPromises'
    """

    def __init__(self, contract: Contract, columns: Iterable[str]) -> None:
        """Compile every promise once."""
        described = contract.data.columns
        schema = {name: VALIDATED[described[name].type] for name in columns}
        self._promises: list[tuple[str, str, tuple[str, ...], pl.Expr]] = []
        for promise in plan(schema, contract).rows:
            if promise.severity != "error" or promise.looks or promise.check not in {"pattern", "condition"}:
                continue
            pattern = promise.check == "pattern"
            needs = (promise.column,) if pattern else parse_check(promise.column).term.columns()
            text = promise.expected if pattern else promise.column
            self._promises.append((promise.check, text, needs, promise.failing))
        self.reads = tuple(dict.fromkeys(name for _, _, needs, _ in self._promises for name in needs))
        self._specs = {name: input_of(name, described[name]) for name in self.reads}
        self._readers = [
            (name, cell_reader(spec), CELL_TYPES[spec.kind]) for name, spec in self._specs.items()
        ]

    def broken(self, rows: Sequence[object]) -> list[BrokenPromise]:
        """Return what each row breaks; a promise about a column that a row does not bring is left out.

        Args:
            rows: Rows as clients send them; what is no row is left out.
        """
        if not self._promises:
            return []
        given = [row if isinstance(row, Mapping) else {} for row in rows]
        columns = [
            pl.Series(name, [_storable(read(row.get(name))) for row in given], dtype=dtype)
            for name, read, dtype in self._readers
        ]
        marks = self._marks(pl.DataFrame(columns))
        return [
            BrokenPromise(row=place, check=check, text=text, columns=needs)
            for (check, text, needs, _), marked in zip(self._promises, marks, strict=True)
            for place in marked.arg_true().to_list()
            if all(name in given[place] for name in needs)
        ]

    def breaking(self, frame: pl.DataFrame) -> pl.Series:
        """Return which rows of a table break something; promises about columns it lacks are left out.

        Args:
            frame: The rows, in any types.
        """
        columns = [self._column(frame[name]) for name in self.reads if name in frame.columns]
        found = pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)
        for marked in self._marks(pl.DataFrame(columns)):
            found = found | marked
        return found

    def _column(self, values: pl.Series) -> pl.Series:
        spec = self._specs[values.name]
        if spec.kind == "category" and values.dtype in {pl.Date, pl.Datetime}:
            told = [None if value is None else value.isoformat() for value in values]
            return pl.Series(values.name, told, dtype=pl.String)
        return clean_column(spec, values)

    def _marks(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Return where each promise is broken; nowhere, when a column it needs is not there."""
        there = set(frame.columns)
        asked = [
            failing.fill_null(value=False).alias(f"broken {place}")
            for place, (_, _, needs, failing) in enumerate(self._promises)
            if there.issuperset(needs)
        ]
        return frame.lazy().select(asked).collect().get_columns() if asked else []

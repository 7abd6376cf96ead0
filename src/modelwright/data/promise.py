"""Promises: what a data contract says of a table, each as an expression that one query can hold."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from modelwright.contracts.check import Severity, parse_check
from modelwright.contracts.check_kinds import Kind, Resolved, kind_of_type, resolve
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.duration import parse_duration
from modelwright.contracts.term import Term
from modelwright.data.expression import Vocabulary, compile_pattern, compile_term, table_looks

__all__ = ["Plan", "RowPromise", "TablePromise", "Unseen", "fits", "plan"]

TYPES = {
    "boolean": (pl.Boolean,),
    "category": (pl.String,),
    "text": (pl.String,),
    "datetime": (pl.Datetime, pl.Date),
}
"""Types in memory of each type in the contract."""

SHOWN = 6
"""Categories named in what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPromise:
    """A promise that each row keeps or breaks.

    Examples:
        >>> RowPromise(
        ...     check="nulls", column="age", expected="never empty", failing=pl.col("age").is_null()
        ... ).severity
        'error'
    """

    check: str
    """Which promise: `nulls`, `range`, `categories`, `pattern`, `key` or `condition`."""
    column: str
    """What it is about: a column, several joined by a plus, or the condition."""
    expected: str
    """What the contract says."""
    failing: pl.Expr
    """True where a row breaks it; empty where that cannot be told, which breaks nothing."""
    severity: Severity = "error"
    """What a broken promise does."""
    key: tuple[str, ...] = ()
    """The columns of a key that must not repeat."""
    looks: Mapping[str, pl.Expr] = field(default_factory=dict)
    """What a row is compared with that is seen of the whole table, by its spelling."""
    term: Term | None = None
    """The condition, where it compares a row with such looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePromise:
    """A promise that the table keeps or breaks as a whole.

    Examples:
        >>> TablePromise(check="table", column="row_count > 3", expected="", looks={}, term=None).age is None
        True
    """

    check: str
    """`table`, or `freshness`."""
    column: str
    """The condition, or the column."""
    expected: str
    """What the contract says."""
    looks: Mapping[str, pl.Expr]
    """What is looked at in the table, by its spelling."""
    term: Term | None
    """The condition over these looks; None when `age` says it."""
    age: timedelta | None = None
    """How old the newest moment may be."""
    severity: Severity = "error"
    """What a broken promise does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A promise that cannot be looked at.

    Examples:
        >>> Unseen(check="condition", column="a > b", why="b is not in the table").severity
        'error'
    """

    check: str
    """Which promise."""
    column: str
    """What it is about."""
    why: str
    """Why it cannot be looked at."""
    severity: Severity = "error"
    """What a broken promise does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All promises about the content of a table.

    Examples:
        >>> Plan(rows=(), table=(), unseen=()).rows
        ()
    """

    rows: tuple[RowPromise, ...]
    """Those that each row answers."""
    table: tuple[TablePromise, ...]
    """Those that the table answers."""
    unseen: tuple[Unseen, ...]
    """Those that nobody can answer."""


def fits(dtype: pl.DataType, kind: str) -> bool:
    """Return whether a type in memory is what the contract's type asks for.

    Examples:
        >>> fits(pl.Int32(), "number"), fits(pl.String(), "number")
        (True, False)
    """
    if kind == "integer":
        return dtype.is_integer()
    if kind == "number":
        return dtype.is_numeric()
    return isinstance(dtype, TYPES[kind])


def _range(name: str, column: Column, dtype: pl.DataType) -> RowPromise | None:
    if column.range is None or column.type not in {"number", "integer"}:
        return None
    low, high = column.range
    whole = dtype.is_integer()
    # Whole bounds keep whole numbers whole: no column is copied to fractions for the comparison.
    least = math.ceil(low) if whole and low is not None else low
    most = math.floor(high) if whole and high is not None else high
    value = pl.col(name)
    if least is not None and most is not None:
        outside = ~value.is_between(least, most)
    elif least is not None:
        outside = (value < least) if whole else (value < least) | value.is_nan()
    else:
        # NaN is above every number in this order.
        outside = value > most if most is not None else pl.lit(value=False)
    told = f"from {'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
    return RowPromise(
        check="range", column=name, expected=told, failing=outside, severity=_severity(column, "range")
    )


def _severity(column: Column, promise: str) -> Severity:
    return "warning" if promise in column.warn else "error"


def _column_promises(name: str, column: Column, dtype: pl.DataType) -> Iterator[RowPromise | Unseen]:
    value = pl.col(name)
    if not column.nulls:
        severity = _severity(column, "nulls")
        yield RowPromise(
            check="nulls", column=name, expected="never empty", failing=value.is_null(), severity=severity
        )
    ranged = _range(name, column, dtype)
    if ranged is not None:
        yield ranged
    if column.categories is not None and column.type in {"category", "text"}:
        told = ", ".join(column.categories[:SHOWN]) + (", ..." if len(column.categories) > SHOWN else "")
        # A cast to the list of categories looks each text up once; asking `is_in` is several times slower.
        known = value.cast(pl.Enum(list(dict.fromkeys(column.categories))), strict=False)
        yield RowPromise(
            check="categories",
            column=name,
            expected=told,
            failing=value.is_not_null() & known.is_null(),
            severity=_severity(column, "categories"),
        )
    if column.pattern is not None and column.type in {"category", "text"}:
        severity = _severity(column, "pattern")
        wrong = _unusable([column.pattern])
        if wrong:
            yield Unseen(check="pattern", column=name, why=wrong, severity=severity)
            return
        failing = ~compile_pattern(value, column.pattern)
        yield RowPromise(
            check="pattern", column=name, expected=column.pattern, failing=failing, severity=severity
        )


def _unusable(patterns: list[str]) -> str:
    """Return why patterns cannot be compiled; empty when they can."""
    for pattern in patterns:
        try:
            pl.select(compile_pattern(pl.lit(""), pattern))
        except pl.exceptions.ComputeError as error:
            return f"the pattern {pattern[:60]!r} cannot be compiled: {str(error).splitlines()[-1][:120]}"
    return ""


def _patterns(term: Term) -> list[str]:
    own = [str(term.args[1].value)] if term.op == "matches" else []
    return own + [pattern for part in term.args for pattern in _patterns(part)]


def _referred(term: Term) -> list[str]:
    own = [str(term.args[1].value)] if term.op == "refers" else []
    return own + [name for part in term.args for name in _referred(part)]


def _key(names: tuple[str, ...], *, check: str, column: str, severity: Severity = "error") -> RowPromise:
    repeated = (pl.struct(names) if len(names) > 1 else pl.col(*names)).is_duplicated()
    return RowPromise(
        check=check, column=column, expected="one row a key", failing=repeated, severity=severity, key=names
    )


def _obstacle(resolved: Resolved, readable: Mapping[str, pl.DataType], known: Vocabulary) -> str:
    """Return why a condition cannot be looked at; empty when it can."""
    if resolved.faults:
        return resolved.faults[0].what
    missing = [name for name in resolved.term.columns() if name not in readable]
    if missing:
        return f"{missing[0]} is not in the table as the contract says"
    absent = [name for name in _referred(resolved.term) if name not in known.references]
    if absent:
        return f"{absent[0]} was not read"
    return _unusable(_patterns(resolved.term))


def _line(
    text: str, contract: Contract, readable: Mapping[str, pl.DataType], references: Mapping[str, pl.Series]
) -> RowPromise | TablePromise | Unseen:
    line = parse_check(text)
    kinds: dict[str, Kind] = {
        name: kind_of_type(column.type)
        for name, column in contract.data.columns.items()
        if column.role != "excluded"
    }
    resolved = resolve(line, kinds, tables=contract.data.references)
    known = Vocabulary(schema=readable, references=references)
    obstacle = _obstacle(resolved, readable, known)
    if obstacle:
        return Unseen(check="condition", column=line.text, why=obstacle, severity=line.severity)
    if resolved.scope == "key":
        return _key(resolved.term.columns(), check="unique", column=line.text, severity=line.severity)
    looks = {str(look): compile_term(look, known) for look in table_looks(resolved.term)}
    if resolved.scope == "row":
        failing = ~compile_term(resolved.term, known)
        return RowPromise(
            check="condition",
            column=line.text,
            expected="true in every row",
            failing=failing,
            severity=line.severity,
            looks=looks,
            term=resolved.term if looks else None,
        )
    return TablePromise(
        check="table",
        column=line.text,
        expected="true of the table",
        looks=looks,
        term=resolved.term,
        severity=line.severity,
    )


def _freshness(name: str, column: Column) -> TablePromise:
    look = f"max({name})"
    return TablePromise(
        check="freshness",
        column=name,
        expected=f"newest moment within {column.freshness}",
        looks={look: pl.col(name).cast(pl.Datetime("us")).max()},
        term=None,
        age=parse_duration(column.freshness),
        severity=_severity(column, "freshness"),
    )


def plan(
    schema: Mapping[str, pl.DataType],
    contract: Contract,
    *,
    references: Mapping[str, pl.Series] | None = None,
) -> Plan:
    """Turn a data contract into promises about a table of these types.

    Args:
        schema: The table's columns and their types.
        contract: What was agreed.
        references: Values that `refers` looks up, by `table.column`.

    Examples:
        >>> from modelwright.contracts.data import Column
        >>> _column_promises("age", Column(type="integer", nulls=False), pl.Int64()).__next__().check
        'nulls'
    """
    found: list[RowPromise | TablePromise | Unseen] = []
    readable = {
        name: schema[name]
        for name, column in contract.data.columns.items()
        if name in schema and column.role != "excluded" and fits(schema[name], column.type)
    }
    for name, dtype in readable.items():
        column = contract.data.columns[name]
        found.extend(_column_promises(name, column, dtype))
        if column.freshness and column.type == "datetime":
            found.append(_freshness(name, column))
    key = contract.data.primary_key
    if key and all(name in schema for name in key):
        found.append(_key(key, check="key", column="+".join(key)))
    found += [_line(text, contract, readable, references or {}) for text in contract.data.checks]
    return Plan(
        rows=tuple(item for item in found if isinstance(item, RowPromise)),
        table=tuple(item for item in found if isinstance(item, TablePromise)),
        unseen=tuple(item for item in found if isinstance(item, Unseen)),
    )

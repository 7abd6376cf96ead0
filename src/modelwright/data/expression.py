"""Expressions: the terms of check lines as Polars expressions; nothing is evaluated as Python."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce

import polars as pl

from modelwright.contracts.check import TABLE_FUNCTIONS
from modelwright.contracts.term import Term

__all__ = ["Vocabulary", "compile_pattern", "compile_term", "table_looks"]

ROW: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "not": lambda value: value.not_(),
    "negative": lambda value: -value,
    "null": lambda value: value.is_null(),
    "abs": lambda value: value.abs(),
    "length": lambda value: value.str.len_chars().cast(pl.Int64),
    "lower": lambda value: value.str.to_lowercase(),
    "upper": lambda value: value.str.to_uppercase(),
    "trim": lambda value: value.str.strip_chars(),
    "year": lambda value: value.dt.year(),
    "month": lambda value: value.dt.month(),
    "day": lambda value: value.dt.day(),
    "hour": lambda value: value.dt.hour(),
    "weekday": lambda value: value.dt.weekday(),
}
"""What is done with one value of each row."""

PAIR: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "and": lambda left, right: left & right,
    "or": lambda left, right: left | right,
    "implies": lambda left, right: left.not_() | right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}
"""What is done with two values of each row."""

TABLE: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "count": lambda value: value.count(),
    "null_count": lambda value: value.null_count(),
    "null_share": lambda value: value.is_null().mean(),
    "distinct": lambda value: value.drop_nulls().n_unique(),
    "distinct_share": lambda value: value.drop_nulls().n_unique() / value.count(),
    "min": lambda value: value.min(),
    "max": lambda value: value.max(),
    "mean": lambda value: value.mean(),
    "median": lambda value: value.median(),
    "std": lambda value: value.std(),
    "sum": lambda value: value.sum(),
    "share": lambda value: value.fill_null(value=False).mean(),
}
"""What is made of one column of the whole table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the names in a term stand for.

    Examples:
        >>> Vocabulary(schema={"age": pl.Int64()}).references
        {}
    """

    schema: Mapping[str, pl.DataType]
    """The columns and their types in memory."""
    references: Mapping[str, pl.Series] = field(default_factory=dict)
    """Values that `refers` looks up, by `table.column`."""
    looked: Mapping[str, pl.Expr] = field(default_factory=dict)
    """Looks at the table that were taken already, by their spelling."""

    def column(self, name: str) -> pl.Expr:
        """Return a column; NaN is missing, a date is the moment it begins."""
        value, dtype = pl.col(name), self.schema.get(name)
        if dtype is not None and dtype.is_float():
            return value.fill_nan(None)
        return value.cast(pl.Datetime("us")) if dtype == pl.Date else value


def compile_pattern(value: pl.Expr, pattern: str) -> pl.Expr:
    """Return whether a text matches a pattern from its first letter to its last.

    Examples:
        >>> frame = pl.DataFrame({"code": ["A1", "A12"]})
        >>> frame.select(compile_pattern(pl.col("code"), "[A-Z][0-9]"))["code"].to_list()
        [True, False]
    """
    return value.str.contains(rf"\A(?:{pattern})\z")


def _literal(term: Term) -> pl.Expr:
    value = term.value
    if isinstance(value, timedelta):
        return pl.lit(value, dtype=pl.Duration("us"))
    if isinstance(value, datetime):
        return pl.lit(value, dtype=pl.Datetime("us"))
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return pl.lit(int(value))
    return pl.lit(value)


def compile_term(term: Term, known: Vocabulary) -> pl.Expr:  # noqa: PLR0911 - one return per kind of term
    """Turn a resolved term into an expression.

    A comparison with a missing value is neither true nor false, as in SQL.

    Args:
        term: The term, as `modelwright.contracts.check_kinds.resolve` gives it.
        known: What names stand for.

    Examples:
        >>> from modelwright.contracts.check import parse_check
        >>> frame = pl.DataFrame({"a": [1, 5, None], "b": [2, 3, 4]})
        >>> condition = compile_term(parse_check("a <= b").term, Vocabulary(schema=frame.schema))
        >>> frame.select(fine=condition)["fine"].to_list()
        [True, False, None]
    """
    if str(term) in known.looked:
        return known.looked[str(term)]
    if term.op == "column":
        return known.column(str(term.value))
    if term.value is not None:
        return _literal(term)
    if term.op in TABLE_FUNCTIONS:
        return _look(term, known)
    if term.op == "refers":
        return _refers(term, known)
    if term.op == "matches":
        return compile_pattern(compile_term(term.args[0], known), str(term.args[1].value))
    if term.op == "in":
        return _listed(term, known)
    parts = [compile_term(part, known) for part in term.args]
    if term.op == "between":
        return parts[0].is_between(parts[1], parts[2])
    if term.op == "coalesce":
        return pl.coalesce(parts)
    if term.op in ROW:
        return ROW[term.op](parts[0])
    return reduce(PAIR[term.op], parts)


def _listed(term: Term, known: Vocabulary) -> pl.Expr:
    value = compile_term(term.args[0], known)
    if all(part.op == "text" for part in term.args[1:]):
        return value.is_in([str(part.value) for part in term.args[1:]])
    # One comparison a value: `is_in` would ask for numbers and moments of exactly the column's type.
    return reduce(PAIR["or"], [value == _literal(part) for part in term.args[1:]])


def _refers(term: Term, known: Vocabulary) -> pl.Expr:
    value, sought = term.args[0], known.references[str(term.args[1].value)].drop_nulls()
    dtype = known.schema.get(str(value.value)) if value.op == "column" else None
    fitting = sought.cast(dtype, strict=False) if dtype is not None else sought
    return compile_term(value, known).is_in(fitting.drop_nulls().implode())


def _look(term: Term, known: Vocabulary) -> pl.Expr:
    """Return what a function makes of the table, or of the rows where a condition holds."""
    if term.op == "row_count":
        return pl.len()
    conditions = [part.args[1] for part in term.args if part.op == "where"]
    parts = [compile_term(part.args[0] if part.op == "where" else part, known) for part in term.args]
    for condition in conditions:
        kept = compile_term(condition, known)
        parts = [part.filter(kept) for part in parts] if term.op != "quantile" else [parts[0].filter(kept)]
    if term.op == "quantile":
        level = term.args[1].args[0] if term.args[1].op == "where" else term.args[1]
        return parts[0].quantile(float(str(level.value)), interpolation="linear")
    if term.op == "correlation":
        return pl.corr(parts[0], parts[1])
    return TABLE[term.op](parts[0])


def table_looks(term: Term) -> tuple[Term, ...]:
    """Return the looks at the whole table that a term takes, each once.

    Examples:
        >>> from modelwright.contracts.check import parse_check
        >>> [str(look) for look in table_looks(parse_check("max(a) - min(a) < 3 * std(a)").term)]
        ['max(a)', 'min(a)', 'std(a)']
    """
    if term.op in TABLE_FUNCTIONS:
        return (term,)
    found = [look for part in term.args for look in table_looks(part)]
    return tuple({str(look): look for look in found}.values())

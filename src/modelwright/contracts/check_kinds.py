"""Kinds of a check line: whether its columns exist and its values can be compared, and what it looks at."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from modelwright.contracts.check import TABLE_FUNCTIONS, CheckLine
from modelwright.contracts.incoherence import suggestion
from modelwright.contracts.term import COMPARISONS, Term

__all__ = ["Kind", "KindFault", "Resolved", "kind_of_type", "pattern_fault", "resolve"]

Kind = Literal["number", "text", "boolean", "datetime", "duration", "unknown"]
"""What a value can be compared with; `unknown` once a fault was told."""

KINDS: Mapping[str, Kind] = {
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "category": "text",
    "text": "text",
    "datetime": "datetime",
}
SAME = "same"
"""The result is of the kind of the first argument."""
SIGNATURES: Mapping[str, tuple[tuple[Kind, ...], str]] = {
    "abs": (("number",), "number"),
    "length": (("text",), "number"),
    "lower": (("text",), "text"),
    "upper": (("text",), "text"),
    "trim": (("text",), "text"),
    "year": (("datetime",), "number"),
    "month": (("datetime",), "number"),
    "day": (("datetime",), "number"),
    "hour": (("datetime",), "number"),
    "weekday": (("datetime",), "number"),
    "date": (("datetime",), "datetime"),
    "row_count": ((), "number"),
    "count": (("unknown",), "number"),
    "null_count": (("unknown",), "number"),
    "null_share": (("unknown",), "number"),
    "distinct": (("unknown",), "number"),
    "distinct_share": (("unknown",), "number"),
    "min": (("unknown",), SAME),
    "max": (("unknown",), SAME),
    "mean": (("number",), "number"),
    "median": (("number",), "number"),
    "std": (("number",), "number"),
    "sum": (("number",), "number"),
    "share": (("boolean",), "number"),
    "quantile": (("number", "number"), "number"),
    "correlation": (("number", "number"), "number"),
}
"""Kinds of the arguments, `unknown` where any will do, and of the result."""
LITERALS = ("number", "text", "boolean", "datetime", "duration")
ARITHMETIC: Mapping[tuple[str, Kind, Kind], Kind] = {
    **{(op, "number", "number"): "number" for op in "+-*/"},
    ("-", "datetime", "datetime"): "duration",
    ("-", "datetime", "duration"): "datetime",
    ("+", "datetime", "duration"): "datetime",
    ("+", "duration", "datetime"): "datetime",
    ("+", "duration", "duration"): "duration",
    ("-", "duration", "duration"): "duration",
    ("*", "duration", "number"): "duration",
    ("*", "number", "duration"): "duration",
    ("/", "duration", "number"): "duration",
    ("/", "duration", "duration"): "number",
}
BEYOND_RUST = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]|\(\?P=")


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFault:
    """What does not fit in a check line.

    Examples:
        >>> KindFault(what="'agee' is not a column", cure="did you mean 'age'?").cure
        "did you mean 'age'?"
    """

    what: str
    """What does not fit."""
    cure: str
    """What to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A check line whose parts have kinds.

    Examples:
        >>> from modelwright.contracts.check import parse_check
        >>> resolve(parse_check("mean(age) > 3"), {"age": "number"}).scope
        'table'
    """

    term: Term
    """The condition, with texts that are compared with dates turned into dates."""
    scope: Literal["row", "table", "key"]
    """Whether every row answers, the table as a whole, or a key that must not repeat."""
    faults: tuple[KindFault, ...]
    """What does not fit; empty when the line can be compiled."""


def kind_of_type(name: str) -> Kind:
    """Return the kind of values that a column type holds.

    Examples:
        >>> kind_of_type("integer"), kind_of_type("category")
        ('number', 'text')
    """
    return KINDS.get(name, "unknown")


def pattern_fault(pattern: str) -> str:
    """Return why a pattern cannot be used; empty when it can.

    Patterns are those of Rust's regex crate, which runs in linear time whatever the text: there is no look
    around and no back reference.

    Examples:
        >>> pattern_fault("[A-Z]{2}"), pattern_fault("(?=a)b")
        ('', 'it looks ahead or behind, or refers back')
    """
    if BEYOND_RUST.search(pattern):
        return "it looks ahead or behind, or refers back"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return ""


def _moment(term: Term) -> Term | None:
    try:
        found = datetime.fromisoformat(str(term.value))
    except ValueError:
        return None
    plain = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    return Term(op="datetime", value=plain)


def _known(parts: Sequence[tuple[Term, Kind]]) -> set[Kind]:
    return {kind for _, kind in parts if kind != "unknown"}


class _Resolver:
    """Walks a term once, and collects what does not fit."""

    def __init__(
        self, kinds: Mapping[str, Kind], *, excluded: Collection[str], tables: Collection[str]
    ) -> None:
        self.kinds = kinds
        self.excluded = excluded
        self.tables = tables
        self.faults: list[KindFault] = []
        self.inside = False
        self.bare = False
        self.whole = False

    def fault(self, what: str, cure: str) -> Kind:
        self.faults.append(KindFault(what=what, cure=cure))
        return "unknown"

    def demand(self, term: Term, found: Kind, wanted: Kind) -> None:
        if "unknown" not in {found, wanted} and found != wanted:
            hint = "compare it with something" if wanted == "boolean" else f"use a {wanted} there"
            self.fault(f"'{term}' is a {found}, not a {wanted}", hint)

    def visit(self, term: Term) -> tuple[Term, Kind]:  # noqa: PLR0911 - one return per kind of term
        op = term.op
        if op == "column":
            return term, self.column(str(term.value))
        if op == "number":
            return term, "number"
        if op in LITERALS:
            return term, op  # type: ignore[return-value] # the names of literals are names of kinds
        if op == "unique":
            return term, self.fault(
                "unique(...) stands within another condition", "write it as a check of its own"
            )
        if op == "refers":
            return self.refers(term)
        if op in TABLE_FUNCTIONS:
            return self.table(term)
        if op == "date":
            return self.date(term)
        if op == "coalesce":
            return self.alike(term, ordered=False)
        if op in SIGNATURES:
            return self.function(term)
        return self.operator(term)

    def column(self, name: str) -> Kind:
        self.bare = self.bare or not self.inside
        if name in self.kinds:
            return self.kinds[name]
        if name in self.excluded:
            return self.fault(f"'{name}' is excluded and never read", "give the column the role context")
        otherwise = "name one of the columns, or put a text in quotes"
        return self.fault(f"'{name}' is not a column", suggestion(name, list(self.kinds), otherwise))

    def operator(self, term: Term) -> tuple[Term, Kind]:
        if term.op in {"and", "or", "implies", "not"}:
            parts = []
            for part in term.args:
                resolved, kind = self.visit(part)
                self.demand(part, kind, "boolean")
                parts.append(resolved)
            return Term(op=term.op, args=tuple(parts)), "boolean"
        if term.op == "null":
            return Term(op="null", args=(self.visit(term.args[0])[0],)), "boolean"
        if term.op == "matches":
            return self.matches(term), "boolean"
        if term.op in {*COMPARISONS, "between", "in"}:
            if term.op == "in" and any(part.op not in LITERALS for part in term.args[1:]):
                self.fault(
                    f"the list after '{term.args[0]} in' holds more than values", "list numbers or texts"
                )
            return self.alike(term, ordered=term.op not in {"=", "!=", "in"})[0], "boolean"
        return self.arithmetic(term)

    def alike(self, term: Term, *, ordered: bool) -> tuple[Term, Kind]:
        """Resolve parts that must be of one kind; a text that stands beside a date is read as a date."""
        parts: list[tuple[Term, Kind]] = [self.visit(part) for part in term.args]
        kinds = _known(parts)
        if kinds == {"datetime", "text"}:
            parts = [self.dated(part) if kind == "text" else (part, kind) for part, kind in parts]
            kinds = _known(parts)
        if len(kinds) > 1:
            self.fault(f"'{term}' compares a {' with a '.join(sorted(kinds))}", "compare values of one kind")
        if ordered and kinds == {"boolean"}:
            self.fault(f"'{term}' orders true and false", "use = or !=")
        common: Kind = next(iter(kinds)) if len(kinds) == 1 else "unknown"
        return Term(op=term.op, args=tuple(part for part, _ in parts), value=term.value), common

    def dated(self, term: Term) -> tuple[Term, Kind]:
        moment = _moment(term) if term.op == "text" else None
        if moment is None:
            return term, self.fault(f"'{term}' is not a date", 'write it as "2026-01-31"')
        return moment, "datetime"

    def date(self, term: Term) -> tuple[Term, Kind]:
        if len(term.args) != 1 or term.args[0].op != "text":
            return term, self.fault("date() takes one text", 'write date("2026-01-31")')
        return self.dated(term.args[0])

    def matches(self, term: Term) -> Term:
        value, kind = self.visit(term.args[0])
        self.demand(term.args[0], kind, "text")
        wrong = pattern_fault(str(term.args[1].value))
        if wrong:
            self.fault(
                f"the pattern {term.args[1]} cannot be used: {wrong}", "write a pattern of Rust's regex"
            )
        return Term(op="matches", args=(value, term.args[1]))

    def arithmetic(self, term: Term) -> tuple[Term, Kind]:
        parts = [self.visit(part) for part in term.args]
        made = Term(op=term.op, args=tuple(part for part, _ in parts))
        kinds: list[Kind] = [kind for _, kind in parts]
        if "unknown" in kinds:
            return made, "unknown"
        if term.op == "negative":
            self.demand(term.args[0], kinds[0], "duration" if kinds[0] == "duration" else "number")
            return made, kinds[0]
        result = ARITHMETIC.get((term.op, kinds[0], kinds[1]))
        if result is None:
            told = f"'{term}' joins a {kinds[0]} and a {kinds[1]} by {term.op}"
            return made, self.fault(told, "calculate with numbers, or with dates and lengths of time")
        return made, result

    def refers(self, term: Term) -> tuple[Term, Kind]:
        if len(term.args) != 2 or term.args[1].op != "text":
            return term, self.fault("refers() takes a column and a text", 'write refers(store, "stores.id")')
        value, _ = self.visit(term.args[0])
        table, dot, column = str(term.args[1].value).partition(".")
        if not dot or not column:
            return term, self.fault(f"{term.args[1]} names no column", 'write "table.column"')
        if table not in self.tables:
            cure = suggestion(table, self.tables, f"add `{table}:` under data.references")
            return term, self.fault(f"'{table}' is not a table under data.references", cure)
        return Term(op="refers", args=(value, term.args[1])), "boolean"

    def table(self, term: Term) -> tuple[Term, Kind]:
        if self.inside:
            return term, self.fault(f"'{term}' stands within another look at the table", "write two checks")
        self.inside = self.whole = True
        made, kind = self.function(term)
        self.inside = False
        if term.op == "quantile" and len(made.args) == 2:
            level = made.args[1].args[0] if made.args[1].op == "where" else made.args[1]
            if not (isinstance(level.value, float) and 0 <= level.value <= 1):
                self.fault(f"{level} is no share", "write quantile(column, 0.95)")
        return made, kind

    def function(self, term: Term) -> tuple[Term, Kind]:
        wanted, result = SIGNATURES[term.op]
        if len(term.args) != len(wanted):
            told = f"{term.op}() takes {len(wanted)} argument{'' if len(wanted) == 1 else 's'}"
            return term, self.fault(
                f"{told}, found {len(term.args)}", "see the list of functions in the docs"
            )
        parts: list[Term] = []
        kinds: list[Kind] = []
        for part, kind in zip(term.args, wanted, strict=True):
            resolved, found = self.filtered(part) if part.op == "where" else self.visit(part)
            self.demand(part.args[0] if part.op == "where" else part, found, kind)
            parts.append(resolved)
            kinds.append(found)
        own: Kind = kinds[0] if result == SAME else result  # type: ignore[assignment] # one of the kinds
        return Term(op=term.op, args=tuple(parts)), own

    def filtered(self, term: Term) -> tuple[Term, Kind]:
        value, kind = self.visit(term.args[0])
        condition, found = self.visit(term.args[1])
        self.demand(term.args[1], found, "boolean")
        if not self.inside:
            self.fault("`where` stands in a function of single rows", "use `condition implies condition`")
        return Term(op="where", args=(value, condition)), kind


def resolve(
    line: CheckLine,
    kinds: Mapping[str, Kind],
    *,
    excluded: Collection[str] = (),
    tables: Collection[str] = (),
) -> Resolved:
    """Give the parts of a check line their kinds, or tell what does not fit.

    Args:
        line: The line.
        kinds: Kind of each column that is read.
        excluded: Columns that are described and not read.
        tables: Names under `data.references`.

    Examples:
        >>> from modelwright.contracts.check import parse_check
        >>> resolve(parse_check('agee > "x"'), {"age": "number"}).faults[0].cure
        "did you mean 'age'?"
    """
    seen = _Resolver(kinds, excluded=excluded, tables=tables)
    if line.term.op == "unique":
        for part in line.term.args:
            seen.visit(part)
            if part.op != "column":
                seen.fault(f"'{part}' is not a column", "unique() takes the columns of a key")
        if not line.term.args:
            seen.fault("unique() names no column", "write unique(column) or unique(column, column)")
        return Resolved(term=line.term, scope="key", faults=tuple(seen.faults))
    term, kind = seen.visit(line.term)
    seen.demand(line.term, kind, "boolean")
    if not seen.bare and not seen.whole and not seen.faults:
        seen.fault("it says nothing about the data", "name a column, or a function of the table")
    return Resolved(term=term, scope="row" if seen.bare else "table", faults=tuple(seen.faults))

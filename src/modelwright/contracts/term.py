"""Terms: the tree of a check line, and its spelling."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from modelwright.contracts.duration import format_duration

__all__ = ["COMPARISONS", "WORDS", "Term"]

WORDS = ("and", "or", "not", "implies", "between", "in", "is", "null", "matches", "true", "false", "where")
"""Words of the language; a column of that name stands in backticks."""
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
"""How two values are compared."""
INFIX = ("and", "or", "implies", "+", "-", "*", "/", *COMPARISONS)
FORMS = {
    "between": "({0} between {1} and {2})",
    "in": "({0} in [{rest}])",
    "null": "({0} is null)",
    "matches": "({0} matches {1})",
    "where": "{0} where {1}",
}
PLAIN_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A node of a condition.

    Examples:
        >>> str(Term(op=">=", args=(Term(op="column", value="age"), Term(op="number", value=18.0))))
        '(age >= 18)'
    """

    op: str
    """`column`, the kind of a literal (`number`, `text`, ...), an operator, or the name of a function."""
    args: "tuple[Term, ...]" = ()
    """What it is applied to."""
    value: str | float | bool | datetime | timedelta | None = None
    """The value of a literal, or the name of a column."""

    def columns(self) -> tuple[str, ...]:
        """Return the columns that are named in it, each once, in order."""
        own = (str(self.value),) if self.op == "column" else ()
        return tuple(dict.fromkeys((*own, *(name for part in self.args for name in part.columns()))))

    def __str__(self) -> str:
        """Write the term so that it reads back as itself."""
        return _written(self)


def _literal(term: Term) -> str | None:
    match term.value:
        case bool(value):
            return "true" if value else "false"
        case timedelta() as value:
            return format_duration(value)
        case datetime() as value:
            return f'date("{value.isoformat()}")'
        case float(value):
            whole = value.is_integer() and abs(value) < 1e15
            return str(int(value)) if whole else repr(value)
        case str(value) if term.op == "column":
            plain = PLAIN_NAME.fullmatch(value) and value not in (*WORDS, "row_count", "warn")
            return value if plain else f"`{value}`"
        case str(value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return None


def _written(term: Term) -> str:
    literal = _literal(term)
    if literal is not None:
        return literal
    parts = [str(part) for part in term.args]
    match term.op:
        case op if op in INFIX:
            return "(" + f" {op} ".join(parts) + ")"
        case "not":
            return f"(not {parts[0]})"
        case "negative":
            return f"(-{parts[0]})"
        case op if op in FORMS:
            return FORMS[op].format(*parts, rest=", ".join(parts[1:]))
        case _:
            return f"{term.op}({', '.join(parts)})"

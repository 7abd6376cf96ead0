"""Check lines: `end_date >= start_date` as a person writes it, and as a tree that code can compile.

```text
check      = [ "warn" ] condition [ "implies" condition ]
condition  = comparison joined by "and", "or", "not" and parentheses
comparison = value [ "=" | "!=" | "<" | "<=" | ">" | ">=" value ] ...
           | value [ "not" ] "between" value "and" value
           | value [ "not" ] "in" "[" literal, ... "]"
           | value "is" [ "not" ] "null"
           | value [ "not" ] "matches" "regular expression"
value      = column | number | 5% | 7d | "text" | true | false | function(...) | values joined by + - * /
```

A column whose name is no plain word stands in backticks. A function that looks at the whole table may end
with `where condition`: `mean(age where job = "student") >= 18`. Nothing is ever evaluated as Python.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from modelwright.contracts.duration import parse_duration
from modelwright.contracts.term import COMPARISONS, WORDS, Term
from modelwright.kernel.errors import ContractInvalid, Fault, nearest

__all__ = ["FUNCTIONS", "ROW_FUNCTIONS", "TABLE_FUNCTIONS", "CheckLine", "Severity", "parse_check"]

Severity = Literal["error", "warning"]
"""What a broken promise does: stop, or be shown and counted."""

LONGEST_LINE = 1_000
"""Characters; a longer line is no condition that people read."""
DEEPEST = 40
"""Parentheses within parentheses."""
MOST_WORDS = 200
"""Words and signs of a line; a longer list of values is a matter for `categories`."""

ROW_FUNCTIONS = (
    "abs", "coalesce", "date", "day", "hour", "length", "lower", "month", "refers", "trim", "unique", "upper",
    "weekday", "year",
)  # fmt: skip
TABLE_FUNCTIONS = (
    "correlation", "count", "distinct", "distinct_share", "max", "mean", "median", "min", "null_count",
    "null_share", "quantile", "row_count", "share", "std", "sum",
)  # fmt: skip
FUNCTIONS = (*ROW_FUNCTIONS, *TABLE_FUNCTIONS)
"""Everything that can be called: on each row, or on the table as a whole."""

TOKEN = re.compile(
    r"""\s*(?:
    (?P<duration>(?:\d+(?:\.\d+)?(?:ms|us|[wdhms]))+(?![\w.]))
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?(?![\w]))
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`[^`]+`)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><=|>=|!=|==|[-=<>+*/()\[\],])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One promise about rows or about the table, read from its line.

    Examples:
        >>> parse_check("warn mean(age) between 30 and 50").severity
        'warning'
    """

    text: str
    """The condition as it was written, without `warn`."""
    term: Term
    """The condition."""
    severity: Severity = "error"
    """What it does when broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    at: int


class _Parser:
    """Reads one line, left to right, without going back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.place = 0
        self.tokens = self._cut()

    def fail(self, what: str, cure: str) -> NoReturn:
        shown = self.text if len(self.text) <= 80 else self.text[:79] + "…"
        raise ContractInvalid(
            f"check '{shown}' cannot be read",
            why="a condition that cannot be read cannot be checked",
            faults=(Fault("", what, next_step=cure),),
        )

    def _cut(self) -> list[_Token]:
        tokens, at = [], 0
        while self.text[at:].strip():
            match = TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:
                rest = self.text[at:].lstrip()
                place = len(self.text) - len(rest) + 1
                odd = rest.split()[0][:20]
                cure = 'write columns, numbers, "text", comparisons, and, or, not; other names in backticks'
                self.fail(f"'{odd}' at character {place} means nothing here", cure)
            kind = match.lastgroup
            word = match[kind]
            tokens.append(_Token(kind="word" if word in WORDS else kind, text=word, at=match.start(kind) + 1))
            at = match.end()
        if len(tokens) > MOST_WORDS:
            cure = f"keep it below {MOST_WORDS}, write several checks, or list values in categories"
            self.fail(f"it has {len(tokens)} words and signs", cure)
        return [*tokens, _Token(kind="end", text="the end", at=len(self.text) + 1)]

    @property
    def now(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.now
        self.place += 1
        return token

    def sees(self, *texts: str) -> bool:
        return self.now.kind in {"word", "sign"} and self.now.text in texts

    def eat(self, text: str) -> bool:
        if self.sees(text):
            self.place += 1
            return True
        return False

    def expect(self, text: str, cure: str) -> None:
        if not self.eat(text):
            self.fail(f"'{text}' is missing before {self.shown()}", cure)

    def shown(self) -> str:
        token = self.now
        return "the end" if token.kind == "end" else f"'{token.text[:20]}' at character {token.at}"

    def severity(self) -> Severity:
        """Read the word `warn`, unless it is a column that is compared with something."""
        following = self.tokens[min(1, len(self.tokens) - 1)]
        starts = following.kind in {"name", "quoted", "number", "duration", "text"}
        if self.now.text == "warn" and (starts or following.text in {"not", "(", "true", "false"}):
            self.place += 1
            return "warning"
        return "error"

    def whole(self) -> Term:
        term = self.condition()
        if self.now.kind != "end":
            close = nearest(self.now.text, WORDS) if self.now.kind == "name" else None
            cure = f"did you mean '{close}'?" if close else "join conditions with and, or, implies"
            self.fail(f"{self.shown()} follows what is complete already", cure)
        return term

    def condition(self) -> Term:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("it is nested too deeply", f"keep to {DEEPEST} levels, or write several checks")
        term = self.joined("or", lambda: self.joined("and", self.negated))
        if self.eat("implies"):
            term = Term(
                op="implies", args=(term, self.joined("or", lambda: self.joined("and", self.negated)))
            )
        self.depth -= 1
        return term

    def joined(self, word: str, inner: Callable[[], Term]) -> Term:
        parts = [inner()]
        while self.eat(word):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Term(op=word, args=tuple(parts))

    def negated(self) -> Term:
        denied = 0
        while self.eat("not"):
            denied += 1
        term = self.comparison()
        return Term(op="not", args=(term,)) if denied % 2 else term

    def comparison(self) -> Term:
        left = self.sum()
        found = []
        while self.sees("==", *COMPARISONS):
            op = self.take().text.replace("==", "=")
            right = self.sum()
            found.append(Term(op=op, args=(left, right)))
            left = right
        if found:
            return found[0] if len(found) == 1 else Term(op="and", args=tuple(found))
        if self.eat("is"):
            denied = self.eat("not")
            self.expect("null", "write `is null` or `is not null`")
            return _denied(Term(op="null", args=(left,)), denied)
        denied = self.sees("not") and self.tokens[self.place + 1].text in {"between", "in", "matches"}
        self.place += denied
        if self.eat("between"):
            low = self.sum()
            self.expect("and", "write `between low and high`")
            return _denied(Term(op="between", args=(left, low, self.sum())), denied)
        if self.eat("in"):
            return _denied(Term(op="in", args=(left, *self.listed())), denied)
        if self.eat("matches"):
            return _denied(Term(op="matches", args=(left, self.pattern())), denied)
        return left

    def listed(self) -> list[Term]:
        self.expect("[", 'write a list, such as `in ["a", "b"]`')
        items = [self.sum()]
        while self.eat(","):
            items.append(self.sum())
        self.expect("]", "close the list")
        return items

    def pattern(self) -> Term:
        if self.now.kind != "text":
            self.fail(
                f"`matches` is followed by {self.shown()}", 'write a pattern, such as matches "[A-Z]{2}"'
            )
        return Term(op="text", value=_unquoted(self.take().text))

    def sum(self) -> Term:
        term = self.product()
        while self.sees("+", "-"):
            op = self.take().text
            term = Term(op=op, args=(term, self.product()))
        return term

    def product(self) -> Term:
        term = self.signed()
        while self.sees("*", "/"):
            op = self.take().text
            term = Term(op=op, args=(term, self.signed()))
        return term

    def signed(self) -> Term:
        minus = 0
        while self.eat("-"):
            minus += 1
        term = self.atom()
        if not minus % 2:
            return term
        if isinstance(term.value, float):
            return Term(op=term.op, value=-term.value)
        return Term(op="negative", args=(term,))

    def atom(self) -> Term:
        if self.eat("("):
            term = self.condition()
            self.expect(")", "close the parenthesis")
            return term
        if self.sees("true", "false"):
            return Term(op="boolean", value=self.take().text == "true")
        token = self.now
        if token.kind not in {"number", "duration", "text", "quoted", "name"}:
            self.fail(f"a value is missing before {self.shown()}", "write a column, a number or a text there")
        self.place += 1
        match token.kind:
            case "number":
                return Term(op="number", value=self.number(token))
            case "duration":
                return Term(op="duration", value=parse_duration(token.text))
            case "text":
                return Term(op="text", value=_unquoted(token.text))
            case "quoted":
                return Term(op="column", value=token.text[1:-1])
            case _:
                called = self.sees("(") or token.text == "row_count"
                return self.called(token) if called else Term(op="column", value=token.text)

    def number(self, token: _Token) -> float:
        value = float(token.text.rstrip("%")) / (100 if token.text.endswith("%") else 1)
        if not math.isfinite(value):
            self.fail(f"'{token.text[:20]}' is not a finite number", "write a number that can be reached")
        return value

    def called(self, name: _Token) -> Term:
        if name.text not in FUNCTIONS:
            close = nearest(name.text, FUNCTIONS)
            cure = f"did you mean '{close}'?" if close else "use one of: " + ", ".join(sorted(FUNCTIONS))
            self.fail(f"there is no function '{name.text}' (character {name.at})", cure)
        arguments: list[Term] = []
        if self.eat("("):
            while not self.sees(")"):
                term = self.condition()
                if self.eat("where"):
                    term = Term(op="where", args=(term, self.condition()))
                arguments.append(term)
                if not self.eat(","):
                    break
            self.expect(")", f"close the parenthesis of {name.text}(")
        return Term(op=name.text, args=tuple(arguments))


def _denied(term: Term, denied: bool) -> Term:  # noqa: FBT001 - read off the text just before
    return Term(op="not", args=(term,)) if denied else term


def _unquoted(text: str) -> str:
    return re.sub(r"\\([\\\"'])", r"\1", text[1:-1])


def parse_check(text: str) -> CheckLine:
    r"""Read one check line.

    Whether its columns exist and its kinds fit is told by `modelwright.contracts.check_kinds`.

    Args:
        text: The line, such as `end_date >= start_date` or `warn null_share(age) < 5%`.

    Raises:
        ContractInvalid: When the line is not a condition; the message names the place and the nearest word.

    Examples:
        >>> str(parse_check('job in ["clerk", "student"] implies age >= 16').term)
        '((job in ["clerk", "student"]) implies (age >= 16))'
        >>> parse_check("meen(age) > 3")
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractInvalid: check 'meen(age) > 3' cannot be read: 1 fault
          - there is no function 'meen' (character 1); did you mean 'mean'?
        Why it matters: a condition that cannot be read cannot be checked.
    """
    condition = text.strip()
    parser = _Parser(condition[:LONGEST_LINE])
    if len(condition) > LONGEST_LINE:
        parser.fail(f"it has {len(condition):,} characters", f"keep it below {LONGEST_LINE:,}")
    severity = parser.severity()
    told = condition[parser.now.at - 1 :] if severity == "warning" else condition
    return CheckLine(text=told, term=parser.whole(), severity=severity)

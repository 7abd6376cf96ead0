"""Expressions: what a check line means, against a slow reading of the same line row by row."""

import math
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.check import parse_check
from modelwright.contracts.check_kinds import resolve
from modelwright.contracts.term import Term
from modelwright.data.expression import Vocabulary, compile_term, table_looks


def at(text):
    """A moment, without a time zone."""
    return datetime.fromisoformat(text)


KINDS = {"a": "number", "b": "number", "t": "text", "f": "boolean", "d": "datetime", "e": "datetime"}
FRAME = pl.DataFrame(
    {
        "a": [1, 5, None, -3],
        "b": [2.0, 3.0, float("nan"), 4.5],
        "t": ["ab", " X ", None, "a.b"],
        "f": [True, False, None, True],
        "d": [at("2026-01-31T10:00"), at("2026-02-01"), None, at("2026-02-02")],
        "e": [at("2026-02-01").date(), None, None, at("2026-02-02").date()],
    }
)


def answers(line, frame=FRAME, **references):
    """What each row answers to a line."""
    term = resolve(parse_check(line), KINDS, tables=["s"]).term
    known = Vocabulary(schema=frame.schema, references={"s.id": pl.Series(references.get("ids", []))})
    return frame.select(said=compile_term(term, known))["said"].to_list()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a <= b", [True, False, None, True]),
        ("b > 2.5", [False, True, None, True]),
        ("a is null", [False, False, True, False]),
        ("b is null", [False, False, True, False]),
        ("a between 1 and 5", [True, True, None, False]),
        ("a not in [1, 5]", [False, False, None, True]),
        ("b in [2, 4.5]", [True, False, None, True]),
        ("t in ['ab']", [True, False, None, False]),
        ("t matches 'a.?b'", [True, False, None, True]),
        (r"t matches 'a\.b'", [False, False, None, True]),
        ("length(trim(t)) = 1", [False, True, None, False]),
        ("upper(t) = 'AB' or lower(t) = ' x '", [True, True, None, False]),
        ("f implies a > 0", [True, True, None, False]),
        ("not f", [False, True, None, False]),
        ("a = 5 or f = true", [True, True, None, True]),
        ("abs(a) = 3 and -a = 3", [False, False, None, True]),
        ("a + 2 * b - 1 = 4", [True, False, None, False]),
        ("a / 2 > 2", [False, True, None, False]),
        ("coalesce(a, 7) = 7", [False, False, True, False]),
        ("d < '2026-02-01'", [True, False, None, False]),
        ("d - e < 1d", [True, None, None, True]),
        ("d + 1d > '2026-02-01T10:00:00'", [False, True, None, True]),
        (
            "year(d) = 2026 and month(d) = 2 and day(d) = 2 and hour(d) = 0 and weekday(d) = 1",
            [False, False, None, True],
        ),
        ("(d - date('2026-01-31')) / 1h = 10", [True, False, None, False]),
        ("a >= mean(a)", [True, True, None, False]),
        ("a <= max(a where f)", [True, False, None, True]),
    ],
)
def test_a_line_answers_row_by_row(line, said):
    """A comparison with what is missing is neither true nor false; NaN is missing."""
    assert answers(line) == said


def test_values_are_looked_up_in_another_table():
    """Whatever type of whole number it holds."""
    assert answers("refers(a, 's.id')", ids=[1, -3, None]) == [True, False, None, True]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("row_count", 4),
        ("count(a)", 3),
        ("null_count(b)", 1),
        ("null_share(a)", 0.25),
        ("distinct(f)", 2),
        ("distinct_share(f)", 2 / 3),
        ("min(a)", -3),
        ("max(d)", at("2026-02-02")),
        ("mean(a)", 1.0),
        ("median(a)", 1.0),
        ("sum(a)", 3),
        ("std(a)", 4.0),
        ("share(f)", 0.5),
        ("quantile(b, 0.5)", 3.0),
        ("quantile(b, 0.5 where a > 1)", 3.0),
        ("correlation(a, b where a > 0)", 1.0),
        ("mean(b where f)", 3.25),
    ],
)
def test_a_look_at_the_table_is_one_number(line, value):
    """Missing values are passed over."""
    term = parse_check(f"{line} = 0").term.args[0]
    (look,) = table_looks(term)
    found = FRAME.select(value=compile_term(look, Vocabulary(schema=FRAME.schema))).item()
    assert found == pytest.approx(value) if isinstance(value, float) else found == value


def slow(term, row):
    """The same condition, read in plain Python with three answers."""
    parts = [slow(part, row) for part in term.args]
    if term.op == "column":
        value = row[str(term.value)]
        return None if isinstance(value, float) and math.isnan(value) else value
    if term.op in {"and", "or", "implies"}:
        if term.op == "implies":
            parts = [None if parts[0] is None else not parts[0], parts[1]]
        dominant = term.op != "and"
        return dominant if dominant in parts else None if None in parts else not dominant
    if term.op == "between":
        low, value, high = parts[1], parts[0], parts[2]
        ends = [
            None if None in (one, other) else one <= other for one, other in ((low, value), (value, high))
        ]
        return False if False in ends else None if None in ends else True
    if term.op == "null":
        return parts[0] is None
    if not term.args:
        return term.value
    if None in parts:
        return None
    return {
        "not": lambda: not parts[0],
        "=": lambda: parts[0] == parts[1],
        "<": lambda: parts[0] < parts[1],
        ">=": lambda: parts[0] >= parts[1],
        "+": lambda: parts[0] + parts[1],
        "-": lambda: parts[0] - parts[1],
    }[term.op]()


WHOLE = st.integers(-3, 3)
NUMBER = st.recursive(
    st.sampled_from(["a", "b"]).map(lambda name: Term(op="column", value=name))
    | WHOLE.map(lambda value: Term(op="number", value=float(value))),
    lambda inner: st.builds(lambda op, x, y: Term(op=op, args=(x, y)), st.sampled_from("+-"), inner, inner),
    max_leaves=3,
)
CONDITION = st.recursive(
    st.builds(lambda op, x, y: Term(op=op, args=(x, y)), st.sampled_from(["=", "<", ">="]), NUMBER, NUMBER)
    | st.builds(lambda x, y, z: Term(op="between", args=(x, y, z)), NUMBER, NUMBER, NUMBER)
    | st.sampled_from(["a", "b"]).map(lambda name: Term(op="null", args=(Term(op="column", value=name),))),
    lambda inner: (
        st.builds(
            lambda op, x, y: Term(op=op, args=(x, y)), st.sampled_from(["and", "or", "implies"]), inner, inner
        )
        | inner.map(lambda term: Term(op="not", args=(term,)))
    ),
    max_leaves=5,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"a": st.none() | WHOLE, "b": st.none() | WHOLE.map(float) | st.just(float("nan"))}
    ),
    min_size=1,
    max_size=6,
)


@given(CONDITION, ROWS)
def test_the_query_answers_as_a_slow_reading_does(term, rows):
    """Over missing values, NaN, whole and broken numbers."""
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Float64})
    said = frame.select(said=compile_term(term, Vocabulary(schema=frame.schema)))["said"]
    said = pl.Series([said[0]] * len(rows)) if len(said) != len(rows) else said  # no column in the condition
    assert said.to_list() == [slow(term, row) for row in rows]


def test_lengths_of_time_are_exact():
    """To the microsecond."""
    frame = pl.DataFrame({"d": [at("2026-01-01"), at("2026-01-01") + timedelta(microseconds=1)]})
    assert answers("d - date('2026-01-01') <= 0s", frame) == [True, False]

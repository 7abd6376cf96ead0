"""Check lines: read as people write them, refused with the place, the word and the nearest name."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.check import FUNCTIONS, parse_check
from modelwright.contracts.check_kinds import pattern_fault, resolve
from modelwright.contracts.term import Term
from modelwright.kernel.errors import ContractInvalid

KINDS = {
    "age": "number",
    "end": "datetime",
    "start": "datetime",
    "job": "text",
    "paid": "boolean",
    "end date": "datetime",
}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("end >= start", "(end >= start)"),
        ("a < b <= 3", "((a < b) and (b <= 3))"),
        ("a == 1 or b = 2 and not c", "((a = 1) or ((b = 2) and (not c)))"),
        ("not not a = 1", "(a = 1)"),
        ("mean(age) between 30 and 50", "(mean(age) between 30 and 50)"),
        ("age not between -1 and 2 + 3 * 4", "(not (age between -1 and (2 + (3 * 4))))"),
        ("row_count >= 1000", "(row_count() >= 1000)"),
        ("null_share(age) < 5%", "(null_share(age) < 0.05)"),
        ("end - start <= 1h30m", "((end - start) <= 1h30m)"),
        ("job not in ['a', \"it's\"]", '(not (job in ["a", "it\'s"]))'),
        ("`end date` is not null", "(not (`end date` is null))"),
        ("paid implies age > 3", "(paid implies (age > 3))"),
        ("mean(age where job = 'x') > - age", '(mean(age where (job = "x")) > (-age))'),
        ("true = paid", "(true = paid)"),
        (r'job matches "a\\.b"', r'(job matches "a\\.b")'),
        ("age > 1e3 - .5", "(age > (1000 - 0.5))"),
    ],
)
def test_a_line_means_what_it_says(line, meant):
    """And its spelling reads back as the same condition."""
    term = parse_check(line).term
    assert str(term) == meant
    assert parse_check(meant).term == term


@pytest.mark.parametrize(
    ("line", "severity", "text"),
    [
        ("warn age > 3", "warning", "age > 3"),
        ("  warn not paid ", "warning", "not paid"),
        ("warn (age) > 3", "warning", "(age) > 3"),
        ("warn > 3", "error", "warn > 3"),
        ("warn is null", "error", "warn is null"),
        ("age > 3", "error", "age > 3"),
    ],
)
def test_warn_is_a_word_in_front_unless_it_is_a_column(line, severity, text):
    """A column of that name may still be compared."""
    read = parse_check(line)
    assert (read.severity, read.text) == (severity, text)


@pytest.mark.parametrize(
    ("line", "what", "cure"),
    [
        ("meen(age) > 3", "there is no function 'meen' (character 1)", "did you mean 'mean'?"),
        ("zzz(age) > 3", "there is no function 'zzz' (character 1)", "use one of: abs, coalesce"),
        (
            "age > 3 adn age < 9",
            "'adn' at character 9 follows what is complete already",
            "did you mean 'and'?",
        ),
        ("age >", "a value is missing before the end", "write a column"),
        ("age ; 3", "';' at character 5 means nothing here", "in backticks"),
        ("(age > 3", "')' is missing before the end", "close the parenthesis"),
        ("age in [1, 2", "']' is missing before the end", "close the list"),
        ("age between 3 or 4", "'and' is missing before 'or' at character 15", "between low and high"),
        ("age is nul", "'null' is missing before 'nul' at character 8", "is not null"),
        ("job matches 3", "`matches` is followed by '3' at character 13", "write a pattern"),
        ("mean(age > 3", "')' is missing before the end", "close the parenthesis of mean("),
        ("age > 1e999", "'1e999' is not a finite number", "write a number"),
        ("age = 1" + " or age = 1" * 60, "it has", "write several checks"),
        ("a" * 1200, "it has 1,200 characters", "keep it below 1,000"),
        ("(" * 60 + "age", "it is nested too deeply", "keep to 40 levels"),
        ("age > 3 where paid", "'where' at character 9 follows", "join conditions"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_place_and_cure(line, what, cure):
    """The place is a character, the cure the nearest word where there is one."""
    with pytest.raises(ContractInvalid) as caught:
        parse_check(line)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert cure in fault.next_step


@given(st.text(max_size=80))
def test_no_text_makes_the_reader_fail_otherwise(text):
    """Every text is a condition, or refused in words; none is run."""
    with suppress(ContractInvalid):
        assert parse_check(text).term.op


LITERALS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(
        lambda value: Term(op="number", value=value + 0.0)
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=6).map(
        lambda value: Term(op="text", value=value)
    ),
    st.booleans().map(lambda value: Term(op="boolean", value=value)),
)
COLUMNS = st.sampled_from(["age", "end date", "and", "row_count", "ärger", "1st"]).map(
    lambda name: Term(op="column", value=name)
)
VALUES = st.one_of(LITERALS, COLUMNS)
CONDITIONS = st.recursive(
    st.builds(
        lambda op, left, right: Term(op=op, args=(left, right)),
        st.sampled_from(["=", "<", ">="]),
        VALUES,
        VALUES,
    ),
    lambda inner: st.one_of(
        st.builds(lambda left, right: Term(op="and", args=(left, right)), inner, inner),
        st.builds(lambda left, right: Term(op="implies", args=(left, right)), inner, inner),
        inner.filter(lambda term: term.op != "not").map(lambda term: Term(op="not", args=(term,))),
        COLUMNS.map(lambda column: Term(op="null", args=(column,))),
        st.builds(lambda a, b, c: Term(op="between", args=(a, b, c)), VALUES, VALUES, VALUES),
        inner.map(lambda term: Term(op="share", args=(term,))),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_every_condition_reads_back_as_itself(term):
    """Spelling and reading are inverses."""
    assert parse_check(str(term)).term == _flat(term)


def _flat(term):
    """Ends that are joined by the same word lie in one node, as the reader makes them; -0.0 is 0."""
    if term.op == "number":
        return Term(op="number", value=float(term.value))
    return Term(op=term.op, args=tuple(map(_flat, term.args)), value=term.value)


def faults(line, **kwargs):
    """What does not fit in a line, with the cure."""
    return [(fault.what, fault.cure) for fault in resolve(parse_check(line), KINDS, **kwargs).faults]


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        ("end >= start", "row"),
        ("age <= 10 * median(age)", "row"),
        ("mean(age) > 3 and row_count > 2", "table"),
        ("unique(age, job)", "key"),
        ("end > '2026-01-31' implies paid = true", "row"),
        ("end between '2026-01-01' and date('2026-02-01T10:00:00+02:00')", "row"),
        ("max(end) - min(start) <= 7d", "table"),
        ("coalesce(age, 0) >= 0", "row"),
        ("correlation(age, year(end)) > 0.5", "table"),
        ("refers(job, 'jobs.name')", "row"),
        ("(end - start) / 1d < 3.5 and 2 * (end - start) > 1h and -age < 0", "row"),
        ("`end date` + 1d > start and hour(end) in [1, 2]", "row"),
        ("length(trim(lower(job))) > 2 and not paid", "row"),
        ("quantile(age, 0.9 where paid) < 90", "table"),
    ],
)
def test_a_line_that_fits_has_a_scope(line, scope):
    """Each row answers, or the table, or a key."""
    resolved = resolve(parse_check(line), KINDS, tables=["jobs"])
    assert (resolved.scope, resolved.faults) == (scope, ())


@pytest.mark.parametrize(
    ("line", "what", "cure"),
    [
        ("agee > 3", "'agee' is not a column", "did you mean 'age'?"),
        ("old > 3", "'old' is excluded and never read", "give the column the role context"),
        ("age > 'x'", "compares a number with a text", "compare values of one kind"),
        ("end > 'soon'", "'\"soon\"' is not a date", "2026-01-31"),
        ("mean(job) > 3", "'job' is a text, not a number", "use a number there"),
        ("age and paid", "'age' is a number, not a boolean", "compare it with something"),
        ("age", "'age' is a number, not a boolean", "compare it"),
        ("paid > true", "orders true and false", "use = or !="),
        ("age + job > 3", "joins a number and a text by +", "calculate with numbers"),
        ("-job = 'a'", "'job' is a text, not a number", "use a number"),
        ("unique(age) or paid", "unique(...) stands within another condition", "a check of its own"),
        ("unique()", "unique() names no column", "write unique(column)"),
        ("unique(age + 1)", "is not a column", "takes the columns of a key"),
        ("mean(sum(age)) > 3", "stands within another look at the table", "write two checks"),
        ("mean(age, age) > 3", "mean() takes 1 argument, found 2", "list of functions"),
        ("quantile(age, 3) > 3", "3 is no share", "quantile(column, 0.95)"),
        ("abs(age where paid) > 3", "`where` stands in a function of single rows", "implies"),
        ("1 < 2", "it says nothing about the data", "name a column"),
        ("job matches '(?=a)'", "looks ahead or behind", "Rust's regex"),
        ("age in [age, 2]", "holds more than values", "list numbers or texts"),
        ("refers(job)", "refers() takes a column and a text", "stores.id"),
        ("refers(job, 'jobs')", "names no column", "table.column"),
        ("refers(job, 'job.name')", "'job' is not a table under data.references", "did you mean 'jobs'?"),
        ("date(job) > start", "date() takes one text", "2026-01-31"),
        ("length(age) > 3", "'age' is a number, not a text", "use a text"),
    ],
)
def test_what_does_not_fit_is_told_with_its_cure(line, what, cure):
    """Columns, kinds and places, one sentence each."""
    found = faults(line, excluded=["old"], tables=["jobs"])
    assert any(what in told and cure in advice for told, advice in found), found


def test_patterns_are_those_that_run_in_linear_time():
    """No look around, no back reference, nothing unbalanced."""
    assert [bool(pattern_fault(text)) for text in ("[a-z]+", r"(a)\1", "(?<=a)b", "(", "a{99999999999}")] == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_every_function_is_known_to_the_kinds():
    """What can be called can be checked."""
    for name in FUNCTIONS:
        told = faults(f"{name}(age, age, age, age) > 3")
        assert not any("no function" in what for what, _ in told)

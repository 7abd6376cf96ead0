"""Schemas of Pandera in their YAML and JSON form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.contracts.pandera_schema import from_pandera, to_pandera
from modelwright.kernel.errors import ContractInvalid

WRITTEN = """
schema_type: polars_dataframe
api: polars
columns:
  age:
    description: years
    dtype: Int64
    unique: true
    in_range: {min_value: 18, max_value: 90, include_min: true, include_max: true}
    not_equal_to: 50
  job:
    dtype: String
    nullable: true
    required: false
    isin: [a, b]
    str_matches: ^[a-z]+$
    str_length: {min_value: 1, max_value: 3, exact_value: null}
    str_startswith: a.
  x:
    dtype: Float64
    in_range: {min_value: 0, max_value: 1, include_min: false, include_max: true, raise_warning: true}
    greater_than: {value: 0, raise_warning: true}
  b: {dtype: Boolean}
  day: {dtype: "Datetime(time_unit='us', time_zone=None)", coerce: true}
  odd: {dtype: List(Int64), nullable: true, my_own_check: 3}
strict: true
unique: [age, job]
"""
"""As Pandera 0.35 writes the schema of a frame of Polars."""

OLD = {
    "schema_type": "dataframe",
    "version": "0.17.2",
    "columns": {
        "age": {
            "dtype": "int64",
            "nullable": False,
            "checks": {
                "greater_than_or_equal_to": 18,
                "less_than": {"value": 90, "options": {"raise_warning": True}},
            },
        },
        "job": {
            "dtype": "category",
            "nullable": True,
            "checks": [
                {"value": ["a", "b"], "options": {"check_name": "isin"}},
                {"value": "x", "options": {"check_name": "str_contains"}},
            ],
        },
    },
    "unique": None,
}
"""As older releases wrote theirs."""


def test_a_schema_as_pandera_writes_it_becomes_promises():
    """In Pandera a column is never empty unless it is said to be."""
    found = from_pandera(WRITTEN, name="schema.yaml")
    assert found.columns == {
        "age": {"type": "integer", "nulls": False, "range": (18, 90)},
        "job": {"type": "category", "nulls": True, "categories": ("a", "b"), "pattern": "[a-z]+"},
        "x": {"type": "number", "nulls": False},
        "b": {"type": "boolean", "nulls": False},
        "day": {"type": "datetime", "nulls": False},
        "odd": {"nulls": True},
    }
    assert found.checks == (
        "age != 50",
        "unique(age)",
        "length(job) >= 1",
        "length(job) <= 3",
        r'job matches "a\\.(?s:.*)"',
        "warn 0 < x and x <= 1",
        "warn x > 0",
        "unique(age, job)",
    )
    assert found.lost == (
        "day: coerce",
        "job: required: false",
        "odd: check my_own_check",
        "odd: dtype List(Int64)",
        "strict",
    )


def test_forms_of_older_releases_are_read():
    """Checks in a mapping, or in a list of values with options."""
    found = from_pandera(json.dumps(OLD), name="schema.json")
    assert found.columns["age"] == {"type": "integer", "nulls": False, "range": (18, None)}
    assert found.columns["job"]["categories"] == ("a", "b")
    assert found.columns["job"]["pattern"] == "(?s:.*)(?:x)(?s:.*)"
    assert found.checks == ("warn age < 90",)


LIMITS = st.floats(-1e6, 1e6)


@st.composite
def columns(draw):
    """A column with promises that both can say."""
    kind = draw(st.sampled_from(["number", "integer", "boolean", "text", "category", "datetime"]))
    said = {"type": kind, "nulls": draw(st.booleans())}
    if kind in {"number", "integer"}:
        ends = sorted(draw(st.lists(LIMITS, min_size=2, max_size=2)))
        said["range"] = draw(st.sampled_from([None, ends, [ends[0], None], [None, ends[1]]]))
        said["warn"] = draw(st.lists(st.just("range"), max_size=1)) if said["range"] else []
    if kind in {"text", "category"}:
        said["pattern"] = draw(st.sampled_from([None, "[a-z]+", "a|b"]))
    if kind == "category":
        said["categories"] = draw(st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True))
        said["warn"] = draw(st.lists(st.just("categories"), max_size=1))
    return said


@given(st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=3), columns(), min_size=1, max_size=3))
def test_what_both_can_say_comes_back_as_it_was(extra):
    """Type, nulls, range, categories, pattern, and whether they warn."""
    contract = contract_of({**CALLS, **extra}, checks=["unique(age)"], primary_key=["age", "job"])
    found = from_pandera(to_pandera(contract).text, name="schema.yaml")
    for name in extra:
        column = contract.data.columns[name]
        said = found.columns[name]
        assert said["type"] == column.type
        assert said["nulls"] == column.nulls
        for key in ("range", "categories", "pattern"):
            assert said.get(key) == getattr(column, key)
        assert said.get("warn", ()) == column.warn
    assert found.checks == ("unique(age)", "unique(age, job)")
    assert found.lost == ()


def test_what_pandera_has_no_words_for_is_told():
    """Roles, times, conditions of several columns, and all that is no data."""
    columns = {
        **CALLS,
        "old": {"type": "text", "role": "excluded", "reason": "no"},
        "pay": {"type": "number", "unit": "EUR"},
    }
    lost = to_pandera(
        contract_of(
            columns,
            checks=["age > 3 or job = 'a'", "warn unique(age)", "unique(age, pay)", "unique(pay, job)"],
            grain="a call",
        )
    ).lost
    assert {
        "old: excluded",
        "y: role",
        "pay: unit",
        "check age > 3 or job = 'a'",
        "check warn unique(age)",
        "key pay, job",
        "data.grain",
        "gates",
    } <= set(lost)


@pytest.mark.parametrize("text", ["a: 1\n", "import pandera\n", "schema_type: dataframe\ncolumns: 3\n"])
def test_what_is_no_schema_is_refused(text):
    """A schema in Python is not run."""
    with pytest.raises(ContractInvalid):
        from_pandera(text, name="x.yaml")

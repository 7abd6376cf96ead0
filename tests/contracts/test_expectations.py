"""Suites of Great Expectations: read as data, old and new forms, nothing guessed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.check import parse_check
from modelwright.contracts.expectations import READERS, from_expectations
from modelwright.kernel.errors import ContractInvalid


def suite(*expectations, old=False):
    """A suite of expectations, each a type with its keywords."""
    key = "expectation_type" if old else "type"
    listed = [{key: kind, "kwargs": words, "meta": {}} for kind, words in expectations]
    return json.dumps(
        {"name": "calls", "expectations": listed, "meta": {"great_expectations_version": "1.5"}}
    )


def read(kind, **words):
    """What one expectation becomes."""
    return from_expectations(suite((kind, words)), name="suite.json")


@pytest.mark.parametrize(
    ("kind", "words", "column"),
    [
        ("expect_column_to_exist", {}, {}),
        ("expect_column_values_to_not_be_null", {}, {"nulls": False}),
        (
            "expect_column_values_to_be_between",
            {"min_value": 1, "max_value": 9},
            {"type": "number", "range": (1, 9)},
        ),
        ("expect_column_values_to_be_between", {"max_value": 9.5}, {"type": "number", "range": (None, 9.5)}),
        (
            "expect_column_values_to_be_in_set",
            {"value_set": ["a", "b", "a"]},
            {"type": "category", "categories": ("a", "b")},
        ),
        ("expect_column_values_to_match_regex", {"regex": "^[a-z]+$"}, {"type": "text", "pattern": "[a-z]+"}),
        (
            "expect_column_values_to_match_regex",
            {"regex": "@"},
            {"type": "text", "pattern": "(?s:.*)(?:@)(?s:.*)"},
        ),
        ("expect_column_values_to_be_of_type", {"type_": "INTEGER"}, {"type": "integer"}),
        (
            "expect_column_values_to_be_in_type_list",
            {"type_list": ["float64", "FLOAT", "x"]},
            {"type": "number"},
        ),
    ],
)
def test_an_expectation_about_values_becomes_a_promise_of_the_column(kind, words, column):
    """In the contract's own keys."""
    found = read(kind, column="a", **words)
    assert (found.columns, found.checks, found.lost) == ({"a": column}, (), ())


@pytest.mark.parametrize(
    ("kind", "words", "check"),
    [
        ("expect_column_values_to_not_be_null", {"column": "a", "mostly": 0.95}, "null_share(a) <= 0.05"),
        ("expect_column_values_to_be_null", {"column": "a"}, "null_share(a) >= 1"),
        ("expect_column_values_to_be_unique", {"column": "end date"}, "unique(`end date`)"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}, "unique(a, b)"),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "strict_min": True}, "a > 0"),
        (
            "expect_column_values_to_be_between",
            {"column": "a", "min_value": 0, "max_value": 9, "mostly": 0.9},
            "share(a >= 0 and a <= 9 where a is not null) >= 0.9",
        ),
        (
            "expect_column_values_to_be_between",
            {"column": "d", "min_value": "2026-01-01"},
            'd >= "2026-01-01"',
        ),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": [1, 2]}, "a in [1, 2]"),
        ("expect_column_values_to_not_be_in_set", {"column": "a", "value_set": ["x"]}, 'a not in ["x"]'),
        ("expect_column_values_to_not_match_regex", {"column": "a", "regex": "^x$"}, 'a not matches "x"'),
        (
            "expect_column_value_lengths_to_be_between",
            {"column": "a", "min_value": 2, "max_value": 3},
            "length(a) >= 2 and length(a) <= 3",
        ),
        ("expect_column_value_lengths_to_equal", {"column": "a", "value": 3}, "length(a) = 3"),
        ("expect_column_mean_to_be_between", {"column": "a", "min_value": 3}, "mean(a) >= 3"),
        (
            "expect_column_stdev_to_be_between",
            {"column": "a", "max_value": 3, "strict_max": True},
            "std(a) < 3",
        ),
        (
            "expect_column_unique_value_count_to_be_between",
            {"column": "a", "min_value": 3},
            "distinct(a) >= 3",
        ),
        (
            "expect_column_quantile_values_to_be_between",
            {"column": "a", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, None]]}},
            "quantile(a, 0.5) >= 1",
        ),
        (
            "expect_table_row_count_to_be_between",
            {"min_value": 10, "max_value": 20},
            "row_count >= 10 and row_count <= 20",
        ),
        ("expect_table_row_count_to_equal", {"value": 10}, "row_count = 10"),
        (
            "expect_column_pair_values_A_to_be_greater_than_B",
            {"column_A": "a", "column_B": "b", "or_equal": True},
            "a >= b",
        ),
        ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}, "a = b"),
        ("expect_multicolumn_sum_to_equal", {"column_list": ["a", "b"], "sum_total": 1}, "a + b = 1"),
    ],
)
def test_other_expectations_become_checks(kind, words, check):
    """Each a line that can be read."""
    found = read(kind, **words)
    assert (found.checks, found.lost) == ((check,), ())
    assert parse_check(check).severity == "error"


def test_suites_of_old_releases_are_read_as_well():
    """They name the type otherwise."""
    text = suite(("expect_column_values_to_not_be_null", {"column": "a"}), old=True)
    assert from_expectations(text, name="suite.json").columns == {"a": {"nulls": False}}


def test_a_mild_expectation_warns():
    """New releases know a severity."""
    said = {
        "expectations": [
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}, "severity": "warning"},
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "a", "min_value": 1},
                "severity": "info",
            },
            {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 2}, "severity": "warning"},
        ]
    }
    found = from_expectations(json.dumps(said), name="suite.json")
    assert found.columns["a"]["warn"] == ("nulls", "range")
    assert found.checks == ("warn row_count = 2",)


@pytest.mark.parametrize(
    "expectation",
    [
        ("expect_column_kl_divergence_to_be_less_than", {"column": "a"}),
        ("expect_column_values_to_be_between", {"column": "a"}),
        ("expect_column_values_to_be_between", {"min_value": 3}),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": []}),
        ("expect_column_values_to_be_unique", {"column": "a", "mostly": 0.5}),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 1, "row_condition": "b > 2"}),
        ("expect_column_values_to_match_regex", {"column": "a", "regex": {"$PARAMETER": "x"}}),
        ("expect_column_values_to_be_of_type", {"column": "a", "type_": "geometry"}),
    ],
)
def test_what_cannot_be_said_is_told_as_lost(expectation):
    """Never dropped in silence."""
    assert len(from_expectations(suite(expectation), name="suite.json").lost) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"expectations": 3}', "[" * 100_000])
def test_what_is_no_suite_is_refused(text):
    """With what was expected."""
    with pytest.raises(ContractInvalid, match="no suite of Great Expectations"):
        from_expectations(text, name="x.json")


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.lists(st.integers(), max_size=2)
)
WORDS = st.dictionaries(
    st.sampled_from(
        [
            "column",
            "value_set",
            "regex",
            "min_value",
            "max_value",
            "mostly",
            "column_list",
            "value",
            "type_",
            "quantile_ranges",
            "sum_total",
            "column_A",
            "column_B",
            "type_list",
        ]
    ),
    VALUES,
    max_size=6,
)


@given(st.lists(st.tuples(st.sampled_from(sorted(READERS)), WORDS), max_size=4))
def test_no_words_make_the_reader_fail(listed):
    """Suites of others are read without trusting their types."""
    from_expectations(
        json.dumps({"expectations": [{"type": kind, "kwargs": words} for kind, words in listed]}), name="x"
    )

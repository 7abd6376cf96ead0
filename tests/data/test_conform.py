"""Conforming: a column as found turned into the type the contract says."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.data import Column
from modelwright.data.conform import conform


def conformed(values, **spec):
    """What becomes of a column with these values."""
    return conform(pl.Series("a", values), Column(**spec), where="t.csv")


@given(st.lists(st.one_of(st.none(), st.integers(-(2**53), 2**53)), max_size=20))
def test_whole_numbers_survive_as_numbers_text_and_floats(values):
    """However they were stored."""
    stored = pl.Series("a", values, dtype=pl.Int64)
    for column in (stored, stored.cast(pl.String), stored.cast(pl.Float64)):
        result = conform(column, Column(type="integer"), where="t.csv")
        assert result.values.to_list() == values
        assert result.faults == ()


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), max_size=20))
def test_numbers_survive_as_text(values):
    """To the last bit."""
    written = [None if value is None else repr(value) for value in values]
    result = conform(pl.Series("a", written, dtype=pl.String), Column(type="number"), where="t.csv")
    assert result.values.to_list() == values


def test_spellings_come_before_codes_and_codes_before_types():
    """`n/a` is rewritten to `?`, `?` means missing, and what is left is a number."""
    result = conformed(["n/a", "?", "3"], type="number", replace={"n/a": "?"}, missing_codes=["?"])
    assert result.values.to_list() == [None, None, 3.0]
    assert len(result.notes) == 2


@pytest.mark.parametrize(
    ("values", "codes", "left"),
    [
        ([1, 999], [999], [1, None]),
        ([1.5, 999.0], ["999"], [1.5, None]),
        ([1, 2], ["unknown"], [1, 2]),
        (["1", "999"], [999], [1, None]),
        ([1, 2], [float("inf")], [1, 2]),
    ],
)
def test_codes_are_found_in_numbers_and_in_text(values, codes, left):
    """Written as a number or as text."""
    assert conformed(values, type="number", missing_codes=codes).values.to_list() == left


def test_truth_is_read_from_words_and_numbers():
    """Whatever is neither true nor false is a fault."""
    assert conformed([1, 0, None], type="boolean").values.to_list() == [True, False, None]
    assert conformed([True], type="boolean").values.to_list() == [True]
    assert conformed([2], type="boolean").faults


def test_dates_become_moments():
    """One type downstream."""
    assert conformed([date(2026, 1, 31)], type="datetime").values.dtype == pl.Datetime("us")


def test_nested_values_are_a_fault():
    """They have no plain form."""
    assert "flatten" in str(conformed([[1]], type="text").faults[0])


def test_categories_are_text():
    """Numbers that name kinds are written without a decimal point."""
    assert conformed([1.0, 2.0], type="category").values.to_list() == ["1", "2"]

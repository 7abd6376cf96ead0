"""Durations: written as people write them, read as exact lengths."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.duration import format_duration, parse_duration
from modelwright.kernel.errors import ContractInvalid


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", timedelta(0)),
        ("30s", timedelta(seconds=30)),
        ("1h30m", timedelta(minutes=90)),
        (" 7 d ", timedelta(days=7)),
        ("1.5h", timedelta(minutes=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("2w", timedelta(days=14)),
    ],
)
def test_a_duration_is_numbers_with_units(text, length):
    """Added up; spaces do not matter."""
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "1", "h", "1 hour", "1h,2m", "-1h", "1h -2m", "1e3s", "∞"])
def test_what_is_no_duration_is_refused_with_examples(text):
    """A number without a unit can be read in several ways."""
    with pytest.raises(ContractInvalid, match="1h30m"):
        parse_duration(text)


def test_a_duration_beyond_a_hundred_years_is_a_slip():
    """And must not overflow."""
    with pytest.raises(ContractInvalid, match="hundred years"):
        parse_duration("999999999999999w")


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_000)))
def test_a_written_duration_reads_back_as_the_same_length(length):
    """Writing and reading are inverses, to the microsecond."""
    assert parse_duration(format_duration(length)) == length

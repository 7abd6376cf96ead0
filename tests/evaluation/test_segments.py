"""Segments: values one by one, numbers in ranges, missing values as their own."""

import numpy as np
import polars as pl

from modelwright.evaluation.segments import segments_of


def test_values_come_largest_first_and_missing_ones_are_named():
    """A row without a value belongs to the rows without one."""
    found = list(segments_of(pl.Series("job", ["b", "a", None, "a"])))
    assert [(segment.value, segment.rows.tolist()) for segment in found] == [
        ("a", [1, 3]),
        ("b", [0]),
        ("(missing)", [2]),
    ]


def test_a_number_with_many_values_is_cut_into_four_ranges():
    """Every row lies in one of them, or is missing."""
    ages = pl.Series("age", [None, *range(100)])
    found = list(segments_of(ages))
    assert [len(segment.rows) for segment in found] == [25, 25, 25, 25, 1]
    assert found[0].value == "0 to 24.75"
    assert sorted(np.concatenate([segment.rows for segment in found]).tolist()) == list(range(101))


def test_a_number_with_few_values_is_taken_value_by_value():
    """A count of rooms is a name as much as a number."""
    assert {segment.value for segment in segments_of(pl.Series("rooms", [1, 2, 2, 3]))} == {"1", "2", "3"}


def test_of_text_with_many_values_the_fifty_most_frequent_are_looked_at():
    """An identifier would otherwise make a slice of every row."""
    assert len(list(segments_of(pl.Series("id", [f"id{index}" for index in range(200)])))) == 50

"""Labels as text."""

import polars as pl
import pytest

from modelwright.tasks.labels import as_labels, looks_negative, looks_positive


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pl.Series([1, 2]), ["1", "2"]),
        (pl.Series([1.0, 2.5]), ["1.0", "2.5"]),
        (pl.Series([1.0, float("nan")]), ["1", None]),
        (pl.Series([True, None]), ["true", None]),
        (pl.Series([" a ", "  "]), ["a", None]),
        (pl.Series(["x"], dtype=pl.Categorical), ["x"]),
    ],
)
def test_labels_are_written_one_way(column, text):
    """Whole numbers carry no decimal point, blanks are empty."""
    assert as_labels(column).to_list() == text


def test_yes_like_and_no_like_words_are_known():
    """In any case, with or without a full stop."""
    assert looks_positive("TRUE")
    assert looks_positive("Yes.")
    assert looks_negative("Normal")
    assert not looks_positive("2")
    assert not looks_negative("2")

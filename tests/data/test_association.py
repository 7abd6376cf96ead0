"""Associations: against the textbook's own figures, over missing values and constants."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from modelwright.data.association import associations, look_closely, missing_together, stability


def found(frame, **kinds):
    """Measure and strength of each pair."""
    pairs = associations(look_closely(frame, kinds))
    return {(item.first, item.second): (item.measure, item.value) for item in pairs}


def test_numbers_by_ranks():
    """As another library computes it, over the rows where both are known."""
    chance = np.random.default_rng(3)
    one = chance.normal(size=200)
    other = one + chance.normal(size=200)
    other[:20] = np.nan
    measure, value = found(pl.DataFrame({"a": one, "b": other}, nan_to_null=True), a="number", b="number")[
        "a", "b"
    ]
    assert measure == "Spearman's rho"
    expected = spearmanr(one[20:], other[20:])[0]
    assert value == pytest.approx(expected, abs=0.02)


def test_categories_by_cramer_s_v():
    """One for a renaming, none for chance: the bias of small tables is taken out."""
    chance = np.random.default_rng(3)
    one = chance.integers(0, 4, 400)
    frame = pl.DataFrame({"a": one, "b": one * 2, "c": chance.integers(0, 5, 400)}).cast(pl.String)
    pairs = found(frame, a="category", b="category", c="category")
    assert pairs["a", "b"] == ("Cramér's V", 1.0)
    assert pairs["a", "c"][1] < 0.05


def test_categories_and_numbers_by_the_correlation_ratio():
    """One when the category tells the number."""
    frame = pl.DataFrame({"a": ["x", "y", "z"] * 30, "b": [1.0, 2.0, 3.0] * 30, "c": list(range(90))})
    pairs = found(frame, a="category", b="number", c="integer")
    assert pairs["a", "b"] == ("correlation ratio", 1.0)
    assert pairs["a", "c"][1] == 0.0


def test_dates_and_booleans_take_part():
    """As numbers, and as categories."""
    frame = pl.DataFrame({"n": range(40)}).with_columns(
        on=pl.datetime(2026, 1, 1) + pl.duration(days="n"), late=pl.col("n") >= 20
    )
    pairs = found(frame, n="integer", on="datetime", late="boolean")
    assert pairs["n", "on"] == ("Spearman's rho", 1.0)
    assert pairs["late", "n"][1] > 0.8


VALUES = st.lists(
    st.tuples(
        st.none() | st.integers(0, 3), st.none() | st.floats(width=16), st.none() | st.sampled_from("ab")
    ),
    max_size=25,
)


@given(VALUES)
def test_no_table_makes_it_fail_and_every_strength_is_in_its_range(rows):
    """Constants, empty columns, infinities, single rows."""
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Float64, "c": pl.String}, orient="row")
    look = look_closely(frame, {"a": "integer", "b": "number", "c": "category"}, time="a")
    assert all(-1 <= item.value <= 1 for item in associations(look))
    assert all(np.isfinite(index) and np.isfinite(trend).all() for index, trend in stability(look).values())
    assert all(-1 <= item.value <= 1 for item in missing_together(frame))


def test_columns_that_are_missing_together_are_found():
    """And those of which one is there when the other is not."""
    gone = pl.int_range(40) % 4 == 0
    frame = pl.select(pl.int_range(40).alias("n")).with_columns(
        a=pl.when(gone).then(None).otherwise("n"),
        b=pl.when(gone).then(None).otherwise(pl.lit("x")),
        c=pl.when(~gone).then(None).otherwise("n"),
    )
    assert [(item.first, item.second, item.value) for item in missing_together(frame)] == [
        ("a", "b", 1.0),
        ("a", "c", -1.0),
        ("b", "c", -1.0),
    ]


def test_what_moves_in_time_has_a_high_index():
    """What does not, a low one; a period's average follows."""
    rows = 4_000
    chance = np.random.default_rng(1)
    frame = pl.DataFrame(
        {"t": range(rows), "calm": chance.normal(size=rows), "job": ["a", "b"] * (rows // 2)}
    )
    frame = frame.with_columns(up=pl.col("calm") + pl.col("t") / 1_000).sample(
        fraction=1, shuffle=True, seed=1
    )
    moved = stability(look_closely(frame, {"calm": "number", "up": "number", "job": "category"}, time="t"))
    assert moved["calm"][0] < 0.05
    assert moved["job"][0] < 0.05
    assert moved["up"][0] > 1
    assert list(moved["up"][1]) == sorted(moved["up"][1])


def test_rare_categories_count_as_one():
    """A column of many does not fill a table of its own."""
    frame = pl.DataFrame({"a": [f"k{n}" for n in range(500)]})
    assert look_closely(frame, {"a": "category"}).categories["a"].max() == 30

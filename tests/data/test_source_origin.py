"""Origins: rows have one digest however they are stored, and another as soon as one of them differs."""

import polars as pl
import pytest

from modelwright.data.source_origin import digest_of_rows, put_in_order

FRAME = pl.DataFrame(
    {"id": [2, 1, 3], "text": ["", None, "a,b"], "raw": [b"\x00", None, b"x"], "list": [[1], [], None]}
)


def test_the_digest_of_rows_does_not_depend_on_how_they_are_stored():
    """Chunks and buffers are no matter."""
    pieces = pl.concat([FRAME.head(1), FRAME.slice(1)], rechunk=False)
    assert digest_of_rows(pieces) == digest_of_rows(FRAME)


@pytest.mark.parametrize(
    "change",
    [
        pl.col("id").reverse(),
        pl.col("id").cast(pl.Float64),
        pl.col("text").fill_null(""),
        pl.lit("x").alias("text"),
        pl.col("raw").fill_null(b"\x01"),
        pl.col("list").fill_null([]),
        pl.lit(1).alias("more"),
    ],
)
def test_any_difference_makes_another_digest(change):
    """Order, type, missing or empty, bytes, lists, columns."""
    assert digest_of_rows(FRAME.with_columns(change)) != digest_of_rows(FRAME)


def test_rows_without_an_order_of_their_own_get_one():
    """By the key first; a query that orders is left alone."""
    shuffled = FRAME.reverse()
    assert put_in_order(shuffled, key=("id",)).equals(put_in_order(FRAME, key=("id",)))
    assert put_in_order(shuffled, key=())["id"].to_list() == [1, 2, 3]
    assert put_in_order(shuffled, key=(), query="select * from t\nORDER  by text")["id"].to_list() == [
        3,
        1,
        2,
    ]

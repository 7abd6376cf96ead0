"""Samples of sealed rows: by them the scorer knows rows again that come in another snapshot."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from modelwright.data.snapshot import ROW_ID

__all__ = ["RowSample", "same_rows", "sample_rows"]

SAMPLED = 128
"""Rows of a sample."""

FEWEST_SHARED = 4
"""Rows that two samples must share before anything can be said."""

ALIKE = 0.5
"""Share of the shared rows that must have the same values. Rows of one source have all of them; those of
another, hardly any."""

VALUE_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSample:
    """The values of some rows of a test part, hashed.

    Examples:
        >>> RowSample(target="y", rows=(3,), columns={"age": ("a0",)}).rows
        (3,)
    """

    target: str
    """What is predicted."""
    rows: tuple[int, ...]
    """Row ids: those whose hash is smallest, so that samples of overlapping parts overlap."""
    columns: Mapping[str, tuple[str, ...]]
    """Column to the hashed value of each row."""


def sample_rows(test: pl.DataFrame, *, target: str) -> RowSample:
    """Return the sample of a test part.

    Args:
        test: The test part, without the target.
        target: What is predicted.

    Examples:
        >>> rows = pl.DataFrame({ROW_ID: [4, 7], "age": [31, 52]})
        >>> sample_rows(rows, target="y") == sample_rows(rows.reverse(), target="y")
        True
    """
    ids = test[ROW_ID].to_numpy()
    chosen = np.argsort(_mixed(ids), kind="stable")[:SAMPLED]
    part = test[chosen].sort(ROW_ID)
    columns = {
        name: tuple(_hashed(value) for value in part[name].cast(pl.String, strict=False).to_list())
        for name in part.columns
        if name != ROW_ID
    }
    return RowSample(target=target, rows=tuple(part[ROW_ID].to_list()), columns=columns)


def _mixed(ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Scatter row ids (SplitMix64, Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _hashed(value: str | None) -> str:
    data = b"\0" if value is None else value.encode("utf-8")
    return hashlib.blake2b(data, digest_size=VALUE_BYTES).hexdigest()


def same_rows(first: RowSample, second: RowSample) -> bool:
    """Whether two test parts hold rows of the same source, so that looks at one are looks at the other.

    Args:
        first: A sample.
        second: Another one.

    Examples:
        >>> rows = pl.DataFrame({ROW_ID: range(9), "age": range(9), "job": ["a"] * 9})
        >>> wider = rows.with_columns(visits=pl.lit(3))
        >>> same_rows(sample_rows(rows, target="y"), sample_rows(wider, target="y"))
        True
        >>> other = rows.with_columns(pl.col("age") + 1)
        >>> same_rows(sample_rows(rows, target="y"), sample_rows(other, target="y"))
        False
    """
    if first.target != second.target:
        return False
    mine = {row: place for place, row in enumerate(first.rows)}
    theirs = {row: place for place, row in enumerate(second.rows)}
    shared = sorted(mine.keys() & theirs.keys())
    if len(shared) < min(FEWEST_SHARED, len(mine), len(theirs)):
        return False
    common = sorted(first.columns.keys() & second.columns.keys())
    alike = sum(
        all(first.columns[name][mine[row]] == second.columns[name][theirs[row]] for name in common)
        for row in shared
    )
    return alike >= ALIKE * len(shared) and bool(shared)

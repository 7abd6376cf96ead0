"""Origins: where a table came from, in which version, under which digest — the first link of its lineage."""

import hashlib
import re
from dataclasses import dataclass

import polars as pl

__all__ = ["Origin", "digest_of_rows", "put_in_order"]

DIGEST_ROWS = 100_000
"""Rows turned to text at a time while they are digested."""

ORDERED = re.compile(r"(?is)\border\s+by\b")
"""A query that says in which order its rows come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One source as it was read.

    Examples:
        >>> Origin(name="calls.csv", kind="file", digest="sha256:0").version
        ''
    """

    name: str
    """What the contract calls the source: its path, or its URL without passwords."""
    kind: str
    """`file`, `folder`, `pattern`, `object`, `database`, `delta` or `iceberg`."""
    digest: str
    """Digest of the file's bytes, over the files of a folder, or of the rows where bytes cannot be had."""
    version: str = ""
    """What names this state elsewhere: a Delta version, an Iceberg snapshot, a lakeFS commit, a DVC hash;
    empty when nothing does."""
    rows: int = 0
    """Rows that were read."""
    files: int = 0
    """Files that were read; 0 when it is not known."""
    size: int = 0
    """Bytes that were read; 0 when it is not known."""


def digest_of_rows(frame: pl.DataFrame) -> str:
    """Return a digest over names, types and values, in row order; it does not depend on how they are stored.

    Examples:
        >>> one = pl.DataFrame({"a": [1, None]})
        >>> digest_of_rows(one) == digest_of_rows(one.clone())
        True
        >>> digest_of_rows(one) == digest_of_rows(one.reverse())
        False
    """
    state = hashlib.sha256(repr([(name, str(dtype)) for name, dtype in frame.schema.items()]).encode())
    for start in range(0, frame.height, DIGEST_ROWS):
        piece = frame.slice(start, DIGEST_ROWS).with_columns(pl.col(pl.Binary).bin.encode("hex"))
        flat = piece.select(name for name in frame.columns if not frame.schema[name].is_nested())
        # Without quotes around every text an empty one and a missing one would look alike.
        text = flat.write_csv(include_header=False, null_value="\x00", quote_style="non_numeric")
        state.update(text.encode("utf-8"))
        if flat.width < frame.width:
            state.update(piece.drop(flat.columns).write_ndjson().encode("utf-8"))
    return "sha256:" + state.hexdigest()


def put_in_order(frame: pl.DataFrame, *, key: tuple[str, ...], query: str = "") -> pl.DataFrame:
    """Return rows in an order that does not change between two readings of the same rows.

    A database promises no order. Rows are sorted by the key, then by all other columns; a query with its own
    `order by` is left as it came.

    Args:
        frame: The rows as they came.
        key: The primary key of the contract; may be empty.
        query: The query that gave the rows.

    Examples:
        >>> put_in_order(pl.DataFrame({"a": [2, 1]}), key=())["a"].to_list()
        [1, 2]
    """
    if ORDERED.search(query):
        return frame
    first = [name for name in key if name in frame.columns]
    by = first + [name for name in frame.columns if name not in first and not frame.schema[name].is_nested()]
    return frame.sort(by, nulls_last=True, maintain_order=True) if by else frame

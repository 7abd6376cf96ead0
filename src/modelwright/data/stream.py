"""Streams: promises made ready for tables that do not fit in memory, so that each row answers for itself.

A key that repeats, or a comparison with the median, needs the whole table; left in the query it would hold
every column in memory. Such looks are taken first, in passes of their own over the columns they need.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from modelwright.data.expression import Vocabulary, compile_term
from modelwright.data.promise import RowPromise

__all__ = ["row_by_row"]

HASH = " key"
MOST_EXACT = 1_000_000
"""Up to this many repeated keys are compared value by value, beyond their hash."""


def _repeated(table: pl.LazyFrame, names: Sequence[str]) -> pl.Series:
    """Return the hashes of keys that stand in more than one row.

    Only hashes of 64 bits are held. Keys that share one are compared as they are, unless there are so many
    that a coincidence changes nothing.
    """
    key = pl.struct(names).hash().alias(HASH)
    twice = table.select(key).group_by(HASH).len().filter(pl.col("len") > 1).select(HASH)
    found = twice.collect(engine="streaming")[HASH]
    if not 0 < len(found) <= MOST_EXACT:
        return found
    alike = table.select(*names, key).filter(pl.col(HASH).is_in(found.implode()))
    rows = alike.collect(engine="streaming")
    return rows.filter(pl.struct(names).is_duplicated())[HASH].unique()


def row_by_row(
    promises: Sequence[RowPromise],
    table: pl.LazyFrame,
    schema: Mapping[str, pl.DataType],
    *,
    references: Mapping[str, pl.Series] | None = None,
) -> list[pl.Expr]:
    """Return, for each promise, an expression that is true where a row breaks it and looks at that row alone.

    Args:
        promises: The promises.
        table: The table they are about.
        schema: Its columns and their types.
        references: Values that `refers` looks up, by `table.column`.

    Examples:
        >>> table = pl.LazyFrame({"a": [1, 1, 2]})
        >>> key = RowPromise(
        ...     check="key", column="a", expected="", failing=pl.col("a").is_duplicated(), key=("a",)
        ... )
        >>> marks = row_by_row([key], table, {"a": pl.Int64()})
        >>> table.select(broken=marks[0]).collect()["broken"].to_list()
        [True, True, False]
    """
    looks = {look: value for promise in promises for look, value in promise.looks.items()}
    seen: Mapping[str, object] = {}
    if looks:
        wanted = [value.alias(look) for look, value in looks.items()]
        seen = table.select(wanted).collect(engine="streaming").row(0, named=True)
    looked = {look: pl.lit(value) for look, value in seen.items()}
    known = Vocabulary(schema=schema, references=references or {}, looked=looked)
    marks = []
    for promise in promises:
        if promise.key:
            repeated = _repeated(table, promise.key)
            hashed = pl.struct(promise.key).hash()
            marks.append(hashed.is_in(repeated.implode()) if len(repeated) else pl.lit(value=False))
        elif promise.looks and promise.term is not None:
            marks.append(~compile_term(promise.term, known))
        else:
            marks.append(promise.failing)
    return marks

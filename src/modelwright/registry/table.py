"""Rows to a table: what arrived one by one, laid out in columns so that both paths read the same values."""

from collections.abc import Mapping, Sequence

import polars as pl

from modelwright.features.plan import FeaturePlan
from modelwright.features.value import label_of, number_of

__all__ = ["table_of"]


def _series(name: str, values: list[object], kind: str) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if kind == "number" and kinds <= {int, float}:
        numbers = [None if value is None else number_of(value) for value in values]
        return pl.Series(name, numbers, dtype=pl.Float64)
    if kind == "boolean" and kinds <= {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    # Text is what every kind can be read from, and numbers are spelled so that they read back the same.
    return pl.Series(name, [label_of(value) for value in values], dtype=pl.String)


def table_of(rows: Sequence[Mapping[str, object]], plan: FeaturePlan) -> pl.DataFrame:
    """Return rows as a frame with the columns the plan reads.

    Args:
        rows: Rows as JSON gives them: numbers, text, booleans, None.
        plan: Which columns are read, and how.

    Examples:
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
        >>> table_of([{"age": 3}, {"age": None}], plan)["age"].to_list()
        [3.0, None]
    """
    return pl.DataFrame([_series(name, [row.get(name) for row in rows], kind) for name, kind in plan.inputs])

"""Distinct values: a slow reader is asked once for each, and both paths call the same reader."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["distinct_places"]


def distinct_places(values: pl.Series) -> tuple[Sequence[object], npt.NDArray[np.int64]]:
    """Return the distinct values of a column, and for each row the place of its value among them.

    Examples:
        >>> known, places = distinct_places(pl.Series(["b", None, "b"]))
        >>> [known[place] for place in places]
        ['b', None, 'b']
    """
    distinct = values.unique()
    places = values.to_frame("value").join(
        distinct.to_frame("value").with_row_index("place"),
        on="value",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["place"]
    return distinct.to_list(), places.cast(pl.Int64).to_numpy()

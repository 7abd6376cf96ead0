"""SPATIAL: rows with a place whose neighbours share the target."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import KDTree

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["SpatialCheck"]

LATITUDE = frozenset({"lat", "latitude", "northing"})
LONGITUDE = frozenset({"lon", "lng", "long", "longitude", "easting"})

SHARED = 0.2
"""Share of the target's variation that the nearest neighbours explain."""

NEIGHBOURS = 5
"""Neighbours that are averaged."""

LEAST = 200
"""Rows from which neighbours are near."""


class SpatialCheck:
    """Finds a pair of coordinates whose nearest neighbours predict the target, under a split that mixes them.

    Examples:
        >>> SpatialCheck().code
        'SPATIAL'
    """

    code = "SPATIAL"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        north = next((name for name in view.features if LATITUDE & set(words(name))), None)
        east = next((name for name in view.features if LONGITUDE & set(words(name))), None)
        if north is None or east is None or view.contract.data.split.policy == "group":
            return
        frame = view.sample.frame.select(north, east)
        if not all(kind.is_numeric() for kind in frame.dtypes):
            return
        points = frame.cast(dict.fromkeys(frame.columns, float)).to_numpy()
        known = np.isfinite(points).all(axis=1)
        if known.sum() < LEAST:
            return
        explained, distance = _neighbours(
            points[known], view.sample.y[known], numbers=view.target.task == "regression"
        )
        if explained < SHARED:
            return
        yield raised(
            self,
            title=f"neighbours by {east} and {north} share the target, and a random split separates them",
            severity=Severity.MEDIUM,
            confidence=80,
            subject=f"{east}+{north}",
            evidence=(
                f"the {NEIGHBOURS} nearest rows explain {explained:.1%} of the target",
                f"the nearest row is {distance:.3g} away at the median",
            ),
            why="Tested on next-door neighbours of the training rows, a model looks better than in a "
            "place it has "
            "never seen.",
            fix="Split by blocks of space (a grid cell or region as group) when new places have to be "
            "predicted.",
            question="Will predictions be asked for in places that have no training rows nearby?",
            columns=(east, north),
        )


def _neighbours(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    y: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    numbers: bool,
) -> tuple[float, float]:
    """Return the share of the target that the nearest other rows explain, and the median distance."""
    if points.shape[0] > 5000:
        rows = np.linspace(0, points.shape[0] - 1, 5000).astype(np.int64)
        points, y = points[rows], y[rows]
    distances, nearest = KDTree(points).query(points, k=NEIGHBOURS + 1)
    near = y[np.asarray(nearest)[:, 1:]]
    median = float(np.median(distances[:, 1]))
    if numbers:
        spread = float(((y - y.mean()) ** 2).sum())
        return (1 - float(((y - near.mean(axis=1)) ** 2).sum()) / spread if spread > 0 else 0.0), median
    agree = float((near == y[:, None]).mean())
    chance = float(((np.bincount(y.astype(np.int64)) / y.size) ** 2).sum())
    return ((agree - chance) / (1 - chance) if chance < 1 else 0.0), median

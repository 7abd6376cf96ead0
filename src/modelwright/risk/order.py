"""The order of the rows: by a time column, or as they stand in the source, and what follows it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import f as f_distribution

from modelwright.data.snapshot import ROW_ID
from modelwright.risk.category_variants import variants
from modelwright.risk.check import RiskView
from modelwright.risk.strength import strength

__all__ = ["Drift", "Order", "bound_to", "drift_of", "order_of"]

BLOCKS = 100
"""Pieces the order is cut into."""

LEAST = 10
"""Rows a piece has at least."""

FAINT = 0.5
"""Smoothing, in rows: the pieces are small, and a bound column varies little inside them."""

BOUND = 0.9
"""Share of a column's variation that its place in the order must explain for it to be bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The rows of the sample cut into pieces by their order.

    Examples:
        >>> Order(name="row order", block=np.array([0, 0, 1]), column=None).pieces
        2
    """

    name: str
    """The time column, or `row order`."""
    block: npt.NDArray[np.int64]
    """The piece of each row of the sample."""
    column: str | None
    """The column that orders, None for the order of the source."""

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return int(self.block.max()) + 1 if self.block.size else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How the target moves along the order.

    Examples:
        >>> Drift(share=0.1, p=1e-9, means=(0.1, 0.3), sorted_by_target=False).share
        0.1
    """

    share: float
    """Share of the target's variance that lies between tenths of the order (eta squared)."""
    p: float
    """Chance of a share this large without any drift (one-way analysis of variance; Fisher 1925)."""
    means: tuple[float, ...]
    """The target's mean in each tenth: share of the positive (or most drifting) class, or value."""
    sorted_by_target: bool
    """Whether the rows were sorted by the target itself."""
    label: str = ""
    """The class whose share moves, empty for a number."""


def _is_moment(column: pl.Series) -> bool:
    return column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime)


def time_columns(view: RiskView) -> tuple[str, ...]:
    """Return the columns that tell the time of a row: declared ones first, then dates among the features.

    Examples:
        >>> time_columns.__name__
        'time_columns'
    """
    data = view.contract.data
    declared = [data.split.time, data.event_time, *data.of_role("time")]
    dates = [name for name in view.features if _is_moment(view.train[name])]
    named = dict.fromkeys(name for name in (*declared, *dates) if name and name in view.train.columns)
    return tuple(named)


def order_of(view: RiskView) -> Order | None:
    """Return the order of the sample's rows by the first time column, else by the place in the source.

    Examples:
        >>> order_of.__name__
        'order_of'
    """
    frame = view.sample.frame
    names = time_columns(view)
    column = names[0] if names else ROW_ID
    if column not in frame.columns or frame.height < 2 * LEAST:
        return None
    rank = frame[column].rank("ordinal").fill_null(0).to_numpy().astype(np.int64) - 1
    pieces = max(2, min(BLOCKS, frame.height // LEAST))
    block = np.clip(rank * pieces // frame.height, 0, pieces - 1)
    return Order(name=names[0] if names else "row order", block=block, column=names[0] if names else None)


def _eta(
    y: npt.NDArray[np.float64], tenth: npt.NDArray[np.int64]
) -> tuple[float, float, npt.NDArray[np.float64]]:
    rows = np.bincount(tenth, minlength=10).astype(np.float64)
    means = np.bincount(tenth, weights=y, minlength=10) / np.maximum(rows, 1)
    total = float(((y - y.mean()) ** 2).sum())
    between = float((rows * (means - y.mean()) ** 2).sum())
    if total <= 0 or y.size <= 10:
        return 0.0, 1.0, means
    statistic = (between / 9) / max((total - between) / (y.size - 10), 1e-300)
    return between / total, float(f_distribution.sf(statistic, 9, y.size - 10)), means


def drift_of(view: RiskView, order: Order) -> Drift:
    """Measure how far the target moves between tenths of the order; spellings of one class count as one.

    Examples:
        >>> drift_of.__name__
        'drift_of'
    """
    tenth = order.block * 10 // order.pieces
    classes = view.target.classes
    meant = {label: group[0] for group in variants(classes) for label in group}
    first = np.array([classes.index(meant.get(label, label)) for label in classes], dtype=np.float64)
    y = first[view.sample.y.astype(np.int64)] if meant else view.sample.y
    watched: Mapping[str, npt.NDArray[np.float64]] = {"": y}
    if view.target.task == "binary":
        watched = {classes[1]: y}
    elif classes:
        common = np.argsort(-np.bincount(y.astype(np.int64), minlength=len(classes)), kind="stable")[:5]
        watched = {classes[int(place)]: (y == place).astype(np.float64) for place in common}
    measured = [(label, *_eta(values, tenth)) for label, values in watched.items()]
    label, share, p, means = max(measured, key=lambda one: one[1])
    steps = np.diff(y if order.column is None else y[np.argsort(order.block, kind="stable")])
    monotone = bool(steps.size) and bool(np.all(steps >= 0) or np.all(steps <= 0))
    return Drift(
        share=share,
        p=min(1.0, p * len(watched)),
        means=tuple(float(mean) for mean in means),
        sorted_by_target=monotone,
        label=label if view.target.task != "regression" else "",
    )


def bound_to(view: RiskView, order: Order) -> Mapping[str, float]:
    """Return the features whose value follows from the row's place in the order, with the share explained.

    Examples:
        >>> bound_to.__name__
        'bound_to'
    """
    found = {}
    sample = view.sample
    for name in view.features:
        if name == order.column:
            continue
        code = sample.coded(name)
        if np.unique(code.codes).size < 2:  # a constant follows from anything
            continue
        numeric = sample.frame[name].dtype.is_numeric() and code.levels > 4
        measured = strength(
            order.block,
            code.codes.astype(np.float64),
            levels=order.pieces,
            folds=sample.folds,
            classes=0 if numeric else code.levels,
            smoothing=FAINT,
        )
        if measured.value >= BOUND:
            found[name] = measured.value
    return found

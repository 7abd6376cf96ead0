"""FUTURE-ROWS: features that hold what later rows say, by a join or a window that looks ahead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words
from modelwright.risk.order import time_columns
from modelwright.risk.probe import matrix_of
from modelwright.risk.sample import Sample

__all__ = ["FutureRowsCheck", "window_fit"]

MOST_ROWS = 20_000
"""Rows looked at: the first of them, for neighbours must stay neighbours."""

MOST_FITTED = 5_000
"""Rows a column is explained on; more are thinned evenly."""

MOST = 80
"""Numeric columns up to which each is compared with the next row of every other."""

LEAST = 100
"""Rows below which agreement may be chance."""

SAME = 0.995
"""Share of neighbours in which a column must repeat the next row of another."""

REACH = 16
"""Rows on either side of which each target counts by itself; farther ones count by their mean."""

TOLD = 0.6
"""Share of the nearer rows whose target must be known; sealed ones are filled in between their neighbours."""

BLOCKS = (24, 32, 48, 64)
"""Farther rows on either side."""

FEW = 3
"""Values up to which a number is a flag, not a window."""

FIT = 0.8
"""Share of a column's variance that targets around the row must explain when later ones add to it."""

EXACT = 0.95
"""The same when only the row's own target adds to it: what it explains must be nearly all."""

GAIN, OWN_GAIN = 0.03, 0.001
"""What later targets, and the row's own, must add at least."""

LEFT = 0.4
"""Share of what is unexplained that may be left when they are added."""

AHEAD = frozenset({"next", "lead", "future", "ahead", "forward"})
"""Words of columns that look ahead."""

BEHIND = frozenset({"lag", "prev", "previous", "last", "before", "past", "yesterday", "shift"})
"""Words of columns that look back."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How far the targets around a row explain a column.

    Examples:
        >>> Fit(own=0.1, past=0.2, present=0.5, future=0.99).future
        0.99
    """

    own: float
    """R² of the row's own target alone."""
    past: float
    """R² of the targets of earlier rows."""
    present: float
    """R² of both."""
    future: float
    """The same with later rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows in order, with which of them follow each other within one entity."""

    frame: pl.DataFrame
    y: Matrix
    known: npt.NDArray[np.bool_]
    follows: npt.NDArray[np.bool_]
    entity: npt.NDArray[np.int64]


class FutureRowsCheck:
    """Finds features that repeat a later row of another column, or follow from targets of later rows.

    Rows are put in order of time (or of the source) within their entity. A window that ends with the row
    itself, or is centred on it, explains the feature better with the row's own and later targets than
    without; a feature joined from the next row equals that row. No feature that was known in time can do so.

    Examples:
        >>> FutureRowsCheck().code
        'FUTURE-ROWS'
    """

    code = "FUTURE-ROWS"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column that looks ahead."""
        rows = _rows(view)
        names = [
            name
            for name in view.usable
            if view.train[name].dtype.is_numeric() and view.sample.distinct(name) > FEW
        ]
        if rows is None or not names or len(names) > MOST:
            return
        x = matrix_of(rows.frame, names)
        told: set[str] = set()
        for place, name in enumerate(names):
            if view.target.task == "multiclass":
                break
            fit = window_fit(x[:, place], rows.y, known=rows.known, entity=rows.entity)
            if fit is not None and (_ahead(fit) or _own(fit)):
                told.add(name)
                yield self._window(view, name, fit)
        for name, other, share, sure in _leads(x, rows, names):
            if name not in told:
                told.add(name)
                yield self._lead(name, other, share=share, sure=sure)

    def _window(self, view: RiskView, name: str, fit: Fit) -> Risk:
        ahead = _ahead(fit)
        return raised(
            self,
            title=f"{name} follows from the target of {'later rows' if ahead else 'its own row'}",
            severity=Severity.HIGH,
            confidence=90,
            subject=name,
            evidence=(
                (
                    f"targets of earlier rows explain {fit.past:.1%} of {name}, with the row's own "
                    f"{fit.present:.1%}, "
                    f"with later ones {fit.future:.1%}"
                ),
                f"alone it reaches {view.sample.strength(name).told} out of fold",
            ),
            why="A window over the target that does not end before the row holds the answer, and later "
            "answers; "
            "when the prediction is asked for none of them exists.",
            fix=f"End the window of {name} before the row (and before the delay of the label).",
            proposal="modify",
            change=f"exclude column {name}",
            columns=(name,),
        )

    def _lead(self, name: str, other: str, *, share: float, sure: bool) -> Risk:
        return raised(
            self,
            title=f"{name} holds what {other} is in the next row",
            severity=Severity.HIGH if sure else Severity.MEDIUM,
            confidence=90 if sure else 55,
            subject=name,
            evidence=(
                f"in {share:.1%} of neighbouring rows {name} equals the {other} of the row after",
                *(() if sure else (f"it may also be that {other} repeats the {name} of the row before",)),
            ),
            why="A value of a later row is not known yet when this row is asked about.",
            fix=f"Exclude {name}, or join the latest row before this one.",
            question="" if sure else f"Which came first: {name}, or {other} of the next row?",
            proposal="modify" if sure else "accept",
            change=f"exclude column {name}",
            columns=(name,),
        )


def _ahead(fit: Fit) -> bool:
    """Whether targets of later rows explain what no earlier one does."""
    gains = fit.future - fit.present >= GAIN
    return fit.future >= FIT and gains and 1 - fit.future <= LEFT * (1 - fit.present)


def _own(fit: Fit) -> bool:
    """Whether it is a window that ends with the row's own target; a copy of that is told of elsewhere."""
    gains = fit.present - fit.past >= OWN_GAIN
    left = 1 - fit.present
    return fit.present >= EXACT and gains and left <= LEFT * (1 - max(fit.past, fit.own))


def _rows(view: RiskView) -> _Rows | None:
    times = time_columns(view)
    key = view.contract.prediction.entity or view.contract.data.split.group
    target = view.target.name
    if ROW_ID not in view.train.columns or view.raw_rows < LEAST:
        return None
    parts = [frame.with_columns(_known=pl.lit(target in frame.columns)) for frame in view.parts.values()]
    whole = pl.concat(parts, how="diagonal_relaxed").sort(ROW_ID)
    order = [name for name in (key, *times[:1]) if name and name in whole.columns]
    whole = whole.sort([*order, ROW_ID], maintain_order=True).head(MOST_ROWS)
    entity = np.zeros(whole.height, dtype=np.int64)
    if key and key in whole.columns:
        entity = whole[key].cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64)
    labelled = whole.filter(pl.col("_known") & pl.col(target).is_not_null())
    known = (whole["_known"] & whole[target].is_not_null()).to_numpy()
    y = np.zeros(whole.height)
    labels = Sample(labelled, target=view.target, seed=0)
    if labels.y.size != int(known.sum()):
        return None
    y[known] = labels.y
    return _Rows(frame=whole, y=y, known=known, follows=entity[1:] == entity[:-1], entity=entity)


def window_fit(
    x: Matrix, y: Matrix, *, known: npt.NDArray[np.bool_], entity: npt.NDArray[np.int64]
) -> Fit | None:
    """Return how far targets before, at and after each row explain a column; None when too few have them.

    Targets that are sealed are filled in between their neighbours.

    Examples:
        >>> y = np.random.default_rng(0).normal(size=500)
        >>> ahead = np.convolve(y, np.ones(3) / 3, "same")
        >>> every = np.ones(500, dtype=bool)
        >>> round(window_fit(ahead, y, known=every, entity=np.zeros(500, dtype=int)).future, 2)
        1.0
    """
    if known.sum() < LEAST or y[known].std() == 0:
        return None
    filled = np.where(known, y, np.interp(np.arange(y.size), np.flatnonzero(known), y[known]))
    reach = max(BLOCKS)
    middle = np.arange(reach, y.size - reach)
    counted = np.concatenate([[0], np.cumsum(known)])
    told = (counted[middle + REACH + 1] - counted[middle - REACH]) / (2 * REACH + 1)
    middle = middle[
        (entity[middle - REACH] == entity[middle + REACH]) & np.isfinite(x[middle]) & (told >= TOLD)
    ]
    middle = middle[:: max(1, middle.size // MOST_FITTED)]
    if middle.size < LEAST:
        return None
    total = np.concatenate([[0.0], np.cumsum(filled)])

    def block(first: int, last: int) -> Matrix:
        mean: Matrix = (total[middle + last + 1] - total[middle + first]) / (last - first + 1)
        return mean

    starts = (REACH, *BLOCKS[:-1])
    past = [filled[middle - lag] for lag in range(REACH, 0, -1)]
    past += [block(-last, -first - 1) for first, last in zip(starts, BLOCKS, strict=True)]
    future = [filled[middle + lag] for lag in range(1, REACH + 1)]
    future += [block(first + 1, last) for first, last in zip(starts, BLOCKS, strict=True)]
    wanted = x[middle]
    return Fit(
        own=_explained([filled[middle]], wanted),
        past=_explained(past, wanted),
        present=_explained([*past, filled[middle]], wanted),
        future=_explained([*past, filled[middle], *future], wanted),
    )


def _explained(columns: list[Matrix], wanted: Matrix) -> float:
    design = np.column_stack([*columns, np.ones(wanted.size)])
    spread = float(((wanted - wanted.mean()) ** 2).sum())
    if spread <= 1e-12 * max(1.0, float(np.abs(wanted).max()) ** 2):
        return 0.0
    gram = design.T @ design
    gram[np.diag_indices_from(gram)] += 1e-9 * max(1e-300, float(np.trace(gram)))
    left = wanted - design @ np.linalg.solve(gram, design.T @ wanted)
    return float(max(0.0, 1 - (left**2).sum() / spread * (wanted.size - 1) / (wanted.size - design.shape[1])))


def _leads(x: Matrix, rows: _Rows, names: list[str]) -> Iterator[tuple[str, str, float, bool]]:
    """Yield columns that repeat the next row of another, and whether it is sure which of them looks ahead."""
    here, after = x[:-1][rows.follows], x[1:][rows.follows]
    if here.shape[0] < LEAST:
        return
    scale = np.nanstd(x, axis=0) + 1e-300
    for right, other in enumerate(names):
        with np.errstate(invalid="ignore"):
            equal = np.abs(here - after[:, [right]]) <= 1e-9 * scale[right]
        both = np.isfinite(here) & np.isfinite(after[:, [right]])
        share = equal.sum(axis=0) / np.maximum(both.sum(axis=0), 1)
        share[both.sum(axis=0) < 0.5 * here.shape[0]] = 0.0
        for left in np.flatnonzero(share >= SAME):
            name = names[int(left)]
            still = _still(x[:, right], rows.follows)
            if name == other or still > 0.9:
                continue
            back = bool(BEHIND & set(words(other))) or _open_edge(x[:, right], rows.entity, first=True)
            ahead = bool(AHEAD & set(words(name))) or _open_edge(x[:, left], rows.entity, first=False)
            if ahead or not back:
                yield name, other, float(share[left]), ahead and not back


def _still(column: Matrix, follows: npt.NDArray[np.bool_]) -> float:
    """Share of neighbours with equal values: what hardly moves equals its next row anyway."""
    return float((column[1:][follows] == column[:-1][follows]).mean())


def _open_edge(column: Matrix, entity: npt.NDArray[np.int64], *, first: bool) -> bool:
    """Whether the column is missing just where a shift has nothing to take: at the first or last rows."""
    edge = np.flatnonzero(np.diff(entity))
    places = np.concatenate([[0], edge + 1]) if first else np.concatenate([edge, [entity.size - 1]])
    missing = ~np.isfinite(column)
    return bool(missing[places].all() and missing.sum() == places.size)

"""ADVERSARIAL: training and test rows that a model can tell apart."""

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.order import bound_to, order_of
from modelwright.risk.probe import boosted, matrix_of
from modelwright.risk.strength import auc

__all__ = ["AdversarialCheck"]

ROWS = 1_500
"""Rows of each part that are looked at."""

NOTED = 0.6
"""AUC from which a difference matters."""

LARGE = 0.75
"""AUC from which the test rows are another population."""

ERRORS = 5.0
"""Standard errors above one half: chance gets so far once in three million."""


class AdversarialCheck:
    """Asks a small model to tell training rows from test rows (adversarial validation; Pan et al. 2020).

    One column at a time is SHIFT's; here all of them together, so that a changed relation between columns is
    seen too. Columns that follow the order of the rows are left aside: they differ by their nature.

    Examples:
        >>> AdversarialCheck().category
        'distribution shift'
    """

    code = "ADVERSARIAL"
    category: Category = "distribution shift"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        order = order_of(view)
        bound = set(bound_to(view, order)) if order else set()
        names = [
            name
            for name in view.usable
            if name not in bound
            and not view.train[name].dtype.is_temporal()
            and view.sample.distinct(name) > 1
        ]
        if not names or min(view.train.height, view.test.height) < 100:
            return
        parts = [_thinned(frame.select(names)) for frame in (view.train, view.test)]
        both = pl.concat(parts, how="vertical_relaxed")
        y = np.repeat([0.0, 1.0], [part.height for part in parts])
        seed = view.contract.data.split.seed
        probe = boosted(matrix_of(both, names), y, names=names, classes=2, seed=seed)
        if probe is None:
            return
        wanted = y[probe.rows]
        value = auc(probe.scores[:, 1], wanted, 1 - wanted)
        test, train = wanted.sum(), (1 - wanted).sum()
        error = math.sqrt((test + train + 1) / (12 * test * train))
        if value < NOTED or value - 0.5 < ERRORS * error:
            return
        temporal = view.contract.data.split.policy == "temporal"
        total = sum(probe.gains.values()) or 1.0
        leading = [f"{name} {gain / total:.0%}" for name, gain in list(probe.gains.items())[:6]]
        yield raised(
            self,
            title=f"a model tells test rows from training rows (AUC {value:.2f})",
            severity=Severity.MEDIUM if value >= LARGE or not temporal else Severity.LOW,
            confidence=95,
            subject="parts",
            evidence=(
                f"AUC {value:.3f} out of fold; parts drawn alike give 0.5 ± {error:.3f}",
                f"what tells them apart: {', '.join(leading)}",
            ),
            why="The model is judged, and will be used, on rows unlike those it learns from."
            if temporal
            else "Parts drawn by chance are alike; these are not: rows belong together, or were treated "
            "differently.",
            fix="Find what changed in the leading columns; leave out, or express as ratios, what will go "
            "on changing.",
            question=f"What happened to {next(iter(probe.gains))} between training and test rows?",
            columns=tuple(list(probe.gains)[:6]),
        )


def _thinned(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.gather_every(max(1, -(-frame.height // ROWS)))

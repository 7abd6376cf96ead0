"""SAMPLE-SIZE: too few rows for the columns, or for the claim."""

import math
from collections.abc import Iterator

import numpy as np

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["SampleSizeCheck"]

PER_FEATURE = 10
"""Rows of the rarer class (or rows, for a number) wanted a feature: events per variable (Peduzzi 1996)."""

WIDE = 0.1
"""Width of a 95 % interval on the test part, either side, from which a gate can hardly be judged."""


class SampleSizeCheck:
    """Compares rows with columns, and says how wide an interval the test part can give.

    Examples:
        >>> SampleSizeCheck().code
        'SAMPLE-SIZE'
    """

    code = "SAMPLE-SIZE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        if view.sample.rows == 0:
            return
        events = float(view.train.height)
        rare = 1.0
        if view.target.task == "binary":
            rare = float(np.bincount(view.sample.y.astype(np.int64), minlength=2).min()) / view.sample.rows
            events = rare * view.train.height
        features = len(view.usable)
        tested = max(1.0, view.test.height * rare)
        margin = 1.96 * math.sqrt(0.25 / tested)
        if events >= PER_FEATURE * features and margin < WIDE:
            return
        short = events < features
        yield raised(
            self,
            title=f"{int(events):,} {'rows of the rarer class' if rare < 1 else 'training rows'} for "
            f"{features} features",
            severity=Severity.HIGH if short else Severity.MEDIUM,
            confidence=90,
            evidence=(
                f"{events / max(features, 1):.1f} a feature; {PER_FEATURE} are wanted",
                f"a share measured on the test part is known to within ± {margin:.2f} at best",
            ),
            why="A model with more freedom than evidence fits noise, and a wide interval passes no "
            "honest gate.",
            fix="Collect more rows, use fewer features and a simple design, and select features inside "
            "the folds only.",
        )

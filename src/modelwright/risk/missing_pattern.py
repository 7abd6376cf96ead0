"""MISSING-PATTERN: which values of a row are missing together, when that tells the target."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.missing import LEAKING, TELLING
from modelwright.risk.sample import coded
from modelwright.risk.strength import strength

__all__ = ["MissingPatternCheck"]

LEAST = 100
"""Rows below which a pattern may be chance."""

GAIN = 0.1
"""Strength that the pattern must add to the strongest single gap; that one is MISSING's."""


class MissingPatternCheck:
    """Finds patterns of missing values over several columns that predict the target better than any one gap.

    Examples:
        >>> MissingPatternCheck().code
        'MISSING-PATTERN'
    """

    code = "MISSING-PATTERN"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        sample = view.sample
        names = [name for name in view.usable if 0 < sample.frame[name].null_count() < sample.rows]
        if sample.rows < LEAST or len(names) < 2:
            return
        classes = 0 if view.target.task == "regression" else len(view.target.classes)
        gaps = sample.frame.select(
            [sample.frame[name].is_null().cast(pl.Int8).cast(pl.String) for name in names]
        )
        pattern = coded(gaps.select(pattern=_joined(names)).to_series())
        whole = strength(pattern.codes, sample.y, levels=pattern.levels, folds=sample.folds, classes=classes)
        if whole.power < TELLING:
            return
        alone = {
            name: strength(
                sample.frame[name].is_null().to_numpy().astype(np.int64),
                sample.y,
                levels=2,
                folds=sample.folds,
                classes=classes,
            ).power
            for name in names
        }
        strongest = max(alone, key=lambda name: alone[name])
        if whole.power - alone[strongest] < GAIN:
            return
        told = sorted(names, key=lambda name: -alone[name])[:8]
        yield raised(
            self,
            title=f"which of {len(names)} columns are missing tells the target",
            severity=Severity.HIGH if whole.power >= LEAKING else Severity.MEDIUM,
            confidence=85,
            subject="missing values",
            evidence=(
                f"the pattern of gaps alone reaches {whole.told} out of fold",
                (
                    f"the strongest single gap, of {strongest}, is worth {alone[strongest]:.2f} against "
                    f"{whole.power:.2f}"
                ),
                f"columns with gaps: {', '.join(told)}",
            ),
            why="Gaps that follow the outcome (a form that is filled in for one kind of case) are not "
            "there when the "
            "prediction is asked for.",
            fix="Find out when each of the columns is filled in; exclude those filled in afterwards.",
            question="Are these columns filled in, or left empty, before the outcome is known?",
            columns=tuple(told),
        )


def _joined(names: list[str]) -> pl.Expr:
    return pl.concat_str(names)

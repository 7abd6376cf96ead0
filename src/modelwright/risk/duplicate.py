"""DUPLICATE: rows that occur more than once, and rows that contradict each other."""

from collections.abc import Iterator

import polars as pl

from modelwright.data.inference import RICH_BITS, row_bits
from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["DuplicateCheck"]

MANY = 0.01
"""Share of repeated rows that is more than an oversight."""


class DuplicateCheck:
    """Finds exact duplicates and equal feature rows with different targets.

    Examples:
        >>> DuplicateCheck().code
        'DUPLICATE'
    """

    code = "DUPLICATE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield a risk for repeated rows and one for contradicting rows."""
        columns = [name for name in view.test.columns if name != ROW_ID]
        features = list(view.features)
        if not features:
            return
        everything = pl.concat(
            [frame.select(columns) for frame in view.parts.values()], how="vertical_relaxed"
        )
        repeated = everything.height - everything.select(columns).hash_rows(seed=1).n_unique()
        target = view.target.name
        labelled = pl.concat([view.train, view.validation], how="vertical_relaxed")
        exact = labelled.height - labelled.select([*columns, target]).hash_rows(seed=1).n_unique()
        if repeated:
            share = repeated / everything.height
            many = share >= MANY
            rich = many and row_bits(view.sample.frame.select(features)) >= RICH_BITS
            curable = rich and view.contract.data.duplicates == "keep"
            yield raised(
                self,
                title=f"{repeated:,} rows repeat an earlier row",
                severity=Severity.MEDIUM if many else Severity.LOW,
                confidence=100,
                evidence=(
                    f"{repeated:,} of {everything.height:,} rows ({share:.1%}) repeat another (target aside)",
                    f"{exact:,} of {labelled.height:,} labelled rows equal another, target included",
                ),
                why="Repeated rows weigh double in training and flatter every score when they fall on "
                "both sides.",
                fix="Drop exact duplicates (data.duplicates: drop) where they are one event delivered twice.",
                question="Are equal rows the same event delivered twice, or different events that look "
                "alike?",
                proposal="modify" if curable else "accept",
                change="set data.duplicates to drop" if curable else "",
            )
        yield from self._contradictions(view, labelled)

    def _contradictions(self, view: RiskView, labelled: pl.DataFrame) -> Iterator[Risk]:
        if view.target.task == "regression":
            return
        grouped = (
            labelled.select(
                key=labelled.select(list(view.features)).hash_rows(seed=1), y=pl.col(view.target.name)
            )
            .group_by("key")
            .agg(rows=pl.len(), labels=pl.col("y").n_unique())
        )
        torn = grouped.filter(pl.col("labels") > 1)
        rows = int(torn["rows"].sum())
        if rows / max(labelled.height, 1) < MANY:
            return
        yield raised(
            self,
            title=f"{rows:,} rows have equal features and different targets",
            severity=Severity.LOW,
            confidence=100,
            subject=view.target.name,
            evidence=(f"{torn.height:,} feature rows occur with more than one target",),
            why="No model can tell such rows apart; they bound the quality that can be reached.",
            fix="Look for a missing feature or noisy labels; accept when the outcome is uncertain by nature.",
        )

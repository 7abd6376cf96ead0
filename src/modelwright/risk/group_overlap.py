"""GROUP-OVERLAP: one person, device or shop on both sides of the split."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["GroupOverlapCheck"]

REPEATED = 1.2
"""Rows per value from which an entity repeats."""

FEWEST = 20
"""Values below which a column so named is a kind, not an entity."""

NAMES = frozenset({"id", "ids", "uuid", "user", "customer", "client", "patient", "person", "account",
                   "device", "household", "subject", "idcode", "session",
                   "vehicle", "store"})  # fmt: skip
"""Words of columns that name something which may repeat."""


class GroupOverlapCheck:
    """Finds values of an entity or group column that occur in training and in the held-out parts.

    Examples:
        >>> GroupOverlapCheck().code
        'GROUP-OVERLAP'
    """

    code = "GROUP-OVERLAP"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column that names something in several parts."""
        split = view.contract.data.split
        declared = [
            split.group,
            view.contract.prediction.entity,
            *view.contract.data.of_role("entity", "group"),
        ]
        for name in dict.fromkeys(one for one in declared if one and one in view.train.columns):
            apart = split.policy == "group" or split.new_groups
            yield from self._measured(view, name, promised=apart and name == split.group)
        for name in view.usable:
            if name not in declared and _seems_entity(view.train[name], name):
                yield from self._measured(view, name, promised=False, guessed=True)

    def _measured(
        self, view: RiskView, name: str, *, promised: bool, guessed: bool = False
    ) -> Iterator[Risk]:
        train = view.train[name].drop_nulls()
        distinct = train.unique()
        held = view.test[name].drop_nulls()
        if len(distinct) == 0 or len(held) == 0:
            return
        shared = int(held.is_in(distinct.implode()).sum())
        repeats = len(train) / len(distinct)
        if not shared or (repeats < REPEATED and not promised):
            return
        if view.contract.data.split.policy == "temporal" and not promised:
            return
        yield raised(
            self,
            title=f"{shared:,} test rows share a value of {name} with training",
            severity=Severity.CRITICAL if promised else Severity.MEDIUM if guessed else Severity.HIGH,
            confidence=100 if promised else 60 if guessed else 90,
            subject=name,
            evidence=(
                f"{len(distinct):,} values in {len(train):,} training rows: {repeats:.1f} rows each",
                f"{shared:,} of {len(held):,} test rows ({shared / len(held):.1%}) share one",
            ),
            why="The model recognises whom it has seen, and the score says nothing about newcomers.",
            fix=f"Set `split.policy: group` with `group: {name}`, unless every case served is known from "
            "training.",
            question="" if promised else f"Will the model be asked about a {name} that it never saw?",
            proposal="block" if promised else "accept" if guessed else "modify",
            change="" if promised else f"split by group {name}",
            columns=(name,),
        )


def _seems_entity(column: pl.Series, name: str) -> bool:
    if not (NAMES & set(words(name))) or not (column.dtype.is_integer() or column.dtype == pl.String):
        return False
    distinct = column.drop_nulls().n_unique()
    return distinct >= max(FEWEST, 0.02 * len(column)) and len(column) / distinct >= REPEATED

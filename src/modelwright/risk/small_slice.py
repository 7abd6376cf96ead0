"""SMALL-SLICE: slices that must be reported on and are too small to say anything."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.sensitive import sensitive_columns

__all__ = ["SmallSliceCheck"]

MOST_VALUES = 40
"""Values of a column that is a slice; more are an amount or a name."""


class SmallSliceCheck:
    """Finds values of declared slices and protected attributes with too few test rows to be reported.

    Examples:
        >>> SmallSliceCheck().category
        'bias and fairness'
    """

    code = "SMALL-SLICE"
    category: Category = "bias and fairness"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column."""
        plan = view.contract.evaluation
        least = plan.min_slice_rows
        for name in dict.fromkeys((*plan.slices, *sensitive_columns(view))):
            if name not in view.test.columns or view.test[name].n_unique() > MOST_VALUES:
                continue
            tested = _counts(view.test[name])
            small = {
                value: tested.get(value, 0)
                for value in _counts(view.train[name])
                if tested.get(value, 0) < least
            }
            if not small:
                continue
            listed = sorted(small, key=lambda value: (small[value], value))
            yield raised(
                self,
                title=f"{len(small)} of {len(_counts(view.train[name]))} values of {name} have fewer "
                f"than {least} test "
                "rows",
                severity=Severity.LOW,
                confidence=100,
                subject=name,
                evidence=(
                    ", ".join(f"{value}: {small[value]:,} test rows" for value in listed[:8]),
                    f"a share measured on {least} rows is known to within ± {0.98 / least**0.5:.2f}",
                ),
                why="Nobody will see whether the model fails for them: their figures are unknown, and a "
                "gate on them "
                "blocks.",
                fix=f"Collect more of them, or join values of {name} that mean the same for the decision.",
                question=f"May the model decide about values of {name} on which it cannot be judged?"
                if name in plan.slices
                else "",
                columns=(name,),
            )


def _counts(column: pl.Series) -> dict[str, int]:
    counted = column.cast(pl.String).drop_nulls().alias("value").value_counts(sort=True)
    return {str(value): int(count) for value, count in counted.iter_rows()}

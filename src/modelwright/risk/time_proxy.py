"""TIME-PROXY: features that tell when, or where in the file, a row comes from."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.order import bound_to, drift_of, order_of

__all__ = ["TimeProxyCheck"]

DRIFT = 0.01
"""Share of the target's variance between tenths of the order from which a proxy can earn anything."""

CHANCE = 1e-6
"""Largest chance of a drift this large without any."""


class TimeProxyCheck:
    """Finds features whose value follows from the row's place in time while the target drifts.

    Examples:
        >>> TimeProxyCheck().category
        'distribution shift'
    """

    code = "TIME-PROXY"
    category: Category = "distribution shift"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk naming all proxies."""
        order = order_of(view)
        if order is None:
            return
        drift = drift_of(view, order)
        if drift.share < DRIFT or drift.p > CHANCE or drift.sorted_by_target:
            return
        bound = bound_to(view, order)
        if not bound:
            return
        random = view.contract.data.split.policy != "temporal"
        listed = sorted(bound, key=lambda name: -view.sample.strength(name).power)
        yield raised(
            self,
            title=f"{', '.join(listed)} {'tells' if len(listed) == 1 else 'tell'} the place of a row in "
            f"{order.name}",
            severity=Severity.MEDIUM if random else Severity.LOW,
            confidence=85,
            subject=order.name,
            evidence=tuple(
                f"{name}: {bound[name]:.1%} follows from {order.name}; alone it reaches "
                f"{view.sample.strength(name).told}"
                for name in listed[:10]
            ),
            why="Such a column says `these rows come from that period`, whose rate the model then "
            "repeats. The next "
            "period has values never seen, and under a random split nobody notices.",
            fix="Judge on a temporal split, and prefer changes or ratios to levels that only ever move on.",
            question=f"Is the order of {order.name} time, and will values of {', '.join(listed[:5])} come "
            "again?",
            columns=tuple(listed),
        )

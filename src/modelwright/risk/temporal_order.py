"""TEMPORAL-ORDER: rows that have a time, split as if they had none."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.order import Drift, Order, bound_to, drift_of, order_of

__all__ = ["TemporalOrderCheck"]

NOTED = 0.01
"""Share of the target's variance between tenths of the order that is worth a question."""

STRONG = 0.05
"""Share from which, with other columns moving along, the order is most likely time."""

CHANCE = 1e-6
"""Largest chance of a drift this large without any."""


class TemporalOrderCheck:
    """Finds a time column, or a target that drifts along the rows, under a split that mixes past and future.

    Examples:
        >>> TemporalOrderCheck().code
        'TEMPORAL-ORDER'
    """

    code = "TEMPORAL-ORDER"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk; none under a temporal split."""
        if view.contract.data.split.policy == "temporal":
            return
        order = order_of(view)
        if order is None:
            return
        drift = drift_of(view, order)
        drifting = drift.p <= CHANCE and drift.share >= NOTED
        if order.column is not None:
            yield self._dated(view, order, drift, drifting=drifting)
        elif drifting:
            yield self._undated(view, drift, moving=tuple(bound_to(view, order)))

    def _dated(self, view: RiskView, order: Order, drift: Drift, *, drifting: bool) -> Risk:
        return raised(
            self,
            title=f"rows have a time ({order.name}) and are split {view.contract.data.split.policy}",
            severity=Severity.HIGH if drifting else Severity.MEDIUM,
            confidence=90 if drifting else 75,
            subject=order.name,
            evidence=_told(drift, order.name),
            why="Trained on rows later than those it is tested on, the model seems to know the future.",
            fix=f"Split by {order.name}: train on the past, test on the latest rows.",
            question="Is the model asked about rows later than those it learns from, in the order of "
            f"{order.name}?",
            proposal="modify",
            change=f"split temporally by {order.name}",
        )

    def _undated(self, view: RiskView, drift: Drift, *, moving: tuple[str, ...]) -> Risk:
        policy = view.contract.data.split.policy
        if drift.sorted_by_target:
            return raised(
                self,
                title="the source is sorted by the target",
                severity=Severity.LOW,
                confidence=100,
                subject="row order",
                evidence=_told(drift, "row order"),
                why="The order of the rows tells the target; whatever depends on it leaks.",
                fix="Keep the row order out of the features; a split that shuffles is right.",
            )
        strong = drift.share >= STRONG and bool(moving)
        told = _told(drift, "row order")
        if moving:
            told = (*told, f"columns that move with the rows: {', '.join(moving)}")
        return raised(
            self,
            title=f"the target drifts along the rows of the source, and rows are split {policy}",
            severity=Severity.HIGH if strong else Severity.MEDIUM,
            confidence=80 if strong else 60,
            subject="row order",
            evidence=told,
            why="If the rows stand in the order of time, place or origin, a random split tests on "
            "neighbours of the "
            "training rows, and the score is better than production will be.",
            fix="If the order is time, set `split.policy: temporal` with `order: rows`; if it is place "
            "or origin, "
            "split by groups of it.",
            question="What is the order of the rows in the source: time, place, origin, or chance?",
            proposal="modify" if strong else "accept",
            change="split temporally by row order" if strong else "",
        )


def _told(drift: Drift, name: str) -> tuple[str, ...]:
    first, last = drift.means[0], drift.means[-1]
    what = f"share of '{drift.label}'" if drift.label else "mean target"
    lowest, highest = min(drift.means), max(drift.means)
    return (
        f"{what} is {first:.3g} in the first tenth of {name} and {last:.3g} in the last",
        f"it moves between {lowest:.3g} and {highest:.3g}",
        f"{drift.share:.1%} of the target's variance lies between tenths (p = {drift.p:.1g})",
    )

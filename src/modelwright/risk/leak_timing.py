"""LEAK-TIMING: columns that are known only after the outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from modelwright.contracts.contract import Contract
from modelwright.kernel.finding import Severity
from modelwright.risk.association import dependence
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words
from modelwright.risk.order import bound_to, order_of
from modelwright.risk.strength import Strength
from modelwright.risk.target_copy import copies
from modelwright.risk.target_sum import identity_of

__all__ = ["LeakTimingCheck"]

AFTERWARDS = frozenset({
    "duration", "elapsed", "outcome", "result", "results", "final", "actual", "closed", "closing",
    "end", "ended", "after", "post", "paid", "refund", "refunded", "recovered", "recovery", "settled",
    "settlement", "cancel", "cancelled", "canceled", "cancellation", "churned", "exit", "left",
    "discharge", "discharged", "death", "died", "deceased", "survived", "returned", "resolved",
    "resolution", "approved", "rejected", "verdict", "completed", "finished", "winner", "won", "sold",
    "chargeback", "default", "defaulted", "event", "relapse", "relapsed"
})  # fmt: skip
"""Words of columns that are often filled in when the outcome is known."""

STRONG: Mapping[str, float] = {"binary": 0.5, "multiclass": 0.5, "regression": 0.8}
"""Strength from which a lead over the other columns is suspicious; 0.5 is an AUC of 0.75."""

LEAD = 0.2
"""Lead over the strongest column of another family."""

EXTREME = 0.9
"""Strength that is suspicious without a lead; an AUC of 0.95."""

HINTED = 0.3
"""Strength that is suspicious together with the name."""

KIN = 0.5
"""Dependence from which two columns belong to one family and do not lead each other."""

LEAST = 100
"""Rows from which a strength is known well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    strength: Strength
    rival: str
    rival_power: float
    hint: str
    family: int


def _joined_before(contract: Contract) -> frozenset[str]:
    """Return the columns joined as of before each row's moment: their time is settled by the join itself.

    A table declared `cutoff: until` sees the very moment too, which may be that of the outcome.
    """
    tables = contract.data.feature_tables
    return frozenset(name for table in tables if table.cutoff == "before" for name in table.outputs)


class LeakTimingCheck:
    """Finds features known only afterwards: declared so, or by a strength far above all other columns.

    A column declared `available_at: after` is certain. A column that alone predicts the target far better
    than every other is a suspicion which a person resolves: the data cannot tell when a value was written.
    Columns that follow the order of the rows are left to TIME-PROXY: their strength has a reason. Columns of
    feature tables are joined as of before the row's moment, and are not asked about.

    Examples:
        >>> LeakTimingCheck().code
        'LEAK-TIMING'
    """

    code = "LEAK-TIMING"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column, declared ones first."""
        declared = {name: view.contract.data.columns[name].available_at for name in view.features}
        for name in view.features:
            if declared[name] == "after":
                yield self._certain(view, name)
        if view.sample.rows < LEAST:
            return
        order = order_of(view)
        bound = frozenset(bound_to(view, order)) if order else frozenset[str]()
        identity = identity_of(view)
        told = {*copies(view), *(identity.columns if identity else ())}
        joined = _joined_before(view.contract)
        free = tuple(name for name in view.usable if name not in bound and name not in told)
        for name in view.usable:
            if name in told or name in joined or (name in bound and declared[name] != "unknown"):
                continue
            standing = self._standing(view, name, free=free)
            severity = self._severity(view.target.task, standing)
            if severity is not None or declared[name] == "unknown":
                yield self._suspected(view, name, standing, severity=severity or Severity.MEDIUM)

    def _certain(self, view: RiskView, name: str) -> Risk:
        told = f"alone it reaches {view.sample.strength(name).told} out of fold"
        reason = view.contract.data.columns[name].reason
        return raised(
            self,
            title=f"{name} is known only after the outcome",
            severity=Severity.CRITICAL,
            confidence=100,
            subject=name,
            evidence=("the contract says `available_at: after`", told, *((reason,) if reason else ())),
            why="When the prediction is asked for the value does not exist yet; a score that used it is "
            "worthless.",
            fix=f"Exclude {name} from the features.",
            proposal="modify",
            change=f"exclude column {name}",
            columns=(name,),
        )

    def _standing(self, view: RiskView, name: str, *, free: tuple[str, ...]) -> _Standing:
        strength = view.sample.strength(name)
        hint = next((word for word in words(name) if word in AFTERWARDS), "")
        rival, rival_power, family = "", 0.0, 0
        code = view.sample.coded(name)
        for other, measured in view.sample.strengths(free) if strength.power >= HINTED else ():
            near = view.sample.coded(other)
            if other == name:
                continue
            if dependence(code, near) < KIN and dependence(near, code) < KIN:
                rival, rival_power = other, measured.power
                break
            family += measured.power >= 0.8 * strength.power
        return _Standing(strength=strength, rival=rival, rival_power=rival_power, hint=hint, family=family)

    def _severity(self, task: str, standing: _Standing) -> Severity | None:
        power = standing.strength.power
        leads = power >= STRONG[task] and power - standing.rival_power >= LEAD and not standing.family
        if power < HINTED or not (leads or standing.hint or power >= EXTREME):
            return None
        if leads and (standing.hint or task != "regression"):
            return Severity.HIGH
        return Severity.HIGH if power >= EXTREME and standing.hint else Severity.MEDIUM

    def _suspected(self, view: RiskView, name: str, standing: _Standing, *, severity: Severity) -> Risk:
        strength = standing.strength
        evidence = [f"alone it reaches {strength.told} out of fold"]
        if standing.rival:
            rival = view.sample.strength(standing.rival)
            evidence.append(f"the strongest unrelated column, {standing.rival}, reaches {rival.told}")
        if standing.hint:
            evidence.append(f"its name says '{standing.hint}'")
        if view.contract.data.columns[name].available_at == "unknown":
            evidence.append("the contract does not know when it is available")
        lead = max(0.0, strength.power - standing.rival_power) if standing.rival else 0.0
        confidence = (
            30 + 40 * strength.power + 25 * min(1.0, lead / LEAD) * 0.5 + (25 if standing.hint else 0)
        )
        certain = severity is Severity.HIGH and bool(standing.hint)
        return raised(
            self,
            title=f"{name} may be known only after the outcome",
            severity=severity,
            confidence=int(np.clip(confidence, 30, 95)),
            subject=name,
            evidence=evidence,
            why="A column that is filled in with the outcome, or because of it, gives the answer away in "
            "training "
            "and is missing when the prediction is asked for.",
            fix=f"If {name} is known only afterwards, set `available_at: after` and exclude it.",
            question=f"Is {name} known at the moment a prediction is asked for?",
            proposal="modify" if certain else "accept",
            change=f"exclude column {name}",
            columns=(name,),
        )

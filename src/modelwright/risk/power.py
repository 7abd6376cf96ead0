"""POWER: gates that the test part is too small to judge."""

import math
from collections.abc import Iterator

import numpy as np

from modelwright.contracts.gate import GateLine, parse_gate
from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.strength import auc

__all__ = ["PowerCheck", "auc_error", "needed"]

BOUND, CHANCE = 1.96, 0.84
"""Standard errors of a 95 % interval's end, and those that leave a chance of 80 %."""

WIDE = 0.03
"""How far beyond the gate a model must be, to pass in four of five cases, from which it is told."""

SHARES = frozenset({"accuracy", "precision", "recall", "balanced_accuracy"})
"""Metrics that are shares of rows."""


def auc_error(value: float, positives: float, negatives: float) -> float:
    """Return the standard error of an AUC (Hanley and McNeil, Radiology 143, 1982).

    Examples:
        >>> round(auc_error(0.8, 100, 900), 3)
        0.027
    """
    first, second = value / (2 - value), 2 * value**2 / (1 + value)
    spread = (
        value * (1 - value) + (positives - 1) * (first - value**2) + (negatives - 1) * (second - value**2)
    )
    return math.sqrt(max(spread, 0.0) / max(positives * negatives, 1.0))


def needed(line: GateLine, *, rows: float, positives: float) -> float | None:
    """Return how good a model must truly be to pass a gate in four of five cases; None when unknown.

    More than 1 means that no model can.

    Examples:
        >>> round(needed(parse_gate("roc_auc >= 0.8"), rows=1000, positives=100), 2)
        0.87
        >>> needed(parse_gate("p99 <= 20 ms"), rows=1000, positives=100) is None
        True
    """
    if line.threshold is None or line.comparison not in {">=", ">"} or line.basis == "point" or line.slice:
        return None
    if line.metric not in SHARES and line.metric != "roc_auc":
        return None
    if not 0 < line.threshold < 1 or rows < 1 or positives < 1:
        return None
    counted = positives if line.metric in {"recall", "precision"} else rows
    for value in np.arange(line.threshold, 1.0, 0.002):
        error = math.sqrt(value * (1 - value) / counted)
        if line.metric == "roc_auc":
            error = auc_error(float(value), positives, max(rows - positives, 1.0))
        if value - (BOUND + CHANCE) * error >= line.threshold:
            return float(value)
    return 1.01


def _foreseen(view: RiskView) -> float:
    """Return the AUC of the probe: what is reached easily needs no narrow interval."""
    if view.probe is None or view.target.task != "binary":
        return 0.0
    y = view.sample.y[view.probe.rows]
    return auc(view.probe.scores[:, 1], y, 1 - y)


class PowerCheck:
    """Compares each gate with what the test part can show: how good a model must be to pass it.

    A gate on the AUC that a small model would pass with certainty is left alone.

    Examples:
        >>> PowerCheck().code
        'POWER'
    """

    code = "POWER"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk naming all gates."""
        if view.target.task == "regression" or view.sample.rows == 0:
            return
        rows = float(view.test.height)
        positives = rows
        if view.target.task == "binary":
            positives = rows * float(view.sample.y.mean())
        told: dict[str, tuple[float, float]] = {}
        for text in view.contract.gates.lines:
            try:
                line = parse_gate(text)
            except ModelwrightError:  # the contract tells of it
                continue
            value = needed(line, rows=rows, positives=positives)
            if value is None or line.threshold is None:
                continue
            if value <= 1 and value - line.threshold < WIDE:
                continue
            if line.metric != "roc_auc" or value > 1 or _foreseen(view) < value:
                told[text] = (value, line.threshold)
        if not told:
            return
        hopeless = [text for text, (value, _) in told.items() if value > 1]
        yield raised(
            self,
            title=f"{rows:,.0f} test rows are few for {'this gate' if len(told) == 1 else 'these gates'}: "
            + ", ".join(told),
            severity=Severity.MEDIUM,
            confidence=85,
            subject="gates",
            evidence=(
                f"{rows:,.0f} test rows, about {positives:,.0f} of the class that counts",
                *(
                    f"{text}: no model passes in four of five cases"
                    if text in hopeless
                    else f"{text}: a model must truly reach {value:.2f} to pass in four of five cases"
                    for text, (value, _) in told.items()
                ),
            ),
            why="A good model fails by chance, and looks are spent on noise.",
            fix="Seal more rows, collect more of the rare class, or set the gate to what the rows can show.",
            question="Is the gate meant for the true quality, or for what this test part can prove?",
        )

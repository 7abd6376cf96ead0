"""Recommending: the simplest design that no other beats beyond chance, within what the contract allows."""

from collections.abc import Sequence

import numpy as np

from modelwright.candidates.design import Design, DesignName
from modelwright.candidates.estimator import Vector
from modelwright.contracts.contract import Contract
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec

__all__ = ["recommend", "row_losses"]

BEYOND_CHANCE = 2.0
"""Standard errors a paired difference of losses must exceed."""

WORTH_IT = 0.01
"""Share of the loss a more complex design must save: less is not worth keeping several models alive."""

READABLE = ("interpretab", "explain", "transparen")
"""Words in the contract's constraints that ask for a model people can read."""


def row_losses(y: Vector, scores: Matrix, target: TargetSpec) -> Vector:
    """Return the loss of each row: negative log-likelihood or squared error.

    Examples:
        >>> row_losses(np.array([1.0]), np.array([[3.0]]), TargetSpec(task="regression", name="y")).tolist()
        [4.0]
    """
    if target.classes:
        chosen = scores[np.arange(len(y)), y.astype(np.intp)]
        return -np.log(np.clip(chosen, 1e-15, 1.0))
    return (scores[:, 0] - y) ** 2


def _saved(simple: Vector, complex_: Vector) -> tuple[float, bool]:
    """Return the share of loss the second saves, and whether that is more than chance."""
    difference = simple - complex_
    mean = float(difference.mean())
    error = float(difference.std(ddof=1) / np.sqrt(len(difference))) if len(difference) > 1 else np.inf
    share = mean / float(simple.mean()) if simple.mean() > 0 else 0.0
    return share, mean > BEYOND_CHANCE * error


def recommend(
    designs: Sequence[Design], losses: Sequence[Vector], contract: Contract, *, target: TargetSpec
) -> tuple[DesignName, str]:
    """Return the design that fits the contract best, and why.

    Args:
        designs: Baseline, pragmatic, frontier, probed.
        losses: Losses of each design on the same measured rows.
        contract: Latency, constraints, cost of mistakes.
        target: What is predicted.

    Examples:
        >>> recommend.__name__
        'recommend'
    """
    _, pragmatic, frontier = designs
    allowed = contract.prediction.latency.p95_ms
    wanted = [
        item for item in contract.decision.constraints if any(word in item.lower() for word in READABLE)
    ]
    share, sure = _saved(losses[0], losses[1])
    more, more_sure = _saved(losses[1], losses[2])
    told = [
        _compared("pragmatic", "baseline", share=share, sure=sure, rows=len(losses[0])),
        _compared("frontier", "pragmatic", share=more, sure=more_sure, rows=len(losses[0])),
    ]
    choice: DesignName = "baseline"
    if wanted:
        told.append(f"The contract asks for a model people can read ({wanted[0]}): only the baseline is one.")
    elif not (sure and share >= WORTH_IT):
        told.append("The baseline is not beaten by enough to pay for anything more complex.")
    elif more_sure and more >= WORTH_IT and _latency(frontier) <= allowed:
        choice = "frontier"
        told.append(f"It answers in {_latency(frontier):.2f} ms; the contract allows {allowed:g} ms at p95.")
    else:
        choice = "pragmatic"
        told.append(
            f"It answers in {_latency(pragmatic):.2f} ms; the contract allows {allowed:g} ms at p95. "
            "What the frontier design saves beyond it does not pay for its members."
        )
    mistakes = contract.decision.mistakes
    if target.task == "binary" and mistakes.wrong_no != mistakes.wrong_yes:
        told.append(
            f"A wrong no costs {mistakes.wrong_no:g}, a wrong yes {mistakes.wrong_yes:g} ({mistakes.unit}): "
            "probabilities must be honest for the threshold to be right, so designs are compared by log loss."
        )
    return choice, " ".join(told)


def _latency(design: Design) -> float:
    return design.probe.latency_ms if design.probe else np.inf


def _compared(name: str, other: str, *, share: float, sure: bool, rows: int) -> str:
    verb = "lowers" if share >= 0 else "raises"
    chance = "beyond chance" if sure else "within chance"
    told = f"{verb} the loss of the {other} by {abs(share):.1%} ({chance})"
    return f"On {rows:,} probe rows the {name} design {told}."

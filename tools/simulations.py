"""How often a useless model passes a gate after k looks: writes docs/simulations.md and its plot.

Under the null nothing can be learned: labels are drawn by fair coins. The gate asks for an accuracy above one
half, shown by the interval. Whoever looks k times asks about k - 1 models that guess, and puts together what
was told into the last one (Blum and Hardt, ICML 2015, call it the boosting attack). Four ways to answer are
compared on the same draws; levels and bits of the last one come from the code that answers real looks.

    .venv/bin/python -m tools.simulations
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.look import ToldLine
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.reuse import Rung, Standing, brief, spent
from modelwright.kernel.outcome import Status

__all__ = ["ANSWERS", "Simulated", "simulate"]

PAGE = Path("docs/simulations.md")
PICTURE = Path("docs/images/simulations.svg")
COMMAND = ".venv/bin/python -m tools.simulations"

ALPHA = 0.05
"""What all looks together may err, as in a contract with intervals at 95 %."""

SLICES = 12
"""Slices that a whole report shows."""

Vector = npt.NDArray[np.float64]
Signs = npt.NDArray[np.float32]
Halves = Callable[[int, Vector, Vector], Vector]

ANSWERS: Mapping[str, str] = {
    "whole reports": "95 % intervals, exact numbers, twelve slices, as often as one likes",
    "exact numbers": "95 % intervals, exact numbers, no slices, as often as one likes",
    "budget alone": "intervals at 1 - 0.05 / k for the k looks allowed, exact numbers",
    "sealed scorer": "what Modelwright answers",
}
"""Ways to answer, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Shares of useless models that passed.

    Examples:
        >>> Simulated(looks=(1,), rates={"sealed scorer": (0.02,)}, draws=100).error(0.02)
        0.014
    """

    looks: tuple[int, ...]
    """Numbers of looks."""
    rates: Mapping[str, tuple[float, ...]]
    """Way to answer, and the share that passed within so many looks."""
    draws: int
    """How often each was simulated."""

    def error(self, rate: float) -> float:
        """Return the standard error of a rate."""
        return round(math.sqrt(rate * (1 - rate) / self.draws), 4)


def simulate(*, draws: int, rows: int, looks: Sequence[int], seed: int) -> Simulated:
    """Return how often a useless model passes within so many looks, for each way to answer.

    Args:
        draws: Simulations.
        rows: Sealed rows.
        looks: Numbers of looks.
        seed: Seed of all draws.

    Examples:
        >>> found = simulate(draws=200, rows=100, looks=(1, 4), seed=1)
        >>> found.rates["sealed scorer"][1] <= found.rates["whole reports"][1]
        True
    """
    rng = np.random.default_rng(seed)
    labels = _signs(rng, draws, rows)
    probes = [_signs(rng, draws, rows) * labels for _ in range(max(looks) - 1)]
    last = _signs(rng, draws, rows) * labels
    rates: dict[str, tuple[float, ...]] = {}
    for name in ("whole reports", "exact numbers", "budget alone"):
        rates[name] = tuple(
            _open(
                probes[: count - 1], last, name=name, alpha=ALPHA / count if name == "budget alone" else ALPHA
            )
            for count in looks
        )
    rates["sealed scorer"] = _sealed(probes, last, looks=looks)
    return Simulated(looks=tuple(looks), rates=rates, draws=draws)


def _signs(rng: np.random.Generator, draws: int, rows: int) -> Signs:
    """Return fair coins as -1 and 1. A model times the labels says where it is right: all that is needed."""
    coins = rng.integers(0, 2, size=(draws, rows), dtype=np.int8).astype(np.float32)
    return coins * 2 - 1


def _accuracy(right: Signs) -> Vector:
    share: Vector = (1 + right.mean(axis=1, dtype=np.float64)) / 2
    return share


def _half(accuracy: Vector, rows: int) -> Vector:
    return np.sqrt(accuracy * (1 - accuracy) / rows)


def _vote(votes: Signs, last: Signs) -> Signs:
    """Return the model of all votes; a coin decides a tie."""
    return np.where(votes == 0, last, np.sign(votes)).astype(np.float32)


def _open(probes: Sequence[Signs], last: Signs, *, name: str, alpha: float) -> float:
    """Return the share that passes when exact numbers are told at one level."""
    rows = last.shape[1]
    wide = norm.isf(alpha / 2)
    votes = np.zeros_like(last)
    passed = np.zeros(len(last), dtype=bool)
    for right in (*probes, None):
        tried = _vote(votes, last) if right is None else right
        accuracy = _accuracy(tried)
        passed |= accuracy - wide * _half(accuracy, rows) > 0.5
        if name == "whole reports":
            pieces = np.array_split(np.arange(rows), SLICES)
            for piece in pieces:
                votes[:, piece] += tried[:, piece].mean(axis=1, keepdims=True) * tried[:, piece]
        else:
            votes += (accuracy - 0.5).astype(np.float32)[:, None] * tried
    return float(passed.mean())


def _sealed(probes: Sequence[Signs], last: Signs, *, looks: Sequence[int]) -> tuple[float, ...]:
    """Return the shares that pass when answers are those of the sealed scorer."""
    rows = last.shape[1]
    first_bits, again_bits, none_bits, step = _costs(rows)
    votes = np.zeros_like(last)
    passed = np.zeros(len(last), dtype=bool)
    bits = np.zeros(len(last))
    best = np.full(len(last), -np.inf)
    shares = {}
    for number, right in enumerate((*probes, None), start=1):
        if number in looks:
            shares[number] = float((passed | _passes(_vote(votes, last), number, bits)).mean())
        if right is None:
            break
        accuracy = _accuracy(right)
        passed |= _passes(right, number, bits)
        told = accuracy > best + step
        rung = np.round(accuracy / step) * step
        # The line is told as failed below one half and as unknown above: its sign, for every look.
        weight = np.where(accuracy > 0.5, 1.0, -1.0) * 0.4 / math.sqrt(rows)
        weight = np.where(told & (np.abs(rung - 0.5) > step / 2), rung - 0.5, weight)
        votes += weight.astype(np.float32)[:, None] * right
        bits += np.where(told, first_bits if number == 1 else again_bits, none_bits)
        best = np.where(told, rung, best)
    return tuple(shares[count] for count in looks)


def _passes(right: Signs, number: int, bits: Vector) -> npt.NDArray[np.bool_]:
    levels = {told: spent(number, alpha=ALPHA, bits=int(told)) for told in np.unique(bits)}
    wide = norm.isf(np.array([levels[told] for told in bits]) / 2)
    accuracy = _accuracy(right)
    passes: npt.NDArray[np.bool_] = accuracy - wide * _half(accuracy, right.shape[1]) > 0.5
    return passes


def _costs(rows: int) -> tuple[int, int, int, float]:
    """Ask the code that answers real looks what its answers cost: the first, a better one, and none."""
    half = 0.98 / math.sqrt(rows)
    estimate = Estimate(
        metric="accuracy",
        value=0.5,
        low=0.5 - half,
        high=0.5 + half,
        level=1 - ALPHA,
        rows=rows,
        direction="higher",
    )
    report = EvaluationReport(
        part="test", contract_digest="", snapshot_digest="", run_id="", pipeline_digest="", task="binary",
        target="y", classes=("no", "yes"), primary="accuracy", rows=rows, level=1 - ALPHA, resamples=1000,
        seed=0, estimates=(estimate,),
    )  # fmt: skip
    lines = (ToldLine(text="accuracy > 0.5", status=Status.UNKNOWN),)
    first = brief(report, Standing(look=1, allowed=99), lines=lines)
    step = first.rung.step if first.rung is not None else 0.0
    low = {"accuracy": Rung(place=0, step=step)}
    again = brief(report, Standing(look=2, allowed=99, rungs=low), lines=lines)
    high = {"accuracy": Rung(place=round(1 / step), step=step)}
    none = brief(report, Standing(look=2, allowed=99, rungs=high), lines=lines)
    return first.bits, again.bits, none.bits, step


def _page(found: Simulated, *, rows: int) -> str:
    head = " | ".join(f"k = {count}" for count in found.looks)
    lines = [
        f"| {name} | " + " | ".join(f"{rate:.1%}".replace("%", " %") for rate in rates) + " |"
        for name, rates in found.rates.items()
    ]
    meaning = [f"- **{name}**: {about}." for name, about in ANSWERS.items()]
    return "\n".join(
        [
            "# Simulations: looks at sealed labels",
            "",
            "How often does a model that knows nothing pass a gate, when its maker may look k times? Labels",
            f"are drawn by fair coins, {rows:,} sealed rows; the gate is an accuracy above one half, shown",
            "by the interval. The maker asks about k - 1 models that guess, and builds the last one of what",
            "was told: each model votes with its own accuracy; where slices are told, slice by slice. It is",
            'the boosting attack of Blum and Hardt, "The Ladder" (ICML 2015).',
            "",
            f"Share of {found.draws:,} makers who passed (standard error <= {found.error(0.5):.4f}):",
            "",
            f"| answers | {head} |",
            "|---|" + "---|" * len(found.looks),
            *lines,
            "",
            "![Share of useless models that pass, by number of looks](images/simulations.svg)",
            "",
            *meaning,
            "",
            "The intervals promise 5 % in all, above and below together: 2.5 % for one fixed model and one",
            "line. A budget alone does not keep the promise, because its answers tell the next question what",
            "to ask. The sealed scorer tells little, and widens each interval by what earlier answers told:",
            "see [the sealed scorer](scorer.md).",
            "",
            "Reproduce this page, plot included, with fixed seeds (some seconds):",
            "",
            "```sh",
            COMMAND,
            "```",
            "",
        ]
    )


def _draw(found: Simulated) -> None:
    import matplotlib as mpl  # plots are drawn by this command alone

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "modelwright"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for name, rates in found.rates.items():
        axes.plot(found.looks, rates, marker="o", markersize=3, label=name)
    axes.axhline(ALPHA, color="grey", linestyle=":", linewidth=1, label="promised: 5 %")
    axes.set_xlabel("looks")
    axes.set_ylabel("useless models that pass")
    axes.set_ylim(0, 1)
    axes.legend(fontsize=8)
    figure.savefig(PICTURE, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Simulate, and write the page and its plot."""
    rows = 500
    found = simulate(draws=4000, rows=rows, looks=(1, 2, 3, 5, 10, 20), seed=20261121)
    PAGE.write_text(_page(found, rows=rows), encoding="utf-8")
    _draw(found)
    for name, rates in found.rates.items():
        print(f"{name:>14}  " + "  ".join(f"{rate:.3f}" for rate in rates))


if __name__ == "__main__":
    main()

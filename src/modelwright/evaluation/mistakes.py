"""Error analysis on validation rows: piles of mistakes, and the segments where they gather."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.evaluation.bins import wilson
from modelwright.evaluation.decision import row_costs
from modelwright.evaluation.estimate import number
from modelwright.evaluation.sample import ABSTAINED, Matrix, Sample, Vector
from modelwright.evaluation.scores import check_actual, check_scores, refuse
from modelwright.evaluation.segments import segments_of
from modelwright.kernel.document import Callout, Document, Heading, Table, Text
from modelwright.kernel.errors import UserFault
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["MistakeReport", "Pile", "WeakSegment", "analyse"]

Flags = npt.NDArray[np.bool_]

LOW_CONFIDENCE = 0.6
"""Confidence below this is low, unless the contract names its own."""

LARGE = 0.9
"""Regression: an absolute error larger than this share of all errors is large."""

FALSE_DISCOVERIES = 0.05
"""Share of named segments that may be chance alone."""

MOST_SEGMENTS = 12
"""Weak segments that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Rows that went wrong, or might have, in the same way.

    Examples:
        >>> Pile(name="false negatives", rows=12, share=0.1, cost=48.0).rows
        12
    """

    name: str
    """Which way."""
    rows: int
    """How many rows."""
    share: float
    """Of all rows."""
    cost: float
    """What they cost together, in the contract's unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakSegment:
    """Rows with something in common that go wrong more often than the rest.

    Examples:
        >>> WeakSegment(
        ...     column="job",
        ...     value="student",
        ...     rows=100,
        ...     mistakes=30,
        ...     rate=0.3,
        ...     low=0.22,
        ...     high=0.4,
        ...     lift=2.0,
        ...     adjusted_p=0.001,
        ... ).lift
        2.0
    """

    column: str
    """The column."""
    value: str
    """The value or range."""
    rows: int
    """Rows of the segment."""
    mistakes: int
    """Rows of it that went wrong."""
    rate: float
    """Share of it that went wrong."""
    low: float
    """Lower end of Wilson's interval of that share."""
    high: float
    """Upper end of Wilson's interval of that share."""
    lift: float
    """That share divided by the share over all rows."""
    adjusted_p: float
    """How likely chance alone makes the difference, adjusted for the number of segments looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakeReport:
    """Where and how a model goes wrong on validation rows. No value of a single row.

    Examples:
        >>> MistakeReport(rows=0, mistakes=0, what="", piles=(), segments=(), looked_at=0).segments
        ()
    """

    rows: int
    """Rows looked at."""
    mistakes: int
    """Rows that went wrong."""
    what: str
    """What counts as going wrong."""
    piles: tuple[Pile, ...]
    """The ways in which rows go wrong."""
    segments: tuple[WeakSegment, ...]
    """Where mistakes gather, worst first."""
    looked_at: int
    """Segments that were compared with the rest."""

    def document(self) -> Document:
        """Return the analysis as a document."""
        share = self.mistakes / self.rows if self.rows else 0.0
        piles = tuple((p.name, f"{p.rows:,}", f"{100 * p.share:.1f} %", number(p.cost)) for p in self.piles)
        segments = tuple(
            (
                f"{s.column} = {s.value}",
                f"{s.mistakes:,} of {s.rows:,}",
                f"{100 * s.rate:.1f} % [{100 * s.low:.1f}, {100 * s.high:.1f}]",
                f"{s.lift:.2f} times",
                f"{s.adjusted_p:.2g}",
            )
            for s in self.segments
        )
        found = (
            Table(
                columns=("segment", "went wrong", "share", "against all rows", "adjusted p"),
                rows=segments,
                caption=f"{self.looked_at:,} segments were compared with the rest; of those named here "
                "about one in twenty may be chance alone (Benjamini and Hochberg, 1995).",
            )
            if segments
            else Text(text=f"None of {self.looked_at:,} segments goes wrong surely more often than the rest.")
        )
        wrong = f"{self.mistakes:,} of {self.rows:,} validation rows ({100 * share:.1f} %)"
        told = f"{wrong} went wrong: {self.what}."
        return Document(
            title="Mistakes on the validation part",
            blocks=(
                Callout(tone="note", text=told),
                Heading(text="Piles"),
                Table(columns=("pile", "rows", "share of rows", "cost"), rows=piles),
                Heading(text="Where mistakes gather"),
                found,
            ),
        )


def analyse(
    y: Vector,
    scores: Matrix,
    *,
    frame: pl.DataFrame,
    target: TargetSpec,
    contract: Contract,
    rule: DecisionRule,
    part: str = "validation",
) -> MistakeReport:
    """Sort the mistakes on validation rows into piles, and find the segments where they gather.

    Columns that identify people, are kept out, or name the entity are not looked at.

    Args:
        y: Class index or value of each row.
        scores: Scores of each row.
        frame: The rows' columns, in the same order.
        target: What is predicted.
        contract: What mistakes cost, and which columns may be looked at.
        rule: The model's decision rule.
        part: Which part the rows are; the sealed test part is refused.

    Raises:
        UserFault: When the rows are those of the test part.
        DataInvalid: When labels or scores cannot be meant.

    Examples:
        >>> analyse.__name__
        'analyse'
    """
    if part == "test":
        raise UserFault(
            "mistakes are not analysed on the sealed test part",
            why="what is learned from its mistakes would make its score flattering",
            next_step="analyse the validation part",
        )
    refuse([*check_actual(y, target=target), *check_scores(scores, target=target, rows=len(y))])
    sample = Sample(y, scores, target=target, mistakes=contract.decision.mistakes, rule=rule)
    what, wrong = _wrong(sample)
    below = contract.prediction.human_review.below_confidence or LOW_CONFIDENCE
    costs = row_costs(sample)
    piles = tuple(
        Pile(name=name, rows=int(inside.sum()), share=float(inside.mean()), cost=float(costs[inside].sum()))
        for name, inside in _piles(sample, wrong, below=below)
    )
    found = _segments(frame, wrong, contract=contract)
    return MistakeReport(
        rows=len(y),
        mistakes=int(wrong.sum()),
        what=what,
        piles=piles,
        segments=_named(found),
        looked_at=len(found),
    )


def _wrong(sample: Sample) -> tuple[str, Flags]:
    if sample.target.task == "regression":
        size = np.abs(sample.error)
        limit = float(np.quantile(size, LARGE))
        return f"an error above {number(limit)}, as one in ten has", size > limit
    wrong: Flags = (sample.answers != sample.labels) & (sample.answers != ABSTAINED)
    return "answered with another class", wrong


def _piles(sample: Sample, wrong: Flags, *, below: float) -> list[tuple[str, Flags]]:
    if sample.target.task == "regression":
        high: Flags = sample.error > 0
        return [("large errors, too high", wrong & high), ("large errors, too low", wrong & ~high)]
    unsure: Flags = np.max(sample.scores, axis=1) < below
    unsure_pile = (f"low confidence (below {below:g})", unsure)
    if sample.target.task == "multiclass":
        return [("wrong class", wrong), unsure_pile]
    left: Flags = sample.answers == ABSTAINED
    yes: Flags = sample.answers == 1
    return [
        ("false positives", wrong & yes),
        ("false negatives", wrong & ~yes),
        ("left to a person", left),
        unsure_pile,
    ]


def _segments(frame: pl.DataFrame, wrong: Flags, *, contract: Contract) -> list[WeakSegment]:
    declared = contract.data.columns
    columns = [
        name
        for name in frame.columns
        if name in declared
        and declared[name].role in {"feature", "context", "group"}
        and declared[name].pii in {"none", "indirect"}
        and not declared[name].keep_out
        and name != contract.prediction.target
    ]
    least, rows, mistakes = contract.evaluation.min_slice_rows, len(wrong), int(wrong.sum())
    found = []
    for name in columns:
        for segment in segments_of(frame[name]):
            inside = len(segment.rows)
            if inside < least or rows - inside < least or not mistakes:
                continue
            hits = int(wrong[segment.rows].sum())
            low, high = wilson(hits, inside)
            found.append(
                WeakSegment(
                    column=name,
                    value=segment.value,
                    rows=inside,
                    mistakes=hits,
                    rate=hits / inside,
                    low=low,
                    high=high,
                    lift=hits / inside / (mistakes / rows),
                    adjusted_p=_more_often(hits, inside, mistakes - hits, rows - inside),
                )
            )
    return found


def _more_often(hits: int, inside: int, other_hits: int, outside: int) -> float:
    """One-sided p of the two-proportion test with pooled variance (Fleiss, Levin and Paik, 2003, 3.2)."""
    pooled = (hits + other_hits) / (inside + outside)
    spread = (pooled * (1 - pooled) * (1 / inside + 1 / outside)) ** 0.5
    if spread == 0:
        return 1.0
    return 1 - NormalDist().cdf((hits / inside - other_hits / outside) / spread)


def _named(found: Sequence[WeakSegment]) -> tuple[WeakSegment, ...]:
    """Adjust for the number of looks (Benjamini and Hochberg, JRSS B 1995) and keep what stands out."""
    ordered = sorted(found, key=lambda segment: segment.adjusted_p)
    adjusted, smallest = [], 1.0
    for place in range(len(ordered), 0, -1):
        smallest = min(smallest, ordered[place - 1].adjusted_p * len(ordered) / place)
        adjusted.append(replace(ordered[place - 1], adjusted_p=smallest))
    weak = [segment for segment in adjusted if segment.adjusted_p <= FALSE_DISCOVERIES and segment.lift > 1]
    return tuple(sorted(weak, key=lambda segment: -segment.lift)[:MOST_SEGMENTS])

"""Designs: three ways to solve the problem, each measured on a probe, to choose one from."""

from dataclasses import dataclass
from typing import Literal

from modelwright.candidates.estimator import EstimatorSpec
from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Table, Text

__all__ = ["Design", "DesignName", "Probe", "Proposals"]

DesignName = Literal["baseline", "pragmatic", "frontier"]
"""The three designs, simplest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What was measured when a design was tried on a part of the training rows.

    Examples:
        >>> Probe(
        ...     seconds=1.5, rows=4000, metric="log_loss", value=0.28, latency_ms=0.2, size_bytes=90_000
        ... ).rows
        4000
    """

    seconds: float
    """Time one fit of all members took."""
    rows: int
    """Training rows that were used."""
    metric: str
    """The metric that was looked at."""
    value: float | None
    """Its value on rows the probe was not fitted on; None when it is undefined there."""
    latency_ms: float
    """Median time to score one row in the process, in milliseconds, with all folds of all members."""
    size_bytes: int
    """Size of the stored model, with all folds of all members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One way to solve the problem, in five parts, with its members.

    Examples:
        >>> Design.__slots__[0]
        'name'
    """

    name: DesignName
    """Which of the three it is."""
    summary: str
    """The design in a sentence or two."""
    architecture: str
    """Part 1: what it is made of."""
    inputs_outputs: str
    """Part 2: what goes in and what comes out."""
    training_strategy: str
    """Part 3: loss, optimiser, schedule, regularisation."""
    inference: str
    """Part 4: what answering costs: latency, memory, size, as measured on the probe."""
    resources: str
    """Part 5: what training costs."""
    members: tuple[EstimatorSpec, ...]
    """The models it is made of."""
    bagging_folds: int
    """Folds of the cross-fitting."""
    performance: str
    """Trade-off table: how good it is."""
    complexity: str
    """Trade-off table: how much there is to understand and to keep."""
    cost: str
    """Trade-off table: what it takes."""
    probe: Probe | None = None
    """What was measured; None when nothing could be."""
    notes: tuple[str, ...] = ()
    """What happened on the way: members that failed, choices that were raced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """The three designs and the one that is recommended.

    Examples:
        >>> Proposals.__slots__
        ('designs', 'recommended', 'reasoning')
    """

    designs: tuple[Design, ...]
    """Baseline, pragmatic, frontier."""
    recommended: DesignName
    """The one that fits the contract best."""
    reasoning: str
    """Why, citing the contract and the probes."""

    def of(self, name: str) -> Design | None:
        """Return the design of this name; None when there is none."""
        return next((design for design in self.designs if design.name == name), None)

    def document(self) -> Document:
        """Render the designs, five parts each, and the trade-off table."""
        blocks: list[Block] = [
            Callout(tone="note", text=f"Recommended: {self.recommended}"),
            Text(text=self.reasoning),
            Heading(text="Trade-offs"),
            Table(
                columns=("design", "performance", "complexity", "cost"),
                rows=tuple(
                    (item.name, item.performance, item.complexity, item.cost) for item in self.designs
                ),
            ),
        ]
        for design in self.designs:
            blocks += [Heading(text=design.name.capitalize()), Text(text=design.summary), _parts(design)]
        return Document(title="Three designs", blocks=tuple(blocks))


def _parts(design: Design) -> Facts:
    parts = (
        ("Architecture", design.architecture),
        ("Inputs and outputs", design.inputs_outputs),
        ("Training strategy", design.training_strategy),
        ("Inference", design.inference),
        ("Resources", design.resources),
    )
    return Facts(items=parts + tuple(("Note", note) for note in design.notes))

"""Highlights: of each phase the part that a person has to see at once; the page holds the rest."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from modelwright.kernel.document import Block, Callout, Document, Listing, Table, Text
from modelwright.workflow.pages import MAIN_OUTPUT, Readable
from modelwright.workflow.phases import Phase

if TYPE_CHECKING:  # named in signatures; loaded when there is one to show
    from modelwright.candidates.design import Proposals
    from modelwright.risk.register import RiskList

__all__ = ["designs_at_once", "highlight", "risks_at_once"]

RISKS, DESIGNS = 3, 4
MOST_RISKS = 12
"""Risks shown at once, worst first."""


def highlight(phase: Phase, outputs: Mapping[str, object]) -> Document | None:
    """Return what a person has to see at once of a phase's outputs; None when nothing is readable.

    Examples:
        >>> from modelwright.workflow.phases import phase_of
        >>> highlight(phase_of(1), {}) is None
        True
    """
    record = outputs.get(MAIN_OUTPUT[phase.number])
    if phase.number == RISKS and record is not None:
        from modelwright.risk.register import RiskList

        return risks_at_once(record) if isinstance(record, RiskList) else None
    if phase.number == DESIGNS and record is not None:
        from modelwright.candidates.design import Proposals

        return designs_at_once(record) if isinstance(record, Proposals) else None
    return record.document() if isinstance(record, Readable) else None


def risks_at_once(record: "RiskList") -> Document:
    """Return the worst risks as one table, with the questions the data cannot answer.

    Args:
        record: The risk list of phase 3.
    """
    ranked = sorted(
        record.risks, key=lambda risk: (-risk.finding.severity.rank, -risk.finding.confidence, risk.id)
    )
    rows = tuple(
        (
            risk.finding.severity.value,
            f"{risk.finding.confidence} %",
            risk.id,
            risk.finding.title,
            f"{risk.proposal}: {risk.change}" if risk.change else risk.proposal,
        )
        for risk in ranked[:MOST_RISKS]
    )
    more = len(ranked) - len(rows)
    blocks: list[Block] = [Table(columns=("severity", "sure", "risk", "what", "proposed"), rows=rows)]
    if more > 0:
        blocks.append(Text(text=f"{more} lesser risks stand in the page."))
    if record.questions:
        blocks += [Text(text="Questions the data alone cannot answer:"), Listing(items=record.questions)]
    return Document(title="Risks", blocks=tuple(blocks))


def designs_at_once(record: "Proposals") -> Document:
    """Return the designs as one table, with the recommendation.

    Args:
        record: The proposals of phase 4.
    """
    rows = tuple(
        (item.name, item.summary, item.performance, item.complexity, item.cost) for item in record.designs
    )
    return Document(
        title="Three designs",
        blocks=(
            Table(columns=("design", "what", "performance", "complexity", "cost"), rows=rows),
            Callout(tone="note", text=f"Recommended: {record.recommended}"),
            Text(text=record.reasoning),
        ),
    )

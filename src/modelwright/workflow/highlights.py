"""Highlights: of each phase the part that a person has to see at once; the page holds the rest."""

from collections.abc import Mapping

from modelwright.kernel.document import Block, Callout, Document, Listing, Table, Text
from modelwright.workflow.pages import MAIN_OUTPUT, Readable
from modelwright.workflow.phases import Phase

__all__ = ["highlight"]

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
    if phase.number == RISKS:
        return _risks(record)
    if phase.number == DESIGNS:
        return _designs(record)
    return record.document() if isinstance(record, Readable) else None


def _risks(record: object) -> Document | None:
    from modelwright.risk.register import RiskList

    if not isinstance(record, RiskList):
        return None
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


def _designs(record: object) -> Document | None:
    from modelwright.candidates.design import Proposals

    if not isinstance(record, Proposals):
        return None
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

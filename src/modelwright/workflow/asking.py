"""Asking: what a person is asked after a phase: choices that surfaces offer and shells can type."""

from dataclasses import dataclass

from modelwright.authority.actor import ActorKind
from modelwright.workflow.history import History, fold
from modelwright.workflow.phases import Phase, phase_of
from modelwright.workflow.ports import Ports

__all__ = ["Asked", "Choice", "asked"]

RISKS, DESIGNS, REVIEW = 3, 4, 10
"""The phases whose answers hold choices."""

MUST_DECIDE = 3
"""Severity rank from which a risk is put to a person one by one: high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose.

    Examples:
        >>> Choice(
        ...     key="design", text="", options=("baseline", "frontier"), proposed="baseline", flag="--choose"
        ... ).words
        ('--choose', 'baseline')
    """

    key: str
    """The name the choice is recorded under, such as `design` or a risk's id."""
    text: str
    """What it is about, in a line or two."""
    options: tuple[str, ...]
    """What can be chosen."""
    proposed: str
    """What is proposed: the default."""
    flag: str
    """The option of `modelwright approve` that makes the choice."""
    open_ended: bool = False
    """Whether names beyond the options are possible, such as ids of findings."""

    @property
    def words(self) -> tuple[str, str]:
        """How the proposal is typed."""
        value = f"{self.key}={self.proposed}" if self.flag == "--risk" else self.proposed
        return (self.flag, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a phase asks a person.

    Examples:
        >>> Asked(phase=1, question="Right?", explicit=False).words
        ('approve', '1')
    """

    phase: int
    """The phase that asks."""
    question: str
    """What it asks."""
    explicit: bool
    """Whether only a spoken yes counts, never a default."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose; empty for a plain yes or no."""
    lesser: int = 0
    """Risks too small to be put one by one: they are answered as proposed."""

    @property
    def words(self) -> tuple[str, ...]:
        """The command that answers as proposed, without the program's name."""
        return ("approve", str(self.phase), *(word for choice in self.choices for word in choice.words))


def may_answer(ports: Ports) -> bool:
    """Say whether the actor at work is a person; nobody else is ever offered to answer.

    Args:
        ports: The outside world.
    """
    return ports.actor.kind is ActorKind.PERSON


def asked(ports: Ports, number: int) -> Asked:
    """Return what a phase asks, with its choices and what is proposed.

    Args:
        ports: The outside world.
        number: A phase that has run and waits for an answer.

    Raises:
        IntegrityBroken: When what the phase showed is missing or was changed.
    """
    phase = phase_of(number)
    history = fold(ports.ledger.entries())
    choices, lesser = _choices(ports, history, phase)
    return Asked(
        phase=number,
        question=phase.question,
        explicit=phase.answer == "explicit",
        choices=choices,
        lesser=lesser,
    )


def _choices(ports: Ports, history: History, phase: Phase) -> tuple[tuple[Choice, ...], int]:
    match phase.number:
        case 3:
            return _risks(ports, history)
        case 4:
            return (_design(ports, history),), 0
        case 10:
            return (_review(ports, history),), 0
        case _:
            return (), 0


def _risks(ports: Ports, history: History) -> tuple[tuple[Choice, ...], int]:
    from modelwright.risk.register import RiskList

    risks = ports.store.get_record(history.completions[RISKS].outputs["risks"], RiskList).risks
    ranked = sorted(risks, key=lambda risk: (-risk.finding.severity.rank, -risk.finding.confidence, risk.id))
    choices = tuple(
        Choice(
            key=risk.id,
            text=f"{risk.finding.severity.value}, {risk.finding.confidence} % sure: {risk.finding.title}"
            + (f"\nmodify would {risk.change}" if risk.change else ""),
            options=("accept", "modify", "block"),
            proposed=risk.proposal,
            flag="--risk",
        )
        for risk in ranked
        if risk.finding.severity.rank >= MUST_DECIDE
    )
    return choices, len(risks) - len(choices)


def _design(ports: Ports, history: History) -> Choice:
    from modelwright.candidates.design import Proposals

    proposals = ports.store.get_record(history.completions[DESIGNS].outputs["proposals"], Proposals)
    return Choice(
        key="design",
        text=proposals.reasoning,
        options=tuple(design.name for design in proposals.designs),
        proposed=proposals.recommended,
        flag="--choose",
    )


def _review(ports: Ports, history: History) -> Choice:
    from modelwright.review.report import ReviewReport
    from modelwright.workflow.quality_review import blocking

    review = ports.store.get_record(history.completions[REVIEW].outputs["review"], ReviewReport)
    must = blocking(review)
    return Choice(
        key="fix",
        text=f"{len(review.findings)} findings; for production: {review.decision}",
        options=("all", "none"),
        proposed="all" if must else "none",
        flag="--fix",
        open_ended=True,
    )

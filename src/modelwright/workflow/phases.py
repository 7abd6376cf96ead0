"""The twelve phases, as data: names, order, what each needs, and where a person decides."""

from dataclasses import dataclass
from typing import Literal

from modelwright.kernel.errors import UnknownName

__all__ = ["PHASES", "Phase", "announcement", "phase_of"]

MetaPhase = Literal["Discovery", "Design", "Implementation", "Evaluation"]
Answer = Literal["none", "acknowledge", "explicit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One of the twelve phases.

    Examples:
        >>> phase_of(4).answer
        'explicit'
    """

    number: int
    """1 to 12."""
    name: str
    """The name it is announced under."""
    meta: MetaPhase
    """The part of the run it belongs to."""
    answer: Answer
    """Whether the run stops after it for a person: not at all, for an acknowledgement, for a decision."""
    question: str
    """What the person is asked."""
    roles: tuple[str, ...]
    """The roles that are called."""

    @property
    def needs_answer(self) -> bool:
        """Whether the run stops after this phase until a person has answered."""
        return self.answer != "none"

    @property
    def locked_until_design(self) -> bool:
        """Whether the phase is locked until the whole design (4, 5 and 6) is approved."""
        return 7 <= self.number <= 12


def _phase(number: int, name: str, meta: MetaPhase, answer: Answer, question: str, *roles: str) -> Phase:
    return Phase(number=number, name=name, meta=meta, answer=answer, question=question, roles=roles)


PHASES: tuple[Phase, ...] = (
    _phase(
        1,
        "Problem Analysis",
        "Discovery",
        "acknowledge",
        "Do these requirements say what you need?",
        "ml-explorer",
    ),
    _phase(2, "Data Architecture", "Discovery", "none", "", "ml-explorer", "data-engineer"),
    _phase(
        3,
        "Risk Assessment",
        "Discovery",
        "acknowledge",
        "Accept, modify or block: what shall happen with each risk?",
        "ml-explorer",
        "data-scientist",
    ),
    _phase(
        4,
        "Model Architecture",
        "Design",
        "explicit",
        "Which of the three designs shall be built?",
        "ml-architect",
    ),
    _phase(
        5,
        "Training Pipeline",
        "Design",
        "acknowledge",
        "Is this the pipeline to build?",
        "mlops-engineer",
        "data-scientist",
    ),
    _phase(
        6,
        "Evaluation Strategy",
        "Design",
        "explicit",
        "Do you approve the whole design: architecture, pipeline, evaluation? It freezes the contract.",
        "data-scientist",
    ),
    _phase(7, "Model Implementation", "Implementation", "none", "", "ml-engineer", "ml-writer"),
    _phase(8, "Training Infrastructure", "Implementation", "none", "", "mlops-engineer", "ml-writer"),
    _phase(9, "Integration", "Implementation", "none", "", "ml-engineer", "mlops-engineer"),
    _phase(
        10,
        "Quality Review",
        "Evaluation",
        "explicit",
        "Which findings shall be fixed before the evaluation?",
        "ml-reviewer",
        "mle-reviewer",
    ),
    _phase(11, "Evaluation Execution", "Evaluation", "none", "", "data-scientist"),
    _phase(12, "Summary", "Evaluation", "none", "", "observability-engineer"),
)
"""The phases in their strict order."""


def phase_of(number: int) -> Phase:
    """Return the phase of this number.

    Raises:
        UnknownName: When the number is not between 1 and 12.

    Examples:
        >>> phase_of(12).name
        'Summary'
    """
    if not 1 <= number <= len(PHASES):
        raise UnknownName(
            f"there is no phase {number}",
            why="a run has twelve phases",
            expected=f"1 to {len(PHASES)}",
            next_step="see `modelwright status` for the phases",
        )
    return PHASES[number - 1]


def announcement(number: int) -> str:
    """Return the two lines that open a phase.

    Examples:
        >>> print(announcement(3))
        Phase 3 of 12: Risk Assessment
        Next: Phase 4 - Model Architecture
        >>> announcement(12).splitlines()[1]
        'Next: Done!'
    """
    phase = phase_of(number)
    following = f"Phase {number + 1} - {phase_of(number + 1).name}" if number < len(PHASES) else "Done!"
    return f"Phase {number} of {len(PHASES)}: {phase.name}\nNext: {following}"

"""Decision records: what was decided, on what evidence, against what argument, and how to go back."""

from dataclasses import dataclass

from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Document, Facts, Heading, Text
from modelwright.workflow.history import History
from modelwright.workflow.phases import PHASES
from modelwright.workflow.survey import heard_of

__all__ = ["DecisionRecord", "DecisionRecords", "decisions_of"]

AGAINST = {
    1: "open questions may turn out to matter",
    3: "a risk that was accepted may be a leak after all",
    4: "a simpler design is easier to keep, a stronger one may be worth its cost",
    5: "a longer search may find better settings",
    6: "gates that are set too low let a weak model through, too high none",
    10: "a finding left unfixed may bite in production",
}
"""The argument against each decision that its record keeps in view."""

BACK = {
    1: "edit contract.yaml and run again",
    3: "approve 3 again with another action; what depends on it becomes stale",
    4: "approve 4 again with another design",
    5: "reject 5 and change the contract's stack",
    6: "amend the contract with a reason; the amendment stays visible",
    10: "fix and run again: the review is repeated",
}
"""The next reversible step after each decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision.

    Examples:
        >>> DecisionRecord.__slots__[0]
        'subject'
    """

    subject: str
    """What was decided about."""
    question: str
    """What was asked."""
    decision: str
    """The answer, with its choices."""
    who: str
    """Who answered, in which role, and with which key it is signed."""
    reason: str
    """Why, in the person's words."""
    evidence: tuple[str, ...]
    """Digests of what was shown."""
    counterargument: str
    """What speaks against it."""
    next_reversible_step: str
    """How to go back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecords:
    """All decisions of a run, in order.

    Examples:
        >>> DecisionRecords(records=()).document().title
        'Decisions'
    """

    records: tuple[DecisionRecord, ...]
    """The decisions."""

    def document(self) -> Document:
        """Render the decisions."""
        blocks: list[Block] = []
        for record in self.records:
            blocks += [
                Heading(text=record.subject, level=3),
                Facts(
                    items=(
                        ("Question", record.question),
                        ("Decision", record.decision),
                        ("By", record.who),
                        ("Reason", record.reason),
                        ("Against it", record.counterargument),
                        ("To go back", record.next_reversible_step),
                        ("Evidence", ", ".join(record.evidence)),
                    )
                ),
            ]
        return Document(title="Decisions", blocks=tuple(blocks) or (Text(text="None yet."),))


def decisions_of(history: History) -> DecisionRecords:
    """Read the decisions of a run out of its history.

    Args:
        history: What the ledger tells.

    Examples:
        >>> decisions_of(History()).records
        ()
    """
    records = [
        DecisionRecord(
            subject=f"Phase {phase.number}: {phase.name}",
            question=phase.question,
            decision=", ".join(
                (answer.decision, *(f"{key}: {value}" for key, value in sorted(answer.choices.items())))
            ),
            who=f"{answer.actor.label}, {signed}",
            reason=answer.reason,
            evidence=tuple(f"{name} {short(digest)}" for name, digest in sorted(answer.artifacts.items())),
            counterargument=AGAINST[phase.number],
            next_reversible_step=BACK[phase.number],
        )
        for phase in PHASES
        for answer, signed in heard_of(history, f"phase:{phase.number}")
    ]
    return DecisionRecords(records=tuple(records))

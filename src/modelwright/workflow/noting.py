"""Notes: what is put on the record between decisions: arguments, trade-offs, debts, incidents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from modelwright.kernel.document import Document, Table, Text
from modelwright.kernel.errors import UnknownName, UserFault
from modelwright.ledger.entry import Entry
from modelwright.workflow.ports import Ports

__all__ = ["KINDS", "Note", "Notes", "notes_of", "take_note"]

KINDS = ("counter-argument", "trade-off", "debt", "incident", "decision")
"""What a note can be."""

TAKEN = "note.taken"
LONGEST = 2_000
"""Characters; what is longer is a document, and belongs beside the project."""
LONGEST_ABOUT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note.

    Examples:
        >>> Note.__slots__[:2]
        ('kind', 'text')
    """

    kind: str
    """One of `KINDS`."""
    text: str
    """What is said."""
    about: str
    """What it is about, such as `phase 4`, `v1` or a risk; empty for the whole."""
    who: str
    """Who said it."""
    at: datetime
    """When, UTC."""
    sequence: int
    """The ledger entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """All notes, oldest first.

    Examples:
        >>> Notes(notes=()).document().title
        'Notes'
    """

    notes: tuple[Note, ...]
    """The notes."""

    def document(self) -> Document:
        """Render them."""
        rows = tuple(
            (f"{note.at:%Y-%m-%d}", note.kind, note.about, note.text, note.who) for note in self.notes
        )
        table = Table(columns=("when", "kind", "about", "what", "by"), rows=rows)
        return Document(title="Notes", blocks=(table,) if rows else (Text(text="None."),))


def take_note(ports: Ports, kind: str, text: str, *, about: str = "") -> Entry:
    """Put a note on the record; it decides nothing, so whoever works here may do it.

    Args:
        ports: The outside world.
        kind: One of `KINDS`.
        text: What is to be remembered; nothing personal, for the ledger never forgets.
        about: What it is about; empty for the whole.

    Raises:
        UnknownName: When there is no such kind; the nearest is offered.
        UserFault: When it is empty or too long, or there is no project here.
    """
    ports.project.require()
    if kind not in KINDS:
        raise UnknownName.among("kind of note", kind, KINDS)
    said, place = text.strip(), about.strip()
    if not said or len(said) > LONGEST or len(place) > LONGEST_ABOUT:
        raise UserFault(
            "a note is a few sentences",
            why="the ledger keeps it for ever, and people read it in a table",
            found=f"{len(said):,} characters, about {len(place):,}",
            expected=f"1 to {LONGEST:,}, about at most {LONGEST_ABOUT:,}",
            next_step="say it in short, and name the document that says it at length",
        )
    with ports.lock():
        return ports.ledger.append(TAKEN, {"kind": kind, "text": said, "about": place}, actor=ports.actor)


def notes_of(entries: Iterable[Entry]) -> Notes:
    """Read the notes out of the ledger.

    Args:
        entries: The ledger's entries.

    Examples:
        >>> notes_of(()).notes
        ()
    """
    return Notes(
        notes=tuple(
            Note(
                kind=str(entry.body.get("kind", "")),
                text=str(entry.body.get("text", "")),
                about=str(entry.body.get("about", "")),
                who=entry.actor.label,
                at=entry.at,
                sequence=entry.sequence,
            )
            for entry in entries
            if entry.kind == TAKEN
        )
    )

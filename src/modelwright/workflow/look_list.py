"""The list of looks, out of the ledger: who asked, when, at what, what was answered, and what is left."""

from dataclasses import dataclass
from datetime import datetime

from modelwright.kernel.errors import ModelwrightError
from modelwright.ledger.entry import Entry
from modelwright.workflow.ports import Ports

__all__ = ["LookLine", "LookList", "look_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLine:
    """One look.

    Examples:
        >>> LookLine.__slots__[0]
        'sequence'
    """

    sequence: int
    """The entry in the ledger."""
    number: int
    """The look's number."""
    at: datetime
    """When."""
    actor: str
    """Who asked."""
    purpose: str
    """At what."""
    run: str
    """The run whose model was asked about."""
    sealed_labels: str
    """The sealed labels that were asked."""
    state: str
    """`answered`, `refused` (no look then), or `no answer left`."""
    answer: str
    """What was told: everything, a comparison, the standing, or nothing new; why it was refused."""
    level: float | None
    """The confidence level it was answered at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookList:
    """All looks, and how many are left.

    Examples:
        >>> LookList(looks=(), taken=0, allowed=3, left=3).told
        '0 of 3 looks are used, 3 are left.'
    """

    looks: tuple[LookLine, ...]
    """The looks, oldest first."""
    taken: int
    """Looks that count against the budget of the last labels asked."""
    allowed: int | None
    """Looks the contract allows; None when it cannot be read."""
    left: int | None
    """Looks that are left; None when the contract cannot be read."""

    @property
    def told(self) -> str:
        """The budget in a sentence."""
        if self.allowed is None:
            return f"{self.taken} looks are used; the contract cannot be read."
        return f"{self.taken} of {self.allowed} looks are used, {self.left} are left."


def look_list(ports: Ports) -> LookList:
    """Fold the ledger's entries about looks into a list.

    Args:
        ports: The outside world.
    """
    entries = tuple(ports.ledger.entries(kinds=["look.taken", "look.answered", "look.refused"]))
    taken = [entry for entry in entries if entry.kind == "look.taken"]
    lines = tuple(_line(entry, _outcome(entry, entries)) for entry in taken)
    last = lines[-1].sealed_labels if lines else ""
    counted = [line for line in lines if line.state != "refused" and line.sealed_labels == last]
    used = max((line.number for line in counted), default=0)
    allowed = _allowed(ports)
    return LookList(
        looks=lines,
        taken=used,
        allowed=allowed,
        left=None if allowed is None else max(allowed - used, 0),
    )


def _outcome(taken: Entry, entries: tuple[Entry, ...]) -> Entry | None:
    """Return what became of a look: the first entry after it about the same question."""
    return next(
        (
            entry
            for entry in entries
            if entry.sequence > taken.sequence
            and entry.body["request"] == taken.body["request"]
            and entry.kind != "look.taken"
        ),
        None,
    )


def _line(taken: Entry, outcome: Entry | None) -> LookLine:
    state, answer, level, number = "no answer left", "", None, int(str(taken.body["number"]))
    if outcome is not None and outcome.kind == "look.refused":
        state, answer = "refused", str(outcome.body["reason"])
    elif outcome is not None:
        state, answer = "answered", str(outcome.body.get("told", "everything"))
        found = outcome.body.get("level")
        level = float(found) if isinstance(found, int | float) else None
        # The scorer counts looks at other snapshots of the same rows too.
        number = int(str(outcome.body.get("number", number)))
    return LookLine(
        sequence=taken.sequence,
        number=number,
        at=taken.at,
        actor=taken.actor.label,
        purpose=str(taken.body["purpose"]),
        run=str(taken.body["run"]),
        sealed_labels=str(taken.body["sealed_labels"]),
        state=state,
        answer=answer,
        level=level,
    )


def _allowed(ports: Ports) -> int | None:
    from modelwright.contracts.reading import read_contract

    try:
        return read_contract(ports.project.contract_file).evaluation.looks
    except ModelwrightError:
        return None

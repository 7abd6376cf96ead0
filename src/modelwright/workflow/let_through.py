"""Let through: what stands by somebody's word alone, and what waits for an answer, for every report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.waiver import Waiver
from modelwright.kernel.document import Block, Callout, Document, Table, Text
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.workflow.follow_up import follow_ups
from modelwright.workflow.ports import Ports
from modelwright.workflow.waiving import present, waiver_lines

__all__ = ["LetThrough", "follow_up_outcome", "let_through", "told_let_through"]

OVERRIDDEN = "override.given"
"""The kind of entry that a broken glass leaves."""

KINDS = ("waiver.given", "waiver.revoked", "override.given", "follow-up.closed")
"""Kinds of entries that let something through, or answer for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """Waivers, broken glasses and their follow-ups.

    Examples:
        >>> LetThrough(rows=(), open=0).document().title
        'Let through'
    """

    rows: tuple[tuple[str, str, str, str, str], ...]
    """What, state, until when, by whom, why."""
    open: int
    """Follow-ups that nobody has answered."""

    def document(self) -> Document:
        """Render what was let through."""
        if not self.rows:
            return Document(
                title="Let through", blocks=(Text(text="Nothing was waived, and no glass was broken."),)
            )
        told = (
            f"{self.open} broken glasses wait for an answer." if self.open else "Nothing waits for an answer."
        )
        blocks: tuple[Block, ...] = (
            Callout(tone="failed" if self.open else "note", text=told),
            Table(columns=("what", "state", "until (UTC)", "by", "why"), rows=self.rows),
        )
        return Document(title="Let through", blocks=blocks)


def let_through(ports: Ports) -> LetThrough:
    """Gather what was let through in this project.

    Args:
        ports: The outside world.
    """
    entries = tuple(ports.ledger.entries())
    now = present(ports, entries)
    rows = [
        (
            line.waiver.finding,
            line.state,
            f"{line.waiver.until:%Y-%m-%d %H:%M}",
            line.waiver.actor.label,
            line.waiver.reason,
        )
        for line in waiver_lines(ports)
    ]
    broken = follow_ups(entries)
    rows += [
        (
            f"{item.id}: {item.override.version} ({'; '.join(item.override.covers)})",
            item.closed or ("open; what was let out has expired" if item.expired(now) else "open"),
            f"{item.override.until:%Y-%m-%d %H:%M}",
            item.override.actor.label,
            item.override.reason,
        )
        for item in broken
    ]
    return LetThrough(rows=tuple(rows), open=sum(not item.closed for item in broken))


def told_let_through(ports: Ports) -> tuple[str, ...]:
    """Return one line for each thing that needs a person's eye: waivers in force, and what is open.

    It reads the ledger alone, so that `status` stays quick; `modelwright waivers` also lists what an answer
    after phase 3 waives in quick mode.

    Args:
        ports: The outside world.
    """
    entries = tuple(ports.ledger.entries(kinds=KINDS))
    if not entries:
        return ()
    now = present(ports, entries)
    broken = follow_ups(ports.ledger.entries()) if any(item.kind == OVERRIDDEN for item in entries) else ()
    return (*_waived(entries, now), *(item.told for item in broken if not item.closed))


def _waived(entries: Sequence[Entry], now: datetime) -> tuple[str, ...]:
    held: dict[str, Waiver] = {}
    for entry in entries:
        if entry.kind == "waiver.given":
            waiver = decode(encode(entry.body["waiver"]), Waiver)
            held[waiver.finding] = waiver
        elif entry.kind == "waiver.revoked":
            held.pop(str(entry.body["finding"]), None)
    return tuple(
        f"{item.finding}: waived by {item.actor.label} until {item.until:%Y-%m-%d}: {item.reason}"
        + (" (expired: it blocks again)" if now >= item.until else "")
        for item in held.values()
    )


def follow_up_outcome(entries: Sequence[Entry]) -> Outcome | None:
    """Say whether every broken glass was answered for; None when none was broken.

    Args:
        entries: The ledger's entries.

    Examples:
        >>> follow_up_outcome(()) is None
        True
    """
    broken = follow_ups(entries)
    if not broken:
        return None
    what = "every broken glass was answered for"
    waiting = tuple(item.told for item in broken if not item.closed)
    if waiting:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=waiting,
            next_step='modelwright follow-up close --reason "..."',
        )
    told = tuple(f"{item.told}; {item.closed}" for item in broken)
    return Outcome(status=Status.PASSED, what=what, evidence=told)

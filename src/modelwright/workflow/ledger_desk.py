"""The desk of the ledger: what a surface can do with it as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.kernel.outcome import Outcome
from modelwright.workflow.outward import demand_free
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # records that are loaded by the methods that return them
    from modelwright.authority.identity import Identity
    from modelwright.ledger.audit import Audit
    from modelwright.ledger.entry import Entry
    from modelwright.workflow.attesting import Attested
    from modelwright.workflow.auditing import Anchored
    from modelwright.workflow.noting import Notes

__all__ = ["LedgerDesk"]


@dataclass(frozen=True, slots=True)
class LedgerDesk:
    """Audit, anchor, export, import, attest.

    Examples:
        >>> "audit" in dir(LedgerDesk)
        True
    """

    ports: Ports
    """The outside world."""

    def audit(
        self,
        *,
        keys: Path | None = None,
        anchors: Sequence[Path] = (),
        git: bool = False,
        copy: Path | None = None,
    ) -> "Audit":
        """Check the ledger, or a copy: chain, people, signatures, and what was anchored elsewhere."""
        from modelwright.workflow.auditing import audit_ledger

        return audit_ledger(self.ports, keys=keys, anchors=anchors, git=git, copy=copy)

    def verify(self) -> Outcome:
        """Walk the chain."""
        return self.ports.ledger.verify()

    def note(self, kind: str, text: str, *, about: str = "") -> "Entry":
        """Put a note on the record."""
        from modelwright.workflow.noting import take_note

        return take_note(self.ports, kind, text, about=about)

    def notes(self) -> "Notes":
        """Return what was noted."""
        from modelwright.workflow.noting import notes_of

        return notes_of(self.ports.ledger.entries())

    def sign(self) -> None:
        """Sign where the head stands with the project's own key, and write that down."""
        from modelwright.workflow.auditing import sign_head

        sign_head(self.ports)

    def anchor(self, *, to: Path | None = None, git: bool = False) -> "Anchored":
        """Sign where the head stands and put it outside."""
        from modelwright.workflow.auditing import anchor_head

        if to is not None:
            demand_free(self.ports, to)
        return anchor_head(self.ports, to=to, git=git)

    def export_key(self, to: Path) -> "Identity":
        """Write the card of the key the head is signed with."""
        from modelwright.workflow.auditing import export_key

        demand_free(self.ports, to)
        return export_key(self.ports, to)

    def export(self, to: Path) -> int:
        """Write the whole ledger as JSON Lines and return its length."""
        from modelwright.workflow.auditing import export_ledger

        demand_free(self.ports, to)
        return export_ledger(self.ports, to)

    def adopt(self, source: Path) -> int:
        """Fill the project's empty ledger with an exported one and return its length."""
        from modelwright.workflow.auditing import import_ledger

        return import_ledger(self.ports, source)

    def attest(self, folder: Path) -> "Attested":
        """Write provenance, verdict and approvals of all versions as in-toto statements."""
        from modelwright.workflow.attesting import attest

        return attest(self.ports, folder)

"""Checkpoints: signed statements of where a ledger's head stood, kept in the ledger and outside of it.

The idea is that of the signed tree heads of transparency logs (RFC 6962, Certificate Transparency, section
3.5): whoever holds one can tell later whether the log they are shown is a continuation of the one that was
signed. Ours names the head of a chain in place of the root of a tree.
"""

from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, Signer, open_envelope
from modelwright.authority.statement import signed_record
from modelwright.kernel.digest import canonical_json, short
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.ledger.entry import GENESIS, Ledger

__all__ = ["CHECKPOINT", "CHECKPOINT_KIND", "Checkpoint", "checkpoint_in", "checkpoint_of"]

CHECKPOINT = "application/vnd.modelwright.checkpoint+json"
"""What the envelope of a checkpoint says it holds."""

CHECKPOINT_KIND = "ledger.checkpoint"
"""The kind of ledger entry that holds one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where the head of a ledger stood, in the words of whoever signs it.

    Examples:
        >>> Checkpoint.__slots__
        ('project', 'sequence', 'head', 'at', 'by')
    """

    project: str
    """Digest of the ledger's first entry: the name of the project, however often its folder is moved."""
    sequence: int
    """The last entry, and thereby how many there were."""
    head: str
    """Digest of the last entry."""
    at: datetime
    """When it was signed, UTC."""
    by: Identity
    """Whose key signed it."""

    def told(self) -> str:
        """Return it in one line."""
        return f"{self.sequence} entries, head {short(self.head)}, {self.at:%Y-%m-%d %H:%M}, {self.by.name}"


def checkpoint_of(ledger: Ledger, signer: Signer, *, at: datetime) -> Envelope:
    """Sign where a ledger's head stands now.

    Args:
        ledger: The ledger.
        signer: Whose key signs.
        at: The present moment.

    Raises:
        UserFault: When the ledger is empty.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> checkpoint_of(MemoryLedger(clock=SteppingClock()), None, at=datetime(2026, 1, 1, tzinfo=UTC))
        Traceback (most recent call last):
        modelwright.kernel.errors.UserFault: there is no ledger to sign yet...
    """
    project, sequence, head = "", 0, GENESIS
    for link in ledger.links():
        project, sequence, head = project or link.digest, link.sequence, link.digest
    if not sequence:
        raise UserFault(
            "there is no ledger to sign yet",
            why="a signed head says what was written before it",
            next_step="modelwright run writes the first entries",
        )
    said = Checkpoint(project=project, sequence=sequence, head=head, at=at, by=signer.identity)
    return signer.sign(CHECKPOINT, canonical_json(said))


def checkpoint_in(found: object) -> Checkpoint:
    """Return the checkpoint of an envelope, signed by the key it names; whether that key counts is not said.

    Args:
        found: The envelope, or its JSON form.

    Raises:
        IntegrityBroken: When it holds something else, or the signature does not fit.

    Examples:
        >>> checkpoint_in("{}")
        Traceback (most recent call last):
        modelwright.kernel.errors.IntegrityBroken: this is not a signed envelope: ...
    """
    envelope = found if isinstance(found, Envelope) else Envelope.from_json(found)
    said = signed_record(envelope, Checkpoint, payload_type=CHECKPOINT)
    if not open_envelope(envelope, keys={said.by.key_id: said.by})[0].allows:
        raise IntegrityBroken(
            f"the signature on the checkpoint of {said.by.name} does not fit",
            why="a statement that can be altered says nothing",
            next_step="take it from where it was put first",
        )
    return said

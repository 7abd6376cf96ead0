"""Ledger: what was decided, by whom, on what evidence; append-only, hash-chained."""

from modelwright.ledger.anchor import Anchor, AnchorPlace, check_anchors, read_anchors
from modelwright.ledger.artifacts import ArtifactStore, write_atomically
from modelwright.ledger.attestation import (
    APPROVAL_V1,
    IN_TOTO,
    PROVENANCE_V1,
    SUMMARY_V1,
    Resource,
    statement,
)
from modelwright.ledger.audit import Audit, audit
from modelwright.ledger.chain import Walk, chained, check_chain, checked, opened, unreadable, walk
from modelwright.ledger.checkpoint import (
    CHECKPOINT,
    CHECKPOINT_KIND,
    Checkpoint,
    checkpoint_in,
    checkpoint_of,
)
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import GENESIS, Entry, Ledger, Link, entry_digest, refuse_to_overwrite
from modelwright.ledger.export import FORMAT, export_lines, read_export
from modelwright.ledger.memory import MemoryLedger

__all__ = [
    "APPROVAL_V1",
    "CHECKPOINT",
    "CHECKPOINT_KIND",
    "FORMAT",
    "GENESIS",
    "IN_TOTO",
    "PROVENANCE_V1",
    "SUMMARY_V1",
    "Anchor",
    "AnchorPlace",
    "ArtifactStore",
    "Audit",
    "Checkpoint",
    "Entry",
    "Ledger",
    "Link",
    "MemoryLedger",
    "Resource",
    "Walk",
    "audit",
    "chained",
    "check_anchors",
    "check_chain",
    "checked",
    "checkpoint_in",
    "checkpoint_of",
    "decode",
    "encode",
    "entry_digest",
    "export_lines",
    "opened",
    "read_anchors",
    "read_export",
    "refuse_to_overwrite",
    "statement",
    "unreadable",
    "walk",
    "write_atomically",
]

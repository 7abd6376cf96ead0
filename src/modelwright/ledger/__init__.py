"""Ledger: what was decided, by whom, on what evidence; append-only, hash-chained."""

from modelwright.ledger.artifacts import ArtifactStore, write_atomically
from modelwright.ledger.chain import chained, check_chain, checked, opened, unreadable
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import GENESIS, Entry, Ledger, Link, entry_digest, refuse_to_overwrite
from modelwright.ledger.memory import MemoryLedger

__all__ = [
    "GENESIS",
    "ArtifactStore",
    "Entry",
    "Ledger",
    "Link",
    "MemoryLedger",
    "chained",
    "check_chain",
    "checked",
    "decode",
    "encode",
    "entry_digest",
    "opened",
    "refuse_to_overwrite",
    "unreadable",
    "write_atomically",
]

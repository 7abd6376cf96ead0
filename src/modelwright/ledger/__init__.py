"""Ledger: what was decided, by whom, on what evidence; append-only, hash-chained."""

from modelwright.ledger.artifacts import ArtifactStore, write_atomically
from modelwright.ledger.chain import Link, chained, check_chain, opened
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import GENESIS, Entry, Ledger, entry_digest
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
    "decode",
    "encode",
    "entry_digest",
    "opened",
    "write_atomically",
]

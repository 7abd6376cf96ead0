"""Ledger: what was decided, by whom, on what evidence; append-only, hash-chained."""

from modelwright.ledger.artifacts import ArtifactStore, write_atomically
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import GENESIS, Entry, Ledger, entry_digest

__all__ = ["GENESIS", "ArtifactStore", "Entry", "Ledger", "decode", "encode", "entry_digest", "write_atomically"]

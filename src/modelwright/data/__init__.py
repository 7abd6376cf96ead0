"""Data: sources to profile to a validated, immutable snapshot, split and sealed."""

"""Sources: files to one table, exactly as the contract describes it, or all faults at once."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract

__all__ = ["read_sources", "read_table", "source_digests"]


def read_table(path: Path, *, format: str = "auto") -> pl.DataFrame:  # noqa: A002 - the contract's own word
    """Read one file as it stands."""
    raise NotImplementedError


def read_sources(contract: Contract, *, root: Path) -> pl.DataFrame:
    """Read, stack and type the contract's sources."""
    raise NotImplementedError


def source_digests(contract: Contract, *, root: Path) -> Mapping[str, str]:
    """Return each source's path and the digest of its bytes."""
    raise NotImplementedError

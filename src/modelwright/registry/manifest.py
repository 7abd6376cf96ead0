"""The manifest: what a bundle holds, byte for byte, and which evidence it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["FileEntry", "Manifest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of a bundle.

    Examples:
        >>> from modelwright.kernel.digest import digest_of_bytes
        >>> FileEntry(digest=digest_of_bytes(b""), size=0).size
        0
    """

    digest: str
    """Digest of the file's bytes."""
    size: int
    """Length in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle is: its files by digest, and the digests of all it was made from.

    Examples:
        >>> Manifest.__slots__[1]
        'name'
    """

    format: Literal[1] = 1
    """Version of the bundle's layout."""
    name: str
    """The model's name, as in the contract."""
    version: str
    """The version's name, such as `v1`."""
    created: datetime
    """When the run that made the model was recorded, UTC; not when it was packed, so that packing again
    gives the same bytes."""
    purpose: Literal["serve", "drill"] = "serve"
    """`serve` needs a passed verdict; `drill` a rehearsal model, served only while routing says so."""
    contract_digest: str
    """The contract the model was trained and judged under."""
    snapshot_digest: str
    """The data it was trained on."""
    run_id: str
    """The run that made it."""
    pipeline_digest: str
    """Digest over the pipeline's files, by name and digest."""
    files: Mapping[str, FileEntry]
    """Every file but the manifest itself."""
    requires: Mapping[str, str]
    """Packages the pipeline was made with, and their versions."""
    verdict_digest: str = ""
    """Digest of the gates' verdict; empty when there is none."""
    verdict_status: Literal["passed", "failed", "unknown"] = "unknown"
    """What the gates said; a bundle without a verdict is unknown."""
    ledger_head: str = ""
    """Head of the ledger when it was packed; empty when it was packed outside a project."""

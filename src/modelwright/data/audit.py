"""The source audit: seven questions to every source before anything is built on it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.source import read_table
from modelwright.kernel.clock import Clock
from modelwright.kernel.document import Document, Table
from modelwright.kernel.errors import UserFault
from modelwright.kernel.outcome import Outcome, Status, overall

__all__ = ["SourceAudit", "audit_sources"]

MOST_EMPTY = 0.05
"""Share of empty cells of a feature above which quality is called into question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAudit:
    """Seven answers: sources, schemas, volume and growth, update frequency, quality, access, throughput.

    Examples:
        >>> SourceAudit(items=()).outcome.status.value
        'unknown'
    """

    items: tuple[Outcome, ...]
    """One outcome an item, in the order above."""

    @property
    def outcome(self) -> Outcome:
        """All items together; unknown ones are questions, not failures of the data."""
        return overall(self.items, what="source audit")

    def document(self) -> Document:
        """Render the audit for people."""
        rows = tuple(
            (item.what, item.status.value, "; ".join(item.evidence), item.next_step) for item in self.items
        )
        return Document(
            title="Source audit", blocks=(Table(columns=("item", "status", "found", "next"), rows=rows),)
        )


def _item(what: str, status: Status, *evidence: str, next_step: str = "") -> Outcome:
    return Outcome(status=status, what=what, evidence=evidence, next_step=next_step)


def audit_sources(contract: Contract, *, root: Path, clock: Clock | None = None) -> SourceAudit:
    """Look at every source of a contract and answer the seven questions.

    Args:
        contract: Names the sources.
        root: The folder relative paths start from.
        clock: Measures how fast the sources are read; without one the throughput is unknown.

    Returns:
        The answers; what a file cannot tell, such as how often it is renewed, is unknown with a next step.

    Examples:
        >>> audit_sources.__name__
        'audit_sources'
    """
    paths = [root / source.path for source in contract.data.sources]
    start = clock.now() if clock is not None else None
    frames: list[pl.DataFrame] = []
    faults: list[str] = []
    for path, source in zip(paths, contract.data.sources, strict=True):
        try:
            frames.append(read_table(path, format=source.format))
        except UserFault as error:
            faults.append(error.what)
    seconds = (clock.now() - start).total_seconds() if clock is not None and start is not None else None
    readable = Status.FAILED if faults else Status.PASSED
    named = tuple(
        f"{source.path}: {path.stat().st_size:,} bytes" if path.is_file() else f"{source.path}: not there"
        for path, source in zip(paths, contract.data.sources, strict=True)
    )
    return SourceAudit(
        items=(
            _item("sources", readable, *named, *faults, next_step="restore the files" if faults else ""),
            _schemas(frames, contract),
            _volume(frames, contract),
            _frequency(contract),
            _quality(frames, contract),
            _access(paths),
            _throughput(frames, seconds),
        )
    )


def _schemas(frames: Sequence[pl.DataFrame], contract: Contract) -> Outcome:
    if not frames:
        return _item("schemas", Status.UNKNOWN, "no source could be read")
    declared = set(contract.data.columns)
    needed = {name for name, column in contract.data.columns.items() if column.role != "excluded"}
    undeclared = sorted({name for frame in frames for name in frame.columns} - declared)
    lacking = sorted({name for frame in frames for name in needed - set(frame.columns)})
    told = [f"{len(declared)} columns described"]
    told += [f"not described: {', '.join(undeclared[:10])}"] if undeclared else []
    told += [f"described but lacking: {', '.join(lacking[:10])}"] if lacking else []
    broken = bool(undeclared or lacking)
    cure = "bring contract and sources together" if broken else ""
    return _item("schemas", Status.FAILED if broken else Status.PASSED, *told, next_step=cure)


def _volume(frames: Sequence[pl.DataFrame], contract: Contract) -> Outcome:
    rows = sum(frame.height for frame in frames)
    if not rows:
        return _item("volume and growth", Status.UNKNOWN, "no rows were read")
    told = [f"{rows:,} rows"]
    time = contract.data.event_time
    if time is None:
        told.append("growth is not known: no event time")
    else:
        moments = pl.concat(
            [frame[time].cast(pl.String) for frame in frames if time in frame.columns]
        ).drop_nulls()
        told.append(f"{moments.n_unique():,} moments, {rows / max(moments.n_unique(), 1):.1f} rows each")
    return _item("volume and growth", Status.PASSED, *told)


def _frequency(contract: Contract) -> Outcome:
    if contract.data.freshness:
        return _item("update frequency", Status.PASSED, f"fresh within {contract.data.freshness} by contract")
    cure = "say in data.freshness how old features may be when served"
    return _item(
        "update frequency", Status.UNKNOWN, "a file does not tell how often it is renewed", next_step=cure
    )


def _quality(frames: Sequence[pl.DataFrame], contract: Contract) -> Outcome:
    if not frames:
        return _item("quality", Status.UNKNOWN, "no source could be read")
    rows = sum(frame.height for frame in frames)
    repeated = sum(frame.height - frame.n_unique() for frame in frames)
    features = [name for name in contract.data.features if all(name in frame.columns for frame in frames)]
    empty = {name: sum(frame[name].null_count() for frame in frames) / rows for name in features}
    worst = sorted((share, name) for name, share in empty.items() if share > MOST_EMPTY)[::-1]
    told = [f"{repeated:,} repeated rows"]
    told += [f"{name} {share:.1%} empty" for share, name in worst[:5]]
    return _item("quality", Status.PASSED, *told)


def _access(paths: Sequence[Path]) -> Outcome:
    closed = [path.name for path in paths if not os.access(path, os.R_OK)]
    if closed:
        cure = "ask the owner of the source for read access"
        return _item("access", Status.FAILED, f"not readable: {', '.join(closed)}", next_step=cure)
    return _item("access", Status.PASSED, f"{len(paths)} readable")


def _throughput(frames: Sequence[pl.DataFrame], seconds: float | None) -> Outcome:
    rows = sum(frame.height for frame in frames)
    if seconds is None or seconds <= 0 or not rows:
        return _item("latency and throughput", Status.UNKNOWN, "not measured")
    return _item(
        "latency and throughput",
        Status.PASSED,
        f"{rows / seconds:,.0f} rows a second, {seconds:.2f} s in all",
    )

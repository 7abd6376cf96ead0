"""The source audit: seven questions to every source before anything is built on it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import format_duration, parse_duration
from modelwright.contracts.source import Source
from modelwright.data.conform import conform
from modelwright.data.formats import Manner
from modelwright.data.source_files import gather
from modelwright.data.source_origin import Origin
from modelwright.data.source_port import NoConnector, SourceConnector
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import short
from modelwright.kernel.document import Document, Table
from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.fileset import find_files
from modelwright.kernel.outcome import Outcome, Status, overall

__all__ = ["SourceAudit", "audit_sources"]

MOST_EMPTY = 0.05
"""Share of empty cells of a feature above which quality is called into question."""

MOST_NAMED = 10
"""Names listed in one answer."""


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What the audit saw: a table or none for each source, where each came from, and what went wrong."""

    frames: tuple[pl.DataFrame, ...]
    origins: tuple[Origin, ...]
    faults: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all sources together."""
        return sum(origin.rows for origin in self.origins)


def _item(what: str, status: Status, *evidence: str, next_step: str = "") -> Outcome:
    return Outcome(status=status, what=what, evidence=evidence, next_step=next_step)


def audit_sources(
    contract: Contract,
    *,
    root: Path,
    clock: Clock | None = None,
    connector: SourceConnector | None = None,
    origins: Sequence[Origin] = (),
) -> SourceAudit:
    """Look at every source of a contract and answer the seven questions.

    Args:
        contract: Names the sources.
        root: The folder relative paths start from.
        clock: Measures how fast the sources are read, and how old the newest row is; without one both are
            unknown.
        connector: Fetches what is no file of this machine.
        origins: What was read already; what is no file is then not fetched a second time.

    Returns:
        The answers; what a source cannot tell, such as how often it is renewed, is unknown with a next step.

    Examples:
        >>> audit_sources.__name__
        'audit_sources'
    """
    start = clock.now() if clock is not None else None
    seen = _look(contract, root, connector or NoConnector(), {origin.name: origin for origin in origins})
    end = clock.now() if clock is not None else None
    seconds = (end - start).total_seconds() if start is not None and end is not None else None
    moments = _moments(seen.frames, contract)
    return SourceAudit(
        items=(
            _sources(seen, contract),
            _schemas(seen, contract),
            _volume(seen, contract, moments),
            _frequency(contract, moments, end),
            _quality(seen, contract),
            _access(contract, root, seen),
            _throughput(seen, seconds),
        )
    )


def _look(contract: Contract, root: Path, connector: SourceConnector, known: Mapping[str, Origin]) -> _Seen:
    frames: list[pl.DataFrame] = []
    origins: list[Origin] = []
    faults: list[str] = []
    excluded = contract.data.of_role("excluded")
    for source in contract.data.sources:
        try:
            if source.remote:
                if source.name in known:
                    origins.append(known[source.name])
                    continue
                (delivery,) = connector.fetch([source], key=contract.data.primary_key)
                frame, origin = delivery.frame, delivery.origin
            else:
                manner = Manner(format=source.format, sheet=source.sheet)
                got = gather(_path(source, root), manner, name=source.name, ignored=excluded)
                faults.extend(f"{source.name}, {fault}" for fault in got.faults)
                frame, origin = got.frame, got.origin
        except ModelwrightError as error:
            faults.append(error.what)
            continue
        frames.append(frame)
        origins.append(origin)
    return _Seen(frames=tuple(frames), origins=tuple(origins), faults=tuple(faults))


def _path(source: Source, root: Path) -> Path:
    path = Path(source.path)
    return path if path.is_absolute() else root / path


def _sources(seen: _Seen, contract: Contract) -> Outcome:
    found = {origin.name: origin for origin in seen.origins}
    told = []
    for source in contract.data.sources:
        origin = found.get(source.name)
        if origin is None:
            told.append(f"{source.name}: not there" if not seen.faults else f"{source.name}: not read")
            continue
        size = f"{origin.size:,} bytes" if origin.size else f"{origin.rows:,} rows"
        files = f" in {origin.files:,} files" if origin.files > 1 else ""
        version = f", {origin.version}" if origin.version else ""
        told.append(f"{source.name}: {origin.kind}, {size}{files}, {short(origin.digest)}{version}")
    cure = "restore the sources, or correct the contract" if seen.faults else ""
    return _item(
        "sources", Status.FAILED if seen.faults else Status.PASSED, *told, *seen.faults, next_step=cure
    )


def _schemas(seen: _Seen, contract: Contract) -> Outcome:
    if not seen.origins:
        return _item("schemas", Status.UNKNOWN, "no source could be read")
    declared = set(contract.data.columns)
    needed = {name for name, column in contract.data.columns.items() if column.role != "excluded"}
    undeclared = sorted({name for frame in seen.frames for name in frame.columns} - declared)
    lacking = sorted({name for frame in seen.frames for name in needed - set(frame.columns)})
    told = [f"{len(declared)} columns described"]
    told += [f"not described: {', '.join(undeclared[:MOST_NAMED])}"] if undeclared else []
    told += [f"described but lacking: {', '.join(lacking[:MOST_NAMED])}"] if lacking else []
    told += _type_drift(seen.frames)
    broken = bool(undeclared or lacking)
    cure = "bring contract and sources together" if broken else ""
    return _item("schemas", Status.FAILED if broken else Status.PASSED, *told, next_step=cure)


def _type_drift(frames: Sequence[pl.DataFrame]) -> list[str]:
    kinds: dict[str, set[str]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            kinds.setdefault(name, set()).add(str(dtype))
    drifted = sorted(name for name, found in kinds.items() if len(found) > 1)
    return [f"of several types between sources: {', '.join(drifted[:MOST_NAMED])}"] if drifted else []


def _moments(frames: Sequence[pl.DataFrame], contract: Contract) -> pl.Series | None:
    """Return the event times of all rows that have one; None when there is no such column."""
    time = contract.data.event_time
    if time is None or time not in contract.data.columns:
        return None
    spec = contract.data.columns[time]
    columns = [conform(frame[time], spec, where="").values for frame in frames if time in frame.columns]
    return pl.concat(columns).drop_nulls() if columns else None


def _volume(seen: _Seen, contract: Contract, moments: pl.Series | None) -> Outcome:
    if not seen.rows:
        return _item("volume and growth", Status.UNKNOWN, "no rows were read")
    told = [f"{seen.rows:,} rows"]
    if moments is None or not len(moments):
        cause = "no event time" if contract.data.event_time is None else "no row has an event time"
        told.append(f"growth is not known: {cause}")
    else:
        told.append(f"{moments.n_unique():,} moments, {len(moments) / moments.n_unique():.1f} rows each")
        told += _growth(moments)
    return _item("volume and growth", Status.PASSED, *told)


def _growth(moments: pl.Series) -> list[str]:
    """Compare how many rows fell into the earlier and the later half of the time that is covered."""
    low, high = moments.min(), moments.max()
    if not isinstance(low, datetime) or not isinstance(high, datetime) or low == high:
        return []
    earlier = int((moments < low + (high - low) / 2).sum())
    later = len(moments) - earlier
    span = f"{low.date()} to {high.date()}"
    return [f"{span}; the later half holds {later / max(earlier, 1):.2f} times the rows of the earlier"]


def _frequency(contract: Contract, moments: pl.Series | None, now: datetime | None) -> Outcome:
    what, told = "update frequency", [_strategy(contract)]
    limit = parse_duration(contract.data.freshness) if contract.data.freshness else None
    newest = moments.max() if moments is not None and len(moments) else None
    if isinstance(newest, datetime) and moments is not None:
        days = moments.cast(pl.Date).unique().sort()
        gap = days.diff().drop_nulls().median()
        told += [f"days with rows are {gap.days} apart (median)"] if isinstance(gap, timedelta) else []
        if now is not None:
            age = now - newest.replace(tzinfo=UTC)
            if age < timedelta(0):
                ahead = format_duration(-age)
                cure = "check the clocks and time zones of whoever writes the source"
                return _item(
                    what, Status.FAILED, f"the newest row is {ahead} in the future", *told, next_step=cure
                )
            told.append(f"the newest row is {format_duration(age)} old")
            if limit is not None and age > limit:
                cure = "renew the source, or agree on another freshness"
                late = f"fresh within {contract.data.freshness} by contract"
                return _item(what, Status.FAILED, *told, late, next_step=cure)
    if limit is not None:
        return _item(what, Status.PASSED, f"fresh within {contract.data.freshness} by contract", *told)
    cure = "say in data.freshness how old features may be when served"
    return _item(
        what, Status.UNKNOWN, "a source does not tell how often it is renewed", *told, next_step=cure
    )


def _strategy(contract: Contract) -> str:
    """Say how changes of the sources can be captured."""
    key = " + ".join(contract.data.primary_key)
    if not key:
        return "changes are captured by loading everything again: there is no primary key"
    if contract.data.event_time:
        return f"changes can be captured by a watermark on {contract.data.event_time}, rows by {key}"
    return f"changes can be captured by comparing snapshots by {key}"


def _quality(seen: _Seen, contract: Contract) -> Outcome:
    if not seen.frames:
        return _item("quality", Status.UNKNOWN, "no source could be read here")
    rows = max(sum(frame.height for frame in seen.frames), 1)
    repeated = sum(frame.height - frame.n_unique() for frame in seen.frames)
    features = [
        name for name in contract.data.features if all(name in frame.columns for frame in seen.frames)
    ]
    empty = {name: sum(frame[name].null_count() for frame in seen.frames) / rows for name in features}
    worst = sorted((share, name) for name, share in empty.items() if share > MOST_EMPTY)[::-1]
    told = [f"{repeated:,} repeated rows"]
    told += [f"{name} {share:.1%} empty" for share, name in worst[:5]]
    key = contract.data.primary_key
    keyed = [frame.select(key) for frame in seen.frames if key and set(key) <= set(frame.columns)]
    if keyed:
        keys = pl.concat([frame.cast(pl.String) for frame in keyed])
        if twice := keys.height - keys.n_unique():
            cure = "take them out, or name a key that is one"
            return _item("quality", Status.FAILED, f"{twice:,} keys repeat", *told, next_step=cure)
    return _item("quality", Status.PASSED, *told)


def _access(contract: Contract, root: Path, seen: _Seen) -> Outcome:
    files = [found for source in contract.data.sources if not source.remote for found in _files(source, root)]
    closed = [path.name for path in files if not os.access(path, os.R_OK)]
    absent = [
        source.name
        for source in contract.data.sources
        if (not source.remote and not _files(source, root))
        or (source.remote and source.name not in {origin.name for origin in seen.origins})
    ]
    if closed or absent:
        cure = "ask the owner of the source for read access"
        told = ", ".join([*closed, *absent][:MOST_NAMED])
        return _item("access", Status.FAILED, f"not readable: {told}", next_step=cure)
    return _item("access", Status.PASSED, f"{len(contract.data.sources)} readable")


def _files(source: Source, root: Path) -> tuple[Path, ...]:
    found = find_files(_path(source, root))
    return found.files if found is not None else ()


def _throughput(seen: _Seen, seconds: float | None) -> Outcome:
    rows = sum(frame.height for frame in seen.frames)
    if seconds is None or seconds <= 0 or not rows:
        return _item("latency and throughput", Status.UNKNOWN, "not measured")
    return _item(
        "latency and throughput",
        Status.PASSED,
        f"{rows / seconds:,.0f} rows a second, {seconds:.2f} s in all",
    )

"""Layers: batches as they came (bronze), one true row a key (silver), tables for use (gold), by partition.

The medallion layout. A batch is kept as it came, screened, and merged into the partitions of its rows; what
does not fit goes to quarantine. A manifest, written last, says which files are the present state, so a kill
at any instant leaves the state before or the state after. Loading a batch again changes nothing.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.change import merge
from modelwright.data.quarantine import screen
from modelwright.data.source_origin import digest_of_rows
from modelwright.kernel.digest import digest_of, digest_of_bytes, short
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, UnknownName
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode

__all__ = ["LayerPolicy", "Layers", "Load", "Manifest"]

Grain = Literal["year", "month", "day"]

WIDTH: Mapping[str, int] = {"year": 4, "month": 7, "day": 10}
"""Characters of an ISO date that name a partition."""

UNDATED = "undated"
"""The partition of rows without an event time; it is never retired."""

PARTITION = "\x00partition"
LATE, RETIRED = "came too late", "belongs to a partition that was retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPolicy:
    """How rows are laid out and how long they stay.

    Examples:
        >>> LayerPolicy().grain
        'month'
    """

    grain: Grain = "month"
    """What one partition of silver covers of the event time."""
    lateness: timedelta | None = None
    """How far behind the newest row one of a new key may be; None takes any."""
    keep_raw: timedelta | None = None
    """How long batches stay in bronze; None keeps them for ever."""
    keep: timedelta | None = None
    """How long rows stay in silver after their partition ended; None keeps them for ever."""

    def is_over(self, partition: str, now: datetime) -> bool:
        """Say whether a partition was kept long enough.

        Args:
            partition: Its name, such as `2026-01`.
            now: The present moment, in UTC.
        """
        if partition == UNDATED or self.keep is None:
            return False
        first = datetime.fromisoformat((partition + "-01-01")[:10] if len(partition) < 10 else partition)
        days = {"year": 366, "month": 31, "day": 1}[self.grain]
        return first.replace(tzinfo=UTC) + timedelta(days=days) + self.keep < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One batch that was loaded.

    Examples:
        >>> Load(digest="sha256:0", at=datetime(2026, 1, 1, tzinfo=UTC), source="a.csv").rows
        0
    """

    digest: str
    """Digest of the batch as it came: loading the same again is noticed by it."""
    at: datetime
    """When it was loaded."""
    source: str
    """Where it came from, with its version."""
    rows: int = 0
    """Rows that came."""
    inserted: int = 0
    """Rows whose key was new."""
    updated: int = 0
    """Rows that changed what was known of their key."""
    superseded: int = 0
    """Rows that were known, or older than what was known."""
    quarantined: int = 0
    """Rows that were set apart."""
    raw: str = ""
    """The file in bronze; empty once it was retired."""
    letters: str = ""
    """The file in quarantine; empty when no row was set apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The present state of all layers.

    Examples:
        >>> Manifest().partitions
        {}
    """

    partitions: Mapping[str, str] = field(default_factory=dict)
    """Partition of silver, to its file."""
    watermark: datetime | None = None
    """The newest event time that was loaded."""
    loads: tuple[Load, ...] = ()
    """Every load, in order."""
    retired: tuple[str, ...] = ()
    """Partitions that were let go; rows that come for them later are set apart."""
    gold: Mapping[str, str] = field(default_factory=dict)
    """Name of a gold table, to the digest of the silver state it was made from."""

    @property
    def digest(self) -> str:
        """Digest of the rows in silver: which partitions, and which files they are."""
        return digest_of(self.partitions)


class Layers:
    """The layers of one table below one folder.

    One writer at a time; readers may read at any time.

    Args:
        root: The folder.
        contract: Says what a row is: key, event time, columns.
        policy: Partitions, lateness, retention.

    Raises:
        DataInvalid: When the contract names no primary key, or one that must not be kept.

    Examples:
        >>> Layers.__name__
        'Layers'
    """

    def __init__(self, root: Path, contract: Contract, *, policy: LayerPolicy | None = None) -> None:
        """Keep where things lie; read nothing yet."""
        self.root = root
        self.contract = contract
        self.policy = policy or LayerPolicy()
        self.key = contract.data.primary_key
        secret = [name for name in self.key if contract.data.columns[name].keep_out]
        if not self.key or secret:
            raise DataInvalid(
                f"rows cannot be followed by {', '.join(secret)}" if secret else "there is no primary key",
                why="layers keep one row a key, and a key has to be kept for that",
                next_step="name `data.primary_key` in the contract, of columns that are not `keep_out`",
            )

    @property
    def manifest(self) -> Manifest:
        """The present state; an empty one before the first load.

        Raises:
            IntegrityBroken: When the manifest cannot be read.
        """
        path = self.root / "manifest.json"
        return decode(path.read_bytes(), Manifest) if path.is_file() else Manifest()

    def load(self, batch: pl.DataFrame, *, source: str, now: datetime) -> Load:
        """Load a batch: keep it raw, set apart what does not fit, merge the rest into silver.

        Args:
            batch: Rows as they came.
            source: Where they came from, with its version, such as `calls.csv dvc:md5:...`.
            now: The present moment, in UTC.

        Returns:
            What became of it; of a batch that was loaded before, what became of it then.

        Raises:
            DataInvalid: When the columns of the batch are not those of the contract.
            StorageFailed: When it cannot be written; the state is as before.
        """
        manifest = self.manifest
        digest = digest_of_rows(batch)
        known = next((load for load in manifest.loads if load.digest == digest), None)
        if known is not None:
            return known
        screened = screen(batch, self.contract, source=source, now=now)
        fitting = screened.frame.drop(
            [name for name in screened.frame.columns if self.contract.data.columns[name].keep_out]
        )
        placed = self._placed(fitting)
        gone = placed.filter(pl.col(PARTITION).is_in(list(manifest.retired)))
        placed = placed.filter(~pl.col(PARTITION).is_in(list(manifest.retired)))
        touched = self._touched(placed, manifest)
        state = self._read([manifest.partitions[name] for name in touched], placed.drop(PARTITION))
        merged = merge(
            state,
            placed.drop(PARTITION),
            key=self.key,
            by=self._time or "",
            watermark=manifest.watermark.replace(tzinfo=None) if manifest.watermark and self._time else None,
            lateness=self.policy.lateness,
        )
        letters = self._letters(screened.quarantine.letters, {RETIRED: gone, LATE: merged.late}, digest)
        raw = self._write(f"bronze/{short(digest)}", batch.select(self._kept(batch)))
        apart = screened.quarantine.rows + gone.height + merged.late.height
        load = Load(
            digest=digest,
            at=now,
            source=source,
            rows=batch.height,
            inserted=merged.changes.inserted.height,
            updated=merged.changes.updated.height,
            superseded=merged.superseded,
            quarantined=apart,
            raw=raw,
            letters=letters,
        )
        rest = {name: file for name, file in manifest.partitions.items() if name not in touched}
        newest = merged.watermark
        self._commit(
            replace(
                manifest,
                partitions=rest | self._split(merged.state),
                watermark=newest.replace(tzinfo=UTC) if isinstance(newest, datetime) else manifest.watermark,
                loads=(*manifest.loads, load),
            )
        )
        return load

    def silver(self) -> pl.DataFrame:
        """Return the present rows, sorted by key.

        Raises:
            IntegrityBroken: When a file is gone or was changed.
        """
        files = list(self.manifest.partitions.values())
        return self._read(files, None).sort(self.key) if files else pl.DataFrame()

    def put_gold(self, name: str, frame: pl.DataFrame) -> Path:
        """Keep a table for use, made from silver, as one Parquet file; return where it lies.

        Args:
            name: What it is called; letters, digits, `-` and `_`.
            frame: The table.

        Raises:
            UnknownName: When the name cannot be one.
        """
        if not name or not all(part.isalnum() for part in name.replace("-", "_").split("_") if part):
            raise UnknownName(
                f"'{name}' cannot be the name of a table", next_step="use letters, digits, - and _"
            )
        path = self.root / "gold" / f"{name}.parquet"
        write_atomically(path, _parquet(frame))
        manifest = self.manifest
        self._commit(replace(manifest, gold={**manifest.gold, name: manifest.digest}))
        return path

    def retire(self, now: datetime) -> tuple[str, ...]:
        """Let go of what was kept long enough; return the partitions and batches that went.

        Args:
            now: The present moment, in UTC.
        """
        manifest = self.manifest
        old = [name for name in manifest.partitions if self.policy.is_over(name, now)]
        raw = [
            load
            for load in manifest.loads
            if load.raw and self.policy.keep_raw is not None and load.at + self.policy.keep_raw < now
        ]
        if not old and not raw:
            return ()
        self._commit(
            replace(
                manifest,
                partitions={name: file for name, file in manifest.partitions.items() if name not in old},
                retired=tuple(sorted({*manifest.retired, *old})),
                loads=tuple(replace(load, raw="") if load in raw else load for load in manifest.loads),
            )
        )
        return (*sorted(old), *(load.raw for load in raw))

    @property
    def _time(self) -> str | None:
        time = self.contract.data.event_time
        spec = self.contract.data.columns.get(time) if time is not None else None
        return time if spec is not None and spec.type == "datetime" else None

    def _kept(self, frame: pl.DataFrame) -> list[str]:
        out = {
            name
            for name, spec in self.contract.data.columns.items()
            if spec.keep_out or spec.role == "excluded"
        }
        return [name for name in frame.columns if name not in out]

    def _placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Say of each row which partition it belongs to."""
        width = WIDTH[self.policy.grain]
        name = pl.col(self._time).dt.strftime("%Y-%m-%d").str.slice(0, width) if self._time else pl.lit(None)
        return frame.with_columns(name.cast(pl.String).fill_null(UNDATED).alias(PARTITION))

    def _touched(self, placed: pl.DataFrame, manifest: Manifest) -> list[str]:
        """Return the partitions that a batch changes: those of its rows, and those its keys lie in now."""
        own = set(placed[PARTITION].unique().to_list())
        keys = placed.select(self.key).unique()
        found = [
            name
            for name, file in manifest.partitions.items()
            if name in own
            or self._read([file], None, columns=self.key).join(keys, on=list(self.key), how="semi").height
        ]
        return sorted(found)

    def _split(self, state: pl.DataFrame) -> dict[str, str]:
        parts = self._placed(state).partition_by(PARTITION, as_dict=True, include_key=False)
        return {
            str(name): self._write(f"silver/{self.policy.grain}={name}", part)
            for (name,), part in sorted(parts.items())
        }

    def _letters(self, letters: pl.DataFrame, more: Mapping[str, pl.DataFrame], digest: str) -> str:
        """Keep what was set apart; rows that came too late are told by their key alone."""
        hidden = any(self.contract.data.columns[name].pii != "none" for name in self.key)
        key = pl.lit("***") if hidden else pl.concat_str(pl.col(self.key).cast(pl.String), separator=" ")
        told = [
            _letters_of(frame, key, self._time or "", reason)
            for reason, frame in more.items()
            if frame.height
        ]
        whole = pl.concat([letters, *told])
        return self._write(f"quarantine/{short(digest)}", whole) if whole.height else ""

    def _write(self, stem: str, frame: pl.DataFrame) -> str:
        """Write a table under a name that says what is in it; return the name."""
        data = _parquet(frame)
        name = f"{stem}/{digest_of_bytes(data).removeprefix('sha256:')[:32]}.parquet"
        if not (self.root / name).is_file():
            write_atomically(self.root / name, data)
        return name

    def _read(
        self, files: Sequence[str], empty: pl.DataFrame | None, *, columns: tuple[str, ...] | None = None
    ) -> pl.DataFrame:
        frames = list(self._frames(files, columns))
        return pl.concat(frames) if frames else (empty.clear() if empty is not None else pl.DataFrame())

    def _frames(self, files: Sequence[str], columns: tuple[str, ...] | None) -> Iterator[pl.DataFrame]:
        for name in files:
            try:
                data = (self.root / name).read_bytes()
            except OSError as error:
                raise _broken(name, "is gone") from error
            if not digest_of_bytes(data).startswith(f"sha256:{Path(name).stem}"):
                raise _broken(name, "is not what was stored")
            yield pl.read_parquet(io.BytesIO(data), columns=list(columns) if columns else None)

    def _commit(self, manifest: Manifest) -> None:
        """Make a state the present one, then clear away what it no longer names."""
        write_atomically(self.root / "manifest.json", encode(manifest))
        named = {
            *manifest.partitions.values(),
            *(name for load in manifest.loads for name in (load.raw, load.letters)),
        }
        for layer in ("bronze", "silver", "quarantine"):
            for path in (self.root / layer).glob("*/*.parquet"):
                if path.relative_to(self.root).as_posix() not in named:
                    path.unlink(missing_ok=True)


def _letters_of(frame: pl.DataFrame, key: pl.Expr, column: str, reason: str) -> pl.DataFrame:
    return frame.select(
        pl.lit(None, dtype=pl.Int64).alias("row"),
        key.alias("key"),
        pl.lit(column, dtype=pl.String).alias("column"),
        pl.lit(reason).alias("reason"),
        pl.lit(None, dtype=pl.String).alias("found"),
    )


def _parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def _broken(name: str, what: str) -> IntegrityBroken:
    return IntegrityBroken(
        f"{name} {what}",
        why="a state with a hole is no state",
        next_step="restore the file from a copy, or load the batches of bronze again into an empty folder",
    )

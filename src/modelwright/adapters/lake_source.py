"""Tables of lakes, Delta and Iceberg: one version of them, pinned or the newest, with its name."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from modelwright.kernel.errors import DataInvalid, MissingExtra

__all__ = ["LakeTable", "read_delta", "read_iceberg"]

NUMBERED = re.compile(r"(?:^|/)v?(\d+)[^/]*\.metadata\.json$")
"""How writers of Iceberg tables number their metadata: `00003-....metadata.json` or `v3.metadata.json`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LakeTable:
    """One version of a table.

    Examples:
        >>> LakeTable(frame=pl.DataFrame({"a": [1]}), version="delta:t1@3").version
        'delta:t1@3'
    """

    frame: pl.DataFrame
    """Its rows."""
    version: str
    """The table's own id and the version or snapshot: what the same rows are found by later."""


def _unreadable(name: str, error: BaseException, cure: str) -> DataInvalid:
    said = " ".join(str(error).split())[:240]
    return DataInvalid(
        f"{name} cannot be read: {said or type(error).__name__}",
        why="without its rows there is nothing to learn from",
        next_step=cure,
    )


def _moment(as_of: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise DataInvalid(
            f"'{as_of}' names no version of {name}",
            why="`as_of` says which state is read",
            next_step="write a version or snapshot number, or a moment such as 2026-01-31T12:00:00Z",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_delta(place: str, *, as_of: str, options: Mapping[str, str | int], name: str) -> LakeTable:
    """Read one version of a Delta table.

    Args:
        place: Its folder, here or in an object store.
        as_of: A version number or a moment; empty takes the newest.
        options: How an object store is reached.
        name: What messages call it.

    Raises:
        MissingExtra: When the extra `delta` is not installed.
        DataInvalid: When there is no such table or version.

    Examples:
        >>> read_delta.__name__
        'read_delta'
    """
    try:
        from deltalake import DeltaTable  # the extra `delta`
        from deltalake.exceptions import DeltaError
    except ModuleNotFoundError as error:
        raise MissingExtra.needed("delta", "reading Delta tables") from error
    told = {key: str(value) for key, value in options.items()}
    try:
        table = DeltaTable(place, storage_options=told or None)
        if as_of:
            table.load_as_version(int(as_of) if as_of.isdecimal() else _moment(as_of, name))
        version = f"delta:{table.metadata().id}@{table.version()}"
        frame = pl.scan_delta(table, storage_options=told or None, credential_provider=None).collect()
    except (DeltaError, OSError, ValueError, pl.exceptions.PolarsError) as error:
        cure = "check the path, and that the version was not vacuumed away"
        raise _unreadable(name, error, cure) from error
    return LakeTable(frame=frame, version=version)


def _metadata_file(place: str, name: str) -> str:
    """Return the metadata of a table: the file itself, or the newest of a table's folder on this machine."""
    if place.endswith(".json"):
        return place
    folder = Path(place) / "metadata"
    hint = folder / "version-hint.text"
    if hint.is_file() and (hinted := folder / f"v{hint.read_text('utf-8').strip()}.metadata.json").is_file():
        return str(hinted)
    numbered = [
        (int(found[1]), path)
        for path in folder.glob("*.metadata.json")
        if (found := NUMBERED.search(path.name))
    ]
    if not numbered:
        raise DataInvalid(
            f"{name} is no Iceberg table",
            why="a table is found by its metadata",
            next_step="name the table's folder on this machine, or its newest .metadata.json in a store",
        )
    return str(max(numbered)[1])


def read_iceberg(place: str, *, as_of: str, options: Mapping[str, str | int], name: str) -> LakeTable:
    """Read one snapshot of an Iceberg table.

    Args:
        place: The table's folder on this machine, or a `.metadata.json` anywhere.
        as_of: A snapshot id or a moment; empty takes the current one.
        options: How an object store is reached.
        name: What messages call it.

    Raises:
        MissingExtra: When the extra `iceberg` is not installed.
        DataInvalid: When there is no such table or snapshot.

    Examples:
        >>> read_iceberg.__name__
        'read_iceberg'
    """
    try:
        from pyiceberg.exceptions import NoSuchTableError, ValidationError  # the extra `iceberg`
        from pyiceberg.table import StaticTable
    except ModuleNotFoundError as error:
        raise MissingExtra.needed("iceberg", "reading Iceberg tables") from error
    cure = "check the path, and that the snapshot has not expired"
    try:
        table = StaticTable.from_metadata(_metadata_file(place, name))
        current = table.current_snapshot()
        snapshot = current.snapshot_id if current is not None else None
        if as_of and not as_of.isdecimal():
            limit = int(_moment(as_of, name).timestamp() * 1000)
            past = [item.snapshot_id for item in table.history() if item.timestamp_ms <= limit]
            snapshot = past[-1] if past else None
        elif as_of:
            snapshot = int(as_of) if table.snapshot_by_id(int(as_of)) is not None else None
        if snapshot is None:
            known = ", ".join(str(item.snapshot_id) for item in table.history()[-5:]) or "none"
            raise DataInvalid(
                f"{name} has no snapshot {as_of}".rstrip(),
                why="`as_of` says which state is read",
                next_step=cure,
                expected=f"one of the last: {known}",
            )
        told = {key: str(value) for key, value in options.items()}
        with warnings.catch_warnings():
            # Polars would rather plan with one more package; without it the plan is the same, later.
            warnings.simplefilter("ignore", pl.exceptions.PerformanceWarning)
            frame = pl.scan_iceberg(table, snapshot_id=snapshot, storage_options=told or None).collect()
    except (NoSuchTableError, ValidationError, OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise _unreadable(name, error, cure) from error
    return LakeTable(frame=frame, version=f"iceberg:{table.metadata.table_uuid}@{snapshot}")

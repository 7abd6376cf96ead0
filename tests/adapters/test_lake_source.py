"""Delta and Iceberg: the newest version or a pinned one, with its name in the lineage."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.adapters.source_connections import SourceConnections
from modelwright.contracts.source import Source
from modelwright.data.source import read_with_notes
from modelwright.kernel.errors import DataInvalid


def fetched(root, kind, path="lake", as_of=""):
    """What comes from the table in this folder."""
    source = Source(path=path, format=kind, as_of=as_of)
    return SourceConnections(root, variables={}).fetch([source], key=())[0]


def put_in_key_order(frame):
    """The order in which rows without one of their own come."""
    return frame.sort(frame.columns, nulls_last=True)


def test_a_delta_table_is_read_in_its_newest_or_a_pinned_version(tmp_path):
    """The version names the table and its number; older rows stay within reach."""
    calls().write_delta(tmp_path / "lake")
    calls(9, seed=8).write_delta(tmp_path / "lake", mode="append")
    newest, first = fetched(tmp_path, "delta"), fetched(tmp_path, "delta", as_of="0")
    assert (newest.frame.height, first.frame.height) == (69, 60)
    assert first.frame.equals(put_in_key_order(calls()))
    table, _, number = first.origin.version.partition("@")
    assert table.startswith("delta:")
    assert (number, newest.origin.version) == ("0", f"{table}@1")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert fetched(tmp_path, "delta", as_of=later).frame.height == 69


def test_a_delta_table_is_read_under_a_contract(tmp_path):
    """Where it lies is told from the project's folder."""
    calls().write_delta(tmp_path / "lake")
    contract = contract_of(CALLS, sources=[{"path": "lake", "format": "delta"}])
    reading = read_with_notes(contract, root=tmp_path, connector=SourceConnections(tmp_path, variables={}))
    assert reading.origins[0].kind == "delta"
    assert reading.frame.equals(put_in_key_order(calls()))


@pytest.fixture(scope="module")
def iceberg(tmp_path_factory):
    """An Iceberg table of two snapshots, and their ids."""
    from pyiceberg.catalog.sql import SqlCatalog

    root = tmp_path_factory.mktemp("iceberg")
    catalog = SqlCatalog("test", uri=f"sqlite:///{root}/catalog.db", warehouse=f"file://{root}")
    catalog.create_namespace("bank")
    table = catalog.create_table(
        "bank.calls", schema=calls().to_arrow().schema, location=f"file://{root}/lake"
    )
    table.append(calls().to_arrow())
    table.append(calls(9, seed=8).to_arrow())
    ids = [snapshot.snapshot_id for snapshot in table.snapshots()]
    catalog.close()
    return root, ids


def test_an_iceberg_table_is_read_in_its_current_or_a_pinned_snapshot(iceberg):
    """From its folder, by the newest metadata there."""
    root, (first, second) = iceberg
    newest, pinned = fetched(root, "iceberg"), fetched(root, "iceberg", as_of=str(first))
    assert (newest.frame.height, pinned.frame.height) == (69, 60)
    assert pinned.frame.equals(put_in_key_order(calls()))
    assert newest.origin.version.endswith(f"@{second}")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert fetched(root, "iceberg", as_of=later).frame.height == 69
    (metadata,) = (root / "lake" / "metadata").glob("00002-*.metadata.json")
    assert fetched(root, "iceberg", path=str(metadata)).frame.height == 69
    (root / "lake" / "metadata" / "v1.metadata.json").write_bytes(metadata.read_bytes())
    (root / "lake" / "metadata" / "version-hint.text").write_text("1")
    assert fetched(root, "iceberg").frame.height == 69


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_table_or_version_that_is_not_there_is_told(kind, tmp_path, iceberg):
    """The path or the version, never a traceback of a library."""
    calls().write_delta(tmp_path / "lake")
    root = tmp_path if kind == "delta" else iceberg[0]
    for path, as_of, words in (
        ("nowhere", "", "cannot be read|is no Iceberg table"),
        ("lake", "77", "cannot be read|has no snapshot 77"),
        ("lake", "2001-01-01", "cannot be read|has no snapshot 2001"),
        ("lake", "yesterday", "'yesterday' names no version"),
    ):
        if kind == "delta" and as_of == "2001-01-01":
            continue  # before the first version Delta gives the first
        with pytest.raises(DataInvalid, match=words):
            fetched(root, kind, path=path, as_of=as_of)


def test_rows_of_a_lake_have_an_order(tmp_path):
    """Two versions with the same rows have the same digest."""
    frame = pl.DataFrame({"a": [3, 1, 2], "b": ["x", None, "y"]})
    for name, table in (("one", frame), ("two", frame.reverse())):
        table.write_delta(tmp_path / name)
    digests = {fetched(tmp_path, "delta", path=name).origin.digest for name in ("one", "two")}
    assert len(digests) == 1

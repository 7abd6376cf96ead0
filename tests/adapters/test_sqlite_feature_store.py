"""The embedded feature store: every promise, and what a damaged or missing file tells."""

import sqlite3

import pytest

from modelwright.adapters.sqlite_feature_store import SqliteFeatureStore
from modelwright.features.memory_store import MemoryFeatureStore
from modelwright.kernel.errors import IntegrityBroken, StorageFailed
from modelwright.testing.feature_store_suite import FEATURE_STORE_PROMISES


@pytest.fixture
def opened(tmp_path):
    """Opens stores on one file, and closes them."""
    stores = []

    def open_store():
        stores.append(SqliteFeatureStore(tmp_path / "deep" / "features.db"))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.mark.parametrize("promise", FEATURE_STORE_PROMISES, ids=lambda promise: promise.__name__)
def test_sqlite_keeps(promise, opened):
    """What every feature store promises."""
    promise(opened)


@pytest.mark.parametrize("promise", FEATURE_STORE_PROMISES, ids=lambda promise: promise.__name__)
def test_memory_keeps(promise):
    """The store in memory promises the same."""
    store = MemoryFeatureStore()
    promise(lambda: store)


def test_a_file_that_is_no_store_is_told(tmp_path):
    """The cure says what may be removed."""
    place = tmp_path / "features.db"
    place.write_bytes(b"this is a letter, not a database, and quite a long one at that" * 40)
    with pytest.raises(StorageFailed, match="materialise again"):
        SqliteFeatureStore(place).get("calls", ("a",))


def test_a_row_that_is_none_is_told(opened, tmp_path):
    """Half a row is never served."""
    store = opened()
    store.stamped("calls")
    with sqlite3.connect(tmp_path / "deep" / "features.db") as connection:
        connection.execute("INSERT INTO features VALUES ('calls', '[\"a\"]', 0, x'00')")
    connection.close()
    with pytest.raises(IntegrityBroken, match="cannot be read"):
        store.get("calls", ("a",))


def test_a_store_whose_table_is_gone_is_told_at_each_verb(opened, tmp_path):
    """Look-ups, writes and stamps all end in words."""
    store = opened()
    store.stamped("calls")
    with sqlite3.connect(tmp_path / "deep" / "features.db") as connection:
        connection.executescript("DROP TABLE features; DROP TABLE stamps;")
    connection.close()
    with pytest.raises(StorageFailed):
        store.get("calls", ("a",))
    with pytest.raises(StorageFailed):
        FEATURE_STORE_PROMISES[4](lambda: store)
    with pytest.raises(StorageFailed):
        store.stamped("calls")

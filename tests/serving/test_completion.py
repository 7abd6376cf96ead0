"""Rows that name an entity get its features; what is too old or unknown goes to the fallback."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.data.tables import contract_of

from modelwright.data.feature_reading import feature_view
from modelwright.features.memory_store import MemoryFeatureStore
from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.features.store import OnlineRow, stored_name
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import StorageFailed
from modelwright.serving.completion import RowCompleter

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {
    "client": {"type": "category", "role": "entity"},
    "at": {"type": "datetime", "role": "time"},
    "age": {"type": "number"},
    "paid_amount": {"type": "number"},
    "paid_count": {"type": "integer"},
    "y": {"type": "category", "role": "target"},
}
PAID = {
    "name": "paid",
    "source": {"path": "paid.csv"},
    "entity": ["client"],
    "event_time": "at",
    "columns": ["amount"],
    "aggregates": [{"function": "count"}],
    "freshness": "1h",
}
CONTRACT = contract_of(COLUMNS, event_time="at", feature_tables=[PAID])
PLAN = FeaturePlan(
    features=tuple(FeatureSpec(name=name, kind="number") for name in ("age", "paid_amount", "paid_count"))
)
VIEW = feature_view(CONTRACT.data.feature_tables[0])


@pytest.fixture
def store():
    """A store that knows one client, half an hour ago."""
    kept = MemoryFeatureStore()
    then = NOW - timedelta(minutes=30)
    kept.put(
        stored_name(VIEW),
        [OnlineRow(entity=("7",), as_of=then, values={"paid_amount": 5.0, "paid_count": 2})],
    )
    kept.stamp(stored_name(VIEW), then)
    return kept


def completed(store, *rows, at=NOW, plan=PLAN):
    """These rows, completed at a moment."""
    clock = SteppingClock(at, step=timedelta(0))
    return RowCompleter(CONTRACT, plan, store, clock=clock).complete(rows)


def test_what_a_row_lacks_is_looked_up_by_its_key(store):
    """However the key is spelled; an unknown client has an empty past."""
    made = completed(store, {"client": 7.0, "age": 30}, {"client": "8", "age": 40})
    assert made.rows == [
        {"client": 7.0, "age": 30, "paid_amount": 5.0, "paid_count": 2},
        {"client": "8", "age": 40, "paid_amount": None, "paid_count": 0},
    ]
    assert made.lacking == {}


def test_what_a_row_brings_is_kept(store):
    """Who sends features is not overruled, and what is no row stays for the check to tell."""
    rows = [{"client": 7, "age": 30, "paid_count": 9}, {"age": 30}, "no row"]
    assert completed(store, *rows).rows == rows


def test_features_that_are_too_old_are_not_used(store):
    """The row goes to the fallback with that reason."""
    made = completed(store, {"client": 7}, at=NOW + timedelta(hours=2))
    assert made.lacking == {0: "features too old"}


def test_features_nobody_materialised_are_unknown():
    """No store of that definition, no guess."""
    assert completed(MemoryFeatureStore(), {"client": 7}).lacking == {0: "features unknown"}


class Gone(MemoryFeatureStore):
    """A store that does not answer."""

    def get(self, view, entity):
        """Fail as a store fails."""
        raise StorageFailed("the disk is gone")


def test_a_store_that_does_not_answer_stops_no_server():
    """Its rows get the fallback; the model never sees them half."""
    made = completed(Gone(), {"client": 7})
    assert made.lacking == {0: "features unknown"}
    assert made.rows == [{"client": 7, "paid_amount": None, "paid_count": None}]


def test_a_model_that_reads_no_joined_feature_asks_nobody():
    """Left-out columns cost nothing."""
    plain = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
    rows = ({"client": 7},)
    assert completed(Gone(), *rows, plan=plain).rows == rows

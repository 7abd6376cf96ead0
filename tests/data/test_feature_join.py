"""Features of rows that are scored: those that reading the sources would have joined."""
# ruff: noqa: DTZ001 - tables hold moments in UTC without a zone

from datetime import UTC, datetime

import polars as pl
import pytest
from tests.data.tables import contract_of

from modelwright.data.feature_join import FeatureJoin, lacking_tables
from modelwright.data.feature_reading import read_feature_tables
from modelwright.kernel.errors import DataInvalid

NOW = datetime(2026, 1, 9, tzinfo=UTC)
COLUMNS = {
    "client": {"type": "category", "role": "entity"},
    "at": {"type": "datetime", "role": "time"},
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
}
CONTRACT = contract_of(COLUMNS, event_time="at", feature_tables=[PAID])


@pytest.fixture
def tables(tmp_path):
    """What two clients paid."""
    (tmp_path / "paid.csv").write_text("client,at,amount\n7,2026-01-02,5\n7,2026-01-04,9\n8,2026-01-03,4\n")
    return read_feature_tables(CONTRACT, root=tmp_path)


def joined(tables, frame, **more):
    """The rows with their features."""
    return FeatureJoin(CONTRACT, tables, there=frame.columns, at=NOW).join(frame, **more)


@pytest.mark.parametrize(
    "times",
    [
        [datetime(2026, 1, 3), datetime(2026, 1, 5), datetime(2026, 1, 3)],
        ["2026-01-03", "2026-01-05T00:00:00", "2026-01-03"],
        pl.Series([datetime(2026, 1, 3), datetime(2026, 1, 5), datetime(2026, 1, 3)]).dt.replace_time_zone(
            "UTC"
        ),
    ],
)
def test_each_row_sees_its_own_past(tables, times):
    """However times and keys are spelled."""
    for clients in ([7, 7, 8], ["7", "7", "8"], [7.0, 7.0, 8.0]):
        rows = joined(tables, pl.DataFrame({"client": clients, "at": times, "age": 1}))
        assert rows.frame["paid_amount"].to_list() == [5, 9, None]
        assert rows.frame["paid_count"].to_list() == [1, 2, 0]
        assert rows.faults == {}


def test_rows_without_a_column_of_times_are_joined_as_of_one_moment(tables):
    """Now, or the moment a run began that goes on."""
    frame = pl.DataFrame({"client": [7]})
    assert joined(tables, frame).frame["paid_count"].to_list() == [2]
    assert joined(tables, frame, at=datetime(2026, 1, 3, tzinfo=UTC)).frame["paid_count"].to_list() == [1]
    assert joined(tables, frame.clear()).frame.columns == ["client", "paid_amount", "paid_count"]


def test_a_row_without_key_or_time_is_told(tables):
    """Days and months that can be read either way round are not guessed."""
    frame = pl.DataFrame({"client": [" ", "7", "7"], "at": [None, "03/04/2026", "2026-01-03"]})
    rows = joined(tables, frame)
    assert rows.faults == {
        0: "client, at: empty or not readable, so that no features can be joined",
        1: "at: empty or not readable, so that no features can be joined",
    }
    assert rows.frame["paid_count"].to_list()[2] == 1


def test_rows_that_name_nobody_are_refused(tables):
    """The missing key is named."""
    with pytest.raises(DataInvalid, match="column client: is not there"):
        FeatureJoin(CONTRACT, tables, there=["at"], at=NOW)


def test_a_table_that_is_brought_is_not_joined():
    """Nor one that the model does not read, nor one that is brought in part."""
    wanted = ("paid_amount", "paid_count")
    assert lacking_tables(CONTRACT, wanted=wanted, there=("client",)) == CONTRACT.data.feature_tables
    assert lacking_tables(CONTRACT, wanted=wanted, there=("paid_count",)) == ()
    assert lacking_tables(CONTRACT, wanted=("age",), there=()) == ()


def test_the_digest_changes_with_the_tables(tables, tmp_path):
    """Parts of a batch over other features are of no use."""
    before = FeatureJoin(CONTRACT, tables, there=["client"], at=NOW)
    (tmp_path / "paid.csv").write_text("client,at,amount\n7,2026-01-02,5\n")
    after = FeatureJoin(CONTRACT, read_feature_tables(CONTRACT, root=tmp_path), there=["client"], at=NOW)
    assert before.digest != after.digest

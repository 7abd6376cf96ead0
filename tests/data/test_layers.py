"""Layers: batches that may come twice, late, broken or half, and a state that is always whole."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.tables import contract_of

from modelwright.data.layers import LayerPolicy, Layers
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, UnknownName

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = {
    "id": {"type": "category", "role": "entity"},
    "at": {"type": "datetime", "role": "time"},
    "age": {"type": "integer", "range": [0, 120]},
    "name": {"type": "text", "role": "context", "pii": "direct", "keep_out": True},
    "y": {"type": "category", "role": "target"},
}


def contract(**more):
    """Calls by id, in time."""
    return contract_of(
        COLUMNS,
        **{"primary_key": ["id"], "event_time": "at", "split": {"policy": "temporal", "time": "at"}, **more},
    )


def layers(root, **policy):
    """The layers below this folder."""
    return Layers(Path(root), contract(), policy=LayerPolicy(**policy))


def batch(*rows):
    """Rows of (id, day, age) as they come: text."""
    return pl.DataFrame(
        [
            {"id": key, "at": f"2026-{day}", "age": str(age), "name": "Ada", "y": "no"}
            for key, day, age in rows
        ],
        schema=dict.fromkeys(COLUMNS, pl.String),
    )


def rows_of(made):
    """What is in silver: id, day, age."""
    silver = made.silver()
    return [(row["id"], row["at"].strftime("%m-%d"), row["age"]) for row in silver.iter_rows(named=True)]


def test_batches_become_one_row_a_key(tmp_path):
    """Typed, by partition, with what became of each batch."""
    made = layers(tmp_path)
    first = made.load(batch(("a", "01-05", 1), ("b", "01-06", 2)), source="one", now=NOW)
    second = made.load(batch(("a", "02-01", 3), ("b", "01-02", 9), ("c", "02-02", 4)), source="two", now=NOW)
    assert rows_of(made) == [("a", "02-01", 3), ("b", "01-06", 2), ("c", "02-02", 4)]
    assert (first.inserted, second.inserted, second.updated, second.superseded) == (2, 1, 1, 1)
    assert sorted(made.manifest.partitions) == ["2026-01", "2026-02"]
    assert made.manifest.watermark == datetime(2026, 2, 2, tzinfo=UTC)
    assert len(list((tmp_path / "silver").rglob("*.parquet"))) == 2


def test_the_same_batch_twice_changes_nothing(tmp_path):
    """Even after others came, and not even a file is touched."""
    made = layers(tmp_path)
    one, two = batch(("a", "01-05", 1)), batch(("a", "01-05", 2))
    load = made.load(one, source="one", now=NOW)
    made.load(two, source="two", now=NOW)
    before = (tmp_path / "manifest.json").read_bytes()
    assert made.load(one, source="one again", now=NOW + timedelta(days=1)) == load
    assert (tmp_path / "manifest.json").read_bytes() == before
    assert rows_of(made) == [("a", "01-05", 2)]


DAYS = st.sampled_from(["01-01", "01-02", "02-01", "02-02"])
BATCHES = st.lists(
    st.lists(st.tuples(st.sampled_from("abc"), DAYS, st.integers(0, 99)), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


@settings(max_examples=12, deadline=None)
@given(BATCHES)
def test_loading_everything_again_is_the_same_state(tmp_path_factory, batches):
    """Each batch twice, or all of them and then all again."""
    made, again = (layers(tmp_path_factory.mktemp("layers")) for _ in range(2))
    for rows in batches:
        made.load(batch(*rows), source="s", now=NOW)
    for _ in range(2):
        for rows in batches:
            again.load(batch(*rows), source="s", now=NOW)
    assert again.manifest.partitions == made.manifest.partitions
    assert again.silver().equals(made.silver())


def test_rows_that_do_not_fit_go_to_quarantine_and_the_others_on(tmp_path):
    """With the place in the batch; nothing personal is kept anywhere."""
    made = layers(tmp_path)
    load = made.load(
        batch(("a", "01-05", "old"), ("b", "01-06", 2), ("c", "09-01", 2)), source="one", now=NOW
    )
    assert (load.inserted, load.quarantined) == (1, 2)
    letters = pl.read_parquet(tmp_path / load.letters)
    assert letters["reason"].to_list() == ["not of type integer", "in the future"]
    for path in tmp_path.rglob("*.parquet"):
        assert "name" not in pl.read_parquet_schema(path)


def test_late_rows_are_set_apart_by_the_agreed_limit(tmp_path):
    """A correction of a known key is never late."""
    made = layers(tmp_path, lateness=timedelta(days=10))
    made.load(batch(("a", "02-20", 1)), source="one", now=NOW)
    load = made.load(batch(("b", "01-01", 2), ("c", "02-11", 3)), source="two", now=NOW)
    assert (load.inserted, load.quarantined) == (1, 1)
    assert pl.read_parquet(tmp_path / load.letters)["reason"].to_list() == ["came too late"]


def test_what_was_kept_long_enough_goes_and_does_not_come_back(tmp_path):
    """Partitions after their time, batches after theirs; undated rows stay."""
    made = layers(tmp_path, keep=timedelta(days=20), keep_raw=timedelta(days=5))
    made.load(batch(("a", "01-05", 1), ("b", "02-20", 2)), source="one", now=NOW)
    gone = made.retire(NOW)
    assert gone == ("2026-01",)
    assert rows_of(made) == [("b", "02-20", 2)]
    load = made.load(batch(("a", "01-06", 1), ("c", "02-21", 2)), source="two", now=NOW)
    assert (load.inserted, load.quarantined) == (1, 1)
    assert "retired" in pl.read_parquet(tmp_path / load.letters)["reason"][0]
    assert len(made.retire(NOW + timedelta(days=6))) == 2
    assert list((tmp_path / "bronze").rglob("*.parquet")) == []
    assert made.retire(NOW + timedelta(days=6)) == ()


def test_rows_without_a_time_have_a_partition_of_their_own(tmp_path):
    """And a table without event time is one partition, the last batch wins."""
    timeless = contract_of({name: COLUMNS[name] for name in ("id", "age", "y")}, primary_key=["id"])
    made = Layers(tmp_path, timeless, policy=LayerPolicy(keep=timedelta(days=1)))
    frame = batch(("a", "01-01", 1)).drop("at", "name")
    made.load(frame, source="one", now=NOW)
    made.load(frame.with_columns(age=pl.lit("2")), source="two", now=NOW)
    assert made.silver()["age"].to_list() == [2]
    assert list(made.manifest.partitions) == ["undated"]
    assert made.retire(NOW + timedelta(days=999)) == ()


@pytest.mark.parametrize("grain", ["year", "month", "day"])
def test_partitions_are_years_months_or_days(grain, tmp_path):
    """As the policy says; retired when their whole time is over."""
    made = layers(tmp_path, grain=grain, keep=timedelta(0))
    made.load(batch(("a", "01-05", 1)), source="one", now=NOW)
    assert list(made.manifest.partitions) == ["2026-01-05"[: {"year": 4, "month": 7, "day": 10}[grain]]]
    assert made.retire(NOW) == {"year": (), "month": ("2026-01",), "day": ("2026-01-05",)}[grain]


def test_gold_is_a_file_to_use_and_says_what_it_was_made_from(tmp_path):
    """A source of a contract like any other."""
    made = layers(tmp_path)
    made.load(batch(("a", "01-05", 1)), source="one", now=NOW)
    path = made.put_gold("by-job", made.silver())
    assert pl.read_parquet(path).height == 1
    assert made.manifest.gold == {"by-job": made.manifest.digest}
    with pytest.raises(UnknownName, match="cannot be the name"):
        made.put_gold("../x", made.silver())


def test_a_kill_before_the_manifest_leaves_the_state_before(tmp_path):
    """The new files are there and nobody names them; the next load completes."""
    made = layers(tmp_path / "now")
    made.load(batch(("a", "01-05", 1)), source="one", now=NOW)
    shutil.copytree(tmp_path / "now", tmp_path / "before")
    made.load(batch(("a", "01-06", 2)), source="two", now=NOW)
    after = made.silver()
    shutil.copytree(tmp_path / "before", tmp_path / "now", dirs_exist_ok=True)
    assert rows_of(made) == [("a", "01-05", 1)]
    made.load(batch(("a", "01-06", 2)), source="two", now=NOW)
    assert made.silver().equals(after)
    assert len(list((tmp_path / "now" / "silver").rglob("*.parquet"))) == 1


def test_a_file_that_is_gone_is_noticed(tmp_path):
    """A state with a hole is no state."""
    made = layers(tmp_path)
    made.load(batch(("a", "01-05", 1)), source="one", now=NOW)
    next((tmp_path / "silver").rglob("*.parquet")).unlink()
    with pytest.raises(IntegrityBroken, match="is gone"):
        made.silver()


def test_a_file_that_was_changed_is_noticed(tmp_path):
    """Its name says what was in it."""
    made = layers(tmp_path)
    made.load(batch(("a", "01-05", 1)), source="one", now=NOW)
    (path,) = (tmp_path / "silver").rglob("*.parquet")
    made.silver().with_columns(age=99).write_parquet(path)
    with pytest.raises(IntegrityBroken, match="is not what was stored"):
        made.silver()


@pytest.mark.parametrize(
    ("key", "told"), [([], "there is no primary key"), (["name"], "cannot be followed by name")]
)
def test_layers_need_a_key_that_may_be_kept(key, told, tmp_path):
    """Without one a changed row cannot be told from a new one."""
    with pytest.raises(DataInvalid, match=told):
        Layers(tmp_path, contract(primary_key=key))


def test_before_the_first_load_there_is_nothing(tmp_path):
    """No rows, no folder."""
    made = layers(tmp_path / "none")
    assert made.silver().is_empty()
    assert not (tmp_path / "none").exists()

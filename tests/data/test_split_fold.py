"""Folds forward in time and the replay of a history: nothing is learned before it was known."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.tables import CALLS, calls, contract_of
from tests.data.test_split import days, temporal

from modelwright.data.fold import apart, replay, walk_forward
from modelwright.data.moment import Moments, moments_of, stretch_of
from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.kernel.errors import DataInvalid, TrainingFailed
from modelwright.ledger.artifacts import ArtifactStore


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 60), min_size=80, max_size=120),
    st.integers(0, 6),
    st.integers(0, 4),
    st.integers(0, 30),
)
def test_no_fold_learns_what_was_not_known(moments, gap, embargo, history):
    """Whatever ties there are: gap before, embargo after, and no more history than asked."""
    at = np.array(moments, dtype=np.int64)
    try:
        folds = walk_forward(at, 3, gap=gap, embargo=embargo, history=history)
    except TrainingFailed:
        return
    for fold in folds:
        first, last = at[fold.held_out].min(), at[fold.fit].max()
        assert last < first
        assert last + gap <= first
        if history:
            assert at[fold.fit].max() - at[fold.fit].min() <= history + gap


def test_each_row_after_the_first_block_is_asked_about_once():
    """A rolling origin."""
    folds = walk_forward(np.arange(100) // 3, 4)
    asked = np.concatenate([fold.held_out for fold in folds])
    assert np.array_equal(np.sort(asked), np.arange(asked.min(), 100))
    assert np.unique(asked).size == asked.size


def test_a_gap_that_takes_everything_is_refused():
    """With the folds that are left with nothing."""
    with pytest.raises(TrainingFailed, match="fold 1 of 2 lacks rows"):
        walk_forward(np.arange(9), 2, gap=5)
    with pytest.raises(TrainingFailed, match="1 moments cannot be divided"):
        walk_forward(np.zeros(9, dtype=np.int64), 2)


def test_groups_that_are_asked_about_are_not_learned():
    """Group by time, fold by fold."""
    groups = np.arange(60) % 30 // 3
    for fold in apart(walk_forward(np.arange(60), 4), groups):
        assert not set(groups[fold.fit]) & set(groups[fold.held_out])
        assert fold.fit.size


def test_a_replay_asks_about_each_row_once_and_knows_only_labels_that_came():
    """Labels come a week late, decisions are made every three days."""
    table = days(30, repeat=2)
    steps = list(replay(table, temporal(), every="3d"))
    asked = np.concatenate([step.asked for step in steps])
    assert np.array_equal(np.sort(asked), np.arange(60))
    day = moments_of(table, temporal())
    week = stretch_of("7d", day, temporal())
    for step in steps:
        assert (day.at[step.known] + week <= step.now).all()
        assert (day.at[step.asked] >= step.now).all()
    assert steps[0].known.size == 0
    assert steps[3].known.size == 6
    assert list(replay(table.clear(), temporal(), every="3d")) == []


def test_rows_and_years_are_replayed_in_steps():
    """No clock: numbers count."""
    by_row = contract_of(CALLS, split={"policy": "temporal", "order": "rows"})
    assert [step.known.size for step in replay(calls(6), by_row, every="2")] == [0, 2, 4]
    assert stretch_of("2", Moments(at=np.arange(3), per_second=0.0), by_row) == 2
    dates = Moments(at=np.arange(3), per_second=1 / 86_400)
    assert stretch_of("36h", dates, by_row) == 2
    assert stretch_of("7d", dates, by_row) == 7
    with pytest.raises(DataInvalid, match="a clock"):
        stretch_of("7", dates, by_row)


def test_floats_order_rows_by_rank():
    """Seconds since midnight with fractions are steps."""
    contract = contract_of(CALLS, split={"policy": "temporal", "time": "age"})
    assert moments_of(pl.DataFrame({"age": [0.5, 0.25, 0.5]}), contract).at.tolist() == [2, 1, 2]


def test_every_row_of_the_table_is_named_in_the_snapshot(tmp_path):
    """Left out or held for the backtest: by its place, and what is left out by nothing else."""
    store = ArtifactStore(tmp_path / "artifacts")
    table = days(100).with_columns(y=pl.Series(["yes", "no"] * 50))
    contract = temporal(gap="7d", backtest=0.1)
    snapshot = take(table, contract, store=store, seal=Seal(bytes(KEY_BYTES)))
    parts = {name: part(snapshot, name, store=store) for name in snapshot.parts}
    assert list(parts) == ["train", "validation", "test", "backtest", "left_out"]
    assert sorted(row for frame in parts.values() for row in frame[ROW_ID]) == list(range(100))
    assert parts["left_out"].columns == [ROW_ID]
    assert {"age", "y"} <= set(parts["backtest"].columns)
    assert "y" not in parts["test"].columns

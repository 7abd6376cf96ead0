"""Folds: every row predicted by models that never saw it, nor its group, nor its future."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.inputs import contract_for, table

from modelwright.candidates.folds import check_folds, folds_of
from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.target import TargetSpec

BINARY = TargetSpec(task="binary", name="y", classes=("no", "yes"))
NUMBER = TargetSpec(task="regression", name="y")


def divided(frame, y, *, policy="stratified", target=BINARY, folds=4, seed=1, contract=None):
    """Folds of a frame under a policy."""
    made = contract or contract_for("regression" if target is NUMBER else "binary", policy=policy)
    return folds_of(frame, y, made, target=target, folds=folds, seed=seed)


@given(st.integers(20, 200), st.integers(2, 6), st.integers(0, 99), st.sampled_from([BINARY, NUMBER]))
def test_every_row_is_asked_about_once_by_models_that_never_saw_it(rows, folds, seed, target):
    """The held-out rows of all folds are all rows, and none is in its own fit."""
    y = (np.arange(rows) % 3 == 0).astype(float)
    made = divided(table(rows), y, target=target, folds=folds, seed=seed)
    asked = np.concatenate([fold.held_out for fold in made])
    assert sorted(asked.tolist()) == list(range(rows))
    assert all(not set(fold.fit.tolist()) & set(fold.held_out.tolist()) for fold in made)


def test_classes_are_spread_evenly():
    """A rare class is in every fold as often as its share says."""
    y = (np.arange(200) % 10 == 0).astype(float)
    assert {int(y[fold.held_out].sum()) for fold in divided(table(200), y)} == {5}


def test_a_numeric_target_is_spread_by_tenths():
    """No fold holds all the high values."""
    y = np.sort(np.random.default_rng(0).lognormal(0, 2, 400))
    means = [np.log(y[fold.held_out]).mean() for fold in divided(table(400), y, target=NUMBER)]
    assert max(means) - min(means) < 0.2


@given(st.integers(0, 99))
def test_a_group_is_never_on_both_sides(seed):
    """A model is asked about clients it has not met."""
    frame = table(200)
    clients = frame["client"].to_numpy()
    made = divided(frame, np.zeros(200), policy="group", seed=seed)
    for fold in made:
        assert not set(clients[fold.fit]) & set(clients[fold.held_out])
    assert {len(fold.held_out) for fold in made} == {50}


@given(st.integers(30, 120), st.integers(2, 5), st.randoms(use_true_random=False))
def test_a_temporal_fold_learns_from_the_past_alone(rows, folds, chance):
    """However the rows are shuffled, no moment is on both sides and none of the fit is later."""
    order = list(range(rows))
    chance.shuffle(order)
    frame = table(rows)[order]
    made = divided(frame, np.zeros(rows), policy="temporal", folds=folds)
    days = frame["day"].to_numpy()
    assert len(made) == folds
    for fold in made:
        assert days[fold.fit].max() < days[fold.held_out].min()
    first = days[made[0].fit]
    asked = np.concatenate([fold.held_out for fold in made])
    assert len(asked) + len(first) == rows


def test_the_order_of_rows_may_be_the_order_of_time():
    """A contract can say so where no column tells the time."""
    contract = contract_for(policy="temporal").model_dump()
    contract["data"]["split"] |= {"time": None, "order": "rows"}
    frame = table(50).with_columns(pl.Series(ROW_ID, np.arange(50)[::-1]))
    made = divided(frame, np.zeros(50), contract=type(contract_for()).model_validate(contract))
    assert 49 in made[0].fit


@pytest.mark.parametrize(
    ("frame", "policy", "folds", "told"),
    [
        (table(9), "stratified", 5, "9 rows cannot be divided"),
        (table(50), "stratified", 1, "1 folds leave nothing"),
        (table(50).with_columns(client=pl.lit("one")), "group", 3, "1 groups in client"),
        (table(50).with_columns(day=pl.lit(1)), "temporal", 3, "1 moments cannot be divided"),
    ],
)
def test_rows_that_cannot_be_divided_are_told(frame, policy, folds, told):
    """Too few rows, groups or moments."""
    with pytest.raises(TrainingFailed, match=told):
        divided(frame, np.zeros(frame.height), policy=policy, folds=folds)


def test_every_fold_with_one_class_is_named():
    """All of them at once, with the class they have."""
    y = np.array([0.0] * 30 + [1.0] * 10)
    made = divided(table(40), y, policy="temporal", folds=3)
    with pytest.raises(TrainingFailed) as refused:
        check_folds(made, y, target=BINARY)
    assert [fault.where for fault in refused.value.faults] == ["fold 1", "fold 2", "fold 3"]
    assert "class 'no'" in str(refused.value)


def test_a_fold_without_a_rare_class_is_noted():
    """It can be trained, and a reader should know."""
    y = np.array([0.0, 1.0] * 20)
    y[-1] = 2.0
    target = TargetSpec(task="multiclass", name="y", classes=("a", "b", "rare"))
    notes = check_folds(divided(table(40), y, folds=2), y, target=target)
    assert notes[0].endswith("has no row to learn of: rare")
    assert check_folds((), y, target=NUMBER) == ()

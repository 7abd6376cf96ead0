"""The split: deterministic, disjoint, and true to time, groups and classes."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.split import PARTS, assign
from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.binary import BINARY

POLICIES = {
    "random": {"policy": "random"},
    "stratified": {"policy": "stratified"},
    "group": {"policy": "group", "group": "job"},
    "temporal": {"policy": "temporal", "time": "age"},
    "rows": {"policy": "temporal", "order": "rows"},
}


def shares(parts):
    """The share of rows in each part."""
    return [round(float((parts == name).mean()), 3) for name in PARTS]


@pytest.mark.parametrize("policy", ["random", "stratified", "temporal", "rows"])
def test_the_shares_are_those_of_the_contract(policy):
    """To the row where no ties forbid it."""
    table = pl.DataFrame({"age": range(1000), "job": ["a"] * 1000, "y": ["yes", "no", "no", "no"] * 250})
    contract = contract_of(CALLS, split={**POLICIES[policy], "validation": 0.1, "test": 0.3})
    assert shares(assign(table, contract)) == [0.6, 0.1, 0.3]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_seed_gives_the_same_split(policy):
    """And another seed another one, where chance is involved."""
    table = calls(300).with_columns(job=pl.int_range(300) % 40)
    split = POLICIES[policy]
    first = assign(table, contract_of(CALLS, split=split))
    assert first.equals(assign(table, contract_of(CALLS, split=split)))
    other = assign(table, contract_of(CALLS, split={**split, "seed": 8}))
    assert first.equals(other) == (split["policy"] == "temporal")


def test_the_split_of_a_seed_never_changes():
    """Snapshots of last year must split the same way today."""
    parts = assign(calls(12), contract_of(CALLS, split={"policy": "random"}))
    assert "".join(part[1] for part in parts) == "rrrearerrraa"  # tRain, vAlidation, tEst


def test_every_class_gets_its_share():
    """Stratified means that no part is short of the rare class."""
    table = pl.DataFrame({"age": range(1000), "job": ["a"] * 1000, "y": ["yes"] * 50 + ["no"] * 950})
    contract = contract_of(CALLS)
    spec = BINARY.describe_target(table["y"], contract)
    counted = table.with_columns(assign(table, contract, spec)).group_by("part", "y").len()
    assert sorted(counted.filter(pl.col("y") == "yes")["len"]) == [10, 10, 30]


def test_low_and_high_values_get_their_share():
    """A numeric target is stratified by its quantiles."""
    columns = {"age": {"type": "integer"}, "y": {"type": "number", "role": "target"}}
    table = pl.DataFrame({"age": range(100), "y": [float(n) ** 3 for n in range(100)]})
    parts = assign(table, contract_of(columns, task="regression"))
    for start in range(0, 100, 10):
        assert shares(parts[start : start + 10]) == [0.6, 0.2, 0.2]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 15), min_size=60, max_size=200), st.integers(0, 5))
def test_a_group_stays_on_one_side(groups, seed):
    """Whatever the sizes of the groups."""
    table = pl.DataFrame({"age": groups, "job": groups, "y": ["no"] * len(groups)})
    contract = contract_of(CALLS, split={"policy": "group", "group": "job", "seed": seed})
    try:
        parts = assign(table, contract)
    except DataInvalid:
        reject()  # too few groups to fill three parts
    assert table.with_columns(parts).group_by("job").agg(pl.col("part").n_unique())["part"].max() == 1


@settings(max_examples=30)
@given(st.lists(st.integers(0, 40), min_size=60, max_size=200))
def test_time_runs_from_train_to_validation_to_test(days):
    """No later row before an earlier one, and equal times on one side."""
    start = datetime.fromisoformat("2026-01-01")
    table = pl.DataFrame({"age": [start + timedelta(days=day) for day in days], "job": "a", "y": "no"})
    try:
        parts = assign(table, contract_of(CALLS, split={"policy": "temporal", "time": "age"}))
    except DataInvalid:
        reject()  # too many ties to cut twice
    reach = table.with_columns(parts).group_by("part").agg(low=pl.col("age").min(), high=pl.col("age").max())
    found = {part: (low, high) for part, low, high in reach.iter_rows()}
    assert found["train"][1] < found["validation"][0]
    assert found["validation"][1] < found["test"][0]


def test_a_cut_inside_a_tie_moves_to_its_nearer_end():
    """Half of a day is not the future of its other half."""
    table = pl.DataFrame({"age": [0] * 5 + [1] * 2 + [2] * 3, "job": "a", "y": "no"})
    contract = contract_of(CALLS, split={"policy": "temporal", "time": "age", "validation": 0.2, "test": 0.3})
    assert [part[:2] for part in assign(table, contract)] == ["tr"] * 5 + ["va"] * 2 + ["te"] * 3


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ({"policy": "group", "group": "jbo"}, "data.split.group is 'jbo'"),
        ({"policy": "temporal"}, "data.split.time is None"),
        ({"policy": "temporal", "time": "job"}, "cannot order rows in time"),
        ({"policy": "temporal", "time": "gap"}, "gap is empty in 59 of 60 rows"),
        ({"policy": "group", "group": "one"}, "leaves .* without rows"),
        ({"policy": "random", "test": 0.001}, "leaves test without rows"),
    ],
)
def test_a_split_that_cannot_be_made_says_why(split, told):
    """With what to change."""
    table = calls().with_columns(one=pl.lit("a"), gap=pl.when(pl.int_range(60) == 0).then(1))
    with pytest.raises(DataInvalid, match=told):
        assign(table, contract_of(CALLS, split=split))


def days(count, *, repeat=1):
    """A table with `repeat` rows a day, each of one of ten shops."""
    start = datetime.fromisoformat("2026-01-01")
    rows = [start + timedelta(days=day) for day in range(count) for _ in range(repeat)]
    return pl.DataFrame({"age": rows, "job": [f"shop {n * 7 % 10}" for n in range(len(rows))], "y": "no"})


def temporal(**more):
    """A contract that splits by the day; labels come a week late."""
    split = {"policy": "temporal", "time": "age", **more}
    columns = {**CALLS, "age": {"type": "datetime"}}
    return contract_of(columns, split=split, label={"delay": "7d"})


def counted(parts):
    """Rows of each part, in the order of first appearance."""
    return {name: int((parts == name).sum()) for name in parts.unique(maintain_order=True)}


def test_a_gap_leaves_out_rows_whose_label_was_not_known():
    """A week before validation, and a week before the test."""
    parts = assign(days(100), temporal(gap="label"))
    assert counted(parts) == {"train": 54, "left_out": 12, "validation": 14, "test": 20}
    assert parts.equals(assign(days(100), temporal(gap="7d")))


def test_an_embargo_leaves_out_rows_that_look_back():
    """Three days at the start of each later part."""
    parts = assign(days(100), temporal(embargo="3d"))
    assert counted(parts) == {"train": 60, "left_out": 6, "validation": 17, "test": 17}
    assert parts[60:63].to_list() == ["left_out"] * 3


def test_a_backtest_lies_between_validation_and_the_sealed_test():
    """In the order of time."""
    parts = assign(days(100), temporal(backtest=0.1))
    assert list(counted(parts).items()) == [("train", 50), ("validation", 20), ("backtest", 10), ("test", 20)]


@pytest.mark.parametrize("backtest", [0.0, 0.2])
def test_group_by_time_asks_about_later_rows_of_newcomers(backtest):
    """No group and no moment on two sides; the rest is left out."""
    table = days(100, repeat=5)
    contract = temporal(new_groups=True, group="job", backtest=backtest)
    split = table.with_columns(assign(table, contract))
    train, held = (
        split.filter(part="train"),
        split.filter(pl.col("part").is_in(["validation", "test", "backtest"])),
    )
    assert not set(train["job"]) & set(held["job"])
    assert train["age"].max() < held["age"].min()
    assert split["part"].n_unique() == 4 + bool(backtest)


def test_rows_without_a_group_are_groups_of_their_own():
    """As in the bootstrap: nothing says which others they are like."""
    table = pl.DataFrame(
        {"age": range(100), "job": [None] * 90 + ["a"] * 10, "y": "no"}, schema_overrides={"job": pl.String}
    )
    parts = assign(table, contract_of(CALLS, split={"policy": "group", "group": "job"}))
    assert parts[:90].n_unique() == 3
    assert parts[90:].n_unique() == 1


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ({"policy": "random", "gap": "7d", "backtest": 0.1}, "(?s)data.split.gap.*data.split.backtest"),
        ({"policy": "temporal", "time": "age", "new_groups": True}, "new_groups names no group"),
        ({"policy": "temporal", "time": "age", "backtest": 0.6}, "add up to 1"),
        ({"policy": "temporal", "time": "age", "gap": "7d"}, "steps and no clock"),
        ({"policy": "temporal", "time": "age", "gap": "label"}, "data.label.delay is empty"),
    ],
)
def test_a_promise_the_split_cannot_keep_is_refused(split, told):
    """Before any row is assigned."""
    with pytest.raises(DataInvalid, match=told):
        assign(calls(), contract_of(CALLS, split=split))

"""The plan: what becomes a feature, how, and why the rest does not."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.training.inputs import contract_for, table

from modelwright.features.plan import FeaturePlan, compile_plan
from modelwright.kernel.errors import TrainingFailed
from modelwright.ledger.codec import decode, encode


def planned(values, **column):
    """The plan of a table with one more column."""
    frame = table(len(values)).with_columns(pl.Series("extra", values))
    return compile_plan(frame, contract_for(extra=column))


def test_categories_are_listed_by_frequency_and_rare_ones_share_a_code():
    """The codes of frequent values are small, and there are never more than a byte holds."""
    values = ["often"] * 300 + ["second"] * 200 + [f"rare{number:03}" for number in range(300)]
    (feature,) = [one for one in planned(values, type="category").features if one.name == "extra"]
    assert feature.categories[:3] == ("often", "second", "rare000")
    assert len(feature.categories) == 255


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        ([None] * 20, {"type": "number"}, "no value in any training row"),
        ([3.0] * 20, {"type": "number"}, "one value in all training rows: 3.0"),
        (["a"] * 20, {"type": "category"}, "one value in all training rows: a"),
        (
            ["?"] * 10 + ["a"] * 10,
            {"type": "category", "missing_codes": ["?"]},
            "one value in all training rows: a",
        ),
        ([f"text {n}" for n in range(80)], {"type": "text"}, "prose with 80 distinct texts"),
        ([f"id {n}" for n in range(300)], {"type": "category"}, "it names rows instead of describing them"),
        ([date(2020, 1, 1)] * 20, {"type": "datetime"}, "no part of the date varies"),
    ],
)
def test_a_column_that_carries_nothing_is_left_out_with_its_reason(values, column, reason):
    """Nothing is dropped silently."""
    assert reason in planned(values, **column).left_out["extra"]


def test_text_with_few_values_is_read_as_a_category():
    """Short answers in a text column are categories by another name."""
    plan = planned(["yes", "no"] * 20, type="text")
    assert next(one for one in plan.features if one.name == "extra").kind == "category"


def test_dates_keep_the_parts_that_vary():
    """A part that is the same in every row says nothing."""
    plan = planned([datetime(2020, 1, 1 + n, n, tzinfo=UTC) for n in range(20)], type="datetime")
    assert plan.names[-3:] == ("extra.day", "extra.weekday", "extra.hour")


def test_ordered_categories_are_amounts_in_the_order_of_the_contract():
    """Their codes are ranks, not names."""
    plan = planned(["m", "s", "l", "s"] * 5, type="category", categories=["s", "m", "l"], ordered=True)
    feature = next(one for one in plan.features if one.name == "extra")
    assert feature.categories == ("s", "m", "l")
    assert plan.names.index("extra") not in plan.categorical


def test_an_excluded_column_is_named():
    """A decision about a risk is visible in the plan."""
    plan = compile_plan(table(50), contract_for(), exclude=("age",))
    assert "age" not in plan.columns
    assert plan.left_out == {"age": "taken out by a decision about a risk"}


def test_a_plan_without_features_is_refused_with_every_reason():
    """Nothing to learn from is a fault of the data, told column by column."""
    frame = table(20).with_columns(age=1.0, income=2.0, job=pl.lit("a"), member=True)
    with pytest.raises(TrainingFailed) as refused:
        compile_plan(frame, contract_for())
    assert len(refused.value.faults) == 4


def test_a_feature_that_is_not_in_the_data_is_named():
    """The contract promises what the table must hold."""
    with pytest.raises(TrainingFailed, match="column age: named in the contract, not in the data"):
        compile_plan(table(20).drop("age"), contract_for())


def test_a_plan_survives_its_stored_form():
    """What is stored is what was compiled, and has the same name."""
    plan = planned(["a.", "b"] * 20, type="category", replace={"a.": "a"}, missing_codes=["b", 7])
    again = decode(encode(plan), FeaturePlan)
    assert again == plan
    assert again.digest == plan.digest


def test_rewrites_that_chain_are_not_applied_twice():
    """A snapshot has had them applied once already."""
    plan = planned(["a", "b", "c", "d"] * 5, type="category", replace={"a": "b", "b": "c", "x": "d"})
    assert next(one for one in plan.features if one.name == "extra").replace == {"b": "c", "x": "d"}


def test_a_plan_tells_what_it_reads_and_what_not():
    """The page lists both."""
    text = planned([None] * 20, type="number").document().to_markdown()
    assert "| job | category | 2 values |" in text
    assert "- **extra**: no value in any training row" in text

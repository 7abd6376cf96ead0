"""Data quality, shift, fairness, reproducibility and scale: what is planted is found."""

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.contracts.data import Column, SplitPolicy
from modelwright.kernel.finding import Severity
from modelwright.risk.capped_target import CappedTargetCheck
from modelwright.risk.category_variants import CategoryVariantsCheck, variants
from modelwright.risk.coded_values import CodedValuesCheck
from modelwright.risk.constant import ConstantCheck
from modelwright.risk.duplicate import DuplicateCheck
from modelwright.risk.excluded_column import ExcludedColumnCheck
from modelwright.risk.high_cardinality import HighCardinalityCheck
from modelwright.risk.imbalance import ImbalanceCheck
from modelwright.risk.memory import MemoryCheck
from modelwright.risk.missing import MissingCheck
from modelwright.risk.missing_code import MissingCodeCheck
from modelwright.risk.number_as_text import NumberAsTextCheck
from modelwright.risk.ordered_category import OrderedCategoryCheck
from modelwright.risk.rare_class import RareClassCheck
from modelwright.risk.redundant import RedundantCheck
from modelwright.risk.sample_size import SampleSizeCheck
from modelwright.risk.sensitive import SensitiveCheck
from modelwright.risk.shift import ShiftCheck
from modelwright.risk.skewed_target import SkewedTargetCheck
from modelwright.risk.target_labels import TargetLabelsCheck
from modelwright.risk.time_proxy import TimeProxyCheck
from modelwright.risk.unpinned_source import UnpinnedSourceCheck
from modelwright.risk.weight_like import WeightLikeCheck

CHANCE = np.random.default_rng(11)


def test_a_gap_explained_by_another_column_says_so():
    """Charges are empty exactly where tenure is zero."""
    tenure = np.where(np.arange(600) < 12, 0, 5)
    frame = clean_table().with_columns(
        tenure=pl.Series(tenure), charges=pl.Series([None if t == 0 else 1.5 for t in tenure])
    )
    risk = found(MissingCheck(), view_of(frame))["charges"]
    assert "missing exactly where tenure = 0" in risk.finding.evidence
    assert risk.finding.severity is Severity.LOW


def test_a_mostly_empty_column_is_questioned():
    """Three quarters missing is another kind of column."""
    values = [1.0 if place % 4 == 0 else None for place in range(600)]
    risk = found(MissingCheck(), view_of(clean_table().with_columns(deck=pl.Series(values))))["deck"]
    assert risk.finding.severity is Severity.MEDIUM
    assert risk.finding.question


def test_codes_for_missing_are_found_in_words_and_numbers():
    """999 days, an impossible zero, and `?`."""
    days = CHANCE.integers(0, 28, size=600).astype(float)
    days[::2] = 999
    size = CHANCE.normal(5, 0.5, size=600)
    size[:4] = 0
    frame = clean_table().with_columns(
        pdays=pl.Series(days),
        size=pl.Series(size),
        root=pl.Series(["?" if place % 9 == 0 else "club" for place in range(600)]),
        visits=pl.Series(CHANCE.poisson(0.4, size=600)),
    )
    risks = found(MissingCodeCheck(), view_of(frame))
    assert set(risks) == {"pdays", "size", "root"}
    assert risks["pdays"].change == "read 999 in pdays as missing"
    assert risks["root"].finding.confidence == 90


def test_declared_codes_are_noted():
    """What the contract reads as missing already is no open risk."""
    columns = {"x0": Column(type="number", missing_codes=(999.0,))}
    risk = found(MissingCodeCheck(), view_of(clean_table(), columns=columns))["x0"]
    assert risk.finding.severity is Severity.INFO
    assert "'999'" in risk.finding.title


def test_numbers_written_as_text_are_found():
    """Eleven blanks make a text column of a charge."""
    text = [" " if place < 11 else f"{place / 7:.2f}" for place in range(600)]
    risk = found(NumberAsTextCheck(), view_of(clean_table().with_columns(total=pl.Series(text))))["total"]
    assert risk.change == "read total as number"


def test_numbers_mixed_with_words_are_asked_about():
    """One value in seven is a word: no code for missing, and no number either."""
    mixed = ["old" if place % 7 == 0 else f"{place / 7:.2f}" for place in range(600)]
    risk = found(NumberAsTextCheck(), view_of(clean_table().with_columns(age=pl.Series(mixed))))["age"]
    assert risk.finding.title == "age mixes numbers and text"
    assert (risk.proposal, risk.change) == ("accept", "")
    assert "'old'" in risk.finding.question


def test_duplicates_and_contradictions_are_counted():
    """Equal rows, with equal and with different labels."""
    frame = clean_table(300)
    torn = frame.head(60).with_columns(
        y=pl.when(pl.col("y") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    )
    risks = found(DuplicateCheck(), view_of(pl.concat([frame, frame.head(40), torn])))
    assert risks[""].finding.title == "100 rows repeat an earlier row"
    assert risks[""].change == "set data.duplicates to drop"
    assert "different targets" in risks["y"].finding.title


def test_duplicates_that_may_be_chance_are_asked_about_and_not_dropped():
    """Six values of two columns: equal rows say nothing about one event told twice."""
    frame = clean_table(300).select("kind", "y")
    risk = found(DuplicateCheck(), view_of(frame))[""]
    assert (risk.proposal, risk.change) == ("accept", "")
    assert "different events" in risk.finding.question


def test_repeated_rows_that_were_dropped_already_ask_for_nothing():
    """What is left repeats in the features alone."""
    frame = clean_table(300)
    view = view_of(pl.concat([frame, frame.with_columns(y=pl.col("y").reverse())]), duplicates="drop")
    assert found(DuplicateCheck(), view)[""].change == ""


def test_constants_are_found_and_nearly_constants_noted():
    """One value tells nothing; one exception tells hardly more."""
    frame = clean_table(4000).with_columns(
        same=pl.lit("p"), almost=pl.Series(["a"] * 3999 + ["b"]), half=pl.Series(["a", "b"] * 2000)
    )
    risks = found(ConstantCheck(), view_of(frame, seed=3))
    assert risks["same"].excludes == ("same",)
    assert "half" not in risks


def test_spellings_of_one_category_are_found():
    """Case, blanks and a full stop do not make a category."""
    values = [["New York", "new york", "Boston"][place % 3] for place in range(600)]
    risk = found(CategoryVariantsCheck(), view_of(clean_table().with_columns(city=pl.Series(values))))["city"]
    assert "'New York' (200) = 'new york' (200)" in risk.finding.evidence[0]
    assert variants(["pre-paid", "prepaid"]) == (("pre-paid", "prepaid"),)
    assert variants(["a", "A"]) == ()


def test_labels_with_a_stray_dot_are_one_class_too_many():
    """The donor's test part ends its labels with a dot."""
    frame = clean_table().with_columns(y=pl.col("y") + pl.Series(["", "."] * 300))
    (risk,) = TargetLabelsCheck().run(view_of(frame, task="multiclass"))
    assert risk.finding.title == "y has 4 labels where 2 seem meant"
    assert risk.finding.severity is Severity.HIGH
    mapped = view_of(
        clean_table(), columns={"y": Column(type="category", role="target", replace={"yes.": "yes"})}
    )
    assert [risk.finding.severity for risk in TargetLabelsCheck().run(mapped)] == [Severity.INFO]


def test_bare_numbers_as_classes_and_coded_categories_are_asked_about():
    """1 is good and 2 is bad, says a leaflet that nobody has."""
    frame = clean_table().with_columns(
        y=pl.when(pl.col("y") == "yes").then(2).otherwise(1), status=pl.Series(["A11", "A12", "A13"] * 200)
    )
    risks = found(CodedValuesCheck(), view_of(frame))
    assert risks["y"].finding.question.startswith("Does '2'")
    assert risks["categories"].columns == ("status",)
    assert found(CodedValuesCheck(), view_of(clean_table())) == {}


def test_categories_with_an_order_are_asked_about_once():
    """Fair, good, ideal; D to G; SI1 to VS2."""
    ladders = {"cut": ["Fair", "Good", "Ideal"], "color": ["D", "E", "F"], "city": ["Rome", "Oslo", "Bonn"]}
    frame = clean_table().with_columns(**{name: pl.Series(values * 200) for name, values in ladders.items()})
    (risk,) = OrderedCategoryCheck().run(view_of(frame))
    assert risk.columns == ("cut", "color")


def test_a_rare_class_and_an_uneven_one_are_told():
    """Four rows of grade 9."""
    labels = ["5"] * 500 + ["6"] * 94 + ["9"] * 6
    frame = clean_table().with_columns(y=pl.Series(labels))
    assert "'9'" in found(RareClassCheck(), view_of(frame, task="multiclass"))["y"].finding.title
    assert (
        "always answering '5'"
        in found(ImbalanceCheck(), view_of(frame, task="multiclass"))["y"].finding.evidence[1]
    )
    graded = frame.with_columns(y=pl.col("y").cast(pl.Int64))
    assert "'9'" in found(RareClassCheck(), view_of(graded, task="regression"))["y"].finding.title
    assert list(ImbalanceCheck().run(view_of(graded, task="regression"))) == []


def test_a_capped_target_is_found_at_its_end_only():
    """Houses above half a million all cost half a million."""
    value = np.round(CHANCE.lognormal(12, 0.5, size=3000), -2)
    frame = pl.DataFrame({"x": CHANCE.normal(size=3000), "y": np.minimum(value, 300_000)})
    (risk,) = CappedTargetCheck().run(view_of(frame, task="regression"))
    assert "highest" in risk.finding.title
    assert (
        list(CappedTargetCheck().run(view_of(frame.with_columns(y=pl.Series(value)), task="regression")))
        == []
    )


def test_a_long_tail_is_noted_unless_the_logarithm_does_not_help():
    """Prices are log-normal, ages are not."""
    frame = pl.DataFrame({"x": CHANCE.normal(size=800), "y": CHANCE.lognormal(5, 1, size=800)})
    assert len(list(SkewedTargetCheck().run(view_of(frame, task="regression")))) == 1
    even = frame.with_columns(y=pl.Series(CHANCE.normal(50, 5, size=800)))
    assert list(SkewedTargetCheck().run(view_of(even, task="regression"))) == []


def test_repeated_columns_are_found_in_all_their_forms():
    """One to one, many to one, one number twice, and two that settle a third."""
    grade = CHANCE.integers(0, 8, size=600)
    side = CHANCE.integers(0, 3, size=600)
    size = CHANCE.normal(size=600)
    frame = pl.DataFrame(
        {
            "grade_num": grade,
            "grade": [f"g{value}" for value in grade],
            "upper": ["up" if value > 3 else "low" for value in grade],
            "side": side,
            "alone": [bool(a == 0 and b < 3) for a, b in zip(side, grade, strict=True)],
            "size": size,
            "inches": size / 2.54 + 0.001,
            "part": CHANCE.choice(["train", "test"], size=600),
            "y": CHANCE.choice(["yes", "no"], size=600),
        }
    )
    risks = found(RedundantCheck(), view_of(frame))
    assert set(risks) == {"grade", "upper", "alone", "inches", "part"}
    assert risks["grade"].finding.title == "grade repeats grade_num"
    assert risks["alone"].finding.evidence == ("grade_num and side together settle alone in every row",)
    assert risks["part"].proposal == "modify"


def test_a_survey_weight_is_asked_about():
    """Large, positive, many-valued, named like a weight, and silent on the target."""
    frame = clean_table().with_columns(fnlwgt=pl.Series(CHANCE.integers(10_000, 10**6, size=600)))
    assert found(WeightLikeCheck(), view_of(frame))["fnlwgt"].finding.question
    kept = view_of(frame, columns={"fnlwgt": Column(type="integer", role="weight")})
    assert found(WeightLikeCheck(), kept)["fnlwgt"].finding.severity is Severity.INFO
    heavy = frame.with_columns(
        body_weight=pl.when(pl.col("y") == "yes").then(80.0).otherwise(60.0) + pl.col("x0")
    )
    assert set(found(WeightLikeCheck(), view_of(heavy))) == {"fnlwgt"}


def test_protected_attributes_are_asked_about_with_their_rates():
    """By name and by value; the age of a house is no one's age."""
    frame = clean_table().with_columns(
        sex=pl.Series(["male", "female"] * 300),
        who=pl.Series(["man", "woman", "child"] * 200),
        age=pl.Series(CHANCE.integers(18, 90, size=600)),
        housing_age=pl.Series(CHANCE.integers(1, 90, size=600)),
    )
    risks = found(SensitiveCheck(), view_of(frame))
    assert set(risks) == {"sex", "who", "age"}
    assert risks["sex"].finding.severity is Severity.MEDIUM
    assert risks["age"].finding.severity is Severity.LOW
    assert "share of 'yes' by group: " in risks["sex"].finding.evidence[1]
    marked = view_of(clean_table(), columns={"x0": Column(type="number", pii="sensitive")})
    assert set(found(SensitiveCheck(), marked)) == {"x0"}


def test_a_shift_under_a_temporal_split_is_told():
    """The last rows are unlike the first."""
    place = np.arange(900) / 900
    frame = pl.DataFrame(
        {
            "level": place + 0.1 * CHANCE.normal(size=900),
            "town": np.where(place > 0.7, "new", "old"),
            "calm": CHANCE.normal(size=900),
            "y": np.where(CHANCE.random(900) < 0.1 + 0.8 * place, "yes", "no"),
        }
    )
    risks = found(ShiftCheck(), view_of(frame, split=SplitPolicy(policy="temporal", order="rows")))
    assert set(risks["features"].columns) == {"level", "town"}
    assert "y" in risks
    assert found(ShiftCheck(), view_of(frame)) == {}


def test_columns_that_tell_the_time_are_named():
    """A rate that only ever moves on."""
    place = np.arange(2000) / 2000
    frame = pl.DataFrame(
        {
            "rate": np.floor(place * 20),
            "x": CHANCE.normal(size=2000),
            "fixed": np.ones(2000),
            "y": np.where(CHANCE.random(2000) < 0.1 + 0.6 * place, "yes", "no"),
        }
    )
    (risk,) = TimeProxyCheck().run(view_of(frame))
    assert risk.columns == ("rate",)
    assert list(TimeProxyCheck().run(view_of(frame.drop("rate")))) == []
    assert list(TimeProxyCheck().run(view_of(clean_table()))) == []


def test_too_few_rows_for_the_columns_are_told():
    """Forty rows and two hundred columns."""
    x = CHANCE.normal(size=(40, 200))
    frame = pl.DataFrame({f"x{n}": x[:, n] for n in range(200)} | {"y": ["yes", "no"] * 20})
    (risk,) = SampleSizeCheck().run(view_of(frame))
    assert risk.finding.severity is Severity.HIGH
    assert list(SampleSizeCheck().run(view_of(clean_table(2000)))) == []


def test_many_categories_are_told_with_the_unseen_ones():
    """Two hundred towns of three rows each."""
    frame = clean_table().with_columns(town=pl.Series([f"town{place % 200}" for place in range(600)]))
    risk = found(HighCardinalityCheck(), view_of(frame))["town"]
    assert risk.finding.category == "scalability"


def test_a_large_matrix_is_estimated():
    """Thirty-five columns of two hundred categories are wider than they look."""
    rows = 40_000
    names = pl.Series([f"c{place % 256}" for place in range(rows)])
    frame = pl.DataFrame({f"k{n}": names for n in range(35)} | {"y": ["yes", "no"] * (rows // 2)})
    (risk,) = MemoryCheck().run(view_of(frame))
    assert "GiB" in risk.finding.title
    assert list(MemoryCheck().run(view_of(clean_table()))) == []


def test_an_unpinned_source_and_a_left_out_column_are_noted():
    """The contract is read too."""
    columns = {
        "x0": Column(type="number", role="excluded", reason="known later"),
        "x1": Column(type="number", role="context", reason="for slices"),
    }
    view = view_of(clean_table(), columns=columns, digest=None)
    assert set(found(UnpinnedSourceCheck(), view)) == {"table.csv"}
    assert set(found(ExcludedColumnCheck(), view)) == {"x0", "x1"}
    assert found(UnpinnedSourceCheck(), view_of(clean_table())) == {}


@pytest.mark.parametrize("check", [ImbalanceCheck(), SampleSizeCheck(), RareClassCheck()])
def test_a_part_without_labels_is_no_crash(check):
    """All labels missing: nothing is measured, nothing raised."""
    view = view_of(clean_table(200))
    empty = view.train.with_columns(y=pl.lit(None, dtype=pl.String))
    blank = type(view)(
        train=empty,
        validation=view.validation.with_columns(y=pl.lit(None, dtype=pl.String)),
        test=view.test,
        contract=view.contract,
        snapshot=view.snapshot,
        target=view.target,
        raw_rows=200,
    )
    assert all(risk.finding.severity is not Severity.CRITICAL for risk in check.run(blank))

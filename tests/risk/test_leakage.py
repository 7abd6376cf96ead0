"""Leakage checks: planted leaks are found with their evidence, and clean columns stay quiet."""

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.contracts.data import Column, SplitPolicy
from modelwright.kernel.finding import Severity
from modelwright.risk.contamination import ContaminationCheck
from modelwright.risk.group_overlap import GroupOverlapCheck
from modelwright.risk.identifier import IdentifierCheck
from modelwright.risk.later_version import LaterVersionCheck
from modelwright.risk.leak_timing import LeakTimingCheck
from modelwright.risk.missing import MissingCheck
from modelwright.risk.row_number import RowNumberCheck
from modelwright.risk.score_like import ScoreLikeCheck
from modelwright.risk.spatial import SpatialCheck
from modelwright.risk.target_copy import TargetCopyCheck
from modelwright.risk.target_sum import TargetSumCheck, linear_identity
from modelwright.risk.temporal_order import TemporalOrderCheck


def with_column(frame, name, values):
    """The frame with one more column."""
    return frame.with_columns(pl.Series(name, values))


def test_a_renamed_target_is_a_copy():
    """`alive` says what `survived` says."""
    frame = clean_table().with_columns(
        alive=pl.when(pl.col("y") == "yes").then(pl.lit("1")).otherwise(pl.lit("0"))
    )
    risk = found(TargetCopyCheck(), view_of(frame))["alive"]
    assert risk.finding.severity is Severity.CRITICAL
    assert risk.excludes == ("alive",)
    assert "settles the class" in risk.finding.evidence[0]


def test_a_growing_function_of_a_number_is_a_copy():
    """The logarithm of the price is the price."""
    frame = clean_table(task="regression").with_columns(log=pl.col("y").exp())
    assert set(found(TargetCopyCheck(), view_of(frame, task="regression"))) == {"log"}


def test_groups_of_a_number_named_by_words_are_a_copy():
    """Each name goes with one price."""
    y = np.arange(400) % 8
    frame = with_column(
        pl.DataFrame({"y": y.astype(float), "x": np.arange(400) % 7}), "name", [f"n{v}" for v in y]
    )
    assert set(found(TargetCopyCheck(), view_of(frame, task="regression"))) == {"name"}


def test_a_column_seen_once_a_value_is_no_copy():
    """Unique text agrees with any target and proves nothing."""
    frame = with_column(clean_table(200), "note", [f"note {place}" for place in range(200)])
    assert found(TargetCopyCheck(), view_of(frame)) == {}


@pytest.mark.parametrize("rule", ["sum", "difference", "product", "ratio", "blend"])
def test_columns_that_make_the_target_are_found(rule):
    """Casual and registered riders are all riders."""
    chance = np.random.default_rng(3)
    a, b, c = chance.integers(1, 50, size=(3, 400)).astype(float)
    y = {"sum": a + b, "difference": a - b, "product": a * b, "ratio": a / b, "blend": 2 * a + b - 3 * c}[
        rule
    ]
    frame = pl.DataFrame({"a": a, "b": b, "c": c, "z": chance.normal(size=400), "y": y})
    (risk,) = TargetSumCheck().run(view_of(frame, task="regression"))
    assert set(risk.columns) == ({"a", "b", "c"} if rule == "blend" else {"a", "b"})
    assert risk.finding.severity is Severity.CRITICAL
    assert set(risk.excludes) == set(risk.columns)


def test_a_noisy_sum_is_no_identity():
    """What holds only roughly is ordinary signal."""
    chance = np.random.default_rng(3)
    x = chance.normal(size=(400, 3))
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x[:, 0] + x[:, 1] + 0.01 * x[:, 2]})
    assert list(TargetSumCheck().run(view_of(frame, task="regression"))) == []


def test_too_few_rows_make_no_identity():
    """With as many columns as rows everything is a combination of everything."""
    chance = np.random.default_rng(0)
    assert (
        linear_identity(
            chance.normal(size=(30, 20)), chance.normal(size=30), names=[str(n) for n in range(20)]
        )
        is None
    )


def test_a_declared_late_column_is_certain():
    """The contract itself says the value comes after the outcome."""
    columns = {"x0": Column(type="number", available_at="after", reason="measured at the end")}
    risk = found(LeakTimingCheck(), view_of(clean_table(), columns=columns))["x0"]
    assert (risk.finding.severity, risk.finding.confidence) == (Severity.CRITICAL, 100)
    assert "measured at the end" in risk.finding.evidence


def test_a_column_far_ahead_of_all_others_is_questioned():
    """The length of the call alone tells how it ended."""
    frame = clean_table(1000)
    chance = np.random.default_rng(1)
    late = (frame["y"] == "yes").to_numpy() * 1.5 + chance.normal(size=1000)
    named = found(LeakTimingCheck(), view_of(with_column(frame, "call_duration", late)))["call_duration"]
    plain = found(LeakTimingCheck(), view_of(with_column(frame, "x9", late)))["x9"]
    assert named.finding.severity is Severity.HIGH
    assert named.proposal == "modify"
    assert "known at the moment" in named.finding.question
    assert plain.finding.confidence < named.finding.confidence
    assert plain.proposal == "accept"


def test_an_extreme_column_is_questioned_for_a_number_too():
    """One column explains all but the noise."""
    frame = clean_table(1000, task="regression")
    late = frame["y"].to_numpy() + 0.2 * np.random.default_rng(0).normal(size=1000)
    risks = found(LeakTimingCheck(), view_of(with_column(frame, "final_value", late), task="regression"))
    assert risks["final_value"].finding.severity is Severity.HIGH


def test_columns_of_one_family_do_not_lead_each_other():
    """Three lengths of a stone are one fact: the strongest is no leak for being alone with its kin."""
    chance = np.random.default_rng(2)
    size = chance.normal(size=1000)
    frame = pl.DataFrame(
        {f"side{n}": size + 0.05 * chance.normal(size=1000) for n in range(3)}
        | {
            "x": chance.normal(size=1000),
            "y": np.where(size + chance.normal(size=1000) * 0.4 > 0, "yes", "no"),
        }
    )
    assert found(LeakTimingCheck(), view_of(frame)) == {}


def test_an_unknown_availability_is_a_question():
    """When the contract does not know, somebody has to."""
    columns = {"x4": Column(type="number", available_at="unknown")}
    risk = found(LeakTimingCheck(), view_of(clean_table(), columns=columns))["x4"]
    assert risk.finding.severity is Severity.MEDIUM
    assert risk.finding.question


def test_missingness_that_follows_the_outcome_is_a_leak():
    """A date of return exists only for those who returned."""
    frame = clean_table(1000)
    dates = [1.0 if label == "yes" else None for label in frame["y"]]
    risk = found(MissingCheck(), view_of(with_column(frame, "value", dates)))["value"]
    assert risk.finding.category == "data leakage"
    assert risk.finding.severity is Severity.HIGH


def test_identifiers_are_found_and_kept_ones_are_noted():
    """Codes and dense numbers name the row; the contract's own entity is only noted."""
    frame = clean_table(300).with_columns(
        code=pl.Series([f"{place * 7919 % 100003:05d}-ABC" for place in range(300)]),
        number=pl.Series(np.random.default_rng(0).permutation(300)),
        story=pl.Series([f"row {place} told in many plain words" for place in range(300)]),
    )
    risks = found(IdentifierCheck(), view_of(frame))
    assert set(risks) == {"code", "number"}
    kept = found(IdentifierCheck(), view_of(frame, columns={"code": Column(type="text", role="entity")}))
    assert kept["code"].finding.severity is Severity.INFO


def test_continuous_numbers_are_no_identifiers():
    """A measurement rarely repeats, and amounts are spread out."""
    amounts = np.random.default_rng(0).integers(1, 10**7, size=300)
    assert found(IdentifierCheck(), view_of(with_column(clean_table(300), "amount", amounts))) == {}


def test_row_numbers_and_growing_columns_are_found():
    """`instant` counts the rows; a clock only grows."""
    frame = clean_table(300).with_columns(
        instant=pl.Series(range(1, 301)), clock=pl.Series(np.cumsum(1 + np.arange(300) % 5))
    )
    risks = found(RowNumberCheck(), view_of(frame))
    assert risks["instant"].finding.confidence > risks["clock"].finding.confidence
    assert set(risks) == {"instant", "clock"}


def test_rows_on_both_sides_are_found():
    """A third of the table stands in it twice."""
    frame = clean_table(600)
    (risk,) = ContaminationCheck().run(view_of(pl.concat([frame, frame.head(300)])))
    assert risk.finding.severity is Severity.HIGH
    assert "equal a training row" in risk.finding.evidence[0]


def test_rows_of_few_values_may_be_equal_by_chance():
    """Two yes-no columns have four rows to offer."""
    chance = np.random.default_rng(0)
    frame = pl.DataFrame({name: chance.choice(["a", "b"], size=300) for name in ("p", "q", "y")})
    (risk,) = ContaminationCheck().run(view_of(frame))
    assert risk.finding.severity is Severity.MEDIUM
    assert risk.finding.question


def test_a_temporal_split_out_of_order_blocks():
    """The parts overlap in time although the contract promises the future."""
    frame = with_column(clean_table(100), "day", np.random.default_rng(0).permutation(100))
    view = view_of(frame, split=SplitPolicy(policy="temporal", time="day"))
    assert {risk.proposal for risk in ContaminationCheck().run(view)} == {"block"}
    ordered = view_of(frame.sort("day"), split=SplitPolicy(policy="temporal", time="day"))
    assert list(ContaminationCheck().run(ordered)) == []


def test_people_on_both_sides_are_found_by_role_and_by_name():
    """Six rows a person: a random split recognises them."""
    frame = with_column(clean_table(600), "person_id", np.arange(600) % 100)
    declared = view_of(frame, columns={"person_id": Column(type="integer", role="entity")})
    assert found(GroupOverlapCheck(), declared)["person_id"].finding.severity is Severity.HIGH
    assert found(GroupOverlapCheck(), view_of(frame))["person_id"].finding.severity is Severity.MEDIUM
    promised = view_of(frame, split=SplitPolicy(policy="group", group="person_id"))
    assert found(GroupOverlapCheck(), promised)["person_id"].proposal == "block"


def test_a_name_a_row_overlaps_nowhere():
    """Unique entities are on one side by nature."""
    frame = with_column(clean_table(200), "person_id", np.arange(200))
    assert found(GroupOverlapCheck(), view_of(frame)) == {}


def drifting(rows=2000):
    """A table whose target and a column move along the rows."""
    chance = np.random.default_rng(5)
    place = np.arange(rows) / rows
    return pl.DataFrame(
        {
            "x": chance.normal(size=rows),
            "rate": np.floor(place * 20),
            "y": np.where(chance.random(rows) < 0.1 + 0.6 * place, "yes", "no"),
        }
    )


def test_a_target_that_drifts_along_the_rows_is_questioned():
    """The rows stand in the order of time, and no column says so."""
    risk = found(TemporalOrderCheck(), view_of(drifting()))["row order"]
    assert risk.finding.severity is Severity.HIGH
    assert risk.change == "split temporally by row order"
    assert any("rate" in line for line in risk.finding.evidence)
    alone = found(TemporalOrderCheck(), view_of(drifting().drop("rate")))["row order"]
    assert alone.finding.severity is Severity.MEDIUM
    assert (
        list(
            TemporalOrderCheck().run(view_of(drifting(), split=SplitPolicy(policy="temporal", order="rows")))
        )
        == []
    )


def test_a_date_under_a_random_split_is_found():
    """The contract knows the time and does not use it."""
    frame = drifting().with_columns(day=pl.date(2020, 1, 1) + pl.duration(days=pl.int_range(2000)))
    view = view_of(frame, columns={"day": Column(type="datetime", role="time")})
    assert found(TemporalOrderCheck(), view)["day"].change == "split temporally by day"
    calm = clean_table().with_columns(day=pl.date(2020, 1, 1) + pl.duration(days=pl.int_range(600)))
    assert found(TemporalOrderCheck(), view_of(calm))["day"].finding.severity is Severity.MEDIUM


def test_a_table_sorted_by_its_target_is_noted():
    """All noes first, then all yeses: not time, but an order that tells."""
    risk = found(TemporalOrderCheck(), view_of(clean_table(1000).sort("y")))["row order"]
    assert risk.finding.severity is Severity.LOW


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_neighbours_that_share_the_target_are_found(task):
    """Houses next door cost the same."""
    chance = np.random.default_rng(0)
    place = chance.random((800, 2))
    value = np.sin(6 * place[:, 0]) + np.cos(6 * place[:, 1])
    y = value if task == "regression" else np.where(value > 0.5, "yes", "no")
    frame = pl.DataFrame({"latitude": place[:, 0], "longitude": place[:, 1], "y": y})
    (risk,) = SpatialCheck().run(view_of(frame, task=task))
    assert set(risk.columns) == {"latitude", "longitude"}
    apart = frame.with_columns(pl.col("y").shuffle(seed=1))
    assert list(SpatialCheck().run(view_of(apart, task=task))) == []


def test_a_version_that_was_settled_later_is_a_question():
    """The room that was assigned is mostly the one that was reserved."""
    chance = np.random.default_rng(6)
    planned = chance.choice(list("ABCDE"), 600)
    settled = np.where(chance.random(600) < 0.2, chance.choice(list("ABCDE"), 600), planned)
    frame = with_column(with_column(clean_table(), "reserved_room", planned), "assigned_room", settled)
    assert set(found(LaterVersionCheck(), view_of(frame))) == {"assigned_room"}
    frame = with_column(frame, "assigned_room", chance.permutation(settled))
    assert found(LaterVersionCheck(), view_of(frame)) == {}


def test_somebodys_score_is_a_question():
    """Where it tells of the target; a rating that says nothing is left alone."""
    frame = clean_table().with_columns(decile_score=pl.col("x0"), rating=pl.col("x5"))
    assert set(found(ScoreLikeCheck(), view_of(frame))) == {"decile_score"}


def test_a_promise_of_new_groups_that_is_broken_is_critical():
    """Group by time promises later rows of newcomers."""
    frame = with_column(clean_table(), "shop", np.arange(600) % 9)
    split = SplitPolicy(policy="temporal", order="rows", group="shop", new_groups=True)
    risk = found(GroupOverlapCheck(), view_of(frame, split=split))["shop"]
    assert risk.finding.severity is Severity.CRITICAL

"""Row checks: every fault of every row, and good rows without a word."""

import math
from datetime import UTC, datetime

import pytest
from tests.registry.bundles import ROW, contract_for

from modelwright.contracts.data import Column
from modelwright.kernel.clock import SteppingClock
from modelwright.registry.hard_rows import hard_rows
from modelwright.serving.row_check import NEAR_MATCHES, RowChecker


@pytest.fixture(scope="module")
def checker(made):
    """The checks of the calls."""
    return RowChecker(made.contract, made.pipeline.plan, clock=None)


def told(checker, **changes):
    """What is said about the row with changes."""
    return [f"{fault.column}: {fault.what}" for fault in checker.faults([{**ROW, **changes}])]


def test_a_good_row_and_every_hard_row_fit(made, checker):
    """Order of keys and columns beside those of the model make no difference."""
    assert (
        checker.faults([ROW, dict(reversed(ROW.items())), {**ROW, "client": "c1", "region": "north"}]) == []
    )
    assert checker.faults(hard_rows(made.contract, made.pipeline.plan, made.train)) == []


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("age", "41", "text where a number belongs"),
        ("age", True, "a boolean where a number belongs"),
        ("age", [1], "a list where a number belongs"),
        ("age", 121, "121 is out of range, allowed is 0 to 120"),
        ("age", -0.5, "-0.5 is out of range, allowed is 0 to 120"),
        ("age", math.nan, "is not a finite number"),
        ("age", math.inf, "is not a finite number"),
        ("gap", 1.5, "1.5 is not a whole number"),
        ("gap", 1000, "1000 is out of range, allowed is 0 to 365"),
        ("gap", 10**60, "100000000000000000000000000000000000000… is out of range, allowed is 0 to 365"),
        ("job", {"a": 1}, "an object where text belongs"),
        ("job", "x" * 10_001, "10001 characters, at most 10000 are read"),
        ("channel", None, "must not be null"),
        ("channel", " ", "must not be blank"),
        ("channel", "fax", "'fax' is not one of the 2 values of the contract"),
        ("member", None, "must not be null"),
        ("member", "perhaps", "text where true or false belongs"),
        ("since", "soon", "is not a date or moment in ISO 8601, such as 2026-01-31T12:00:00Z"),
        ("since", 20260101, "is not a date or moment in ISO 8601, such as 2026-01-31T12:00:00Z"),
        ("client", ["c1"], "a list where text belongs"),
        ("y", "no", "is excluded by the contract"),
        ("ended", 3.5, "is known only after the outcome"),
        ("colour", "red", "is not a column of the contract"),
    ],
)
def test_a_value_that_does_not_fit_is_told(made, checker, column, value, what):
    """Each kind of misfit has its own words."""
    if column == "y":
        # The target itself is told apart from what is merely excluded.
        assert told(checker, y="no") == ["y: is what is predicted"]
        assert told(checker, amount=3.0) == ["amount: is excluded by the contract"]
    else:
        assert told(checker, **{column: value}) == [f"{column}: {what}"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("age", None),
        ("age", 41),
        ("gap", 999),
        ("gap", 999.0),
        ("gap", 3.0),
        ("job", "never seen"),
        ("job", None),
        ("job", 7),
        ("member", 1),
        ("member", "yes"),
        ("since", "2024-02-29"),
        ("since", None),
        ("channel", " mail "),
    ],
)
def test_a_value_that_fits_is_not_told(checker, column, value):
    """Codes, whole numbers as floats, unseen values of open columns, spellings both paths read alike."""
    assert told(checker, **{column: value}) == []


def test_a_column_that_is_not_there_is_not_null(checker):
    """A missing feature is a broken client, not an unknown value."""
    faults = checker.faults([{name: value for name, value in ROW.items() if name != "age"}])
    assert [str(fault) for fault in faults] == [
        "row 0, age: is missing; send null when its value is not known"
    ]


def test_all_faults_of_all_rows_come_together(checker):
    """Five faults in two rows, one answer."""
    faults = checker.faults(
        [{**ROW, "age": "x", "gap": 1.5, "chanel": "mail"}, ROW, {**ROW, "job": [], "age": 500}]
    )
    assert [(fault.row, fault.column) for fault in faults] == [
        (0, "age"),
        (0, "gap"),
        (0, "chanel"),
        (2, "age"),
        (2, "job"),
    ]
    assert faults[3].next_step == "send it in years"


def test_what_is_no_row_is_told(checker):
    """A list of numbers is no row."""
    assert [fault.what for fault in checker.faults([1, "a", [1], None])] == [
        "is a number",
        "is text",
        "is a list",
        "is NoneType",
    ]


def test_a_near_name_is_offered_a_bounded_number_of_times(checker):
    """Looking for near names is dear: an attacker cannot buy it without end."""
    rows = [{**ROW, "regionn": "north"}] * (NEAR_MATCHES + 5)
    cures = [fault.next_step for fault in checker.faults(rows)]
    assert cures.count("did you mean 'region'?") == NEAR_MATCHES
    assert cures.count("leave it out") == 5
    assert checker.faults([{**ROW, "channel": "phon"}])[0].next_step == "did you mean 'phone'?"
    assert len(checker.faults([{**ROW, "x" * 500: 1}])[0].column) == 60


def test_a_personal_value_is_not_repeated():
    """Messages end up in logs of clients."""
    contract = contract_for()
    columns = {**contract.data.columns, "age": Column(type="number", range=(0, 120), pii="sensitive")}
    contract = contract.model_copy(update={"data": contract.data.model_copy(update={"columns": columns})})
    from modelwright.features.plan import FeaturePlan, FeatureSpec

    plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
    checker = RowChecker(contract, plan, clock=None)
    assert [fault.what for fault in checker.faults([{"age": 1234}])] == [
        "the value is out of range, allowed is 0 to 120"
    ]


def test_a_stale_row_is_refused_where_the_contract_limits_age(made):
    """The event time, sent along, says how old the features are."""
    contract = contract_for()
    columns = {**contract.data.columns, "seen": Column(type="datetime", role="time")}
    data = contract.data.model_copy(update={"columns": columns, "freshness": "1d", "event_time": "seen"})
    contract = contract.model_copy(update={"data": data})
    clock = SteppingClock(datetime(2026, 1, 10, tzinfo=UTC))
    checker = RowChecker(contract, made.pipeline.plan, clock=clock)
    assert told(checker, seen="2026-01-09T12:00:00Z") == []
    assert told(checker, seen="2026-01-08T00:00:00Z") == ["seen: is older than 1d: its features may be stale"]
    assert told(checker, seen=None) == []
    assert told(RowChecker(contract, made.pipeline.plan, clock=None), seen="2020-01-01") == []

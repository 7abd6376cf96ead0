"""Patterns, conditions and ages: rows and tables get the same faults, all of them in one answer."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.bundles import ROW, contract_for

from modelwright.data.snapshot import ROW_ID
from modelwright.data.validate import validate
from modelwright.features.row_promise import RowPromises
from modelwright.kernel.clock import SteppingClock
from modelwright.registry.hard_rows import hard_rows
from modelwright.registry.schema import accepted_columns
from modelwright.serving.row_check import RowChecker
from modelwright.serving.table_check import TableChecker

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CHECKS = (
    "age >= 18",
    "gap is not null implies gap <= age",
    'job = "student" implies age < 45',
    "since >= asked - 3650d",
    "member or length(job) > 3",
    'warn region = "north"',
    "mean(age) > 0",
    "age < 2 * mean(age)",
)
"""Conditions on rows, one that only warns, and two that need the whole table."""


def strict(made):
    """The contract of the calls with a pattern, conditions and a limit of age."""
    data = made.contract.data
    columns = dict(data.columns)
    columns["job"] = columns["job"].model_copy(update={"pattern": r"[^\W\d][\w. ]*"})
    asked = columns["since"].model_copy(update={"role": "context", "freshness": "2d"})
    columns = {**columns, "asked": asked}
    changed = data.model_copy(update={"columns": columns, "checks": CHECKS})
    return made.contract.model_copy(update={"data": changed})


words = st.none() | st.sampled_from(["phone", "fax", " ", " mail ", "student", "x1", "9x", "clerk", "été"])
days = st.none() | st.dates(date(2010, 1, 1), date(2026, 1, 5))
rows_drawn = st.fixed_dictionaries(
    {
        "age": st.none() | st.floats(10, 130) | st.sampled_from([float("inf"), float("nan"), 18.0, 40.0]),
        "gap": st.none() | st.sampled_from([0.0, 3.5, 30.0, 45.0, 366.0, 999.0]),
        "job": words,
        "channel": st.sampled_from(["phone", "mail", "fax"]),
        "member": st.none() | st.booleans(),
        "since": days,
        "asked": days,
    }
)
TYPES = {
    "age": pl.Float64,
    "gap": pl.Float64,
    "job": pl.String,
    "channel": pl.String,
    "member": pl.Boolean,
    "since": pl.Date,
    "asked": pl.Date,
}


def sent(row):
    """The row as a client would send it."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    return {name: None if str(value).strip() in {"", "nan"} else value for name, value in plain.items()}


def line(fault):
    """A fault of a row, as a table tells it."""
    shown = f"{fault.column}: {fault.what}" if fault.column else fault.what
    return shown + (f", {fault.next_step}" if fault.next_step else "")


@pytest.mark.parametrize("clock", [None, SteppingClock(NOW, step=timedelta(0))])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(rows_drawn, min_size=1, max_size=6))
def test_a_table_and_its_rows_get_the_same_faults(made, clock, rows):
    """Word for word, whatever is in the cells, with a clock or without."""
    plan, contract = made.pipeline.plan, strict(made)
    found = TableChecker(contract, plan, clock=clock).faults(pl.DataFrame(rows, schema=TYPES))
    checker = RowChecker(contract, plan, clock=clock)
    told = {place: checker.faults([sent(row)]) for place, row in enumerate(rows)}
    assert found == {place: "; ".join(map(line, faults)) for place, faults in told.items() if faults}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(rows_drawn, min_size=1, max_size=6))
def test_a_row_breaks_what_its_table_breaks(made, rows):
    """The same conditions, asked of the frame by the validation of tables."""
    contract = strict(made)
    rows = [{**row, "gap": 3.0 if row["gap"] == 3.5 else row["gap"]} for row in rows]
    drawn = pl.DataFrame(rows, schema=TYPES).with_columns(
        pl.col("age").replace([float("inf"), float("nan")], None),
        pl.col("gap").replace(999.0, None).cast(pl.Int64),
        pl.col("job").str.strip_chars().replace("", None),
        pl.col("since", "asked").cast(pl.Datetime("us")),
    )
    frame = drawn.with_columns(region=pl.lit("north")).with_row_index(ROW_ID).cast({ROW_ID: pl.Int64})
    checks = {(item.check, item.column): item.failing for item in validate(frame, contract).checks}
    broken = RowPromises(contract, accepted_columns(contract)).broken([sent(row) for row in rows])
    for text in CHECKS[:5]:
        same = [item for item in broken if item.text == text]
        assert len(same) == checks["condition", text]
    assert len([item for item in broken if item.check == "pattern"]) == checks["pattern", "job"]


def test_all_faults_of_a_row_come_in_one_answer(made):
    """Values, pattern and condition; what is wrong in itself is not held against a condition as well."""
    checker = RowChecker(strict(made), made.pipeline.plan, clock=None)
    faults = checker.faults([{**ROW, "age": 17, "job": "7up", "gap": 1.5, "channel": "fax"}, ROW])
    assert [str(fault) for fault in faults] == [
        "row 0, gap: 1.5 is not a whole number",
        "row 0, channel: 'fax' is not one of the 2 values of the contract",
        r"row 0, job: '7up' does not match the pattern [^\W\d][\w. ]*",
        "row 0: breaks the condition age >= 18",
    ]


def test_a_condition_on_a_column_that_a_row_does_not_bring_is_left_out(made):
    """There is nothing to judge; brought, it is judged."""
    checker = RowChecker(strict(made), made.pipeline.plan, clock=None)
    row = {**ROW, "since": "2010-01-01"}
    assert checker.faults([row]) == []
    assert len(checker.faults([{**row, "asked": "2026-01-01"}])) == 1


def test_a_moment_beside_the_features_may_not_be_too_old(made):
    """By the clock of the server; without one nothing is said of age."""
    clock = SteppingClock(NOW, step=timedelta(0))
    checker = RowChecker(strict(made), made.pipeline.plan, clock=clock)
    row = {**ROW, "since": "2025-01-01", "asked": "2025-12-30T23:00:00Z"}
    (fault,) = checker.faults([row])
    assert str(fault) == "row 0, asked: is older than 2d: its features may be stale"
    assert RowChecker(strict(made), made.pipeline.plan, clock=None).faults([row]) == []


def test_odd_text_breaks_a_pattern_and_not_the_server(made):
    """Half a surrogate pair cannot be held by a column."""
    checker = RowChecker(strict(made), made.pipeline.plan, clock=None)
    assert "does not match the pattern" in checker.faults([{**ROW, "job": "\ud800"}])[0].what


def test_hard_rows_keep_every_condition(made):
    """A certificate asks for rows that a server must answer."""
    contract = strict(made)
    rows = hard_rows(contract, made.pipeline.plan, made.train)
    assert rows
    assert len(rows) < len(hard_rows(made.contract, made.pipeline.plan, made.train))
    assert RowChecker(contract, made.pipeline.plan, clock=None).faults(rows) == []


def test_a_contract_without_promises_about_rows_looks_at_nothing():
    """Nothing is paid for what was not asked."""
    contract = contract_for()
    promises = RowPromises(contract, accepted_columns(contract))
    assert promises.reads == ()
    assert promises.broken([{"age": 1}]) == []
    assert promises.breaking(pl.DataFrame({"age": [1, 2]})).to_list() == [False, False]


def test_moments_and_text_columns_of_other_types_are_judged_as_they_are_sent():
    """A date in a column of text has the spelling that a client gives it."""
    contract = contract_for()
    columns = dict(contract.data.columns)
    columns["job"] = columns["job"].model_copy(update={"pattern": "[0-9-]+"})
    contract = contract.model_copy(update={"data": contract.data.model_copy(update={"columns": columns})})
    frame = pl.DataFrame({"job": [date(2026, 1, 1), None]})
    assert RowPromises(contract, ("job",)).breaking(frame).to_list() == [False, False]
    assert RowPromises(contract, ("job",)).broken([{"job": "2026-01-01"}, {"job": "x"}, "no row"])[0].row == 1

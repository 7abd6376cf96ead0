"""Table checks say of a row what row checks say."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registry.bundles import ROW

from modelwright.serving.row_check import RowChecker
from modelwright.serving.table_check import TableChecker

words = st.none() | st.sampled_from(["phone", "mail", "fax", " ", "", " mail ", "student"])
columns = st.fixed_dictionaries(
    {
        "age": st.none() | st.floats(-10, 200) | st.sampled_from([float("inf"), float("nan")]),
        "gap": st.none() | st.sampled_from([0.0, 3.0, 3.5, 365.0, 366.0, 999.0, -1.0]),
        "job": words,
        "channel": words,
        "member": st.none() | st.booleans(),
        "since": st.none() | st.dates(date(1960, 1, 1), date(2030, 1, 1)),
    }
)
TYPES = {
    "age": pl.Float64,
    "gap": pl.Float64,
    "job": pl.String,
    "channel": pl.String,
    "member": pl.Boolean,
    "since": pl.Date,
}


def sent(row):
    """The row as a client would send it; a table's blank and a table's NaN are missing values."""
    since = row["since"].isoformat() if row["since"] else None
    blank = {name: None if str(value).strip() in {"", "nan"} else value for name, value in row.items()}
    return {**blank, "since": since}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(columns, min_size=1, max_size=6))
def test_a_table_and_its_rows_get_the_same_faults(made, rows):
    """Whatever is in the cells."""
    plan, contract = made.pipeline.plan, made.contract
    found = TableChecker(contract, plan).faults(pl.DataFrame(rows, schema=TYPES))
    by_row = RowChecker(contract, plan, clock=None)
    assert set(found) == {place for place, row in enumerate(rows) if by_row.faults([sent(row)])}


@pytest.mark.parametrize(
    ("column", "values", "bad"),
    [
        ("age", ["41", " 41.5 ", "", "old", "200"], {3, 4}),
        ("gap", ["3", "3.5", "999", "3.0", None], {1}),
        ("gap", [3, 400, 999, 0, -1], {1, 4}),
        ("member", ["yes", "no", "1", "perhaps", ""], {3, 4}),
        ("since", ["2024-02-29", "soon", "", "1969-01-01T00:00:00Z", "1.2.24"], {1, 4}),
        ("channel", [1, 2, 3, 4, 5], {0, 1, 2, 3, 4}),
        ("job", [1, 2, None, 4, 5], set()),
        ("age", [True, False, True, False, True], {0, 1, 2, 3, 4}),
    ],
)
def test_cells_of_other_types_are_looked_at_closely(made, column, values, bad):
    """Text that holds numbers is read as numbers, as in a CSV file."""
    frame = pl.DataFrame({**{name: [value] * 5 for name, value in ROW.items()}, column: values})
    assert set(TableChecker(made.contract, made.pipeline.plan).faults(frame)) == bad

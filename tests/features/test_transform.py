"""The transform: both paths read every value alike."""

import math
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.features.transform import RowEncoder, matrix, vector
from modelwright.kernel.errors import DataInvalid

PLAN = FeaturePlan(
    features=(
        FeatureSpec(name="age", kind="number", missing=(999.0, "n/a"), replace={"forty": "40"}),
        FeatureSpec(name="filled", kind="number", fill=-1.0),
        FeatureSpec(name="member", kind="boolean"),
        FeatureSpec(
            name="job",
            kind="category",
            categories=("admin", "student", "7", "true"),
            missing=("unknown",),
            replace={"adm.": "admin", "scholar": "nobody"},
        ),
        FeatureSpec(name="size", kind="category", categories=("s", "m", "l"), ordered=True),
        FeatureSpec(name="day", kind="date", parts=("year", "month", "day", "weekday", "hour")),
    )
)

NUMBERS = st.one_of(
    st.none(),
    st.floats(width=64),
    st.sampled_from([999.0, 0.0, -0.0, 1e300, 7.0]),
    st.integers(-(2**62), 2**62),
)
FLOATS = st.one_of(st.none(), st.floats(), st.sampled_from([999.0, 7.0]))
TEXTS = st.one_of(
    st.none(),
    st.text(max_size=4),
    st.sampled_from(
        ["admin", " student ", "unknown", "adm.", "scholar", "7", "s", "l", "", "n/a", "40", "forty"]
    ),
)
DATES = st.one_of(st.none(), st.dates())
MOMENTS = st.one_of(
    st.none(),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)).flatmap(
        lambda day: st.times().map(lambda hour: datetime.combine(day, hour))
    ),
)


def same(frame):
    """Whether both paths agree on every row, missing values included."""
    whole = matrix(PLAN, frame)
    encoder = RowEncoder(PLAN)
    rows = np.vstack([encoder.vector(row) for row in frame.to_dicts()])
    return np.array_equal(whole, rows, equal_nan=True)


def framed(rows, **columns):
    """A frame with every column of the plan; those not given are empty."""
    empty = {name: pl.Series(name, [None] * rows) for name in PLAN.columns}
    return pl.DataFrame(empty | columns)


@given(
    st.lists(
        st.tuples(FLOATS, FLOATS, st.one_of(st.none(), st.booleans()), TEXTS, TEXTS, DATES),
        min_size=1,
        max_size=8,
    )
)
def test_both_paths_agree_on_typed_columns(rows):
    """What was trained on is what is served, bit for bit."""
    types = dict(
        zip(PLAN.columns, [pl.Float64, pl.Float64, pl.Boolean, pl.String, pl.String, pl.Date], strict=True)
    )
    assert same(pl.DataFrame(rows, schema=types, orient="row"))


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_both_paths_agree_on_text_in_every_column(values):
    """A column that arrives as text is read value by value, the same way."""
    assert same(
        framed(len(values), **{name: pl.Series(name, values, dtype=pl.String) for name in PLAN.columns})
    )


@given(st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62), st.just(999)), min_size=1, max_size=8))
def test_both_paths_agree_on_whole_numbers_in_every_column(values):
    """Integers are numbers, flags or spellings, depending on the plan alone."""
    assert same(
        framed(len(values), **{name: pl.Series(name, values, dtype=pl.Int64) for name in PLAN.columns})
    )


@given(st.lists(FLOATS, min_size=1, max_size=8))
def test_both_paths_agree_on_floats_read_as_categories(values):
    """A float that is whole is spelled without its decimal point."""
    assert same(framed(len(values), job=pl.Series("job", values, dtype=pl.Float64)))


@given(st.lists(MOMENTS, min_size=1, max_size=8), st.sampled_from(["naive", "utc", "zoned"]))
def test_both_paths_agree_on_moments(values, zone):
    """Moments with a zone are turned to UTC on both paths."""
    column = pl.Series("day", values, dtype=pl.Datetime("us"))
    if zone != "naive":
        column = column.dt.replace_time_zone("UTC")
    if zone == "zoned":
        column = column.dt.convert_time_zone("Asia/Tokyo")
    assert same(framed(len(values), day=column))


def test_missing_spellings_and_unseen_values_have_a_place_of_their_own():
    """Missing is NaN; unseen is the code after the last; an unseen rank is missing."""
    line = vector(
        PLAN, {"age": "forty", "member": "yes", "job": "plumber", "size": "xxl", "day": "2024-02-29T13:00Z"}
    )
    assert line[0, :2].tolist() == [40.0, -1.0]
    assert line[0, 2:4].tolist() == [1.0, 4.0]
    assert math.isnan(line[0, 4])
    assert line[0, 5:].tolist() == [2024.0, 2.0, 29.0, 4.0, 13.0]


@pytest.mark.parametrize(
    "value", [999, 999.0, "n/a", "many", math.inf, -math.inf, math.nan, None, 10**400, [1]]
)
def test_a_number_that_is_none_is_missing(value):
    """Codes, words, infinities and lists carry no amount."""
    assert math.isnan(vector(PLAN, {"age": value})[0, 0])


@pytest.mark.parametrize("value", [None, "unknown", "", "  ", math.nan])
def test_a_category_that_says_nothing_is_missing(value):
    """Missing codes of the contract are still missing when a served row spells them."""
    assert math.isnan(vector(PLAN, {"job": value})[0, 3])


def test_spellings_are_rewritten_as_the_contract_says():
    """What training read as one class, serving reads as the same."""
    assert vector(PLAN, {"job": "adm."})[0, 3] == 0.0
    assert vector(PLAN, {"job": "scholar"})[0, 3] == 4.0


def test_a_date_may_be_text_a_date_or_a_moment():
    """Three spellings of one day."""
    read = [
        vector(PLAN, {"day": value})[0, 5:8].tolist()
        for value in ("2024-02-29", date(2024, 2, 29), datetime(2024, 2, 29, tzinfo=UTC))
    ]
    assert read[0] == read[1] == read[2] == [2024.0, 2.0, 29.0]


def test_a_table_without_a_column_is_refused_with_every_name():
    """A column that is not there is not the same as an empty one."""
    with pytest.raises(DataInvalid) as refused:
        matrix(
            PLAN,
            pl.DataFrame({"aeg": [1.0], "filled": [1.0], "member": [True], "size": ["s"], "day": [None]}),
        )
    assert [fault.where for fault in refused.value.faults] == ["column age", "column job"]
    assert "is it 'aeg'?" in str(refused.value)


def test_an_empty_table_has_an_empty_matrix():
    """No rows, all columns."""
    types = dict(
        zip(PLAN.columns, [pl.Float64, pl.Float64, pl.Boolean, pl.String, pl.String, pl.Date], strict=True)
    )
    assert matrix(PLAN, pl.DataFrame(schema=types)).shape == (0, 10)

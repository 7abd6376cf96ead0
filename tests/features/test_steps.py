"""Declared steps: what training settles, and the same bits for a table and for each row alone."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import contract_of

from modelwright.features.plan import FeaturePlan, FeatureSpec, compile_plan
from modelwright.features.transform import RowEncoder, matrix
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import BundleRejected, DataInvalid, TrainingFailed
from modelwright.ledger.codec import decode, encode

COLUMNS = {
    "age": {"type": "integer", "missing_codes": [999]},
    "limit": {"type": "number"},
    "member": {"type": "boolean"},
    "job": {"type": "category", "missing_codes": ["unknown"], "replace": {"adm.": "admin"}},
    "size": {"type": "category", "categories": ["s", "m", "l"], "ordered": True},
    "note": {"type": "text"},
    "day": {"type": "datetime"},
    "until": {"type": "datetime"},
    "y": {"type": "category", "role": "target"},
}

SIGNALS = """
import polars as pl

SCALE = 2.0


def burden(age, limit):
    return pl.when(limit > 0).then(age / limit * SCALE)


def busy(job, note):
    return (job == "admin") & note.str.contains("call")


def weekend(day):
    return day.dt.weekday() > 5


def centred(age):
    return age - age.mean()


def previous(age):
    return age.shift(1)


def python(age):
    return age.map_elements(lambda value: value + 1, return_dtype=pl.Float64)


def wrong_column(age):
    return pl.col("y")


def raises(age):
    return age / nothing


def number(age):
    return 3


def words(job):
    return job.str.to_uppercase()
"""


def train_rows(count=40):
    """Training rows with gaps in every column."""
    jobs = ["admin", "student", None, "adm.", "nurse"]
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - a snapshot holds moments in UTC without a zone
    return pl.DataFrame(
        {
            "age": [None if n % 7 == 0 else 20 + n for n in range(count)],
            "limit": [None if n % 11 == 0 else float(n % 5) for n in range(count)],
            "member": [[True, False, None][n % 3] for n in range(count)],
            "job": [{"adm.": "admin"}.get(jobs[n % 5], jobs[n % 5]) for n in range(count)],
            "size": [["s", "m", "m", None][n % 4] for n in range(count)],
            "note": [["call me back", "do not call", None, "busy line"][n % 4] for n in range(count)],
            "day": [start + timedelta(hours=5 * n) for n in range(count)],
            "until": [None if n % 6 == 0 else start + timedelta(days=n) for n in range(count)],
            "y": ["yes" if n % 3 == 0 else "no" for n in range(count)],
        }
    )


def plan_of(*steps, root=None, train=None, exclude=(), task="binary"):
    """The plan of these steps over the training rows."""
    contract = contract_of(COLUMNS, task=task, feature_steps=list(steps))
    return compile_plan(train_rows() if train is None else train, contract, root=root, exclude=exclude)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with a file of feature functions."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "signals.py").write_text(SIGNALS)
    return folder


EVERY_STEP = (
    {"make": "one_hot", "columns": ["job", "member"], "keep": True},
    {"make": "target_mean", "columns": ["job", "size"], "smoothing": 2, "keep": True},
    {"make": "cyclical", "columns": ["day"], "parts": ["month", "day", "weekday", "hour"], "keep": True},
    {"make": "elapsed", "columns": ["day", "until"], "name": "span"},
    {"make": "hashed_text", "columns": ["note"], "size": 8},
    {"make": "tfidf", "columns": ["note"], "size": 6},
    {"make": "custom", "columns": ["age", "limit"], "name": "burden", "function": "signals:burden"},
    {"make": "custom", "columns": ["job", "note"], "name": "busy", "function": "signals:busy"},
    {"make": "custom", "columns": ["day"], "name": "weekend", "function": "signals:weekend"},
    {"make": "read", "columns": ["age"], "missing": "impute", "beyond": "clip"},
    {"make": "read", "columns": ["limit"], "missing": "informative", "beyond": "bucket"},
    {"make": "read", "columns": ["job"], "missing": "impute", "beyond": "clip"},
    {"make": "read", "columns": ["size"], "missing": "impute", "beyond": "abstain"},
    {"make": "read", "columns": ["member"], "missing": "impute"},
)


@pytest.fixture(scope="module")
def plan(root):
    """A plan with every kind of step and policy."""
    return plan_of(*EVERY_STEP, root=root)


ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30))])
MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - zones come below
NUMBERS = st.none() | st.floats() | st.sampled_from([0.0, -0.0, 999.0, 25.0, 1e300])
TEXTS = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(
        ["admin", "adm.", "unknown", "never seen", "s", "l", "call me call", "NaN", " nurse ", "7"]
    )
)


def same(plan, frame):
    """Whether the matrix of a frame is, bit by bit, what each of its rows gives alone."""
    whole = matrix(plan, frame)
    encoder = RowEncoder(plan)
    alone = np.vstack([encoder.vector(row) for row in frame.iter_rows(named=True)])
    return np.array_equal(whole, alone, equal_nan=True)


@given(
    st.lists(
        st.tuples(NUMBERS, NUMBERS, st.none() | st.booleans(), TEXTS, TEXTS, TEXTS, MOMENTS, MOMENTS),
        min_size=1,
        max_size=6,
    ),
    ZONES,
)
def test_a_row_alone_gives_the_bits_it_gives_in_a_table(plan, rows, zone):
    """Nulls, NaN, infinities, unseen categories, odd text and time zones: one plan, one answer."""
    columns = dict(
        zip(
            ("age", "limit", "member", "job", "size", "note", "day", "until"),
            zip(*rows, strict=True),
            strict=True,
        )
    )
    moments = pl.Datetime("us", None if zone is None else "UTC")
    for name in ("day", "until"):
        column = [value if value is None else value.replace(tzinfo=zone) for value in columns[name]]
        columns[name] = pl.Series(
            column, dtype=moments if zone in {None, UTC} else pl.Datetime("us", "Asia/Kolkata")
        )
    types = {
        "age": pl.Float64,
        "limit": pl.Float64,
        "member": pl.Boolean,
        "job": pl.String,
        "size": pl.String,
        "note": pl.String,
    }
    frame = pl.DataFrame(
        {
            name: pl.Series(column, dtype=types[name]) if name in types else column
            for name, column in columns.items()
        }
    )
    assert same(plan, frame)


@given(
    st.lists(st.none() | st.integers(-(2**62), 2**62) | st.sampled_from([999, 25]), min_size=1, max_size=6)
)
def test_whole_numbers_with_gaps_read_alike_as_whole_numbers_and_as_text(plan, values):
    """Columns of integers, of dates and of nothing but text take the same way."""
    count = len(values)
    frame = pl.DataFrame(
        {
            "age": pl.Series(values, dtype=pl.Int64),
            "limit": pl.Series([None if value is None else str(value) for value in values], dtype=pl.String),
            "member": ["yes"] * count,
            "job": pl.Series(values, dtype=pl.Int64),
            "size": pl.Series([None] * count, dtype=pl.Null),
            "note": pl.Series(values, dtype=pl.Int64),
            "day": [date(2026, 1, 1)] * count,
            "until": ["2026-01-31T12:00:00+02:00"] * count,
        }
    )
    assert same(plan, frame)


def test_a_plan_with_steps_survives_its_stored_form(plan):
    """What is stored makes the same matrix, functions included: no code of the project is needed."""
    again = decode(encode(plan), FeaturePlan)
    assert again == plan
    assert np.array_equal(matrix(again, train_rows()), matrix(plan, train_rows()), equal_nan=True)
    assert again.digest == plan.digest


def test_a_plan_without_steps_is_stored_as_it_always_was():
    """Digests of plans from before steps existed still hold."""
    plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
    stored = '{"features":[{"categories":[],"fill":null,"kind":"number","missing":[],"name":"age",'
    stored += '"ordered":false,"parts":[],"replace":{}}],"left_out":{}}'
    assert encode(plan).decode() == stored
    assert plan.digest == digest_of({"features": plan.features, "left_out": {}})


def column(plan, name, frame):
    """One matrix column of a frame."""
    return matrix(plan, frame)[:, plan.names.index(name)]


def test_policies_say_what_missing_and_unseen_values_become(plan):
    """Imputed, clipped, put in the bucket, or left without an answer."""
    odd = train_rows(2).with_columns(
        pl.Series("age", [None, 500]),
        pl.Series("limit", [-3.0, 2.0]),
        pl.Series("job", [None, "astronaut"]),
        pl.Series("size", [None, "xxl"]),
    )
    ages = train_rows()["age"].drop_nulls()
    assert column(plan, "age", odd).tolist() == [ages.median(), ages.max()]
    assert np.isnan(column(plan, "limit", odd)).tolist() == [True, False]
    assert column(plan, "job", odd).tolist() == [0.0, 0.0]
    assert column(plan, "size", odd).tolist() == [1.0, np.inf]
    assert plan.abstains


def test_encoders_replace_the_plain_reading_unless_it_is_kept(root):
    """A one-hot category is not also a code."""
    names = plan_of({"make": "one_hot", "columns": ["job"], "size": 2}, root=root).names
    assert "job" not in names
    assert [name for name in names if name.startswith("job")] == ["job=admin", "job=nurse", "job="]


def test_one_hot_cells_know_the_rare_from_the_missing():
    """A level has its column, all others share one, a missing value has none."""
    plan = plan_of({"make": "one_hot", "columns": ["job"], "size": 1})
    frame = train_rows(5)
    assert [row.tolist() for row in matrix(plan, frame)[:, -2:]] == [[1, 0], [0, 1], [0, 0], [1, 0], [0, 1]]


def test_dates_stand_on_circles():
    """Midnight is near eleven in the evening; December is near January."""
    plan = plan_of({"make": "cyclical", "columns": ["day"], "parts": ["hour"]})
    hours = (
        train_rows(1)
        .drop("day")
        .join(pl.DataFrame({"day": [f"2026-01-01T{h:02}:00" for h in (0, 6, 23)]}), how="cross")
    )
    late = matrix(plan, hours)[:, -2:].round(2).tolist()
    assert late == [[0.0, 1.0], [1.0, 0.0], [-0.26, 0.97]]


def test_days_between_two_dates_count_from_the_first():
    """Half a day is half a day; without one of the dates there is no span."""
    plan = plan_of({"make": "elapsed", "columns": ["day", "until"], "name": "span"})
    frame = train_rows(2).with_columns(
        pl.Series("day", ["2026-01-01"] * 2), pl.Series("until", ["2026-01-02T12:00", None])
    )
    assert column(plan, "span", frame)[0] == 1.5
    assert np.isnan(column(plan, "span", frame)[1])


def test_words_that_stand_in_every_text_separate_nothing():
    """The vocabulary is made of terms that some texts lack."""
    train = train_rows().with_columns(pl.col("note").fill_null("x") + " thanks")
    plan = plan_of({"make": "tfidf", "columns": ["note"], "size": 100}, train=train)
    assert "thanks" not in plan.derived[0].levels
    assert "call" in plan.derived[0].levels


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_target_means_are_of_the_positive_or_of_every_class(task):
    """One column for yes, or one a class; unseen categories get the overall mean."""
    plan = plan_of({"make": "target_mean", "columns": ["job"], "smoothing": 0}, task=task)
    names = {"binary": ("job.mean",), "multiclass": ("job.mean.no", "job.mean.yes")}[task]
    assert plan.derived[0].outputs == names
    admins = train_rows().filter(pl.col("job") == "admin")
    rate = (admins["y"] == "yes").mean()
    frame = train_rows(2).with_columns(pl.Series("job", ["admin", "astronaut"]))
    overall = (train_rows()["y"] == "yes").mean()
    assert column(plan, names[-1], frame).tolist() == pytest.approx([rate, overall])


def test_a_step_that_reads_a_column_taken_out_goes_with_it(root):
    """A decision about a risk reaches what is made of the column."""
    burden = {"make": "custom", "columns": ["age", "limit"], "name": "burden", "function": "signals:burden"}
    plan = plan_of(burden, {"make": "one_hot", "columns": ["job", "size"]}, root=root, exclude=("age", "job"))
    assert plan.left_out["burden"] == "reads age, taken out by a decision about a risk"
    assert "size=m" in plan.names
    assert not any(name.startswith("job") for name in plan.names)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("signals:centred", "another value alone"),
        ("signals:previous", "another value alone"),
        ("signals:python", "calls back into Python"),
        ("signals:wrong_column", "reads y"),
        ("signals:raises", "raised NameError"),
        ("signals:number", "no Polars expression"),
        ("signals:nothing", "cannot be loaded"),
        ("nowhere:ratio", "not in the project"),
        ("signals:SCALE", "is no function"),
    ],
)
def test_functions_that_cannot_serve_are_refused(root, function, told):
    """What looks at other rows, runs code a value at a time, or is not there."""
    with pytest.raises(DataInvalid, match=told):
        plan_of({"make": "custom", "columns": ["age"], "name": "made", "function": function}, root=root)


def test_a_function_that_makes_no_number_is_refused(root):
    """The matrix holds numbers."""
    with pytest.raises(DataInvalid, match="cannot be computed"):
        plan_of(
            {"make": "custom", "columns": ["job"], "name": "made", "function": "signals:words"}, root=root
        )


def test_a_stored_function_names_its_source(plan):
    """The record says which function of which file it was."""
    (burden,) = [spec for spec in plan.derived if spec.outputs == ("burden",)]
    assert burden.function == "signals:burden"
    assert burden.source_digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('{"AnonymousFunction":{"input":[{"Column":"age"}]}}', "would run code"),
        ('{"Colunm":"age"}', "cannot be read"),
    ],
)
def test_a_stored_expression_that_is_none_is_rejected(plan, expression, told):
    """Bundles are loaded without trusting them."""
    text = encode(plan).decode()
    (burden,) = [spec for spec in plan.derived if spec.outputs == ("burden",)]
    spoiled = text.replace(encode(burden.expression).decode(), encode(expression).decode())
    with pytest.raises(BundleRejected, match=told):
        RowEncoder(decode(spoiled.encode(), FeaturePlan))


def test_training_rows_that_would_get_no_answer_stop_the_plan():
    """An evaluation over rows without answers would be unknown."""
    with pytest.raises(TrainingFailed, match="would get no answer"):
        plan_of({"make": "read", "columns": ["age"], "missing": "abstain"})


def test_a_plan_tells_what_is_made(plan):
    """The page lists derived features with their function."""
    text = plan.document().to_markdown()
    assert "custom (signals:burden)" in text
    assert "and 4 more" in text

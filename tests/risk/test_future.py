"""Time: what lies after the row, in its moments, its neighbours and its labels."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.contracts.data import Column, SplitPolicy
from modelwright.kernel.finding import Severity
from modelwright.risk.future_rows import FutureRowsCheck, window_fit
from modelwright.risk.future_value import FutureValueCheck
from modelwright.risk.label_delay import LabelDelayCheck

ROWS = SplitPolicy(policy="temporal", order="rows")
START = datetime.fromisoformat("2026-01-01")


def moments(days, rows=600):
    """One moment a row, `days` after the day of the row."""
    return [START + timedelta(days=row + float(days[row])) for row in range(rows)]


def dated(days, name="closed_at"):
    """A clean table with the moment of each row, and another one so many days later."""
    frame = clean_table().with_columns(
        pl.Series("opened_at", moments(np.zeros(600))), pl.Series(name, moments(days))
    )
    columns = {"opened_at": Column(type="datetime", role="time")}
    return view_of(frame, columns=columns, split=SplitPolicy(policy="temporal", time="opened_at"))


def with_label(view, **label):
    """The view with more said about the label."""
    data = view.contract.data
    told = data.label.model_copy(update=label)
    contract = view.contract.model_copy(update={"data": data.model_copy(update={"label": told})})
    return type(view)(
        **dict(view.parts),
        contract=contract,
        snapshot=view.snapshot,
        target=view.target,
        raw_rows=view.raw_rows,
    )


def test_a_moment_after_the_row_blocks():
    """A case is closed after it was opened."""
    risk = found(FutureValueCheck(), dated(np.ones(600)))["closed_at"]
    assert risk.finding.severity is Severity.HIGH
    assert risk.excludes == ("closed_at",)


def test_a_plan_is_a_question():
    """A due date is known on the day."""
    risk = found(FutureValueCheck(), dated(np.ones(600), name="due_date"))["due_date"]
    assert risk.finding.severity is Severity.MEDIUM
    assert risk.proposal == "accept"


def test_moments_before_the_row_are_quiet():
    """And so is a table without moments, or one wrong clock in a thousand rows."""
    assert found(FutureValueCheck(), dated(-np.ones(600))) == {}
    assert found(FutureValueCheck(), view_of(clean_table())) == {}
    assert found(FutureValueCheck(), dated(np.where(np.arange(600) == 7, 1, -1))) == {}


def test_dates_are_compared_by_the_day_and_zones_by_the_instant():
    """Noon is not later than its day."""
    noon = [moment + timedelta(hours=12) for moment in moments(np.zeros(600))]
    frame = clean_table().with_columns(
        day=pl.Series(moments(np.zeros(600))).cast(pl.Date),
        at=pl.Series(noon).dt.replace_time_zone("Europe/Vienna"),
    )
    columns = {"day": Column(type="datetime", role="time")}
    assert found(FutureValueCheck(), view_of(frame, columns=columns)) == {}


def test_a_label_known_before_its_features_is_told():
    """The outcome was known when the features were taken."""
    view = with_label(dated(-np.ones(600)), time="closed_at")
    assert "closed_at" in found(FutureValueCheck(), view)


@pytest.mark.parametrize(("gap", "told"), [("", True), ("3d", True), ("30d", False), ("label", False)])
def test_a_gap_shorter_than_the_delay_of_the_label_is_told(gap, told):
    """Labels come thirty days late."""
    split = SplitPolicy(policy="temporal", order="rows", gap=gap)
    view = with_label(view_of(clean_table(), split=split), delay="30d")
    assert bool(list(LabelDelayCheck().run(view))) == told


def test_an_unknown_delay_is_a_question():
    """By the name of the target; a split by chance has no before."""
    (risk,) = LabelDelayCheck().run(view_of(clean_table(), split=ROWS))
    assert risk.finding.question == "How long after the event is y known?"
    assert list(LabelDelayCheck().run(view_of(clean_table()))) == []
    steps = with_label(
        view_of(clean_table(), split=SplitPolicy(policy="temporal", order="rows", gap="5")), delay="9d"
    )
    assert list(LabelDelayCheck().run(steps)) == []


def walk(rows=900, *, seed=0):
    """A numeric target that wanders, with columns that know nothing of it."""
    chance = np.random.default_rng(seed)
    y = np.cumsum(chance.normal(size=rows)) * 0.2 + chance.normal(size=rows)
    return pl.DataFrame({"a": chance.normal(size=rows), "b": chance.normal(size=rows), "y": y})


@pytest.mark.parametrize(("shift", "told"), [(-3, True), (0, True), (1, False)])
@pytest.mark.parametrize("split", [ROWS, SplitPolicy(policy="random")])
def test_a_window_that_does_not_end_before_the_row_is_told(shift, told, split):
    """Centred, or ending with the row; one that ends before it is honest."""
    frame = walk()
    mean = frame["y"].rolling_mean(7, min_samples=1).shift(shift).fill_null(strategy="backward")
    view = view_of(
        frame.with_columns(recent=mean.fill_null(strategy="forward")), task="regression", split=split
    )
    # Under a split by chance one target in five is sealed: a window that ends with the row is then not exact.
    if shift == 0 and split is not ROWS:
        return
    assert ("recent" in found(FutureRowsCheck(), view)) == told


@pytest.mark.parametrize(
    ("name", "fill", "severity"),
    [("next_a", True, Severity.HIGH), ("other", False, Severity.HIGH), ("other", True, Severity.MEDIUM)],
)
def test_a_value_of_the_next_row_is_told(name, fill, severity):
    """By its name, by the empty last row, or as a question."""
    frame = walk()
    lead = frame["a"].shift(-1)
    view = view_of(
        frame.with_columns((lead.fill_null(0.0) if fill else lead).alias(name)), task="regression", split=ROWS
    )
    risk = found(FutureRowsCheck(), view)[name]
    assert risk.finding.severity is severity
    assert bool(risk.finding.question) == (severity is Severity.MEDIUM)


@pytest.mark.parametrize("name", ["previous_a", "other"])
def test_a_value_of_the_row_before_is_honest(name):
    """By its name or by the empty first row."""
    frame = walk()
    lag = frame["a"].shift(1)
    view = view_of(frame.with_columns(lag.alias(name)), task="regression", split=ROWS)
    assert found(FutureRowsCheck(), view) == {}


def test_neighbours_are_of_one_entity():
    """The next row of another customer is nobody's future."""
    frame = walk().with_columns(who=pl.Series(np.repeat(np.arange(45), 20)))
    ahead = pl.col("a").shift(-1).over("who")
    columns = {"who": Column(type="integer", role="group")}
    split = SplitPolicy(policy="group", group="who")
    view = view_of(frame.with_columns(lead=ahead), task="regression", split=split, columns=columns)
    assert set(found(FutureRowsCheck(), view)) == {"lead"}


@pytest.mark.parametrize("seed", range(4))
def test_columns_that_follow_the_target_are_no_windows(seed):
    """Noise, seasons and a column that is strongly, honestly, related: nothing is told."""
    chance = np.random.default_rng(seed)
    frame = walk(seed=seed).with_columns(
        season=pl.Series(np.sin(np.arange(900) / 5)),
        near=pl.col("y") + pl.Series(0.5 * chance.normal(size=900)),
    )
    view = view_of(frame, task="regression", split=ROWS)
    assert found(FutureRowsCheck(), view) == {}


def test_too_few_known_targets_explain_nothing():
    """Nor does a target that never changes."""
    nothing = np.zeros(300)
    every = np.ones(300, dtype=bool)
    entity = np.zeros(300, dtype=np.int64)
    assert window_fit(nothing, nothing, known=every, entity=entity) is None
    assert window_fit(nothing, np.arange(300.0), known=np.arange(300) < 50, entity=entity) is None
    assert window_fit(nothing, np.arange(300.0), known=every, entity=np.arange(300)) is None

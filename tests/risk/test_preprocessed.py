"""Preprocessing before the split, and refitting inside the folds."""

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.kernel.errors import UserFault
from modelwright.kernel.finding import Severity
from modelwright.risk.preprocessed import PreprocessedCheck, encoding_fit
from modelwright.risk.refit import refit_gap


def scaled(frame, rows):
    """Numbers standardised by these rows."""
    numbers = pl.col(pl.Float64)
    fitted = frame[rows].select(numbers)
    return frame.with_columns(
        (pl.col(name) - fitted[name].mean()) / fitted[name].std() for name in fitted.columns
    )


def test_columns_scaled_over_all_rows_are_told():
    """Mean zero and spread one over all rows, and not over training rows."""
    view = view_of(scaled(clean_table(), np.arange(600)))
    assert set(found(PreprocessedCheck(), view)["scaled"].columns) == {f"x{place}" for place in range(6)}


def test_columns_scaled_on_training_rows_are_honest():
    """As the feature plan does it."""
    frame = clean_table().with_row_index("at")
    train = view_of(frame).train["at"].to_numpy()
    assert found(PreprocessedCheck(), view_of(scaled(frame.drop("at"), train))) == {}


def test_principal_components_of_all_rows_are_told():
    """Uncorrelated to the last digit over all rows."""
    chance = np.random.default_rng(0)
    x = chance.normal(size=(500, 4)) @ chance.normal(size=(4, 4)) * 3
    _, _, turn = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    parts = (x - x.mean(axis=0)) @ turn.T + 5
    frame = pl.DataFrame(parts, schema=list("abcd")).with_columns(
        y=pl.Series(chance.choice(["no", "yes"], 500))
    )
    assert len(found(PreprocessedCheck(), view_of(frame))["scaled"].columns) >= 2


def test_gaps_filled_with_the_mean_of_all_rows_are_told():
    """A value no row would have, held by many."""
    chance = np.random.default_rng(1)
    x = chance.lognormal(size=600)
    gap = chance.random(600) < 0.1
    x[gap] = x[~gap].mean()
    view = view_of(clean_table().with_columns(filled=pl.Series(x)))
    assert found(PreprocessedCheck(), view)["filled in"].columns == ("filled",)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_category_encoded_by_its_targets_blocks(task):
    """Each value is the mean target of its rows."""
    frame = clean_table(2_400, task=task)
    town = np.random.default_rng(2).integers(0, 80, 2_400)
    y = frame["y"].to_numpy() if task == "regression" else (frame["y"] == frame["y"].max()).to_numpy() * 1.0
    means = np.bincount(town, weights=y) / np.bincount(town)
    risk = found(PreprocessedCheck(), view_of(frame.with_columns(town=pl.Series(means[town])), task=task))[
        "town"
    ]
    assert risk.finding.severity is Severity.HIGH
    assert risk.excludes == ("town",)


def test_an_honest_score_is_no_encoding_in_ten_thousand_columns():
    """Values that were known before the targets deviate as chance would have it: p is uniform."""
    chance = np.random.default_rng(3)
    drawn = []
    for _ in range(400):
        rate = np.sort(chance.beta(2, 5, 40))
        town = chance.integers(0, 40, 1_500)
        fit = encoding_fit(rate[town], (chance.random(1_500) < rate[town]) * 1.0)
        drawn.append(fit[1] if fit else 0.5)
    assert min(drawn) > 1e-5
    assert 0.005 <= np.mean(np.array(drawn) < 0.05) <= 0.12


def chosen(frame, y, learn):
    """The ten of all columns that go best with the target on these rows."""
    x = frame.to_numpy()
    r = np.abs([np.corrcoef(x[learn, place], y[learn])[0, 1] for place in range(x.shape[1])])
    return frame.select([frame.columns[place] for place in np.argsort(-r)[:10]])


def test_choosing_columns_by_all_targets_is_measured():
    """Noise looks like signal until the choice is made inside the folds."""
    chance = np.random.default_rng(4)
    frame = pl.DataFrame(chance.normal(size=(160, 400)), schema=[f"gene_{n}" for n in range(400)])
    y = (chance.random(160) < 0.5) * 1.0
    gap = refit_gap(chosen, frame, y, classes=2, seed=7)
    assert gap.leaks
    assert gap.everywhere > gap.inside + 0.2


def test_a_step_must_keep_every_row():
    """Or nobody knows which feature is whose."""
    with pytest.raises(UserFault, match="gave 5 rows for 160"):
        refit_gap(
            lambda frame, _, __: frame.head(5),
            pl.DataFrame({"x": range(160)}),
            np.arange(160) % 2.0,
            classes=2,
            seed=7,
        )

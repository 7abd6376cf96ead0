"""Target means in training: no row sees its own target, nor do rows a fold holds out lend theirs."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import contract_of

from modelwright.features.out_of_fold import target_columns
from modelwright.features.plan import compile_plan
from modelwright.features.transform import matrix

COLUMNS = {"job": {"type": "category"}, "x": {"type": "number"}, "y": {"type": "category", "role": "target"}}


def built(jobs, targets, *, smoothing=0):
    """The plan, the matrix and the means of a small table."""
    train = pl.DataFrame({"job": jobs, "x": [float(n) for n in range(len(jobs))], "y": targets})
    step = {"make": "target_mean", "columns": ["job"], "smoothing": smoothing}
    contract = contract_of(COLUMNS, feature_steps=[step])
    plan = compile_plan(train, contract)
    return plan, matrix(plan, train), target_columns(plan, train, contract, seed=3)


rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["yes", "no"])), min_size=12, max_size=30)


@given(rows=rows, changed=st.integers(0, 11))
def test_the_own_target_of_a_row_does_not_move_its_mean(rows, changed):
    """Whatever the label of a row, what it is encoded as in a fit stays."""
    jobs, targets = (list(column) for column in zip(*rows, strict=True))
    jobs[:6] = ["a", "b", "c", "a", "b", "c"]
    everything = np.arange(len(jobs))
    _, x, means = built(jobs, targets)
    targets[changed] = "no" if targets[changed] == "yes" else "yes"
    _, again, others = built(jobs, targets)
    assert means.fitted(x, everything)[changed].tolist() == others.fitted(again, everything)[changed].tolist()


@given(rows=rows)
def test_rows_held_out_lend_nothing_to_those_that_are_fitted(rows):
    """Labels of held-out rows change neither the rows of the fit nor what they are scored by."""
    jobs, targets = (list(column) for column in zip(*rows, strict=True))
    jobs[:6] = ["a", "b", "c", "a", "b", "c"]
    fit, held = np.arange(8), np.arange(8, len(jobs))
    _, x, means = built(jobs, targets)
    for place in held:
        targets[place] = "yes"
    _, again, others = built(jobs, targets)
    assert np.array_equal(means.fitted(x, fit), others.fitted(again, fit))
    assert np.array_equal(means.held_out(x, held, fit=fit), others.held_out(again, held, fit=fit))


def test_held_out_rows_get_the_means_of_the_fit():
    """Half of the a's said yes; b was never seen and gets the overall mean."""
    _, x, means = built(list("aaaabb"), ["yes", "no", "yes", "no", "no", "no"])
    held = means.held_out(x, np.array([4, 5]), fit=np.array([0, 1, 2, 3]))
    assert held[:, -1].tolist() == [0.5, 0.5]
    assert means.fitted(x, np.arange(4)).shape == (4, 2)


def test_what_is_served_is_the_mean_over_all_rows():
    """The matrix of the plan itself holds the means the server uses."""
    _, x, _ = built(list("aabb"), ["yes", "no", "no", "no"], smoothing=2)
    assert x[:, -1].tolist() == pytest.approx([(1 + 2 * 0.25) / 4] * 2 + [(0 + 2 * 0.25) / 4] * 2)


def test_a_plan_without_target_means_needs_no_folds():
    """Nothing is computed where nothing is asked for."""
    train = pl.DataFrame({"job": list("abab"), "x": [1.0, 2.0, 3.0, 4.0], "y": ["no", "yes"] * 2})
    contract = contract_of(COLUMNS)
    assert target_columns(compile_plan(train, contract), train, contract, seed=0) is None

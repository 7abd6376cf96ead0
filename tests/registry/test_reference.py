"""Reference profiles: what bins mean, and that live counts mean the same."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.bundles import ROW

from modelwright.features.transform import RowEncoder, matrix
from modelwright.registry.reference import LONGEST_LIST, bin_of, build_reference, number_sketch, text_sketch
from modelwright.serving.sketch import counts_of

numbers = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")) | st.integers(0, 3).map(float), max_size=60)


@given(numbers, st.floats(allow_nan=False, allow_infinity=True))
def test_every_number_has_a_bin(values, value):
    """Bins are open at both ends, so that nothing falls outside."""
    sketch = number_sketch("x", np.array(values, dtype=np.float64))
    assert len(sketch.counts) == len(sketch.edges) + 1
    assert list(sketch.edges) == sorted(set(sketch.edges))
    assert sketch.rows == len(values)
    assert 0 <= bin_of(sketch, value) < len(sketch.counts)


@given(numbers)
def test_counting_by_bin_is_counting_at_once(values):
    """`bin_of` is the definition; the arrays follow it."""
    sketch = number_sketch("x", np.array(values, dtype=np.float64))
    counted = [0] * len(sketch.counts)
    for value in values:
        place = bin_of(sketch, value)
        if place is not None:
            counted[place] += 1
    assert tuple(counted) == sketch.counts


def test_no_bin_of_a_number_is_empty_without_need():
    """Many equal values share one bin instead of making empty ones."""
    sketch = number_sketch("x", np.array([0.0] * 90 + [1.0, 2.0, 3.0] * 3 + [9.0]))
    assert all(sketch.counts)


def test_rare_categories_count_as_other():
    """The list of names is bounded; what it leaves out is still counted."""
    values = [f"c{index:03d}" for index in range(LONGEST_LIST + 10)] * 2 + [None]
    sketch = text_sketch("job", values)
    assert len(sketch.categories) == LONGEST_LIST
    assert sketch.counts[-1] == 20
    assert sketch.nulls == 1
    assert bin_of(sketch, "c059") == bin_of(sketch, "never seen") == LONGEST_LIST
    assert bin_of(sketch, None) is None
    assert bin_of(sketch, " ") is None


def test_a_reference_counts_what_the_model_reads(made, bundle):
    """Codes that mean missing are nulls; dates are left out; answers are there too."""
    reference = bundle.reference
    assert {sketch.name for sketch in reference.features} == {"age", "gap", "job", "channel", "member"}
    assert (
        reference.feature("gap").nulls
        == made.train.filter(pl.col("gap").is_null() | (pl.col("gap") == 999)).height
    )
    assert reference.feature("member").categories in {("false", "true"), ("true", "false")}
    assert all(sketch.rows == reference.rows for sketch in reference.features)
    assert reference.scores.rows == reference.confidence.rows == reference.predictions.rows == reference.rows
    assert set(reference.predictions.categories) == {"no", "yes"}


def test_live_counts_of_the_training_rows_equal_the_reference(made, bundle):
    """The same rows, counted by the server, give the same numbers."""
    plan = bundle.pipeline.plan
    live = counts_of(bundle.reference, plan, matrix(plan, made.train))
    for sketch in bundle.reference.features:
        assert live[sketch.name].counts == sketch.counts
        assert live[sketch.name].nulls == sketch.nulls


def test_an_unseen_category_and_a_code_are_counted_where_they_belong(bundle):
    """Unseen is other, a code for missing is missing."""
    plan = bundle.pipeline.plan
    x = RowEncoder(plan).vector({**ROW, "job": "astronaut", "gap": 999})
    live = counts_of(bundle.reference, plan, x)
    assert live["job"].counts[-1] == 1
    assert live["gap"].nulls == 1


def test_a_regression_has_no_confidence(tmp_path):
    """There is no highest probability of a value."""
    from tests.registry.bundles import Made

    made = Made(tmp_path, task="regression")
    reference = build_reference(made.pipeline, made.train)
    assert reference.confidence is None
    assert reference.predictions is None

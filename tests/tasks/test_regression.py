"""Regression targets: a number in its own unit."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.regression import REGRESSION


def described(values, primary="rmse"):
    """The target these values describe."""
    contract = contract_of(CALLS, task="regression", primary=primary)
    return REGRESSION.describe_target(pl.Series("y", values), contract)


def test_the_prior_is_the_median():
    """What is said without a model."""
    spec = described([1, 2, 9])
    assert spec.prior == (2.0,)
    assert spec.classes == ()
    assert REGRESSION.outputs(spec) == 1


def test_only_a_metric_of_absolute_error_allows_another_scale():
    """The median survives a change of scale, the mean does not."""
    skewed = [1.0] * 50 + [1000.0]
    assert described(skewed, primary="mae").transform == "log1p"
    assert described(skewed).transform == "identity"
    assert described([-1.0, *skewed], primary="mae").transform == "identity"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a", "b"], "are not numbers"),
        ([3.0, 3.0], "all rows have the value 3"),
        ([1.0, float("inf"), 2.0], "1 values are infinite"),
        ([1.0, None, 2.0], "empty in 1 of 3 rows"),
        ([1.0, float("nan"), 2.0], "empty in 1 of 3 rows"),
    ],
)
def test_a_target_that_is_no_number_is_refused(values, told):
    """Each with its reason."""
    with pytest.raises(DataInvalid, match=told):
        described(values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decoding_undoes_encoding(values):
    """Values stay in their own unit."""
    spec = described([1.0, 2.0])
    assert REGRESSION.decode(spec, REGRESSION.encode(pl.Series("y", values), spec)).to_list() == values


def test_an_empty_label_cannot_be_encoded():
    """A score against nothing is no score."""
    with pytest.raises(DataInvalid, match="holds values that are no number"):
        REGRESSION.encode(pl.Series("y", [1.0, None]), described([1.0, 2.0]))

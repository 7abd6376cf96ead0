"""Multiclass targets: one of several classes."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.multiclass import MULTICLASS

CONTRACT = contract_of(CALLS, task="multiclass")


def described(values):
    """The target these values describe."""
    return MULTICLASS.describe_target(pl.Series("y", values), CONTRACT)


def test_numbers_are_ordered_by_value_and_text_by_letters():
    """10 comes after 9, not after 1."""
    assert described([10, 9, 3]).classes == ("3", "9", "10")
    assert described(["b", "a", "c"]).classes == ("a", "b", "c")


def test_the_prior_is_the_share_of_each_class():
    """In the order of the classes."""
    spec = described(["a", "b", "b", "c"])
    assert spec.prior == (0.25, 0.5, 0.25)
    assert MULTICLASS.outputs(spec) == 3
    assert spec.positive is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a", "a"], "all rows have the class 'a'"),
        (["a", "b"], "only 2 classes"),
        ([str(n) for n in range(1200)], "1200 distinct values are not classes"),
        (["a", "b", "c", None], "empty in 1 of 4 rows"),
    ],
)
def test_a_target_that_is_no_multiclass_target_is_refused(values, told):
    """Each with its reason."""
    with pytest.raises(DataInvalid, match=told):
        described(values)


@given(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1))
def test_decoding_undoes_encoding(values):
    """What stood in the column comes back."""
    spec = described(["x", "y", "z"])
    assert MULTICLASS.decode(spec, MULTICLASS.encode(pl.Series("y", values), spec)).to_list() == values

"""Binary targets: two classes, one of which triggers the action."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.binary import BINARY


def described(values, positive="yes"):
    """The target these values describe."""
    return BINARY.describe_target(pl.Series("y", values), contract_of(CALLS, positive=positive))


def test_the_positive_class_of_the_contract_comes_second():
    """Column 1 of the scores belongs to the class that triggers the action."""
    spec = described(["yes", "no", "no", "no"])
    assert spec.classes == ("no", "yes")
    assert spec.prior == (0.75, 0.25)
    assert BINARY.outputs(spec) == 2


@pytest.mark.parametrize(
    ("values", "positive", "classes"),
    [([0, 1, 0], "1", ("0", "1")), ([True, False], "true", ("false", "true")), ([1.0, 2.0], "1", ("2", "1"))],
)
def test_classes_are_text_whatever_the_column_holds(values, positive, classes):
    """Numbers and booleans are named as they are written."""
    assert described(values, positive).classes == classes


def test_a_target_of_one_class_is_refused():
    """There is nothing to tell apart."""
    with pytest.raises(DataInvalid, match="all rows have the class 'yes'"):
        described(["yes", "yes"])


def test_all_faults_of_a_target_arrive_together():
    """Empty values, a third class and an unknown positive class are three faults."""
    with pytest.raises(DataInvalid) as caught:
        described(["yes", None, "no", "perhaps"], positive="yse")
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) == 3
    assert "empty in 1 of 4 rows (first: row 1)" in told[0]
    assert "3 classes, not 2" in told[1]
    assert "did you mean 'yes'?" in told[2]


def test_a_contract_without_a_positive_class_is_told_to_name_one():
    """Which class matters is not guessed behind the user's back."""
    with pytest.raises(DataInvalid, match=r"prediction\.positive is not set"):
        described(["yes", "no"], positive=None)


def test_a_full_stop_makes_another_class():
    """Spellings are united in the contract, never silently here."""
    with pytest.raises(DataInvalid, match="3 classes, not 2"):
        described([">50K", ">50K.", "<=50K"], positive=">50K")


@given(st.lists(st.sampled_from(["no", "yes"]), min_size=1, max_size=50))
def test_decoding_undoes_encoding(values):
    """What stood in the column comes back."""
    spec = described(["no", "yes"])
    encoded = BINARY.encode(pl.Series("y", values), spec)
    assert encoded.dtype == np.float64
    assert BINARY.decode(spec, encoded).to_list() == values


def test_an_unknown_label_is_refused_by_name():
    """The nearest class is offered."""
    with pytest.raises(DataInvalid, match="'yess' is not a class; did you mean 'yes'"):
        BINARY.encode(pl.Series("y", ["yess", None]), described(["no", "yes"]))

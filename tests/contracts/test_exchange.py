"""Adopting promises: ours stays ours, theirs comes in, and contradictions are refused."""

import pytest
from tests.data.tables import CALLS, contract_of

from modelwright.contracts.exchange import Promises, adopt, whole_pattern
from modelwright.kernel.errors import ContractInvalid


def test_promises_come_in_and_roles_stay():
    """A new column is context, never a feature; the type we gave stays."""
    contract = contract_of(CALLS, checks=["age > 0"])
    promises = Promises(
        columns={"age": {"type": "number", "range": (18, None)}, "pay": {"type": "number", "nulls": False}},
        checks=("age > 0", "pay >= 0"),
        data={"grain": "one row per call"},
    )
    made = adopt(contract, promises)
    assert made.data.columns["age"].type == "integer"
    assert made.data.columns["age"].range == (18, None)
    assert made.data.columns["pay"].role == "context"
    assert made.data.checks == ("age > 0", "pay >= 0")
    assert made.data.grain == "one row per call"
    assert made.data.features == ("age", "job")


def test_what_contradicts_our_contract_is_refused():
    """With every fault, by its place."""
    contract = contract_of(CALLS)
    with pytest.raises(ContractInvalid, match="agee"):
        adopt(contract, Promises(checks=("agee > 3",)))
    with pytest.raises(ContractInvalid, match=r"data\.columns\.age"):
        adopt(contract, Promises(columns={"age": {"range": "wide"}}))


@pytest.mark.parametrize(
    ("pattern", "searched", "whole"),
    [
        ("^a$", True, "a"),
        ("a", False, "(?:a)(?s:.*)"),
        ("a$", True, "(?s:.*)(?:a)"),
        ("^a|b$", True, "(?:a|b)"),
        ("^(?:a|b)$", True, "a|b"),
        ("^(?:a)|(?:b)$", True, "(?:(?:a)|(?:b))"),
        (r"a\$", True, r"(?s:.*)(?:a\$)(?s:.*)"),
    ],
)
def test_a_pattern_of_others_stands_for_the_whole_text(pattern, searched, whole):
    """Whether it was searched for or stood at the start."""
    assert whole_pattern(pattern, searched=searched) == whole

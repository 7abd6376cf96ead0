"""Amendments: what changed, why, and whether it came late."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.calls import CALLS, spoiled

from modelwright.contracts.amendment import amend, differences
from modelwright.contracts.reading import parse_contract
from modelwright.kernel.errors import UserFault

BEFORE = parse_contract(CALLS)
AFTER = parse_contract(
    spoiled(
        ("0.75", "0.65"), ("    phone: {type: text, role: context, pii: direct}\n", ""), ("no: 8", "no: 5")
    )
)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_value_that_differs_is_named_by_its_path():
    """With what it was and what it is."""
    changes = {change.path: (change.before, change.after) for change in differences(BEFORE, AFTER)}
    assert changes["decision.mistakes.wrong_no"] == ("8.0", "5.0")
    assert changes["data.columns.phone"][1] == ""
    assert '"type":"text"' in changes["data.columns.phone"][0]
    assert "0.65" in changes["gates.lines"][1]
    assert set(changes) == {"decision.mistakes.wrong_no", "data.columns.phone", "gates.lines"}
    (back,) = (change for change in differences(AFTER, BEFORE) if change.path == "data.columns.phone")
    assert back.before == ""


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_contracts_differ_exactly_when_their_digests_do(one, other):
    """No silent change, no change without a difference."""
    first, second = (
        BEFORE.model_copy(
            update={
                "decision": BEFORE.decision.model_copy(
                    update={"mistakes": BEFORE.decision.mistakes.model_copy(update={"wrong_no": cost})}
                )
            }
        )
        for cost in (one, other)
    )
    assert (first.digest == second.digest) == (differences(first, second) == ())


def test_an_amendment_keeps_both_digests_and_the_reason():
    """It replaces nothing; it is added."""
    made = amend(BEFORE, AFTER, reason=" budget was cut ", by="person lead", at=MOMENT, late=False)
    assert (made.before, made.after, made.reason) == (BEFORE.digest, AFTER.digest, "budget was cut")
    assert "made after" not in made.document().to_markdown()


def test_a_late_amendment_says_so_on_every_page():
    """After results could be known, a line may have been moved to fit them."""
    made = amend(BEFORE, AFTER, reason="budget was cut", by="person lead", at=MOMENT, late=True)
    assert "late: made after results could be known" in made.document().to_markdown()
    assert "wrong_no" in made.document().to_html()


def test_an_amendment_needs_a_change_and_a_reason():
    """Both refusals say what to do."""
    with pytest.raises(UserFault, match=r"edit contract\.yaml first"):
        amend(BEFORE, BEFORE, reason="none needed", by="person lead", at=MOMENT, late=False)
    with pytest.raises(UserFault, match="has no reason"):
        amend(BEFORE, AFTER, reason=" ", by="person lead", at=MOMENT, late=False)

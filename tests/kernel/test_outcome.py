"""Outcomes: three answers, and only one of them opens a door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.outcome import Outcome, Status, overall

OUTCOMES = st.lists(st.builds(Outcome, status=st.sampled_from(Status), what=st.text(max_size=5)), max_size=6)


def test_only_a_pass_allows():
    """Unknown blocks like a failure."""
    allowed = {status: Outcome(status=status, what="x").allows for status in Status}
    assert allowed == {Status.PASSED: True, Status.FAILED: False, Status.UNKNOWN: False}


def test_an_outcome_is_no_boolean():
    """`if outcome:` would make unknown true."""
    with pytest.raises(TypeError, match="three answers"):
        bool(Outcome(status=Status.PASSED, what="x"))


@given(OUTCOMES)
def test_the_whole_passes_only_when_every_part_does(outcomes):
    """And nothing checked is unknown."""
    whole = overall(outcomes, what="gates")
    statuses = {outcome.status for outcome in outcomes}
    assert whole.allows == (statuses == {Status.PASSED})
    assert (whole.status is Status.FAILED) == (Status.FAILED in statuses)


@given(OUTCOMES)
def test_the_order_of_the_parts_does_not_matter(outcomes):
    """For the answer; the evidence is in order of reading."""
    assert overall(outcomes, what="x").status is overall(outcomes[::-1], what="x").status


def test_the_whole_names_the_parts_that_did_not_pass():
    """Failures first."""
    parts = [
        Outcome(status=status, what=status.value) for status in (Status.UNKNOWN, Status.PASSED, Status.FAILED)
    ]
    assert overall(parts, what="gates").evidence == ("failed: failed", "unknown: unknown")
    assert overall(parts[1:2], what="gates").evidence == ("1 of 1 passed",)

"""The twelve phases and how they are announced."""

import pytest

from modelwright.kernel.errors import UnknownName
from modelwright.workflow.phases import PHASES, announcement, phase_of


def test_there_are_twelve_phases_in_order():
    """Numbers run from 1 to 12 without a gap."""
    assert [phase.number for phase in PHASES] == list(range(1, 13))


@pytest.mark.parametrize("number", range(1, 12))
def test_an_announcement_names_the_phase_and_the_next_one(number):
    """Two lines, exactly as required."""
    first, second = announcement(number).splitlines()
    assert first == f"Phase {number} of 12: {PHASES[number - 1].name}"
    assert second == f"Next: Phase {number + 1} - {PHASES[number].name}"


def test_the_last_phase_announces_that_it_is_done():
    """After phase 12 there is nothing."""
    assert announcement(12) == "Phase 12 of 12: Summary\nNext: Done!"


def test_people_are_asked_after_1_3_4_5_6_and_10():
    """The approvals of the guided run."""
    assert [phase.number for phase in PHASES if phase.needs_answer] == [1, 3, 4, 5, 6, 10]


def test_phases_from_7_on_are_locked_until_the_design_is_approved():
    """Implementation and evaluation need an approved design."""
    assert [phase.number for phase in PHASES if phase.locked_until_design] == [7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize("number", [0, 13, -1])
def test_a_phase_that_does_not_exist_is_refused(number):
    """The message says what there is."""
    with pytest.raises(UnknownName, match="1 to 12"):
        phase_of(number)

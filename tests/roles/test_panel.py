"""Panels await all their members and lose none silently."""

import pytest

from modelwright.kernel.errors import DataInvalid, WorldFault
from modelwright.roles.panel import call_all


def broken():
    """A member that fails for a reason a person can read."""
    raise DataInvalid("no rows")


def test_a_lost_member_is_named_beside_the_reports_of_the_others():
    """Two of three answered."""
    panel = call_all({"a": lambda: 1, "b": broken, "c": lambda: 3}, quorum=2)
    assert dict(panel.reports) == {"a": 1, "c": 3}
    assert panel.lost == {"b": "no rows."}


def test_too_few_answers_stop_the_phase():
    """The quorum is enforced, and the loss is named."""
    with pytest.raises(WorldFault, match="b: no rows"):
        call_all({"a": lambda: 1, "b": broken}, quorum=2)

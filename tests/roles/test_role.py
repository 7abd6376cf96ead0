"""The registry of roles."""

import pytest

from modelwright.kernel.errors import UnknownName
from modelwright.roles.role import ROLES, role_of


def test_there_are_twelve_roles_with_distinct_names():
    """The roles of both role families, without doubles."""
    assert len({role.id for role in ROLES}) == 12


def test_exactly_one_role_writes_and_only_from_phase_7_on():
    """One writing hand, and none before the design is approved."""
    (writer,) = [role for role in ROLES if role.writes]
    assert writer.id == "ml-writer"
    assert min(writer.phases) == 7


def test_an_unknown_role_offers_the_nearest():
    """A typo is answered with the name that was meant."""
    with pytest.raises(UnknownName, match="ml-architect"):
        role_of("ml-archtect")

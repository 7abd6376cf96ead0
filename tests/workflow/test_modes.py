"""Modes are data: who is called and what is delivered."""

import pytest

from modelwright.kernel.errors import UnknownName
from modelwright.roles.role import ROLES
from modelwright.workflow.modes import MODES, mode_of


def test_modes_call_three_five_and_seven_roles():
    """Larger modes call more roles."""
    assert [len(mode.roles) for mode in MODES] == [3, 5, 7]


def test_every_mode_delivers_contract_baseline_gates_and_rollback_note():
    """These are mandatory whatever the mode."""
    for mode in MODES:
        assert {
            "prediction contract",
            "data contract",
            "baseline",
            "promotion gates",
            "rollback note",
        } <= set(mode.deliverables)


def test_every_role_of_a_mode_is_in_the_registry_and_says_so():
    """Mode and registry agree on who takes part."""
    modes_of = {role.id: role.modes for role in ROLES}
    for mode in MODES:
        for role in mode.roles:
            assert mode.name in modes_of[role]


def test_an_unknown_mode_offers_the_nearest():
    """A typo is answered with the name that was meant."""
    with pytest.raises(UnknownName, match="did you mean 'enterprise'"):
        mode_of("enterprize")

"""Actors: one person is one person, however the name is spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.authority.actor import Actor, ActorKind, folded


@pytest.mark.parametrize(
    "spelled",
    [
        "LEAD",
        " lead ",
        "lead\u00a0",
        "\uff4c\uff45\uff41\uff44",
        "l\u0435ad",
        "le\u0430d",
        "l\u200bead",
        "\u202elead",
        "1ead",
        "l\u00e9ad",
        "Iead",
    ],
)
def test_a_name_that_reads_like_another_is_that_other(spelled):
    """Case, spaces, width, accents, letters of other scripts, invisible marks."""
    one, other = (Actor(kind=ActorKind.PERSON, name=name) for name in ("lead", spelled))
    assert one.is_same_as(other)


def test_different_names_are_different_people():
    """Folding does not make everybody the same."""
    assert len({folded(name) for name in ("lead", "second", "auditor", "owner", "reviewer")}) == 5


@given(st.text(max_size=30))
def test_folding_is_done_after_once(name):
    """A folded name folds to itself."""
    assert folded(folded(name)) == folded(name)

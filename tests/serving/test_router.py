"""Routing: fair shares, faithful clients, whole files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.serving.router import Routing, arm_of, read_routing, write_routing


@given(st.text(max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_who_is_with_the_challenger_stays_as_the_share_grows(key, one, other):
    """Nobody goes back and forth during a rollout."""
    small, large = sorted((one, other))
    if arm_of(Routing(champion="v1", challenger="v2", share=small), key) == "challenger":
        assert arm_of(Routing(champion="v1", challenger="v2", share=large), key) == "challenger"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_challenger_gets_its_share(share):
    """Within four standard deviations of a fair draw."""
    routing = Routing(champion="v1", challenger="v2", share=share)
    hits = sum(arm_of(routing, f"client {index}") == "challenger" for index in range(4000))
    assert abs(hits - 4000 * share) <= 4 * (4000 * share * (1 - share)) ** 0.5


def test_another_rollout_asks_other_clients_first():
    """The salt moves who is in the first tenth."""
    chosen = [
        {
            key
            for key in map(str, range(2000))
            if arm_of(Routing(champion="v1", challenger="v2", share=0.1, salt=salt), key) == "challenger"
        }
        for salt in ("one", "two")
    ]
    assert len(chosen[0] & chosen[1]) < 60


def test_a_routing_that_cannot_be_followed_is_refused_with_every_fault(tmp_path):
    """The old file stays."""
    path = tmp_path / "routing.json"
    write_routing(path, Routing(champion="v1"))
    with pytest.raises(UserFault) as caught:
        write_routing(path, Routing(champion="", share=1.5))
    assert [fault.where for fault in caught.value.faults] == ["share", "share", "champion"]
    with pytest.raises(UserFault, match="v1 is the champion"):
        write_routing(path, Routing(champion="v1", challenger="v1"))
    assert read_routing(path) == Routing(champion="v1")


def test_a_missing_or_broken_routing_is_an_integrity_fault(tmp_path):
    """Nobody guesses who answers."""
    path = tmp_path / "routing.json"
    with pytest.raises(IntegrityBroken, match="cannot be read"):
        read_routing(path)
    path.write_text('{"champion": 1}')
    with pytest.raises(IntegrityBroken):
        read_routing(path)
    path.write_text('{"champion": "v1", "share": 0.5}')
    with pytest.raises(UserFault):
        read_routing(path)

"""The page of the adversary: written from the attacks, and current; every attack has its sentence."""

import pytest
from tools.adversary_page import ATTACKS, PAGE, attacks, groups, page

LEAST = 40
"""Attacks there have to be."""


def test_the_page_says_what_the_attacks_say():
    """`python -m tools.adversary_page` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("path", sorted(ATTACKS.glob("test_*.py")), ids=lambda path: path.stem)
def test_every_attack_says_how_it_fails(path):
    """Its name is what is tried; its sentence is what becomes of it."""
    assert [name for name, told in attacks(path) if not told] == []


def test_there_are_enough_attacks():
    """Fewer would leave a kind of adversary out."""
    assert sum(len(found) for _, found in groups()) >= LEAST

"""The sealed box: closed with the public key, opened by the scorer alone, the same bytes each time."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.sealed_box import OWN_BYTES, OwnSeal, PublicSeal
from modelwright.kernel.errors import IntegrityBroken

OWN = OwnSeal(bytes(range(OWN_BYTES)))
PROJECT = Seal(bytes(KEY_BYTES))
LABELS = pl.DataFrame({"row_id": [4, 7, 9], "y": ["no", "yes", "no"]})


@given(st.lists(st.sampled_from(["no", "yes"]), min_size=1, max_size=40))
def test_what_was_closed_is_what_is_opened(labels):
    """And closing it again gives the same bytes, so that a snapshot keeps its digest."""
    frame = pl.DataFrame({"row_id": range(len(labels)), "y": labels})
    seal = PublicSeal(OWN.public, project=PROJECT)
    data = seal.close(frame)
    assert OWN.open(data).equals(frame)
    assert seal.close(frame) == data
    assert seal.seal_id == OWN.seal_id


def test_other_projects_and_other_labels_give_other_bytes():
    """Nobody sees that two projects hold the same labels."""
    seal = PublicSeal(OWN.public, project=PROJECT)
    other = PublicSeal(OWN.public, project=Seal(bytes([1]) * KEY_BYTES))
    assert seal.close(LABELS) != other.close(LABELS)
    assert seal.close(LABELS) != seal.close(LABELS.reverse())
    assert b"yes" not in seal.close(LABELS)


@pytest.mark.parametrize("place", [0, 9, 30, 60, -1])
def test_a_changed_byte_is_found(place):
    """In the name, the one-time key or the labels."""
    data = bytearray(PublicSeal(OWN.public, project=PROJECT).close(LABELS))
    data[place] ^= 1
    with pytest.raises(IntegrityBroken):
        OWN.open(bytes(data))


def test_another_scorer_cannot_open_it():
    """Nor can the project's own seal, nor is anything else a box."""
    data = PublicSeal(OWN.public, project=PROJECT).close(LABELS)
    with pytest.raises(IntegrityBroken, match="sealed for another scorer"):
        OwnSeal(bytes(OWN_BYTES)).open(data)
    with pytest.raises(IntegrityBroken):
        PROJECT.open(data)
    for junk in (b"", data[:20], b"x" * 200, PROJECT.close(LABELS)):
        with pytest.raises(IntegrityBroken, match="no labels sealed for a scorer"):
            OWN.open(junk)


def test_a_public_key_of_another_length_is_refused():
    """It would be somebody else's answer."""
    with pytest.raises(IntegrityBroken, match="no X25519 key"):
        PublicSeal(b"short", project=PROJECT)

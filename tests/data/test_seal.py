"""The seal: labels that only a holder of the key can read."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.kernel.errors import IntegrityBroken, OurFault

SEAL = Seal(bytes(range(KEY_BYTES)))
LABELS = pl.DataFrame({"row_id": [3, 5], "y": ["secret-yes", "secret-no"]})


@given(st.lists(st.tuples(st.integers(0, 2**40), st.text(max_size=8)), max_size=30))
def test_opening_undoes_closing(rows):
    """Whatever the labels."""
    frame = pl.DataFrame(rows, schema={"row_id": pl.Int64, "y": pl.String}, orient="row")
    assert SEAL.open(SEAL.close(frame)).equals(frame)


def test_the_same_labels_give_the_same_bytes():
    """So that a snapshot keeps its digest."""
    assert SEAL.close(LABELS) == SEAL.close(LABELS)
    assert SEAL.close(LABELS) != Seal(bytes(KEY_BYTES)).close(LABELS)


def test_nothing_of_the_labels_or_the_key_shows():
    """Not in the bytes, not in the text form."""
    sealed = SEAL.close(LABELS)
    assert b"secret" not in sealed
    assert b"row_id" not in sealed
    assert repr(SEAL) == f"Seal(seal_id={SEAL.seal_id!r})"


@pytest.mark.parametrize("place", [0, 10, 30, 100, -1])
def test_one_changed_byte_is_found(place):
    """Wherever it is."""
    sealed = bytearray(SEAL.close(LABELS))
    sealed[place] ^= 1
    with pytest.raises(IntegrityBroken):
        SEAL.open(bytes(sealed))


@pytest.mark.parametrize("length", [0, 5, 20, 40])
def test_a_part_of_the_bytes_is_refused(length):
    """Truncation is a change too."""
    with pytest.raises(IntegrityBroken):
        SEAL.open(SEAL.close(LABELS)[:length])


def test_another_key_is_named():
    """A lost key is another matter than changed bytes."""
    with pytest.raises(IntegrityBroken, match="sealed with another key"):
        Seal(bytes(KEY_BYTES)).open(SEAL.close(LABELS))


def test_a_short_key_is_our_fault():
    """Keys are made here, not typed in."""
    with pytest.raises(OurFault, match="wrong length"):
        Seal(b"short")

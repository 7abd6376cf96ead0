"""Checkpoints: what was signed about the head is read back, and nothing else is."""

import pytest
from tests.ledger.ledgers import LEAD, MACHINE, NOW, STRANGER, noted

from modelwright.authority.envelope import Envelope
from modelwright.kernel.digest import canonical_json, plain
from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.checkpoint import CHECKPOINT, checkpoint_in, checkpoint_of


def test_a_checkpoint_says_where_the_head_stood_and_whose_word_it_is():
    """Project, place, head, hour and key."""
    ledger = noted(4)
    said = checkpoint_in(checkpoint_of(ledger, MACHINE, at=NOW))
    first = next(iter(ledger.links())).digest
    assert (said.project, said.sequence, said.head, said.at) == (first, 4, ledger.head(), NOW)
    assert said.by == MACHINE.identity
    assert "4 entries" in said.told()


def test_a_checkpoint_that_was_altered_is_refused():
    """Its signature does not fit any more."""
    envelope = checkpoint_of(noted(), MACHINE, at=NOW)
    other = envelope.payload.replace(b'"sequence":3', b'"sequence":2')
    altered = Envelope(payload_type=CHECKPOINT, payload=other, signatures=envelope.signatures)
    with pytest.raises(IntegrityBroken, match="does not fit"):
        checkpoint_in(altered)


def test_a_checkpoint_in_the_name_of_another_key_is_refused():
    """Who signs is who is named."""
    said = plain(checkpoint_in(checkpoint_of(noted(), MACHINE, at=NOW)))
    with pytest.raises(IntegrityBroken, match="does not fit"):
        checkpoint_in(STRANGER.sign(CHECKPOINT, canonical_json(said)))


@pytest.mark.parametrize("found", [b"", "[]", "{}", 7, None, b"\xff", "[" * 5000])
def test_what_is_no_envelope_is_refused(found):
    """In words, whatever it is."""
    with pytest.raises(IntegrityBroken, match="not a signed envelope"):
        checkpoint_in(found)


def test_a_signature_over_something_else_is_no_checkpoint():
    """The type is signed too."""
    with pytest.raises(IntegrityBroken, match="another kind of statement"):
        checkpoint_in(LEAD.sign("text/plain", b"{}"))

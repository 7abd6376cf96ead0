"""Anchors: what was kept elsewhere finds a ledger that was rewritten, cut off, forked or exchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.ledgers import LEAD, MACHINE, NOW, noted, rewritten

from modelwright.kernel.digest import canonical_json
from modelwright.kernel.outcome import Status
from modelwright.ledger.anchor import check_anchors, read_anchors
from modelwright.ledger.checkpoint import checkpoint_of
from modelwright.ledger.memory import MemoryLedger


def line_of(ledger, by=MACHINE):
    """A line as it is kept elsewhere."""
    return canonical_json(checkpoint_of(ledger, by, at=NOW).to_json())


def judged(ledger, *lines, keys=None):
    """What the anchors say of a ledger."""
    anchors = read_anchors([(f"heads.jsonl:{number}", line) for number, line in enumerate(lines, 1)])
    return check_anchors(anchors, digests=[link.digest for link in ledger.links()], keys=keys)


def test_a_ledger_that_went_on_agrees_with_all_its_anchors():
    """Each anchor is a prefix of it."""
    ledger = noted(2)
    lines = [line_of(ledger)]
    lines.append(line_of(noted(3, ledger=ledger)))
    noted(1, ledger=ledger)
    assert [outcome.status for outcome in judged(ledger, *lines)] == [Status.PASSED, Status.PASSED]


def test_a_rewritten_ledger_is_found_between_the_anchors_that_agree_and_the_one_that_does_not():
    """It is consistent in itself; only what was kept elsewhere tells, and about from where on."""
    ledger = noted(3)
    lines = [line_of(ledger)]
    lines.append(line_of(noted(4, ledger=ledger)))
    other = rewritten(ledger, 5, change={"n": "another past"})
    assert other.verify().allows
    first, second = judged(other, *lines)
    assert first.status is Status.PASSED
    assert second.status is Status.FAILED
    told = "entry 7 is not the one that was anchored: it was written anew, somewhere from entry 4 on"
    assert second.evidence[0] == told


def test_a_ledger_whose_end_was_cut_off_is_found():
    """How much is missing is told."""
    ledger = noted(5)
    line = line_of(ledger)
    cut = MemoryLedger(clock=None)
    cut.adopt(list(ledger.links())[:3])
    (outcome,) = judged(cut, line)
    assert outcome.evidence[0] == "the ledger had 5 entries and has 3: its end was cut off"
    (gone,) = judged(MemoryLedger(clock=None), line)
    assert "has 0" in gone.evidence[0]


def test_an_anchor_of_another_ledger_is_told_as_such():
    """Or the ledger was written anew from its beginning, which looks the same."""
    (outcome,) = judged(rewritten(noted(4), 1, change={"n": "x"}), line_of(noted(4)))
    assert outcome.status is Status.FAILED
    assert "another ledger" in outcome.evidence[0]


def test_an_anchor_that_was_altered_says_nothing_about_the_ledger():
    """What failed is the anchor."""
    line = line_of(noted(3))
    (outcome,) = judged(noted(3), line.replace(b"e", b"f", 3))
    assert outcome.status is Status.FAILED
    assert "this one was altered" in outcome.next_step


def test_an_anchor_by_a_key_that_is_not_trusted_is_unknown():
    """Its content fits, and anybody could have signed it."""
    ledger = noted(3)
    keys = {LEAD.identity.key_id: LEAD.identity}
    assert judged(ledger, line_of(ledger), keys=keys)[0].status is Status.UNKNOWN
    assert judged(ledger, line_of(ledger, by=LEAD), keys=keys)[0].status is Status.PASSED


@given(length=st.integers(2, 9), place=st.integers(1, 9), anchored=st.integers(1, 9))
def test_every_change_up_to_an_anchor_is_found_and_none_after_it(length, place, anchored):
    """An anchor holds exactly the entries before it."""
    place, anchored = min(place, length), min(anchored, length)
    ledger = noted(anchored)
    line = line_of(ledger)
    noted(length - anchored, ledger=ledger)
    other = rewritten(ledger, place, change={"n": "changed"})
    (outcome,) = judged(other, line)
    assert outcome.allows == (place > anchored)


@pytest.mark.parametrize("line", [b"", b"\xff\xfe", b"[" * 3000, b'{"payload":1}'])
def test_lines_that_are_no_anchors_stay_with_their_flaw(line):
    """A file from a stranger breaks nothing."""
    (anchor,) = read_anchors([("heads.jsonl:1", line)])
    assert anchor.checkpoint is None
    assert anchor.flaw

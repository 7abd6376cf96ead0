"""The chain: any edit, gap, move or cut is found, and the first place of it is named."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken, OurFault
from modelwright.kernel.outcome import Status
from modelwright.ledger.chain import chained, check_chain, checked, opened
from modelwright.ledger.entry import GENESIS, Link

LEAD = Actor(kind=ActorKind.PERSON, name="lead")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=8,
)


def chain(length=6, clock=None):
    """Some links in order."""
    clock = clock or SteppingClock()
    links = []
    for number in range(length):
        after = links[-1] if links else None
        links.append(chained(after, "note", {"n": number}, at=clock.now(), actor=LEAD, artifacts={}))
    return links


def remade(link, **changes):
    """The same link with other fields."""
    fields = {name: getattr(link, name) for name in ("sequence", "kind", "payload", "digest")}
    return Link(**(fields | changes))


def test_an_untouched_chain_passes_with_its_length_and_head():
    """What one notes down elsewhere is in the evidence."""
    links = chain()
    outcome = check_chain(links)
    assert outcome.allows
    assert outcome.evidence == ("6 entries", f"head {links[-1].digest}")


@pytest.mark.parametrize("place", range(6))
def test_an_edited_entry_is_named(place):
    """With those before it, which are unharmed."""
    links = chain()
    payload = links[place].payload.replace(b'"n":%d' % place, b'"n":99')
    links[place] = remade(links[place], payload=payload)
    outcome = check_chain(links)
    assert outcome.status is Status.FAILED
    assert outcome.evidence[0].startswith(f"entry {place + 1} was changed")
    assert outcome.evidence[1] == f"{place} entries before it are unharmed"


@pytest.mark.parametrize("place", range(5))
def test_an_edit_with_a_new_digest_breaks_the_next_link(place):
    """Whoever recomputes one digest has to recompute all that follow."""
    links = chain()
    payload = links[place].payload.replace(b'"n":%d' % place, b'"n":99')
    links[place] = remade(links[place], payload=payload, digest=digest_of_bytes(payload))
    assert check_chain(links).evidence[0].startswith(f"entry {place + 2} follows")


def test_a_removed_entry_is_missed():
    """A gap cannot close by itself."""
    links = chain()
    del links[2]
    assert check_chain(links).evidence[0] == "entry 3 is missing: 4 follows 2"


def test_moved_entries_are_found():
    """Whether their numbers move with them or not."""
    links = chain()
    assert not check_chain([links[1], links[0], *links[2:]]).allows
    swapped = [
        remade(links[1], sequence=1),
        remade(links[0], sequence=2),
        *links[2:],
    ]
    assert check_chain(swapped).evidence[0] == "entry 1 was moved: it says it is entry 2, note"


def test_a_changed_kind_is_found():
    """What entries are found by is part of what is chained."""
    links = chain()
    links[3] = remade(links[3], kind="approval.given")
    assert "it says it is entry 4, note" in check_chain(links).evidence[0]


def test_bytes_that_are_no_entry_are_found():
    """Even with a digest that fits."""
    links = chain()
    links[0] = remade(links[0], payload=b"{}", digest=digest_of_bytes(b"{}"))
    assert check_chain(links).evidence[0] == "entry 1 was changed after it was written: it cannot be read"
    with pytest.raises(IntegrityBroken, match="do not form an entry"):
        opened(links[0])


def test_a_cut_end_is_found_by_a_head_noted_elsewhere():
    """A shorter chain is consistent in itself; only the note tells."""
    links = chain()
    head = links[-1].digest
    assert check_chain(links[:-2]).allows
    assert not check_chain(links[:-2], head=head).allows
    assert check_chain(links, head=links[2].digest).allows
    assert check_chain(links, head=GENESIS).allows


def test_a_chain_written_anew_is_found_by_a_head_noted_elsewhere():
    """Someone who can write the file can make a consistent one, but not with the same head."""
    head = chain()[-1].digest
    anew = chain(clock=SteppingClock(step=timedelta(seconds=2)))
    assert check_chain(anew).allows
    assert not check_chain(anew, head=head).allows


def test_a_clock_that_went_back_is_told():
    """It is no proof of anything, and worth knowing."""
    outcome = check_chain(chain(clock=SteppingClock(step=timedelta(seconds=-1))))
    assert outcome.allows
    told = "the clock went backwards 5 times between entries; first, entry 2 is dated 0:00:01 before the last"
    assert outcome.evidence[-1] == told


def test_links_are_read_once_and_one_at_a_time():
    """A ledger of any length fits in memory."""
    assert check_chain(iter(chain())).allows


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, object()}, b"bytes", "\ud800"])
def test_what_json_cannot_hold_is_refused_before_it_is_written(value):
    """It would have no bytes that are the same on every machine."""
    with pytest.raises(OurFault, match="a 'note' entry cannot be written"):
        chained(None, "note", {"x": value}, at=SteppingClock().now(), actor=LEAD, artifacts={})


@given(body=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=4))
def test_any_body_comes_back_as_it_went_in(body):
    """Writing and reading are inverses; numbers keep their kind."""
    link = chained(None, "note", body, at=SteppingClock().now(), actor=LEAD, artifacts={})
    assert opened(link).body == body
    assert check_chain([link]).allows


@given(st.data())
def test_any_changed_byte_of_a_chain_is_found(data):
    """Wherever it lies."""
    links = chain(3)
    place = data.draw(st.integers(0, 2))
    payload = bytearray(links[place].payload)
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    links[place] = remade(links[place], payload=bytes(payload))
    assert not check_chain(links).allows


def test_each_link_names_the_one_before():
    """From GENESIS on."""
    entries = [opened(link) for link in chain()]
    assert entries[0].previous == GENESIS
    assert all(after.previous == before.digest for before, after in pairwise(entries))


def test_links_are_handed_on_only_once_they_fit():
    """So that what is written down up to a flaw is whole."""
    links = chain()
    assert list(checked(iter(links))) == links
    seen = []
    with pytest.raises(IntegrityBroken, match="entry 4 is missing: 5 follows 3"):
        seen.extend(checked(iter([*links[:3], *links[4:]])))
    with pytest.raises(IntegrityBroken, match="it cannot be read"):
        list(checked([remade(links[0], payload=b"[")]))

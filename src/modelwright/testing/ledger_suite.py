"""What every ledger promises, as checks that a new member runs against itself.

```python
@pytest.mark.parametrize("promise", LEDGER_PROMISES, ids=lambda promise: promise.__name__)
def test_my_ledger_keeps(promise, tmp_path):
    promise(lambda: MyLedger(tmp_path / "ledger", clock=SteppingClock()))
```

Each check takes a function that opens the ledger: the first call an empty one, further calls the same.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import Json, digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken, OurFault, UserFault
from modelwright.kernel.outcome import Status
from modelwright.ledger.entry import GENESIS, Ledger, Link, entry_digest
from modelwright.ledger.memory import MemoryLedger

__all__ = ["LEDGER_PROMISES", "OpenLedger"]

OpenLedger = Callable[[], Ledger]
"""Opens the ledger under test: the first call an empty one, further calls the same."""

LEAD = Actor(kind=ActorKind.PERSON, name="lead", role="owner")
BODY: dict[str, Json] = {
    "text": "Grüße, 世界",
    "n": 3,
    "share": 0.1,
    "none": None,
    "list": [1, [2]],
    "flag": True,
}
SOME = 40
"""Entries written where one or two would not show a fault."""


def _expect(condition: bool, promise: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
    if not condition:
        raise AssertionError(promise)


def starts_empty(open_ledger: OpenLedger) -> None:
    """A new ledger has no entry, the head GENESIS, and verifies."""
    ledger = open_ledger()
    _expect(list(ledger.entries()) == [], "a new ledger has no entries")
    _expect(ledger.head() == GENESIS, "the head of an empty ledger is GENESIS")
    _expect(ledger.verify().status is Status.PASSED, "an empty ledger verifies")


def chains_entries(open_ledger: OpenLedger) -> None:
    """Each entry names the one before, and its digest covers all its fields."""
    ledger = open_ledger()
    entries = [ledger.append("note", {"n": number}, actor=LEAD) for number in range(3)]
    _expect([entry.sequence for entry in entries] == [1, 2, 3], "sequences run from 1 without gaps")
    _expect(entries[0].previous == GENESIS, "the first entry follows GENESIS")
    _expect(entries[2].previous == entries[1].digest, "an entry names the digest of the one before")
    last = entries[2]
    again = entry_digest(
        sequence=last.sequence,
        kind=last.kind,
        at=last.at,
        actor=last.actor,
        body=last.body,
        artifacts=last.artifacts,
        previous=last.previous,
    )
    _expect(last.digest == again, "the digest covers all other fields")
    _expect(ledger.head() == last.digest, "the head is the digest of the last entry")
    _expect(ledger.verify(head=entries[0].digest).status is Status.PASSED, "a head noted earlier is found")


def gives_back_what_was_written(open_ledger: OpenLedger) -> None:
    """Body, artifacts and actor come back as they went in; what was returned is what is read."""
    ledger = open_ledger()
    artifacts = {"report": "sha256:" + "1" * 64}
    written = ledger.append("report.made", BODY, actor=LEAD, artifacts=artifacts)
    (read,) = open_ledger().entries()
    _expect(read == written, "an entry reads back as it was returned")
    _expect(dict(read.body) == BODY, "a body reads back as it was written")
    _expect(dict(read.artifacts) == artifacts, "artifacts read back as they were written")
    _expect(read.actor == LEAD, "the actor reads back as it was written")


def selects_by_kind_and_place(open_ledger: OpenLedger) -> None:
    """Entries come in order, filtered by kind and by what was seen before."""
    ledger = open_ledger()
    for number in range(SOME):
        ledger.append("even" if number % 2 == 0 else "odd", {"n": number}, actor=LEAD)
    odd = [entry.sequence for entry in ledger.entries(kinds={"odd"})]
    _expect(odd == list(range(2, SOME + 1, 2)), "only entries of the kinds asked for, in order")
    late = [entry.sequence for entry in ledger.entries(after=SOME - 2)]
    _expect(late == [SOME - 1, SOME], "only entries after the sequence asked for")
    _expect(list(ledger.entries(kinds=())) == [], "no kinds, no entries")


def refuses_what_json_cannot_hold(open_ledger: OpenLedger) -> None:
    """NaN is refused, and nothing of the refused entry stays."""
    ledger = open_ledger()
    ledger.append("note", {}, actor=LEAD)
    try:
        ledger.append("note", {"n": float("nan")}, actor=LEAD)
    except OurFault:
        pass
    else:
        _expect(condition=False, promise="NaN in a body is refused")
    _expect(len(list(ledger.entries())) == 1, "a refused entry leaves nothing behind")
    ledger.append("note", {}, actor=LEAD)
    _expect(ledger.verify().status is Status.PASSED, "a refused entry does not break the chain")


def takes_writers_at_once(open_ledger: OpenLedger) -> None:
    """Threads that write at once lose nothing and never make a fork."""
    ledger = open_ledger()
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda number: ledger.append("note", {"n": number}, actor=LEAD), range(SOME)))
    numbers = sorted(int(str(entry.body["n"])) for entry in ledger.entries())
    _expect(numbers == list(range(SOME)), "no entry of several writers is lost")
    _expect(ledger.verify().status is Status.PASSED, "several writers never make a fork")


def finds_a_cut_end(open_ledger: OpenLedger) -> None:
    """A head that is not in the chain is found missing."""
    ledger = open_ledger()
    ledger.append("note", {}, actor=LEAD)
    outcome = ledger.verify(head="sha256:" + "f" * 64)
    _expect(outcome.status is Status.FAILED, "a head noted down elsewhere and gone since is a failure")


def _chain(length: int) -> list[Link]:
    """Return a whole chain that was written elsewhere."""
    other = MemoryLedger(clock=SteppingClock())
    for number in range(length):
        other.append("note", {"n": number}, actor=LEAD)
    return list(other.links())


def gives_out_what_is_stored(open_ledger: OpenLedger) -> None:
    """Links are the stored bytes: whoever has only them can check the chain."""
    ledger = open_ledger()
    entries = [ledger.append("note", {"n": number, "text": "é"}, actor=LEAD) for number in range(3)]
    links = list(ledger.links())
    _expect([link.digest for link in links] == [entry.digest for entry in entries], "a link for each entry")
    _expect(all(digest_of_bytes(link.payload) == link.digest for link in links), "digests are of the bytes")
    _expect(
        [link.sequence for link in ledger.links(after=2)] == [3], "only links after the sequence asked for"
    )


def adopts_a_whole_chain(open_ledger: OpenLedger) -> None:
    """An empty ledger takes over a chain, bytes and all, and goes on from its end."""
    chain = _chain(SOME)
    ledger = open_ledger()
    _expect(ledger.adopt(iter(chain)) == SOME, "adopting tells the length")
    _expect(list(open_ledger().links()) == chain, "what was adopted is what was given")
    _expect(ledger.append("note", {}, actor=LEAD).previous == chain[-1].digest, "the chain goes on")
    _expect(ledger.verify(head=chain[-1].digest).status is Status.PASSED, "an adopted chain is whole")


def never_overwrites(open_ledger: OpenLedger) -> None:
    """A ledger that holds entries is not filled from elsewhere."""
    ledger = open_ledger()
    head = ledger.append("note", {}, actor=LEAD).digest
    try:
        ledger.adopt(_chain(2))
    except UserFault:
        pass
    else:
        _expect(condition=False, promise="a ledger that holds entries refuses to adopt others")
    _expect(ledger.head() == head, "a refused chain changes nothing")
    _expect(len(list(ledger.entries())) == 1, "a refused chain leaves nothing behind")


def adopts_all_or_nothing(open_ledger: OpenLedger) -> None:
    """A chain with a flaw, or one that breaks off while it is read, leaves the ledger empty."""
    chain = _chain(SOME)

    def broken_off() -> Iterator[Link]:
        yield from chain[:-1]
        raise IntegrityBroken("the file ends here")

    for flawed in (iter([*chain[:3], *chain[4:]]), iter(chain[1:]), broken_off()):
        ledger = open_ledger()
        try:
            ledger.adopt(flawed)
        except IntegrityBroken:
            pass
        else:
            _expect(condition=False, promise="a chain with a flaw is refused")
        _expect(list(ledger.links()) == [], "a chain with a flaw leaves nothing behind")
    _expect(open_ledger().adopt(chain) == SOME, "after a refusal the ledger takes a whole chain")


def goes_on_after_closing(open_ledger: OpenLedger) -> None:
    """Closing lets go of files and connections; the next call takes them again."""
    ledger = open_ledger()
    ledger.close()
    head = ledger.append("note", {}, actor=LEAD).digest
    ledger.close()
    ledger.close()
    _expect(ledger.head() == head, "a closed ledger is opened again by the next call")


LEDGER_PROMISES: tuple[Callable[[OpenLedger], None], ...] = (
    starts_empty,
    chains_entries,
    gives_back_what_was_written,
    selects_by_kind_and_place,
    refuses_what_json_cannot_hold,
    takes_writers_at_once,
    finds_a_cut_end,
    gives_out_what_is_stored,
    adopts_a_whole_chain,
    never_overwrites,
    adopts_all_or_nothing,
    goes_on_after_closing,
)
"""Every promise, as a check that raises AssertionError with the promise that was broken."""

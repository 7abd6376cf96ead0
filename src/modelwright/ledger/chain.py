"""The chain: how entries become bytes that hold the digest of the bytes before, and how that is checked.

Every ledger stores, for each entry, the canonical JSON of all its fields but the digest (the payload),
and the digest of these bytes. Checking is then hashing what is stored; nothing is encoded again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, canonical_json, digest_of_bytes, short
from modelwright.kernel.errors import IntegrityBroken, OurFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import NOT_A_RECORD
from modelwright.ledger.entry import GENESIS, Entry, Link

__all__ = ["Walk", "chained", "check_chain", "checked", "opened", "selected", "unreadable", "walk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payload:
    """The fields of an entry that its digest covers."""

    sequence: int
    """Place in the ledger."""
    kind: str
    """Kind of fact."""
    at: datetime
    """When it was written."""
    actor: Actor
    """Who wrote it."""
    body: dict[str, object]
    """The fact."""
    artifacts: dict[str, str]
    """What it is about."""
    previous: str
    """Digest of the entry before."""


PAYLOADS = msgspec.json.Decoder(_Payload)
"""Reads payloads; made once, since a ledger has many."""


WHOLE = "every entry is as it was written"
"""What a walk along the chain is about."""


def chained(
    after: Link | None,
    kind: str,
    body: Mapping[str, Json],
    *,
    at: datetime,
    actor: Actor,
    artifacts: Mapping[str, str],
) -> Link:
    """Return the link that follows `after` and states a fact.

    Raises:
        OurFault: When the body holds what JSON cannot: NaN, infinity, or an object.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.authority.actor import ActorKind
        >>> link = chained(
        ...     None,
        ...     "note",
        ...     {"n": 1},
        ...     at=datetime(2026, 1, 1, tzinfo=UTC),
        ...     actor=Actor(kind=ActorKind.SERVICE, name="demo"),
        ...     artifacts={},
        ... )
        >>> opened(link).body
        {'n': 1}
    """
    sequence = after.sequence + 1 if after else 1
    try:
        payload = canonical_json(
            {
                "sequence": sequence,
                "kind": kind,
                "at": at,
                "actor": actor,
                "body": body,
                "artifacts": artifacts,
                "previous": after.digest if after else GENESIS,
            }
        )
    except ValueError as error:
        raise OurFault(
            f"a '{kind}' entry cannot be written: {error}",
            why="the ledger keeps only what every machine writes with the same bytes",
            next_step="turn undefined numbers into null and objects into text before they are written down",
        ) from error
    return Link(sequence=sequence, kind=kind, payload=payload, digest=digest_of_bytes(payload))


def opened(link: Link) -> Entry:
    """Return the entry a link holds; whether it fits the chain is for `check_chain` to say.

    Raises:
        IntegrityBroken: When the payload is not that of an entry.

    Examples:
        >>> opened(Link(sequence=1, kind="note", payload=b"{}", digest=GENESIS))
        Traceback (most recent call last):
        modelwright.kernel.errors.IntegrityBroken: stored bytes do not form an entry: ...
    """
    try:
        fields = PAYLOADS.decode(link.payload)
    except NOT_A_RECORD as error:
        raise IntegrityBroken(
            f"stored bytes do not form an entry: {error}",
            why="an entry that cannot be read is no evidence",
            next_step="restore the ledger from a copy; `modelwright ledger verify` checks it",
            found=f"entry {link.sequence}",
        ) from error
    return _entry(fields, link.digest)


def selected(links: Iterable[Link], kinds: Collection[str] | None) -> Iterator[Entry]:
    """Yield the entries of these kinds, or all; only what is asked for is decoded.

    Args:
        links: Links in order.
        kinds: Kinds of entries; None for all.

    Examples:
        >>> list(selected((), None))
        []
    """
    return (opened(link) for link in links if kinds is None or link.kind in kinds)


def _entry(fields: _Payload, digest: str) -> Entry:
    return Entry(
        sequence=fields.sequence,
        kind=fields.kind,
        at=fields.at,
        actor=fields.actor,
        body=fields.body,
        artifacts=fields.artifacts,
        previous=fields.previous,
        digest=digest,
    )


def _flaw(link: Link, fields: _Payload, *, sequence: int, previous: str) -> str:
    """Say what is wrong with a link at this place; empty when nothing is."""
    if link.sequence != sequence:
        return f"entry {sequence} is missing: {link.sequence} follows {sequence - 1}"
    if digest_of_bytes(link.payload) != link.digest:
        return f"entry {sequence} was changed after it was written: its bytes do not have its digest"
    if (fields.sequence, fields.kind) != (link.sequence, link.kind):
        return f"entry {sequence} was moved: it says it is entry {fields.sequence}, {fields.kind}"
    if fields.previous != previous:
        return f"entry {sequence} follows {short(fields.previous)}, the entry before it is {short(previous)}"
    return ""


def walk(links: Iterable[Link]) -> Iterator[tuple[Link, Entry | None, str]]:
    """Yield each link of a chain with its entry and what is wrong with it; nothing after the first flaw.

    Args:
        links: All links in order, from the first; read once, one at a time.

    Examples:
        >>> [flaw for _, _, flaw in walk([Link(sequence=1, kind="note", payload=b"{}", digest=GENESIS)])]
        ['entry 1 was changed after it was written: it cannot be read']
    """
    previous = GENESIS
    for sequence, link in enumerate(links, 1):
        try:
            fields = PAYLOADS.decode(link.payload)
        except NOT_A_RECORD:
            yield link, None, f"entry {sequence} was changed after it was written: it cannot be read"
            return
        flaw = _flaw(link, fields, sequence=sequence, previous=previous)
        yield link, _entry(fields, link.digest), flaw
        if flaw:
            return
        previous = link.digest


def checked(links: Iterable[Link]) -> Iterator[Link]:
    """Yield the links of a whole chain one by one, each only once it was found to fit.

    Raises:
        IntegrityBroken: At the first link that does not fit.

    Examples:
        >>> list(checked(()))
        []
        >>> list(checked([Link(sequence=1, kind="note", payload=b"{}", digest=GENESIS)]))
        Traceback (most recent call last):
        modelwright.kernel.errors.IntegrityBroken: the chain is broken: entry 1 was changed ...
    """
    for link, _, flaw in walk(links):
        if flaw:
            raise IntegrityBroken(
                f"the chain is broken: {flaw}",
                why="a ledger with a broken chain proves nothing from there on",
                next_step="take it from a copy that `modelwright ledger verify` finds whole",
            )
        yield link


def check_chain(links: Iterable[Link], *, head: str | None = None) -> Outcome:
    """Walk a chain from its first link and say whether every entry is what it was when it was written.

    Args:
        links: All links in order; read once, one at a time.
        head: A digest noted down earlier, elsewhere. When it is not in the chain, the end was cut off.

    Returns:
        Passed, with the length and the head; or failed, with the first entry that does not fit. An entry
        that is dated before the one before it is told, and does not fail: clocks are set, and nothing that
        happened may get lost for it.

    Examples:
        >>> check_chain(()).evidence[0]
        '0 entries'
        >>> check_chain((), head="sha256:" + "1" * 64).status.value
        'failed'
    """
    walked = Walk(head=head)
    for link, entry, flaw in walk(links):
        walked.step(link, entry, flaw)
    return walked.outcome()


class Walk:
    """What a walk along a chain has seen so far, and what that comes to.

    Args:
        head: A digest noted down earlier, elsewhere.

    Examples:
        >>> Walk().outcome().evidence[0]
        '0 entries'
    """

    def __init__(self, *, head: str | None = None) -> None:
        """Start before the first link."""
        self.head = GENESIS
        """Digest of the last link that fitted."""
        self.length = 0
        """How many fitted."""
        self._flaw = ""
        self._noted = head
        self._seen = head is None or head == GENESIS
        self._latest: datetime | None = None
        self._turns, self._turned = 0, ""

    def step(self, link: Link, entry: Entry | None, flaw: str) -> None:
        """Take the next link into account, as `walk` yields it."""
        if flaw or entry is None:
            self._flaw = flaw
            return
        if self._latest is not None and entry.at < self._latest:
            self._turns += 1
            told = f"entry {link.sequence} is dated {self._latest - entry.at} before the last"
            self._turned = self._turned or told
        self.head, self.length, self._latest = link.digest, self.length + 1, entry.at
        self._seen = self._seen or link.digest == self._noted

    def outcome(self) -> Outcome:
        """Return what the walk comes to."""
        if self._flaw:
            return Outcome(
                status=Status.FAILED,
                what=WHOLE,
                evidence=(self._flaw, f"{self.length} entries before it are unharmed"),
                next_step="restore the ledger from a copy; nothing after that entry can be trusted",
            )
        if not self._seen:
            noted = short(self._noted or "")
            gone = f"{noted} was the head once and is not in the chain of {self.length} entries"
            return Outcome(
                status=Status.FAILED,
                what=WHOLE,
                evidence=(gone,),
                next_step="restore the ledger from a copy: its end was cut off, or it was written anew",
            )
        evidence = [f"{self.length} entries", f"head {self.head}"]
        if self._turns:
            evidence.append(
                f"the clock went backwards {self._turns} times between entries; first, {self._turned}"
            )
        return Outcome(status=Status.PASSED, what=WHOLE, evidence=tuple(evidence))


def unreadable(error: IntegrityBroken) -> Outcome:
    """Return what a ledger whose store does not give out its entries comes to.

    Args:
        error: What reading it told.

    Examples:
        >>> unreadable(IntegrityBroken("the file is damaged")).status.value
        'failed'
    """
    return Outcome(status=Status.FAILED, what=WHOLE, evidence=(error.what,), next_step=error.next_step)

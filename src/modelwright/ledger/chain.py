"""The chain: how entries become bytes that hold the digest of the bytes before, and how that is checked.

Every ledger stores, for each entry, the canonical JSON of all its fields but the digest (the payload),
and the digest of these bytes. Checking is then hashing what is stored; nothing is encoded again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, canonical_json, digest_of_bytes, short
from modelwright.kernel.errors import IntegrityBroken, OurFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import NOT_A_RECORD
from modelwright.ledger.entry import GENESIS, Entry, Link

__all__ = ["chained", "check_chain", "checked", "opened", "unreadable"]


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
    return Entry(
        sequence=fields.sequence,
        kind=fields.kind,
        at=fields.at,
        actor=fields.actor,
        body=fields.body,
        artifacts=fields.artifacts,
        previous=fields.previous,
        digest=link.digest,
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


def _walked(links: Iterable[Link]) -> Iterator[tuple[Link, _Payload | None, str]]:
    """Yield each link with its fields and what is wrong with it; nothing after the first flaw."""
    previous = GENESIS
    for sequence, link in enumerate(links, 1):
        try:
            fields = PAYLOADS.decode(link.payload)
        except NOT_A_RECORD:
            yield link, None, f"entry {sequence} was changed after it was written: it cannot be read"
            return
        flaw = _flaw(link, fields, sequence=sequence, previous=previous)
        yield link, fields, flaw
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
    for link, _, flaw in _walked(links):
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
    last, count, backwards = GENESIS, 0, ""
    turns, latest = 0, None
    seen = head is None or head == GENESIS
    for link, fields, flaw in _walked(links):
        if flaw or fields is None:
            return Outcome(
                status=Status.FAILED,
                what=WHOLE,
                evidence=(flaw, f"{count} entries before it are unharmed"),
                next_step="restore the ledger from a copy; nothing after that entry can be trusted",
            )
        if latest is not None and fields.at < latest:
            turns += 1
            backwards = backwards or f"entry {link.sequence} is dated {latest - fields.at} before the last"
        last, count, latest = link.digest, count + 1, fields.at
        seen = seen or link.digest == head
    if not seen:
        return Outcome(
            status=Status.FAILED,
            what=WHOLE,
            evidence=(f"{short(head or '')} was the head once and is not in the chain of {count} entries",),
            next_step="restore the ledger from a copy: its end was cut off, or it was written anew",
        )
    told = (f"the clock went backwards {turns} times between entries; first, {backwards}",) if turns else ()
    return Outcome(status=Status.PASSED, what=WHOLE, evidence=(f"{count} entries", f"head {last}", *told))


def unreadable(error: IntegrityBroken) -> Outcome:
    """Return what a ledger whose store does not give out its entries comes to.

    Args:
        error: What reading it told.

    Examples:
        >>> unreadable(IntegrityBroken("the file is damaged")).status.value
        'failed'
    """
    return Outcome(status=Status.FAILED, what=WHOLE, evidence=(error.what,), next_step=error.next_step)

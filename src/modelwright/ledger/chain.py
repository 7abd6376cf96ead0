"""The chain: how entries become bytes that hold the digest of the bytes before, and how that is checked.

Every ledger stores, for each entry, the canonical JSON of all its fields but the digest (the payload),
and the digest of these bytes. Checking is then hashing what is stored; nothing is encoded again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, canonical_json, digest_of_bytes, short
from modelwright.kernel.errors import IntegrityBroken, OurFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import NOT_A_RECORD
from modelwright.ledger.entry import GENESIS, Entry

__all__ = ["Link", "chained", "check_chain", "opened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry as a ledger stores it.

    Examples:
        >>> Link(sequence=1, kind="note", payload=b"{}", digest=GENESIS).kind
        'note'
    """

    sequence: int
    """The place it is stored under."""
    kind: str
    """The kind it is found by."""
    payload: bytes
    """Canonical JSON of all fields but the digest."""
    digest: str
    """Digest of the payload."""


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


def check_chain(links: Iterable[Link], *, head: str | None = None) -> Outcome:
    """Walk a chain from its first link and say whether every entry is what it was when it was written.

    Args:
        links: All links in order; read once, one at a time.
        head: A digest noted down earlier, elsewhere. When it is not in the chain, the end was cut off.

    Returns:
        Passed, with the length and the head; or failed, with the first entry that does not fit.

    Examples:
        >>> check_chain(()).evidence[0]
        '0 entries'
        >>> check_chain((), head="sha256:" + "1" * 64).status.value
        'failed'
    """
    what = "every entry is as it was written"
    previous, count, backwards = GENESIS, 0, 0
    latest: datetime | None = None
    seen = head is None or head == GENESIS
    for link in links:
        try:
            fields = PAYLOADS.decode(link.payload)
        except NOT_A_RECORD:
            flaw = f"entry {count + 1} was changed after it was written: it cannot be read"
        else:
            flaw = _flaw(link, fields, sequence=count + 1, previous=previous)
            backwards += latest is not None and fields.at < latest
            latest = fields.at
        if flaw:
            return Outcome(
                status=Status.FAILED,
                what=what,
                evidence=(flaw, f"{count} entries before it are unharmed"),
                next_step="restore the ledger from a copy; nothing after that entry can be trusted",
            )
        previous, count = link.digest, count + 1
        seen = seen or link.digest == head
    if not seen:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=(f"{short(head or '')} was the head once and is not in the chain of {count} entries",),
            next_step="restore the ledger from a copy: its end was cut off, or it was written anew",
        )
    evidence = [f"{count} entries", f"head {previous}"]
    if backwards:
        evidence.append(f"the clock went backwards {backwards} times between entries")
    return Outcome(status=Status.PASSED, what=what, evidence=tuple(evidence))

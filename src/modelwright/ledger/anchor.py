"""Anchors: signed heads that lie outside the ledger, out of reach of who can write it; and what they find.

A chain that was written anew from some entry on, or cut off, is consistent in itself. Only something that is
kept elsewhere can tell; each anchor tells it of every entry up to its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from modelwright.authority.identity import Identity
from modelwright.kernel.digest import short
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.checkpoint import Checkpoint, checkpoint_in

__all__ = ["Anchor", "AnchorPlace", "check_anchors", "read_anchors"]


class AnchorPlace(Protocol):
    """Somewhere outside the ledger where signed heads are kept, one JSON line each.

    Promises of every member: `put` adds and never replaces; what was put is given out by `lines`.

    Examples:
        >>> def count(place: AnchorPlace) -> int:
        ...     return len(list(place.lines()))
    """

    def put(self, line: bytes) -> str:
        """Keep one more line and return where it lies, in words."""
        ...

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Yield every line that is kept, oldest first, each with where it lies."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One signed head and where it was found.

    Examples:
        >>> Anchor(where="heads.jsonl:1", flaw="not JSON").checkpoint is None
        True
    """

    where: str
    """Where it lies, such as a file and a line."""
    checkpoint: Checkpoint | None = None
    """What was signed; None when it cannot be read or its signature does not fit."""
    flaw: str = ""
    """Why not."""


def read_anchors(lines: Iterable[tuple[str, bytes]]) -> tuple[Anchor, ...]:
    """Read anchors from lines, each with where it lies; what cannot be read stays, with its flaw.

    Examples:
        >>> read_anchors([("heads.jsonl:1", b"{}")])[0].flaw
        'this is not a signed envelope: payloadType or signatures are missing'
    """
    found = []
    for where, line in lines:
        try:
            found.append(Anchor(where=where, checkpoint=checkpoint_in(line)))
        except IntegrityBroken as error:
            found.append(Anchor(where=where, flaw=error.what))
    return tuple(found)


def check_anchors(
    anchors: Sequence[Anchor], *, digests: Sequence[str], keys: Mapping[str, Identity] | None
) -> tuple[Outcome, ...]:
    """Compare a ledger with its anchors, one outcome each.

    Args:
        anchors: The anchors.
        digests: The digests of all entries, in order.
        keys: The keys that count, by key id; None takes each anchor's own word for its key, which is as good
            as the place it was kept at.

    Examples:
        >>> anchor = Anchor(where="heads.jsonl:1", flaw="not JSON")
        >>> check_anchors([anchor], digests=(), keys=None)[0].status.value
        'failed'
    """
    agreeing = [
        anchor.checkpoint.sequence
        for anchor in anchors
        if anchor.checkpoint is not None and not _difference(anchor.checkpoint, digests, after=0)
    ]
    return tuple(_checked(anchor, digests, keys, agreeing=agreeing) for anchor in anchors)


def _checked(
    anchor: Anchor, digests: Sequence[str], keys: Mapping[str, Identity] | None, *, agreeing: Sequence[int]
) -> Outcome:
    what = f"the ledger goes on from the anchor at {anchor.where}"
    said = anchor.checkpoint
    if said is None:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=(anchor.flaw,),
            next_step="take the anchor from where it was put first; this one was altered",
        )
    after = max((number for number in agreeing if number < said.sequence), default=0)
    difference = _difference(said, digests, after=after)
    if difference:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=(difference, f"the anchor says: {said.told()}"),
            next_step="restore the ledger from a copy that agrees with it, and find out who wrote this one",
        )
    if keys is not None and said.by.key_id not in keys:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=(f"it is signed with {short(said.by.key_id)}, which is not among the keys given",),
            next_step="ask for the public key of who signs this ledger's head: modelwright ledger key",
        )
    return Outcome(status=Status.PASSED, what=what, evidence=(said.told(), f"key {short(said.by.key_id)}"))


def _difference(said: Checkpoint, digests: Sequence[str], *, after: int) -> str:
    """Say how a ledger differs from what was anchored; empty when it goes on from it."""
    if digests and digests[0] != said.project:
        return "it is the anchor of another ledger, or the ledger was written anew from its first entry on"
    if len(digests) < said.sequence:
        return f"the ledger had {said.sequence} entries and has {len(digests)}: its end was cut off"
    if digests[said.sequence - 1] != said.head:
        since = f", somewhere from entry {after + 1} on" if after + 1 < said.sequence else ""
        return f"entry {said.sequence} is not the one that was anchored: it was written anew{since}"
    return ""

"""The ledger's entries and the port every ledger offers."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, digest_of
from modelwright.kernel.errors import UserFault
from modelwright.kernel.outcome import Outcome

__all__ = ["GENESIS", "Entry", "Ledger", "Link", "entry_digest", "refuse_to_overwrite"]

GENESIS = "sha256:" + "0" * 64
"""What the first entry names as the entry before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact, chained to the one before it.

    Examples:
        >>> Entry.__slots__[0]
        'sequence'
    """

    sequence: int
    """Place in the ledger, from 1, without gaps."""
    kind: str
    """What kind of fact, such as `phase.completed`, `approval.given`, `look.taken`."""
    at: datetime
    """When it was written, UTC."""
    actor: Actor
    """Who wrote it."""
    body: Mapping[str, object]
    """The fact itself; JSON values only."""
    artifacts: Mapping[str, str]
    """Names and digests of the artifacts the fact is about."""
    previous: str
    """Digest of the entry before, or GENESIS."""
    digest: str
    """Digest over all other fields."""


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


def entry_digest(
    *,
    sequence: int,
    kind: str,
    at: datetime,
    actor: Actor,
    body: Mapping[str, object],
    artifacts: Mapping[str, str],
    previous: str,
) -> str:
    """Return the digest of an entry with these fields.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.authority.actor import ActorKind
        >>> moment = datetime(2026, 1, 1, tzinfo=UTC)
        >>> actor = Actor(kind=ActorKind.SERVICE, name="demo")
        >>> entry_digest(
        ...     sequence=1, kind="note", at=moment, actor=actor, body={}, artifacts={}, previous=GENESIS
        ... ).startswith("sha256:")
        True
    """
    return digest_of(
        {
            "sequence": sequence,
            "kind": kind,
            "at": at,
            "actor": actor,
            "body": body,
            "artifacts": artifacts,
            "previous": previous,
        }
    )


def refuse_to_overwrite(length: int) -> None:
    """Refuse to fill a ledger that holds entries already.

    Raises:
        UserFault: When it does.

    Examples:
        >>> refuse_to_overwrite(0)
    """
    if length:
        raise UserFault(
            "this project has a ledger already",
            why="an import fills an empty ledger; it never overwrites what was decided",
            next_step="import in a project without a ledger, or compare the two: modelwright ledger verify "
            "--copy FILE",
            found=f"{length} entries",
            expected="none",
        )


class Ledger(Protocol):
    """An append-only, hash-chained record of what was decided, by whom, on what evidence.

    Promises of every member: `append` is atomic and durable when it returns (a kill leaves the old or
    the new ledger); two writers at once never make a fork or lose an entry; entries are never changed;
    it may be shared between threads.

    Examples:
        >>> def last_kind(ledger: Ledger) -> str:
        ...     return list(ledger.entries())[-1].kind
    """

    def append(
        self,
        kind: str,
        body: Mapping[str, Json],
        *,
        actor: Actor,
        artifacts: Mapping[str, str] | None = None,
    ) -> Entry:
        """Add one entry after the head and return it.

        A clock that was set back does not stop it: the entry keeps the hour it was given, and `verify` tells.
        """
        ...

    def adopt(self, links: Iterable[Link]) -> int:
        """Fill an empty ledger with a whole chain, bytes and all, and return its length.

        All or nothing: a ledger that holds entries is refused and so is a chain with a flaw, also one that
        breaks off in the middle because reading it raises; then the ledger stays empty.
        """
        ...

    def entries(self, *, kinds: Collection[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield entries in order, only of these kinds when given, only after this sequence number."""
        ...

    def links(self, *, after: int = 0) -> Iterator[Link]:
        """Yield entries as they are stored, in order, only after this sequence number."""
        ...

    def head(self) -> str:
        """Return the digest of the last entry, GENESIS when there is none."""
        ...

    def verify(self, *, head: str | None = None) -> Outcome:
        """Walk the chain: passed, or failed with the first entry that does not fit.

        A `head` that was noted down earlier must still be in the chain; so a cut end is found.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections; the next call takes them again."""
        ...

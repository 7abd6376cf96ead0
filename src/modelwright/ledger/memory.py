"""A ledger in memory: for tests, examples and rehearsals; it keeps every promise but durability."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from threading import Lock

from modelwright.authority.actor import Actor
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import Json
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.chain import chained, check_chain, checked, opened, selected
from modelwright.ledger.entry import GENESIS, Entry, Link, refuse_to_overwrite

__all__ = ["MemoryLedger"]


class MemoryLedger:
    """A ledger that ends with the process.

    Args:
        clock: Tells when each entry is written.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> from modelwright.kernel.clock import SteppingClock
        >>> ledger = MemoryLedger(clock=SteppingClock())
        >>> ledger.append("note", {"text": "hello"}, actor=Actor(kind=ActorKind.PERSON, name="lead")).sequence
        1
        >>> ledger.verify().status.value
        'passed'
    """

    def __init__(self, *, clock: Clock) -> None:
        """Start empty."""
        self._clock = clock
        self._links: list[Link] = []
        self._lock = Lock()

    def append(
        self,
        kind: str,
        body: Mapping[str, Json],
        *,
        actor: Actor,
        artifacts: Mapping[str, str] | None = None,
    ) -> Entry:
        """Add one entry after the head and return it."""
        with self._lock:
            after = self._links[-1] if self._links else None
            link = chained(after, kind, body, at=self._clock.now(), actor=actor, artifacts=artifacts or {})
            self._links.append(link)
        return opened(link)

    def adopt(self, links: Iterable[Link]) -> int:
        """Fill an empty ledger with a whole chain, or leave it empty."""
        with self._lock:
            refuse_to_overwrite(len(self._links))
            self._links = list(checked(links))
            return len(self._links)

    def entries(self, *, kinds: Collection[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield entries in order, only of these kinds when given, only after this sequence number."""
        return selected(self.links(after=after), kinds)

    def links(self, *, after: int = 0) -> Iterator[Link]:
        """Yield entries as they are stored, in order, only after this sequence number."""
        yield from self._links[max(after, 0) :]

    def head(self) -> str:
        """Return the digest of the last entry, GENESIS when there is none."""
        return self._links[-1].digest if self._links else GENESIS

    def verify(self, *, head: str | None = None) -> Outcome:
        """Walk the chain: passed, or failed with the first entry that does not fit."""
        return check_chain(self.links(), head=head)

    def close(self) -> None:
        """Do nothing: what is in memory stays open."""

"""A feature store in memory: for tests, examples and rehearsals; it keeps every promise but durability."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from modelwright.features.store import EntityKey, OnlineRow

__all__ = ["MemoryFeatureStore"]


class MemoryFeatureStore:
    """A feature store that ends with the process.

    Examples:
        >>> MemoryFeatureStore().get("calls", ("a",)) is None
        True
    """

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[tuple[str, EntityKey], OnlineRow] = {}
        self._stamps: dict[str, datetime] = {}
        self._lock = Lock()

    def put(self, view: str, rows: Sequence[OnlineRow]) -> None:
        """Keep rows; one as of an earlier moment replaces none of a later."""
        with self._lock:
            for row in rows:
                before = self._rows.get((view, row.entity))
                if before is None or before.as_of <= row.as_of:
                    self._rows[view, row.entity] = row

    def get(self, view: str, entity: EntityKey) -> OnlineRow | None:
        """Return the row of an entity; None when it has none."""
        return self._rows.get((view, entity))

    def stamp(self, view: str, as_of: datetime) -> None:
        """Say that all rows of a view are as of this moment; an earlier moment changes nothing."""
        with self._lock:
            self._stamps[view] = max(as_of, self._stamps.get(view, as_of))

    def stamped(self, view: str) -> datetime | None:
        """Return the moment all rows of a view are of; None when it was never complete."""
        return self._stamps.get(view)

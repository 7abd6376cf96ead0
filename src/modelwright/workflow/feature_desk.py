"""The desk of features: what a surface can do with feature tables, the online store and lineage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.kernel.digest import short
from modelwright.ledger.entry import Ledger
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # records that are loaded by the methods that return them
    from modelwright.data.lineage import Lineage
    from modelwright.features.store import OnlineFeatures
    from modelwright.kernel.digest import Json
    from modelwright.workflow.featuring import FeatureCheck, Materialised

__all__ = ["FeatureDesk", "feature_prefix"]


def feature_prefix(ledger: Ledger) -> str:
    """Return what the keys of a project start with in a store that projects share.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> feature_prefix(MemoryLedger(clock=SteppingClock()))
        'modelwright:new'
    """
    first = next(iter(ledger.entries()), None)
    return "modelwright:" + ("new" if first is None else short(first.digest))


@dataclass(frozen=True, slots=True)
class FeatureDesk:
    """Materialise, look up, check, trace.

    Examples:
        >>> "materialise" in dir(FeatureDesk)
        True
    """

    ports: Ports
    """The outside world."""

    def materialise(self, *, at: datetime | None = None) -> "Materialised":
        """Bring the features of every feature table to the online store, as of now or an earlier moment."""
        from modelwright.workflow.featuring import materialise_features

        return materialise_features(self.ports, at=at)

    def look_up(self, table: str, entity: Sequence[str]) -> "OnlineFeatures":
        """Look the features of one entity up, with the moment they are of."""
        from modelwright.workflow.featuring import look_up

        return look_up(self.ports, table, entity)

    def check(self) -> "FeatureCheck":
        """Judge freshness, and whether online equals offline."""
        from modelwright.workflow.featuring import check_features

        return check_features(self.ports)

    def lineage(self) -> "Lineage":
        """Trace every column back to columns of the sources."""
        from modelwright.workflow.featuring import project_lineage

        return project_lineage(self.ports)

    def lineage_events(self) -> "tuple[Mapping[str, Json], ...]":
        """Return the lineage as OpenLineage events."""
        from modelwright.data.openlineage import events_of
        from modelwright.workflow.featuring import project_lineage

        return events_of(project_lineage(self.ports), at=self.ports.clock.now())

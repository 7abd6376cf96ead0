"""Completion: rows that name whom they are about get the features of feature tables from the online store.

A row that brings all features of a table keeps them. For one that brings none, they are looked up under the
definition its version was trained on. Features that are too old, or unknown, are not guessed: the row gets
the fallback, with that reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import parse_duration
from modelwright.data.feature_reading import feature_view
from modelwright.features.plan import FeaturePlan
from modelwright.features.store import FeatureStore, Lookup, entity_key
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import WorldFault
from modelwright.kernel.outcome import Status

__all__ = ["Completed", "RowCompleter"]

REASONS: Mapping[Status, str] = {
    Status.FAILED: "features too old",
    Status.UNKNOWN: "features unknown",
}
"""Why a row gets the fallback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Rows as the model reads them.

    Examples:
        >>> Completed(rows=({"age": 3},)).lacking
        {}
    """

    rows: Sequence[object]
    """The rows, with what was looked up."""
    lacking: Mapping[int, str] = field(default_factory=dict)
    """Rows that must get the fallback, each with the reason."""


class RowCompleter:
    """Completes rows for one version.

    Args:
        contract: Declares the feature tables of that version.
        plan: What its model reads.
        store: Where online features lie.
        clock: Tells how old they are.

    Examples:
        >>> RowCompleter.__name__
        'RowCompleter'
    """

    def __init__(self, contract: Contract, plan: FeaturePlan, store: FeatureStore, *, clock: Clock) -> None:
        """Make one look-up a table the model reads from."""
        read = set(plan.columns)
        self._lookups = []
        for table in contract.data.feature_tables:
            wanted = tuple(name for name in table.outputs if name in read)
            written = table.freshness or contract.data.freshness
            limit = parse_duration(written) if written else None
            if wanted:
                lookup = Lookup(feature_view(table), store, clock=clock, freshness=limit)
                self._lookups.append((table.keys, wanted, lookup))

    def complete(self, rows: Sequence[object]) -> Completed:
        """Return rows with the features they lack, and which of them cannot be answered by the model."""
        if not self._lookups:
            return Completed(rows=rows)
        made: list[object] = []
        lacking: dict[int, str] = {}
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                made.append(row)
                continue
            whole, reason = self._completed(row)
            made.append(whole)
            if reason:
                lacking[index] = reason
        return Completed(rows=made, lacking=lacking)

    def _completed(self, row: Mapping[str, object]) -> tuple[Mapping[str, object], str]:
        whole: dict[str, object] = dict(row)
        reason = ""
        for keys, wanted, lookup in self._lookups:
            # Without a key nothing can be looked up: what is missing is then told as for any column.
            if any(name in row for name in wanted) or not all(key in row for key in keys):
                continue
            try:
                found = lookup.get(entity_key(row[key] for key in keys))
            except WorldFault:
                reason = REASONS[Status.UNKNOWN]
                whole |= dict.fromkeys(wanted)
                continue
            whole |= {name: found.values.get(name) for name in wanted}
            reason = reason or REASONS.get(found.status, "")
        return whole, reason

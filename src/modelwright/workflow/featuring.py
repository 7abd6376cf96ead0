"""Featuring: feature tables are brought to the online store and held against it; columns are traced."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import parse_duration
from modelwright.contracts.feature import FeatureTable
from modelwright.contracts.reading import read_contract
from modelwright.data.asof import Timeline
from modelwright.data.feature_reading import feature_view, read_feature_tables
from modelwright.data.lineage import Lineage, lineage_of
from modelwright.data.snapshot import Snapshot
from modelwright.features.derivation import derivations
from modelwright.features.plan import FeaturePlan
from modelwright.features.store import (
    Lookup,
    Materialisation,
    OnlineFeatures,
    check_equality,
    check_freshness,
    entity_key,
    materialise,
)
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.errors import UnknownName, UserFault
from modelwright.kernel.outcome import Outcome, overall
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

__all__ = [
    "FeatureCheck",
    "Materialised",
    "check_features",
    "look_up",
    "materialise_features",
    "project_lineage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Materialised:
    """What was brought to the online store.

    Examples:
        >>> Materialised(views=()).views
        ()
    """

    views: tuple[Materialisation, ...]
    """One a feature table."""

    def document(self) -> Document:
        """Render what was brought."""
        rows = tuple(
            (one.view, f"{one.entities:,}", f"{one.as_of:%Y-%m-%d %H:%M:%S} UTC") for one in self.views
        )
        table = Table(columns=("feature table", "entities", "as of"), rows=rows)
        return Document(title="Features materialised", blocks=(table,))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCheck:
    """Whether what is online is young enough, and what the tables give.

    Examples:
        >>> FeatureCheck(outcomes=()).outcome.status.value
        'unknown'
    """

    outcomes: tuple[Outcome, ...]
    """Freshness and equality of each feature table."""

    @property
    def outcome(self) -> Outcome:
        """All of them together."""
        return overall(self.outcomes, what="online features")

    def document(self) -> Document:
        """Render the outcomes."""
        told = self.outcome
        rows = tuple(
            (one.status.value, one.what, "; ".join(one.evidence), one.next_step) for one in self.outcomes
        )
        table = Table(columns=("", "check", "seen", "next"), rows=rows)
        callout = Callout(tone=told.status.value, text=f"Online features: {told.status.value}")
        return Document(title="Online features", blocks=(callout, table))


def _contract(ports: Ports) -> Contract:
    ports.project.require()
    return read_contract(ports.project.contract_file)


def _declared(contract: Contract) -> Sequence[FeatureTable]:
    tables = contract.data.feature_tables
    if not tables:
        raise UserFault(
            "the contract declares no feature tables",
            why="without one there is nothing to bring to a store, and nothing to look up",
            next_step="add data.feature_tables to contract.yaml",
        )
    return tables


def _limit(table: FeatureTable, contract: Contract) -> timedelta | None:
    written = table.freshness or contract.data.freshness
    return parse_duration(written) if written else None


def _timelines(ports: Ports, contract: Contract) -> Iterator[Timeline]:
    for table in read_feature_tables(contract, root=ports.project.root, connector=ports.connector()):
        yield Timeline(table.view, table.frame)


def materialise_features(ports: Ports, *, at: datetime | None = None) -> Materialised:
    """Bring the features of every feature table to the online store, as of one moment.

    Args:
        ports: The outside world.
        at: The moment; now when not given. An earlier one replaces nothing newer.

    Raises:
        UserFault: When the contract declares no feature tables.
        DataInvalid: When a table cannot be read or does not fit.
        WorldFault: When the store does not answer.
    """
    contract = _contract(ports)
    _declared(contract)
    moment = at or ports.clock.now()
    store = ports.feature_store()
    made = []
    for timeline in _timelines(ports, contract):
        ports.progress.say(f"materialising {timeline.view.name}")
        made.append(materialise(timeline, store, at=moment))
    return Materialised(views=tuple(made))


def check_features(ports: Ports) -> FeatureCheck:
    """Judge the online copy of every feature table: how old it is, and whether it equals the table.

    Raises:
        UserFault: When the contract declares no feature tables.
        DataInvalid: When a table cannot be read or does not fit.
        WorldFault: When the store does not answer.
    """
    contract = _contract(ports)
    limits = {table.name: _limit(table, contract) for table in _declared(contract)}
    store, now = ports.feature_store(), ports.clock.now()
    outcomes: list[Outcome] = []
    for timeline in _timelines(ports, contract):
        limit = limits[timeline.view.name]
        outcomes.append(check_freshness(timeline.view, store, now=now, limit=limit))
        outcomes.append(check_equality(timeline, store))
    return FeatureCheck(outcomes=tuple(outcomes))


def look_up(ports: Ports, table: str, entity: Sequence[str]) -> OnlineFeatures:
    """Look the features of one entity up.

    Raises:
        UserFault: When the contract declares no feature tables, or the key has other parts.
        UnknownName: When there is no such table.
        WorldFault: When the store does not answer.
    """
    contract = _contract(ports)
    known = {one.name: one for one in _declared(contract)}
    if table not in known:
        raise UnknownName.among("feature table", table, known)
    keys = known[table].keys
    if len(entity) != len(keys):
        raise UserFault(
            f"{len(entity)} values do not make a key of {table}",
            why="a row is about one entity",
            next_step=f"give {' and '.join(keys)}",
        )
    lookup = Lookup(
        feature_view(known[table]),
        ports.feature_store(),
        clock=ports.clock,
        freshness=_limit(known[table], contract),
    )
    return lookup.get(entity_key(entity))


def project_lineage(ports: Ports) -> Lineage:
    """Trace every column that was made so far: of the snapshot after phase 2, of the matrix after phase 4.

    Raises:
        UserFault: When no snapshot was taken yet.
    """
    contract = _contract(ports)
    history = fold(ports.ledger.entries())
    if 2 not in history.completions:
        raise UserFault(
            "no snapshot was taken yet",
            why="lineage says where the columns of a snapshot came from",
            next_step="modelwright run",
        )
    outputs: Mapping[str, str] = history.completions[2].outputs
    snapshot = ports.store.get_record(outputs["snapshot"], Snapshot)
    plan = None
    if 4 in history.completions:
        plan = ports.store.get_record(history.completions[4].outputs["plan"], FeaturePlan)
    return lineage_of(
        contract,
        snapshot_digest=snapshot.digest,
        source_digests=snapshot.source_digests,
        features=() if plan is None else derivations(plan, contract),
    )

"""Live: what the server, the batch job, the labels and the monitor need, gathered from the project."""

import socket
from dataclasses import dataclass, replace
from pathlib import Path

from modelwright.data.feature_join import FeatureJoin, lacking_tables
from modelwright.data.feature_reading import read_feature_tables
from modelwright.features.store import FeatureStore
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import DataInvalid, Fault, PhaseLocked
from modelwright.ledger.artifacts import write_atomically
from modelwright.registry.bundle import Bundle
from modelwright.registry.roster import write_roster
from modelwright.registry.version import Version, verdict_now
from modelwright.registry.versions import versions
from modelwright.rollout.state import read_state
from modelwright.serving.batch import BatchResult, score_file, source_columns
from modelwright.serving.configuration import LOOPBACK, ServerSettings
from modelwright.serving.labels import add_labels, read_labels
from modelwright.serving.router import Routing, read_routing, write_routing
from modelwright.workflow.feature_desk import feature_prefix
from modelwright.workflow.outward import demand_free
from modelwright.workflow.places import champion_bundle, places_of, standing_champion
from modelwright.workflow.ports import Ports
from modelwright.workflow.rolling import traffic_of
from modelwright.workflow.waiving import present

__all__ = [
    "AddedLabels",
    "ServePlan",
    "add_label_file",
    "follow_ledger",
    "score_table",
    "serve_plan",
    "server_settings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServePlan:
    """A server that is ready to be started.

    Examples:
        >>> ServePlan.__slots__[0]
        'name'
    """

    name: str
    """The model's name."""
    version: str
    """The champion."""
    settings: ServerSettings
    """What the server is started with."""
    clock: Clock
    """The time."""
    features: FeatureStore
    """Where features of feature tables are looked up."""

    @property
    def host(self) -> str:
        """Address it listens on."""
        return self.settings.host

    @property
    def port(self) -> int:
        """Port it listens on."""
        return self.settings.port

    def run(self) -> None:
        """Serve until stopped."""
        from modelwright.serving.server import run_server

        run_server(self.settings, clock=self.clock, features=self.features)


def server_settings(ports: Ports, *, host: str = "127.0.0.1", port: int = 0) -> ServerSettings:
    """Write roster and routing out of the ledger and return what a server is started with.

    Args:
        ports: The outside world.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.

    Raises:
        PhaseLocked: When there is no champion, what let it out has expired, or the address is open to others
            and no token is set.
    """
    places = places_of(ports)
    found = standing_champion(ports)
    _demand_verdict(ports, found)
    token = ports.token
    if host not in LOOPBACK and not token:
        raise PhaseLocked(
            f"{host} can be reached by others, and there is no token",
            why="endpoints that change state must not be open to everybody",
            next_step="set MODELWRIGHT_TOKEN, or serve on 127.0.0.1",
        )
    if token:
        write_atomically(places.token, token.encode("utf-8"))
        places.token.chmod(0o600)
    follow_ledger(ports)
    return ServerSettings(
        roster=str(places.roster),
        routing=str(places.routing),
        contract_digest=found.contract_digest,
        logs=str(places.logs),
        labels=str(places.labels),
        sketches=str(places.sketches),
        log_key=str(places.log_key),
        state_file=str(places.state),
        token_file=str(places.token) if token else "",
        features_file=str(ports.project.features),
        features_prefix=feature_prefix(ports.ledger),
        host=host,
        port=port,
    )


def _demand_verdict(ports: Ports, version: Version) -> None:
    """Refuse to begin to answer with a version that nothing vouches for any more.

    Raises:
        PhaseLocked: When it never passed its gates and the glass that was broken for it has expired.
    """
    outcome = verdict_now(version, now=present(ports, tuple(ports.ledger.entries())))
    if not outcome.allows:
        raise PhaseLocked(
            f"{version.version} has no verdict any more: what let it out has expired",
            why="only a version that passed its gates answers; what was let out was let out for a time",
            next_step=outcome.next_step,
            faults=[Fault(version.version, line) for line in outcome.evidence],
        )


def follow_ledger(ports: Ports) -> None:
    """Make roster and routing say what the ledger says; a rollback that was cut short is finished first.

    Args:
        ports: The outside world.
    """
    places = places_of(ports)
    write_roster(places.roster, versions(ports.ledger))
    traffic = traffic_of(ports)
    traffic.put_right()
    state = read_state(ports.ledger)
    if state is not None and state.active:
        traffic.follow()
        return
    wanted = Routing(champion=standing_champion(ports).version)
    if places.routing.exists() and replace(read_routing(places.routing), salt="") == wanted:
        return
    write_routing(places.routing, wanted)


def serve_plan(ports: Ports, *, host: str, port: int) -> ServePlan:
    """Return a server for the champion that is ready to be started.

    Args:
        ports: The outside world.
        host: Address to listen on.
        port: Port to listen on; 0 takes one that is free now, to be told before it starts.
    """
    settings = server_settings(ports, host=host, port=port or _free_port(host))
    found = standing_champion(ports)
    return ServePlan(
        name=found.name,
        version=found.version,
        settings=settings,
        clock=ports.clock,
        features=ports.feature_store(),
    )


def _free_port(host: str) -> int:
    """Return a port nobody listens on; 0, which the server then refuses, where there is no such address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            tried.bind((host, 0))
            return int(tried.getsockname()[1])
    except OSError:
        return 0


def score_table(ports: Ports, source: Path, target: Path) -> BatchResult:
    """Score a table with the champion; killed and called again, it goes on without a lost or doubled row.

    Features of feature tables that it leaves out are joined, as of the time of each row, or as of now where
    it has no column of times.

    Args:
        ports: The outside world.
        source: The table.
        target: Where the answers go.

    Raises:
        PhaseLocked: When there is no champion, or what let it out has expired.
        UserFault: When the answers would be written over evidence or over a table that is read.
        DataInvalid: When the table or a feature table cannot be read, or lacks columns.
    """
    _demand_verdict(ports, standing_champion(ports))
    bundle = champion_bundle(ports)
    demand_free(ports, target, kept=[source])
    return score_file(bundle, source, target, features=_features_for(ports, bundle, source))


def _features_for(ports: Ports, bundle: Bundle, source: Path) -> FeatureJoin | None:
    """Read the feature tables that a table to be scored leaves out; None where it leaves out none."""
    if not bundle.contract.data.feature_tables:
        return None
    there = source_columns(source)
    lacking = lacking_tables(bundle.contract, wanted=bundle.pipeline.plan.columns, there=there)
    if not lacking:
        return None
    data = bundle.contract.data.model_copy(update={"feature_tables": lacking})
    contract = bundle.contract.model_copy(update={"data": data})
    tables = read_feature_tables(contract, root=ports.project.root, connector=ports.connector())
    return FeatureJoin(contract, tables, there=there, at=ports.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLabels:
    """What came of a table of labels.

    Examples:
        >>> AddedLabels(added=3, repeated=0, unmatched=1).unmatched
        1
    """

    added: int
    """Answers that have a label now and had none before."""
    repeated: int
    """Labels that came again or corrected one; the last one counts."""
    unmatched: int
    """Rows whose request was never answered here: their labels say nothing."""


def add_label_file(ports: Ports, source: Path) -> AddedLabels:
    """Hand in labels from a table with the columns request_id and label.

    Args:
        ports: The outside world.
        source: The table.

    Raises:
        DataInvalid: When the table cannot be read, or none of its rows belongs to an answer of this project.
    """
    from modelwright.data.source import read_table
    from modelwright.serving.log import read_log

    ports.project.require()
    table = read_table(source)
    places = places_of(ports)
    unmatched = 0
    if "request_id" in table.columns:
        known = read_log(places.logs)["request_id"].unique().implode()
        asked = table["request_id"].cast(str)
        unmatched = table.height - int(asked.is_in(known).sum())
        if unmatched == table.height:
            raise DataInvalid(
                f"no row of {source.name} belongs to an answer of this project",
                why="a label without its answer says nothing about the model",
                next_step="hand in the request ids that the answers carried",
                found=f"{unmatched} unknown request ids",
            )
    before = read_labels(places.labels).height
    taken = add_labels(places.labels, table, clock=ports.clock)
    added = read_labels(places.labels).height - before
    return AddedLabels(added=added, repeated=taken - added, unmatched=unmatched)

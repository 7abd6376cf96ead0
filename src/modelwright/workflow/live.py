"""Live: what the server, the batch job, the labels and the monitor need, gathered from the project."""

from dataclasses import dataclass, replace
from pathlib import Path

from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.artifacts import write_atomically
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.versions import Version, champion, versions, write_roster
from modelwright.rollout.state import read_state
from modelwright.serving.batch import BatchResult, score_file
from modelwright.serving.configuration import LOOPBACK, ServerSettings
from modelwright.serving.labels import add_labels
from modelwright.serving.router import Routing, read_routing, write_routing
from modelwright.workflow.engine import look
from modelwright.workflow.ports import Ports
from modelwright.workflow.promotion import demand_contract

__all__ = [
    "LivePlaces",
    "ServePlan",
    "add_label_file",
    "champion_bundle",
    "places_of",
    "score_table",
    "serve_plan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlaces:
    """Where the files of serving lie.

    Examples:
        >>> LivePlaces(store=Path("p/.modelwright")).routing.name
        'routing.json'
    """

    store: Path
    """The project's store."""

    @property
    def roster(self) -> Path:
        """Versions and their standing; bundle paths start from its folder."""
        return self.store / "versions.json"

    @property
    def routing(self) -> Path:
        """Which version answers whom."""
        return self.store / "serving" / "routing.json"

    @property
    def logs(self) -> Path:
        """The prediction log."""
        return self.store / "serving" / "log"

    @property
    def labels(self) -> Path:
        """Labels that came back."""
        return self.store / "serving" / "labels"

    @property
    def sketches(self) -> Path:
        """Counts of live inputs."""
        return self.store / "serving" / "sketches"

    @property
    def log_key(self) -> Path:
        """The key entities are hashed with."""
        return self.store / "serving" / "log.key"

    @property
    def token(self) -> Path:
        """The token for endpoints that change state."""
        return self.store / "serving" / "token"

    @property
    def state(self) -> Path:
        """Where a running server says where it listens."""
        return self.store / "serving" / "server.json"


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

        run_server(self.settings, clock=self.clock)


def places_of(ports: Ports) -> LivePlaces:
    """Return where the files of serving lie.

    Args:
        ports: The outside world.
    """
    return LivePlaces(store=ports.project.store)


def standing_champion(ports: Ports) -> Version:
    """Return the champion, judged under the contract in force.

    Raises:
        PhaseLocked: When no version has been promoted.
        ContractChanged: When it was judged under another contract.
    """
    found = champion(ports.ledger)
    if found is None:
        raise PhaseLocked(
            "there is no champion to answer",
            why="only a promoted version answers",
            next_step="modelwright run until it is done, then modelwright promote VERSION --reason ...",
        )
    demand_contract(look(ports), found)
    return found


def champion_bundle(ports: Ports) -> Bundle:
    """Load the champion's bundle, its digest demanded again.

    Raises:
        PhaseLocked: When no version has been promoted.
        BundleRejected: When its bytes are not those that were registered.
    """
    found = standing_champion(ports)
    return load(ports.project.store / found.path, expected_digest=found.bundle_digest)


def server_settings(ports: Ports, *, host: str = "127.0.0.1", port: int = 0) -> ServerSettings:
    """Write roster and routing out of the ledger and return what a server is started with.

    Args:
        ports: The outside world.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.

    Raises:
        PhaseLocked: When there is no champion, or the address is open to others and no token is set.
    """
    places = places_of(ports)
    found = standing_champion(ports)
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
    write_roster(places.roster, versions(ports.ledger))
    _follow_ledger(ports, places, found)
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
        host=host,
        port=port,
    )


def _follow_ledger(ports: Ports, places: LivePlaces, found: Version) -> None:
    state = read_state(ports.ledger)
    wanted = state.routing if state is not None and state.active else Routing(champion=found.version)
    if places.routing.exists():
        present = read_routing(places.routing)
        if replace(present, salt="") == replace(wanted, salt=""):
            return
    write_routing(places.routing, wanted)


def serve_plan(ports: Ports, *, host: str, port: int) -> ServePlan:
    """Return a server for the champion that is ready to be started.

    Args:
        ports: The outside world.
        host: Address to listen on.
        port: Port to listen on.
    """
    settings = server_settings(ports, host=host, port=port)
    found = standing_champion(ports)
    return ServePlan(name=found.name, version=found.version, settings=settings, clock=ports.clock)


def score_table(ports: Ports, source: Path, target: Path) -> BatchResult:
    """Score a table with the champion; killed and called again, it goes on without a lost or doubled row.

    Args:
        ports: The outside world.
        source: The table.
        target: Where the answers go.
    """
    return score_file(champion_bundle(ports), source, target)


def add_label_file(ports: Ports, source: Path) -> int:
    """Hand in labels from a table with the columns request_id and label; return how many were new.

    Args:
        ports: The outside world.
        source: The table.
    """
    from modelwright.data.source import read_table

    return add_labels(places_of(ports).labels, read_table(source), clock=ports.clock)


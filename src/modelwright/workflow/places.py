"""Places: where the files of serving lie, and which version answers."""

from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.digest import short
from modelwright.kernel.errors import ContractChanged, PhaseLocked
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.versions import Version, champion
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

__all__ = ["LivePlaces", "champion_bundle", "places_of", "standing_champion"]


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


def places_of(ports: Ports) -> LivePlaces:
    """Return where the files of serving lie.

    Args:
        ports: The outside world.
    """
    return LivePlaces(store=ports.project.store)


def standing_champion(ports: Ports) -> Version:
    """Return the champion, judged under a contract that was in force in this project.

    What operates stands on the ledger and the bundle alone: an edit of contract.yaml, or a typo in it, must
    not take the brake away from a rollout or the answers from callers.

    Raises:
        PhaseLocked: When no version has been promoted.
        ContractChanged: When it was judged under a contract that was never in force here.
    """
    ports.project.require()
    found = champion(ports.ledger)
    if found is None:
        raise PhaseLocked(
            "there is no champion to answer",
            why="only a promoted version answers",
            next_step="modelwright run until it is done, then modelwright promote VERSION --reason ...",
        )
    agreements = fold(ports.ledger.entries()).agreements
    if found.contract_digest not in agreements:
        raise ContractChanged(
            f"{found.version} was judged under a contract that was never in force here",
            why="gate, registry, server and rollout must mean the same agreement",
            next_step="modelwright run judges a new version under the present contract",
            found=short(found.contract_digest),
            expected=", ".join(map(short, agreements)) or "a frozen contract",
        )
    return found


def champion_bundle(ports: Ports) -> Bundle:
    """Load the champion's bundle, its digest demanded again.

    Raises:
        PhaseLocked: When no version has been promoted.
        BundleRejected: When its bytes are not those that were registered.
    """
    found = standing_champion(ports)
    return load(ports.project.store / found.path, expected_digest=found.bundle_digest)

"""Traffic: the routing file and the ledger kept in step, whatever instant the process was killed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, plain
from modelwright.kernel.errors import PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.entry import Ledger
from modelwright.registry.manifest import Manifest
from modelwright.registry.versions import Version, champion, version_of, versions, write_roster
from modelwright.rollout.state import RolloutState, read_state
from modelwright.rollout.target import RollbackTarget
from modelwright.serving.router import Routing, read_routing, write_routing

__all__ = ["RolloutPlaces", "Traffic"]

BACK = "back-from-"
"""Beginning of the salt while a completed rollout is being taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlaces:
    """Where the files lie that a rollout reads and writes.

    Examples:
        >>> RolloutPlaces(routing=Path("routing.json"), log=Path("log"), labels=Path("labels")).roster is None
        True
    """

    routing: Path
    """The routing file the server follows."""
    log: Path
    """Folder of the prediction log."""
    labels: Path
    """Folder of the labels."""
    roster: Path | None = None
    """The roster of versions the server reads, rewritten before each change of routing; None leaves it."""


class Traffic:
    """Moves traffic and writes it down.

    Args:
        ledger: Where every move is written.
        places: Where the routing lies.
        manifests: Version to its bundle's manifest.
        actor: Who acts.

    Examples:
        >>> Traffic.__name__
        'Traffic'
    """

    def __init__(
        self, ledger: Ledger, *, places: RolloutPlaces, manifests: Mapping[str, Manifest], actor: Actor
    ) -> None:
        """Keep the ports."""
        self._ledger = ledger
        self._places = places
        self._manifests = manifests
        self._actor = actor

    def champion(self) -> Version:
        """Return who answers now.

        Raises:
            PhaseLocked: When there is no champion.
        """
        found = champion(self._ledger)
        if found is None:
            raise PhaseLocked(
                "there is no champion",
                why="a challenger is judged against what answers now, and traffic must have a way back",
                next_step="promote a version first",
            )
        return found

    def manifest(self, version: str) -> Manifest:
        """Return the manifest of a version's bundle.

        Raises:
            UnknownName: When it is not among those that were handed in.
        """
        if version not in self._manifests:
            raise UnknownName.among("bundle", version, self._manifests, why="it is not loaded here")
        return self._manifests[version]

    def target(self, version: Version) -> RollbackTarget:
        """Name everything a rollback to a version needs."""
        return RollbackTarget.of(version, self.manifest(version.version))

    def note(self, kind: str, body: Mapping[str, Json], *, about: tuple[Version, ...] = ()) -> None:
        """Write a move down, with the bundles it is about."""
        named = {version.version: version.bundle_digest for version in about}
        self._ledger.append(kind, body, actor=self._actor, artifacts=named)

    def follow(self) -> RolloutState:
        """Make the routing file say what the ledger says.

        Raises:
            PhaseLocked: When there never was a rollout.
        """
        state = read_state(self._ledger)
        if state is None:
            raise PhaseLocked("there is no rollout to route", next_step="start one")
        path = self._places.routing
        if not path.exists() or read_routing(path) != state.routing:
            self._write_roster()
            write_routing(path, state.routing)
        return state

    def take_back(
        self, state: RolloutState, *, reason: str, outcomes: tuple[Outcome, ...] = ()
    ) -> RollbackTarget:
        """Send all traffic back, then write it down: the safe direction does not wait for the ledger."""
        goal = self.target(version_of(self._ledger, state.champion))
        salt = f"{BACK}{state.rollout}" if state.phase == "completed" else state.rollout
        write_routing(self._places.routing, Routing(champion=state.champion, salt=salt))
        self._record(state, reason=reason, outcomes=outcomes, goal=goal)
        return goal

    def put_right(self) -> bool:
        """Finish what was cut short between the routing file and the ledger; whether a rollback was.

        Traffic that was moved back is written down; a rollout that ended is routed as it ended.
        """
        state = read_state(self._ledger)
        if state is None or not self._places.routing.exists():
            return False
        found = read_routing(self._places.routing)
        salts = {"active": state.rollout, "completed": f"{BACK}{state.rollout}"}
        moved = found.challenger is None and found.champion == state.champion
        if moved and found.salt == salts.get(state.phase):
            reason = "all traffic was found back on the champion: the rollback had not been written down"
            goal = self.target(version_of(self._ledger, state.champion))
            self._record(state, reason=reason, outcomes=(), goal=goal)
            return True
        if not state.active and found.salt == state.rollout:
            self.follow()
        return False

    def _record(
        self, state: RolloutState, *, reason: str, outcomes: tuple[Outcome, ...], goal: RollbackTarget
    ) -> None:
        before = version_of(self._ledger, state.champion)
        if before.standing != "champion":
            self._ledger.append(
                "version.promoted",
                {
                    "version": before.version,
                    "previous": state.challenger,
                    "reason": f"{state.challenger} was rolled back: {reason}",
                },
                actor=self._actor,
                artifacts={"bundle": before.bundle_digest},
            )
        self.note(
            "rollout.rolled_back",
            {
                **state.body(),
                "step": state.step,
                "reason": reason,
                "outcomes": plain(outcomes),
                "to": goal.body(),
            },
            about=(before,),
        )
        self._write_roster()

    def _write_roster(self) -> None:
        if self._places.roster is not None:
            write_roster(self._places.roster, versions(self._ledger))

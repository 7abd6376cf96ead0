"""The switchboard: the engines in service and the routing between them, replaced together, never half."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from modelwright.contracts.contract import Contract
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import Json, plain
from modelwright.kernel.errors import ModelwrightError, PhaseLocked, UnknownName
from modelwright.registry.versions import Version, read_roster, verdict_now
from modelwright.serving.admission import SERVABLE, admit, admit_routing
from modelwright.serving.engine import Engine
from modelwright.serving.router import Arm, Routing, arm_of, read_routing
from modelwright.tasks.target import TargetSpec

__all__ = ["Lines", "Switchboard"]

FORCEABLE = 8
"""Versions kept loaded for testers, latest first, beside those in the routing."""

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """What is in service at one moment.

    Examples:
        >>> Lines.__slots__[0]
        'routing'
    """

    routing: Routing
    """Who answers whom."""
    engines: Mapping[str, Engine]
    """Loaded versions by name."""
    versions: Mapping[str, Version]
    """All versions the roster knows."""
    refused: Mapping[str, str]
    """Versions outside of the routing that were not admitted, each with its reason."""
    trouble: str = ""
    """Why the routing on disk is not followed; empty when it is."""


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino, facts.st_size


class Switchboard:
    """Follows the roster and the routing on disk.

    A new routing is followed as a whole, once every version it names is loaded and admitted; until then,
    and when one is refused, the old one stays in service. Requests under way end with the engine they
    began with.

    Args:
        roster: The file of versions.
        routing: The file of the routing.
        contract_digest: The contract every version must have been made under.
        clock: Handed to engines.

    Raises:
        ModelwrightError: At the start, when what the routing names may not answer.

    Examples:
        >>> Switchboard.__name__
        'Switchboard'
    """

    def __init__(self, *, roster: Path, routing: Path, contract_digest: str, clock: Clock) -> None:
        """Load what the routing names, or refuse to start."""
        self._roster = roster
        self._routing = routing
        self._contract_digest = contract_digest
        self._clock = clock
        self._seen: Stamp = self._look()
        self.lines = self._load({})

    def _look(self) -> Stamp:
        return _stamp(self._roster), _stamp(self._routing)

    def changed(self) -> bool:
        """Whether the files on disk are others than those that were read last."""
        return self._look() != self._seen

    def refresh(self) -> Lines:
        """Follow the files on disk; when they cannot be followed, keep what is in service and say why."""
        self._seen = self._look()
        try:
            self.lines = self._load(self.lines.engines)
        except ModelwrightError as error:
            self.lines = replace(self.lines, trouble=str(error))
        return self.lines

    def _load(self, engines: Mapping[str, Engine]) -> Lines:
        routing = read_routing(self._routing)
        known = {version.version: version for version in read_roster(self._roster)}
        admit_routing(routing, known)
        named = [name for name in (routing.champion, routing.challenger) if name is not None]
        loaded = {name: self._engine(known[name], engines) for name in named}
        refused: dict[str, str] = {}
        others = [v for v in known.values() if v.version not in loaded and v.standing in SERVABLE]
        for version in others[-FORCEABLE:]:
            if version.standing != "drill" and version.verdict_status == "passed":
                try:
                    loaded[version.version] = self._engine(version, engines)
                except ModelwrightError as error:
                    refused[version.version] = error.what
        return Lines(routing=routing, engines=loaded, versions=known, refused=refused)

    def _engine(self, version: Version, engines: Mapping[str, Engine]) -> Engine:
        before = engines.get(version.version)
        same = before is not None and before.bundle.digest == version.bundle_digest
        if before is not None and same and version.standing in SERVABLE:
            return before
        bundle = admit(
            version,
            folder=self._roster.parent,
            contract_digest=self._contract_digest,
            now=self._clock.now(),
        )
        return Engine(bundle, clock=self._clock)

    @property
    def _contract(self) -> Contract:
        lines = self.lines
        return lines.engines[lines.routing.champion].bundle.contract

    @property
    def entity(self) -> str | None:
        """The column that names what a prediction is about; the same for all versions of a contract."""
        return self._contract.prediction.entity

    @property
    def audit(self) -> bool:
        """Whether the contract wants answers in a log."""
        return self._contract.prediction.privacy.audit

    @property
    def target(self) -> TargetSpec:
        """What is predicted, by the champion."""
        lines = self.lines
        return lines.engines[lines.routing.champion].bundle.pipeline.target

    def _verdict(self, version: Version) -> str:
        """Say what lets a version answer now: passed, overridden for a time, or nothing any more."""
        if version.verdict_status == "passed" or version.override_until is None:
            return version.verdict_status
        if verdict_now(version, now=self._clock.now()).allows:
            return f"{version.verdict_status}, overridden until {version.override_until:%Y-%m-%dT%H:%MZ}"
        return f"none: the override expired {version.override_until:%Y-%m-%dT%H:%MZ}"

    @property
    def without_verdict(self) -> tuple[str, ...]:
        """Versions in the routing whose override has expired: they answer, and nothing vouches for them."""
        lines, now = self.lines, self._clock.now()
        named = (lines.routing.champion, lines.routing.challenger)
        return tuple(
            name
            for name in named
            if name is not None
            and lines.versions[name].standing != "drill"
            and not verdict_now(lines.versions[name], now=now).allows
        )

    def overview(self) -> Mapping[str, Json]:
        """Return what is in service, for whoever asks; no path and no key is in it."""
        lines = self.lines
        return {
            "model": self._contract.name,
            "contract": self._contract_digest,
            "task": self._contract.prediction.task,
            "routing": plain(lines.routing),
            "routing_refused": lines.trouble,
            "versions": [
                {
                    "version": name,
                    "standing": version.standing,
                    "bundle": version.bundle_digest,
                    "in_service": name in lines.engines,
                    "verdict": self._verdict(version),
                    "refused": lines.refused.get(name, ""),
                }
                for name, version in lines.versions.items()
            ],
        }

    def route(self, key: str) -> tuple[Engine, Arm]:
        """Return who answers a key."""
        lines = self.lines
        arm = arm_of(lines.routing, key)
        name = lines.routing.challenger if arm == "challenger" else None
        return lines.engines[name or lines.routing.champion], arm

    def forced(self, name: str) -> Engine:
        """Return the engine of a version that a tester asked for.

        Raises:
            UnknownName: When there is no such version in service; the nearest is offered.
            PhaseLocked: When it is a drill.
        """
        lines = self.lines
        engine = lines.engines.get(name)
        if engine is None:
            open_to_testers = [other for other, item in lines.engines.items() if not item.drill]
            raise UnknownName.among("version", name[:60], open_to_testers, why=lines.refused.get(name, ""))
        if engine.drill and name != lines.routing.champion:
            raise PhaseLocked(
                f"{name} is a drill",
                why="a rehearsal model answers only what the rollout sends it",
                next_step="leave the header out",
            )
        return engine

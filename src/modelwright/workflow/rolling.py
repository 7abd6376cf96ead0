"""Rolling: start, watch, rehearse and take back rollouts, with every move in the ledger."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

from modelwright.data.snapshot import Snapshot, part
from modelwright.kernel.errors import ModelwrightError, PhaseLocked, ProjectBusy, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.registry.bundle import load, pack
from modelwright.registry.manifest import Manifest
from modelwright.registry.reference import build_reference
from modelwright.registry.versions import Version, champion, register, version_of, versions, write_roster
from modelwright.rollout.controller import Controller
from modelwright.rollout.drill import make_drill
from modelwright.rollout.state import RolloutState, read_state
from modelwright.rollout.target import RollbackTarget
from modelwright.rollout.traffic import RolloutPlaces, Traffic
from modelwright.serving.router import Routing, write_routing
from modelwright.training.run import Run
from modelwright.workflow.advancing import rollout_outcome
from modelwright.workflow.allowance import demand_contract, promotion_outcome
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.engine import look
from modelwright.workflow.notifying import tell_people
from modelwright.workflow.overriding import override_outcome
from modelwright.workflow.places import champion_bundle, places_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.waiving import demand_waivers, waiver_outcomes

__all__ = [
    "controller_of",
    "make_drill_version",
    "rollout_state",
    "start_rollout",
    "take_back",
    "watch_rollout",
]

EVERY = 0.5
"""Seconds between two looks at a rollout."""

TRIES, PAUSE = 50, 0.1
"""How often, and after how many seconds, the rollout's lock is asked for again."""

DRILL = "drill"
"""The beginning of a drill version's name."""


def manifests_of(ports: Ports, *, contract_digest: str) -> dict[str, Manifest]:
    """Return the manifests of all versions judged under a contract, every bundle's digest demanded.

    Args:
        ports: The outside world.
        contract_digest: The contract in force.
    """
    return {
        version.version: load(
            ports.project.store / version.path, expected_digest=version.bundle_digest
        ).manifest
        for version in versions(ports.ledger)
        if version.contract_digest == contract_digest
    }


def _rollout_places(ports: Ports) -> RolloutPlaces:
    places = places_of(ports)
    return RolloutPlaces(routing=places.routing, log=places.logs, labels=places.labels, roster=places.roster)


def traffic_of(ports: Ports) -> Traffic:
    """Return what keeps routing and ledger in step in this project.

    Args:
        ports: The outside world.
    """
    digest = champion_bundle(ports).manifest.contract_digest
    return Traffic(
        ports.ledger,
        places=_rollout_places(ports),
        manifests=manifests_of(ports, contract_digest=digest),
        actor=ports.actor,
    )


def controller_of(ports: Ports, *, time_scale: float = 1.0) -> Controller:
    """Build the controller of this project's rollouts; one that was killed goes on.

    Args:
        ports: The outside world.
        time_scale: What holds are multiplied with; below 1 only to rehearse.
    """
    bundle = champion_bundle(ports)
    return Controller(
        ports.ledger,
        contract=bundle.contract,
        target=bundle.pipeline.target,
        places=_rollout_places(ports),
        manifests=manifests_of(ports, contract_digest=bundle.manifest.contract_digest),
        clock=ports.clock,
        actor=ports.actor,
        permit=lambda name: _permit(ports, name),
        time_scale=time_scale,
    )


def start_rollout(ports: Ports, name: str, *, drill: bool = False, time_scale: float = 1.0) -> RolloutState:
    """Give a version its first share of the traffic.

    Raises:
        PhaseLocked: When gates, certificate, approval or contract do not allow it; all gaps are named.
        UnknownName: When there is no such version.
    """
    with moving(ports):
        now = look(ports)
        version = version_of(ports.ledger, name)
        demand_contract(now, version)
        write_roster(places_of(ports).roster, versions(ports.ledger))
        controller = controller_of(ports, time_scale=time_scale)
        if not drill:
            _demand_waived(ports, version)
        return controller.start(
            name,
            approval=promotion_outcome(ports, now, version),
            override=override_outcome(ports, version),
            drill=drill,
        )


def _demand_waived(ports: Ports, version: Version) -> None:
    bundle = load(ports.project.store / version.path, expected_digest=version.bundle_digest)
    waived = bundle.verdict.waived if bundle.verdict else {}
    demand_waivers(ports, waived, before=f"the rollout of {version.version}")


def _permit(ports: Ports, name: str) -> Outcome:
    """Say whether a challenger may take its next step: waivers hold, and the people who are asked agree.

    Whatever cannot be looked at is unknown and holds; it never ends the watch, which may have to roll back.

    Args:
        ports: The outside world.
        name: The challenger.
    """
    what = f"{name} may take its next step"
    try:
        version = version_of(ports.ledger, name)
        bundle = load(ports.project.store / version.path, expected_digest=version.bundle_digest)
        outcomes = [*waiver_outcomes(ports, bundle.verdict.waived if bundle.verdict else {})]
        state, override = read_state(ports.ledger), override_outcome(ports, version)
        if state is not None and not (override is not None and override.allows):
            outcomes.append(rollout_outcome(ports, state))
    except ModelwrightError as error:
        return Outcome(status=Status.UNKNOWN, what=what, evidence=(error.what,), next_step=error.next_step)
    stopped = [outcome for outcome in outcomes if not outcome.allows]
    return Outcome(
        status=Status.FAILED if stopped else Status.PASSED,
        what=what,
        evidence=tuple(f"{each.what}: {'; '.join(each.evidence)} ({each.next_step})" for each in stopped),
    )


def watch_rollout(ports: Ports, wait: Callable[[float], bool]) -> RolloutState | None:
    """Judge and move the running rollout until it ends or `wait` says to stop.

    Each look takes the rollout's lock for itself, so that somebody else can pull the brake between two looks.

    Args:
        ports: The outside world.
        wait: Waits for so many seconds and says whether to stop.
    """
    controller = controller_of(ports)
    while (state := controller.state) is not None and state.active:
        with moving(ports):
            controller.tick()
        if wait(EVERY):
            break
    _tell_rolled_back(ports)
    return controller.state


def take_back(ports: Ports, *, to: str | None, reason: str) -> RollbackTarget:
    """Send all traffic back in one step, without retraining: out of a rollout, or after a promotion.

    Args:
        ports: The outside world.
        to: The version to go back to; the one before when not given.
        reason: Why.

    Raises:
        PhaseLocked: When there is nothing to go back to.
        UnknownName: When `to` is not the champion before.
    """
    with moving(ports):
        previous = _before_promotion(ports)
        if previous is None:
            goal = controller_of(ports).roll_back(to=to, reason=reason)
        elif to not in {None, previous}:
            raise UnknownName.among("version to go back to", str(to), [previous])
        else:
            goal = _undo_promotion(ports, previous, reason=reason)
    _tell_rolled_back(ports)
    return goal


def _tell_rolled_back(ports: Ports) -> None:
    """Tell people about the last rollback, once; the traffic has moved long before."""
    moved = list(ports.ledger.entries(kinds=["rollout.rolled_back", "version.promoted"]))
    if not moved or (moved[-1].kind == "version.promoted" and "taken_back" not in moved[-1].body):
        return
    last = moved[-1]
    name = str(last.body.get("challenger") or last.body.get("taken_back") or "")
    tell_people(
        ports,
        "rolled back",
        subject=f"rollout:{name}",
        text=f"{name} was taken back: {last.body.get('reason') or 'no reason was written down'}",
        next_step="modelwright rollout status; modelwright monitor",
        occasion=last.digest,
    )


def _before_promotion(ports: Ports) -> str | None:
    """Return the champion before the last promotion; None when a rollout was the last that moved traffic.

    A promotion that was taken back already has none: the brake pressed twice does not speed up again.
    """
    moved = list(ports.ledger.entries(kinds=["version.promoted", "rollout.started", "rollout.completed"]))
    if not moved or moved[-1].kind != "version.promoted" or "taken_back" in moved[-1].body:
        return None
    previous = moved[-1].body.get("previous")
    return previous if isinstance(previous, str) else None


def _undo_promotion(ports: Ports, name: str, *, reason: str) -> RollbackTarget:
    goal = version_of(ports.ledger, name)
    manifest = load(ports.project.store / goal.path, expected_digest=goal.bundle_digest).manifest
    write_routing(places_of(ports).routing, Routing(champion=goal.version))
    now = champion(ports.ledger)
    ports.ledger.append(
        "version.promoted",
        {
            "version": goal.version,
            "previous": now.version if now else None,
            "reason": f"taken back: {reason}",
            "taken_back": now.version if now else None,
        },
        actor=ports.actor,
        artifacts={"bundle": goal.bundle_digest},
    )
    write_roster(places_of(ports).roster, versions(ports.ledger))
    return RollbackTarget.of(goal, manifest)


@contextmanager
def moving(ports: Ports) -> Iterator[None]:
    """Hold the rollout's lock, waiting a moment for somebody else's look to end: a brake may not be refused.

    Args:
        ports: The outside world.

    Raises:
        ProjectBusy: When it is still held after some seconds.
    """
    with ExitStack() as held:
        for attempt in range(TRIES):
            try:
                held.enter_context(ports.rollout_lock())
                break
            except ProjectBusy:
                if attempt == TRIES - 1:
                    raise
                Event().wait(PAUSE)
        yield


def rollout_state(ports: Ports) -> RolloutState | None:
    """Return where the last rollout stands; None while there was none."""
    return read_state(ports.ledger)


def make_drill_version(ports: Ports) -> Version:
    """Train a model on shuffled labels, pack it as a drill and register it.

    Raises:
        PhaseLocked: When there is no champion to rehearse against.
    """
    now = look(ports)
    bundle = champion_bundle(ports)
    trained = now.history.completions.get(8)
    if trained is None:
        raise PhaseLocked("there is no run to rehearse with", next_step="modelwright run")
    context = PhaseContext(
        ports=ports, contract=bundle.contract, contract_digest=bundle.contract.digest, history=now.history
    )
    snapshot = context.output(2, "snapshot", Snapshot)
    train = part(snapshot, "train", store=ports.store)
    pipeline = make_drill(bundle.pipeline, train, seed=bundle.contract.data.split.seed, threads=ports.threads)
    name = f"{DRILL}{1 + sum(version.standing == 'drill' for version in versions(ports.ledger))}"
    packed = pack(
        pipeline,
        contract=bundle.contract,
        run=context.output(8, "run", Run),
        snapshot=snapshot,
        verdict=None,
        version=name,
        reference=build_reference(pipeline, part(snapshot, "validation", store=ports.store)),
        card="# Drill\n\nTrained on shuffled labels to rehearse a rollback. Never promoted.\n",
        created=trained.at,
        out=ports.project.bundles / f"{bundle.contract.name}-{name}.mwb",
        purpose="drill",
    )
    return register(
        ports.ledger,
        Version(
            name=bundle.contract.name,
            version=name,
            bundle_digest=packed.digest,
            path=packed.path.relative_to(ports.project.store).as_posix(),
            contract_digest=bundle.contract.digest,
            run_id=bundle.manifest.run_id,
            verdict_status="unknown",
            standing="drill",
        ),
        actor=ports.actor,
        purpose="drill",
        agreed=bundle.manifest.contract_digest,
    )

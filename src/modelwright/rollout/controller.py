"""The controller: moves traffic step by step, and takes it back, with every move in the ledger.

What is true is in the ledger; the routing file follows. One thing is the other way round: a rollback
moves the traffic first and writes it down second, because the safe direction may not wait. A controller
that was killed at any instant is built again and goes on: `tick` finds what was left half done.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from modelwright.authority.actor import Actor
from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import parse_duration
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import digest_of, plain, short
from modelwright.kernel.errors import PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Ledger
from modelwright.registry.manifest import Manifest
from modelwright.registry.versions import version_of
from modelwright.rollout.admission import admitted, demand
from modelwright.rollout.agreement import demand_agreement, may_advance
from modelwright.rollout.collection import Collector
from modelwright.rollout.judgement import Judgement, JudgementPolicy, Seen, StepProgress, judge_step
from modelwright.rollout.quality import quality_metric
from modelwright.rollout.state import RolloutState, read_state
from modelwright.rollout.target import RollbackTarget
from modelwright.rollout.traffic import RolloutPlaces, Traffic
from modelwright.tasks.target import TargetSpec

__all__ = ["Controller"]

UNASKED = Outcome(status=Status.UNKNOWN, what="approval", evidence=("no approval was given",))
"""What is known about an approval that nobody was asked for."""


class Controller:
    """Rolls a challenger out under one contract.

    Args:
        ledger: Where every move is written, and where a killed controller finds its place.
        contract: Steps, limits and metrics.
        target: What is predicted, to read labels with.
        places: Where log, labels and routing lie.
        manifests: Version to its bundle's manifest, for every version a rollout may touch.
        clock: The time.
        actor: Who acts.
        policy: How sure one has to be, and whether labels are waited for.
        permit: Says of a version whether people still allow it more traffic; asked before each step.
        time_scale: What the holds of a rollout that is started are multiplied with; below 1 for a drill or a
            demonstration. One that goes on keeps what it was started with.

    Examples:
        >>> Controller.__name__
        'Controller'
    """

    def __init__(  # noqa: PLR0913 - the ports of the shell, each named at the call
        self,
        ledger: Ledger,
        *,
        contract: Contract,
        target: TargetSpec,
        places: RolloutPlaces,
        manifests: Mapping[str, Manifest],
        clock: Clock,
        actor: Actor,
        policy: JudgementPolicy | None = None,
        permit: Callable[[str], Outcome] | None = None,
        time_scale: float = 1.0,
    ) -> None:
        """Keep the ports; what was left half done is put right by the first tick."""
        self._ledger = ledger
        self._contract = contract
        self._target = target
        self._places = places
        self._traffic = Traffic(ledger, places=places, manifests=manifests, actor=actor)
        self._clock = clock
        self._policy = policy or JudgementPolicy()
        self._permit = permit
        self._time_scale = time_scale
        self._metric = quality_metric(contract)
        self._collector: tuple[str, Collector] | None = None
        self._seen = Seen()

    @property
    def state(self) -> RolloutState | None:
        """Where the last rollout stands."""
        return read_state(self._ledger)

    def start(
        self,
        challenger: str,
        *,
        approval: Outcome | None = None,
        override: Outcome | None = None,
        drill: bool = False,
    ) -> RolloutState:
        """Give a challenger its first share of the traffic.

        Args:
            challenger: The version to try.
            approval: What was said about `promotion:<version>`; nothing said is unknown, and unknown blocks.
            override: What was said about breaking the glass for it; None when nobody did.
            drill: Whether it is a rehearsal with a version packed for it.

        Raises:
            PhaseLocked: When a rollout goes on already, or the version may not be tried.
            UnknownName: When there is no such version.
        """
        self._traffic.put_right()
        state = self.state
        if state is not None and state.active:
            raise PhaseLocked(
                f"{state.challenger} is being rolled out",
                why="two challengers at once cannot be told apart in their effects",
                next_step=f"wait for it, or roll {state.challenger} back",
            )
        version, before = version_of(self._ledger, challenger), self._traffic.champion()
        demand(
            admitted(
                version,
                before,
                manifests=(self._traffic.manifest(challenger), self._traffic.manifest(before.version)),
                contract_digest=self._contract.digest,
                approval=UNASKED if approval is None else approval,
                drill=drill,
                override=override,
            )
        )
        if drill and self._contract.rollout.steps[0].share >= 1:
            raise PhaseLocked(
                "a drill never receives all traffic, and the contract's first step is all of it",
                why="a model that is bad on purpose must not be the only one that answers",
                next_step="rehearse under a contract whose first step is smaller",
            )
        self._traffic.note(
            "rollout.started",
            {
                "rollout": short(digest_of([challenger, before.version, self._ledger.head()])),
                "champion": before.version,
                "challenger": challenger,
                "drill": drill,
                "share": self._contract.rollout.steps[0].share,
                "steps": [step.share for step in self._contract.rollout.steps],
                "alpha": self._policy.alpha,
                "labels": self._policy.labels,
                "labels_reason": self._policy.reason,
                "metric": self._metric.name,
                "time_scale": self._time_scale,
                "contract": self._contract.digest,
                "fallback_to": self._traffic.target(before).body(),
            },
            about=(version, before),
        )
        return self._traffic.follow()

    def tick(self) -> Judgement:
        """Look at the new evidence once and act on it; with no rollout going on, hold.

        Raises:
            ContractChanged: When this controller, the rollout and the two versions do not mean one contract;
                nothing moves then, and `roll_back` works all the same.
            IntegrityBroken: When log, labels or routing cannot be read; nothing moves then.
        """
        finished = self._traffic.put_right()
        state = self.state
        if finished or state is None or not state.active:
            reason = "no rollout goes on" if state is None else f"the rollout is {state.phase}"
            return Judgement(action="hold", step=0, reason=reason, outcomes=())
        demand_agreement(self._ledger, state, agreed=self._contract.digest, manifest=self._traffic.manifest)
        judgement = self._judge(state)
        if judgement.action == "rollback":
            self._traffic.take_back(state, reason=judgement.reason, outcomes=judgement.outcomes)
        elif judgement.action == "advance":
            judgement = self._advance(state, judgement)
        # The routing follows the ledger last, so that a controller built anew judges before it routes.
        self._traffic.follow()
        if judgement.action == "hold" and judgement.reason != state.held:
            self._traffic.note(
                "rollout.held",
                {
                    **state.body(),
                    "step": state.step,
                    "reason": judgement.reason,
                    "outcomes": plain(judgement.outcomes),
                },
            )
        return judgement

    def run(self, wait: Callable[[float], bool], *, every: float = 0.5) -> RolloutState | None:
        """Tick until the rollout has ended.

        Args:
            wait: Waits so many seconds; True ends the run early (as `threading.Event.wait` does).
            every: Seconds between ticks.
        """
        while True:
            self.tick()
            state = self.state
            if state is None or not state.active or wait(every):
                return state

    def roll_back(self, *, to: str | None = None, reason: str) -> RollbackTarget:
        """Send all traffic back, in one step and without retraining.

        While a rollout goes on, it is stopped. After it has completed, the champion before it answers again.

        Args:
            to: The version to go back to; the champion before when not given.
            reason: Why; it stands in the ledger.

        Raises:
            PhaseLocked: When there is nothing to go back to.
            UnknownName: When `to` is not the champion before.
        """
        self._traffic.put_right()
        state = self.state
        if state is None or state.phase == "rolled back":
            raise PhaseLocked(
                "there is nothing to roll back",
                why="no rollout goes on, and the last one was taken back already"
                if state
                else "there was none",
                next_step="look at the versions and their standing with `modelwright versions`",
            )
        if to not in {None, state.champion}:
            raise UnknownName.among("version to go back to", str(to), [state.champion])
        return self._traffic.take_back(state, reason=reason)

    def _judge(self, state: RolloutState) -> Judgement:
        if self._collector is None or self._collector[0] != state.rollout:
            collector = Collector(
                self._places.log, self._places.labels, target=self._target, since=state.started
            )
            self._collector, self._seen = (state.rollout, collector), Seen()
        collector = self._collector[1]
        collector.collect()
        step = self._contract.rollout.steps[state.step]
        began = state.steps[-1]
        # At full share the champion has no traffic: its answers of the step before are the comparison.
        control_since = began if step.share < 1 or len(state.steps) < 2 else state.steps[-2]
        now = self._clock.now()
        judgement = judge_step(
            collector.arm(state.champion, challenger=False, since=control_since),
            collector.arm(state.challenger, challenger=True, since=began),
            self._contract.rollout,
            progress=StepProgress(
                index=state.step,
                elapsed=now - began,
                hold=parse_duration(step.hold) * state.time_scale,
            ),
            metric=self._metric,
            policy=replace(self._policy, labels=state.labels),
            seen=self._seen,
        )
        self._seen = judgement.seen
        return judgement

    def _advance(self, state: RolloutState, judgement: Judgement) -> Judgement:
        steps = self._contract.rollout.steps
        after = state.step + 1
        full = after >= len(steps) or steps[after].share >= 1
        if state.drill and full:
            return replace(judgement, action="hold", reason="a drill never receives all traffic")
        outcome = may_advance(self._ledger, state, now=self._clock.now(), permit=self._permit)
        if not outcome.allows:
            stopped = "; ".join(outcome.evidence)
            return replace(judgement, action="hold", reason=f"no further step is allowed: {stopped}")
        body = {**state.body(), "reason": judgement.reason, "outcomes": plain(judgement.outcomes)}
        if after >= len(steps):
            self._traffic.note("rollout.completed", {**body, "previous": state.champion})
        else:
            self._traffic.note("rollout.advanced", {**body, "step": after, "share": steps[after].share})
        self._seen = Seen(labels=self._seen.labels)
        return judgement

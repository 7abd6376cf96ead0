"""What the workflow costs over a bare script that trains the same models: phases 7-8, and the whole run.

Each pair is one life through the workflow and one by the bare script, one right after the other in the same
process and in changing order, so that a neighbour on the machine meets both. The ratio of a pair is what
counts, and the median of at least three. Left out of the whole run are waiting for people (the answers are
given at once), phase 9 and the certificate of phase 11 (serving, and proving that the server answers like
the trainer: a bare script has neither). All else counts: ledger, artifacts, approvals, pages, locks,
checkpoints, sanity checks, tests of components, the scorer's own process, packing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.bare import Stages, bare_life
from benchmarks.life import DATA, open_there, scratch, tell
from benchmarks.measurement import NOTHING, Measurement, Moment
from modelwright.data.snapshot import Snapshot, part
from modelwright.features.transform import Matrix
from modelwright.workflow.demonstration import BANK, answer_like_a_person, serve_champion
from modelwright.workflow.phases import Phase
from modelwright.workflow.service import Service
from modelwright.workflow.trained import TrainedModel, restore

PAIRS = 3
MOST_PAIRS = 5
MOST_SECONDS = 75.0
"""No pair beyond the third begins after so long."""

BAR_PERCENT = 10.0
CHANGE_BAR_SECONDS = 180.0

INTEGRATION = 9
EVALUATION = 11
CERTIFYING = "asking it in every way"
"""What is said when a certificate begins; in phase 11 nothing of weight comes after it."""


@dataclass(slots=True)
class Watch:
    """Times phases, as listener and as progress of a run."""

    begun: Moment = NOTHING
    """When the phase under way began."""
    asked: Moment | None = None
    """When the certificate of the phase under way began."""
    phases: dict[int, Moment] = field(default_factory=dict)
    """Time of each phase that was done."""
    certificate: Moment = NOTHING
    """Time of the certificate of phase 11."""

    def step(self, text: str, done: int, total: int) -> None:
        """Take no note of steps."""

    def say(self, text: str) -> None:
        """Note when a certificate begins."""
        if CERTIFYING in text:
            self.asked = Moment.now()

    def listen(self, what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
        """Note when a phase begins and ends; its page is written by then."""
        del outputs
        now = Moment.now()
        if what == "announce":
            self.begun, self.asked = now, None
        elif what == "done":
            self.phases[phase.number] = now - self.begun
            if phase.number == EVALUATION and self.asked is not None:
                self.certificate = now - self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One life through the workflow."""

    service: Service
    """The door to what came of it."""
    training: Moment
    """Phases 7 and 8."""
    whole: Moment
    """Everything but waiting, serving and certificates."""
    change: float
    """Wall seconds from the contract to a served, gated model, with all that `whole` leaves out."""


def workflow_life() -> Walked:
    """Walk the twelve phases as the demonstration does, and on until the promoted version answers."""
    watch = Watch()
    service = open_there(scratch(), progress=watch)
    start = time.perf_counter()
    service.init(BANK.name, data=DATA, target=BANK.target, mode=BANK.mode, answers=BANK.answers)
    began = Moment.now()
    while (advanced := service.run(listener=watch.listen)).ended == "waiting":
        answer_like_a_person(service, advanced.phase, BANK)
    assert advanced.ended == "done"
    whole = Moment.now() - began - watch.phases[INTEGRATION] - watch.certificate
    service.promote(service.versions()[-1].version, reason="gates and certificate passed")
    with serve_champion(service):
        change = time.perf_counter() - start
    return Walked(service=service, training=watch.phases[7] + watch.phases[8], whole=whole, change=change)


def workflow_scores(service: Service) -> Matrix:
    """Scores of the test part by the model the workflow trained."""
    store, completions = service.ports.store, service.look().history.completions
    snapshot = store.get_record(completions[2].outputs["snapshot"], Snapshot)
    trained = store.get_record(completions[8].outputs["model"], TrainedModel)
    return restore(trained, store=store).scores(part(snapshot, "test", store=store))


@dataclass(slots=True)
class Pairs:
    """Times of both sides, pair by pair."""

    lives: list[Walked] = field(default_factory=list)
    """Through the workflow."""
    scripts: list[Stages] = field(default_factory=list)
    """By the bare script."""

    def over(self, of_life: str, *stages: str, clock: str = "wall") -> tuple[float, ...]:
        """How many percent more each life took than these stages of its script."""
        return tuple(
            (getattr(getattr(life, of_life), clock) / getattr(script.total(*stages), clock) - 1) * 100
            for life, script in zip(self.lives, self.scripts, strict=True)
        )

    def seconds(self, *stages: str) -> tuple[float, ...]:
        """Wall seconds of these stages of each script."""
        return tuple(script.total(*stages).wall for script in self.scripts)

    def added(self) -> tuple[float, ...]:
        """Seconds of processor time that phases 7-8 took beyond the script."""
        return tuple(
            life.training.processor - script.total("train").processor
            for life, script in zip(self.lives, self.scripts, strict=True)
        )


def paired() -> Pairs:
    """Run pairs until there are enough; the two of a pair must end with the same scores, bit by bit."""
    pairs, began = Pairs(), time.perf_counter()
    framed = open_there(scratch())
    framed.init(BANK.name, data=DATA, target=BANK.target, mode=BANK.mode, answers=BANK.answers)
    contract = framed.check().contract

    def by_script() -> Matrix:
        stages, scores = bare_life(
            contract,
            framed.ports.project.root,
            folder=scratch(),
            exclude=tuple(BANK.known_leaks),
            threads=framed.ports.threads,
        )
        pairs.scripts.append(stages)
        return scores

    def by_workflow() -> Matrix:
        pairs.lives.append(workflow_life())
        return workflow_scores(pairs.lives[-1].service)

    for number in range(MOST_PAIRS):
        if number >= PAIRS and time.perf_counter() - began > MOST_SECONDS:
            break
        tell(f"pair {number + 1}: a life through the workflow beside the bare script")
        sides = (by_script, by_workflow) if number % 2 == 0 else (by_workflow, by_script)
        first, second = (side() for side in sides)
        assert np.array_equal(first, second), "the two sides trained different models"
    return pairs


def measure() -> tuple[Measurement, ...]:
    """Overhead of phases 7-8 and of the whole run, on both clocks, with what stands behind the ratios."""
    pairs = paired()
    alone = ("read and split", "train", "evaluate")
    return (
        Measurement(
            name="overhead, phases 7-8 over bare training",
            unit="%",
            values=pairs.over("training", "train"),
            bar=BAR_PERCENT,
            note="wall time; the script has its rows in memory and does no sanity check",
        ),
        Measurement(
            name="overhead, phases 7-8, processor time",
            unit="%",
            values=pairs.over("training", "train", clock="processor"),
            bar=None,
            note="the same pairs on the clock that neighbours do not move",
        ),
        Measurement(
            name="processor time that phases 7-8 add",
            unit="s",
            values=pairs.added(),
            bar=None,
            note="tests of components, sanity checks, checkpoints, records: not more for more rows",
        ),
        Measurement(
            name="overhead, whole run over the same work by script",
            unit="%",
            values=pairs.over("whole"),
            bar=None,
            note="no bar: profile, risks, designs, training and evaluation on both sides",
        ),
        Measurement(
            name="overhead, whole run, processor time",
            unit="%",
            values=pairs.over("whole", clock="processor"),
            bar=None,
            note="the same pairs on the clock that neighbours do not move",
        ),
        Measurement(
            name="whole run over reading, training and evaluating alone",
            unit="%",
            values=pairs.over("whole", *alone),
            bar=None,
            note="what a script saves that validates, profiles, assesses and proposes nothing",
        ),
        Measurement(
            name="bare training",
            unit="s",
            values=pairs.seconds("train"),
            bar=None,
            note="what the first ratio is over: two designs, five folds, validation report",
        ),
        Measurement(
            name="contract to a served, gated model",
            unit="s",
            values=tuple(life.change for life in pairs.lives),
            bar=CHANGE_BAR_SECONDS,
            note="all twelve phases from nothing, promotion and server start included; answers at once",
        ),
    )

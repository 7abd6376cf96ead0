"""The demonstration: the whole life of a model on real data, on one machine, with nobody at the keyboard.

The answers a person would give are given by an actor that says so in the ledger: it is a demonstration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

import polars as pl

from modelwright.data.feature_reading import read_rows
from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.registry.hard_rows import plain_rows
from modelwright.risk.register import RiskList
from modelwright.serving.process import ServerProcess
from modelwright.workflow.live import server_settings
from modelwright.workflow.places import champion_bundle, places_of
from modelwright.workflow.rolling import controller_of, make_drill_version
from modelwright.workflow.traffic import Sent, send

if TYPE_CHECKING:  # only named in signatures
    from modelwright.monitoring.report import MonitoringReport
    from modelwright.rollout.judgement import Judgement
    from modelwright.workflow.ports import Ports
    from modelwright.workflow.service import Service

__all__ = [
    "DemoStory",
    "Drilled",
    "World",
    "answer_like_a_person",
    "drill_rollback",
    "open_world",
    "serve_champion",
]

DEMO_REASON = "demonstration: a person would have to mean it"
"""The reason that stands under every answer of a demonstration."""

SKETCH_SECONDS = 0.2
"""How often inputs are counted in a demonstration, whose windows last a second or two."""

LOOKS = 25
"""How often the demonstration looks whether the counts are written before it goes on without."""

ANSWERED = 200
"""HTTP's word for yes."""

BATCH = 60
"""Requests between two looks of the rollout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """What a demonstration is told with: the data, and what a person would know about it.

    Examples:
        >>> DemoStory(name="calls", target="y", answers={}, known_leaks={}, accepted={}, shift={}).mode
        'quick'
    """

    name: str
    """The model's name."""
    target: str
    """The column to predict."""
    answers: Mapping[str, str]
    """Answers to what the data cannot tell."""
    known_leaks: Mapping[str, str]
    """Columns a person knows to leak, and why."""
    accepted: Mapping[str, str]
    """Codes of risks a person accepts although another answer was proposed, and why."""
    shift: Mapping[str, float]
    """What is added to numeric columns to make the world drift."""
    design: tuple[str, str] = ("pragmatic", "boosted trees, well within the allowed latency")
    """The design a person chooses, and why."""
    mode: str = "quick"
    """The mode of the run."""


def answer_like_a_person(service: "Service", phase: int, story: DemoStory) -> str:
    """Answer a phase as the story's person would and return what was typed for it.

    Args:
        service: The project's service.
        phase: The phase that waits.
        story: What the person knows.
    """
    history = service.look().history
    choices: dict[str, str] = {}
    reason, shown = DEMO_REASON, ""
    if phase == 3:
        risks = service.ports.store.get_record(history.completions[3].outputs["risks"], RiskList)
        choices, reasons = _settled(risks, story)
        reason = "; ".join(reasons) or DEMO_REASON
        shown = "".join(f" --risk '{name}={action}'" for name, action in choices.items())
    elif phase == 4:
        choices, shown, reason = {"design": story.design[0]}, f" --choose {story.design[0]}", story.design[1]
    elif phase == 10:
        choices, shown = {"fix": "none"}, " --fix none"
    service.approve(phase, choices=choices, reason=reason)
    return f'modelwright approve {phase}{shown} --reason "{reason}"'


def _settled(risks: RiskList, story: DemoStory) -> tuple[dict[str, str], list[str]]:
    choices: dict[str, str] = {}
    reasons: list[str] = []
    for risk in risks.risks:
        leaks = [column for column in risk.columns if column in story.known_leaks]
        if leaks and risk.finding.category == "data leakage":
            choices[risk.id] = "modify"
            reasons += [story.known_leaks[column] for column in leaks]
        elif risk.finding.code in story.accepted:
            choices[risk.id] = "accept"
            reasons.append(story.accepted[risk.finding.code])
    return choices, reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happens outside the model: rows that arrive, and how they turned out.

    Examples:
        >>> World(rows=({"a": 1},), outcomes=("yes",)).rows[0]
        {'a': 1}
    """

    rows: tuple[Mapping[str, object], ...]
    """Rows as clients send them."""
    outcomes: tuple[str | float, ...]
    """What happened to each; known to the world long before the labels reach us."""

    def slice(self, start: int, count: int) -> "World":
        """Return part of the world, going round when it ends."""
        places = [(start + offset) % len(self.rows) for offset in range(count)]
        return World(
            rows=tuple(self.rows[place] for place in places),
            outcomes=tuple(self.outcomes[place] for place in places),
        )

    def shifted(self, by: Mapping[str, float]) -> "World":
        """Return the same world with numbers moved: what drift looks like."""
        moved = tuple({**row, **_moved(row, by)} for row in self.rows)
        return World(rows=moved, outcomes=self.outcomes)


def _moved(row: Mapping[str, object], by: Mapping[str, float]) -> dict[str, object]:
    return {
        name: type(value)(value + step)
        for name, step in by.items()
        if isinstance(value := row.get(name), int | float) and not isinstance(value, bool)
    }


def open_world(service: "Service") -> World:
    """Return the rows of the test part with their outcomes, as the world would bring them.

    The modeller never sees these labels; the demonstration plays the world, which knows them.

    Args:
        service: The project's service.
    """
    ports = service.ports
    bundle = champion_bundle(ports)
    # What follows uses the sealed outcomes outside the scorer: the ledger says so for whoever reads it later.
    ports.ledger.append(
        "demonstration.opened",
        {"reason": "the outcomes of the test part play the world; labels made of them are no evidence"},
        actor=ports.actor,
    )
    history = service.look().history
    snapshot = ports.store.get_record(history.completions[2].outputs["snapshot"], Snapshot)
    # The snapshot keeps the order of the source; clients come in no order, so that calm traffic stays calm.
    test = part(snapshot, "test", store=ports.store).sample(
        fraction=1.0, shuffle=True, seed=bundle.contract.data.split.seed
    )
    source = read_rows(bundle.contract, root=ports.project.root, connector=ports.connector()).frame
    outcomes = source[snapshot.target.name][test[ROW_ID].to_numpy()]
    return World(
        rows=tuple(plain_rows(test, bundle.pipeline.plan)),
        outcomes=tuple(_outcome(item) for item in outcomes),
    )


def _outcome(value: object) -> str | float:
    return float(value) if isinstance(value, float) else str(value)


def serve_champion(service: "Service") -> ServerProcess:
    """Return a server process for the champion, to be used in a `with` block.

    Args:
        service: The project's service.
    """
    folder = service.ports.project.serving
    folder.mkdir(parents=True, exist_ok=True)
    settings = replace(server_settings(service.ports), sketch_seconds=SKETCH_SECONDS)
    return ServerProcess(settings, folder=folder, program=service.ports.server_program)


def label_frame(sent: Sequence[Sent], outcomes: Sequence[str | float]) -> pl.DataFrame:
    """Return a table of late labels for answered requests.

    Args:
        sent: The requests.
        outcomes: How each turned out.
    """
    return pl.DataFrame(
        {"request_id": [item.request_id for item in sent], "label": [str(outcome) for outcome in outcomes]}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """How a rehearsed rollback went.

    Examples:
        >>> Drilled(version="drill1", requests=300, seconds=2.0, judgements=()).requests
        300
    """

    version: str
    """The version that was bad on purpose."""
    requests: int
    """Requests until the traffic was off it."""
    seconds: float
    """Wall time from its first share of the traffic until the traffic was off it."""
    judgements: "tuple[Judgement, ...]"
    """What was judged, in order; the last one rolled back, or the drill found nothing."""


def drill_rollback(
    service: "Service",
    url: str,
    world: World,
    *,
    most: int = 6000,
    tell: Callable[[str], None] = lambda _: None,
) -> Drilled:
    """Give a bad challenger a share of live traffic, with labels arriving, until the rollout takes it back.

    Args:
        service: The project's service.
        url: Where the champion is served.
        world: Rows and outcomes.
        most: The drill stops after so many requests, found or not.
        tell: Told what is judged.
    """
    from modelwright.serving.labels import add_labels

    ports = service.ports
    version = make_drill_version(ports)
    controller = controller_of(ports, time_scale=0.0)
    controller.start(version.version, drill=True)
    labels = places_of(ports).labels
    seed_name = ports.ledger.head().removeprefix("sha256:")[:8]
    started = perf_counter()
    judgements: list[Judgement] = []
    requests = 0
    for batch in _batches(world, most):
        answers = list(send(url, batch.rows, prefix=f"{version.version}-{requests}-{seed_name}"))
        add_labels(labels, label_frame(answers, batch.outcomes), clock=ports.clock)
        requests += len(answers)
        judgement = controller.tick()
        if not judgements or judgement.reason != judgements[-1].reason:
            tell(f"{requests} requests: {judgement.action}: {judgement.reason}")
        judgements.append(judgement)
        if judgement.action == "rollback":
            break
    seconds = perf_counter() - started
    return Drilled(version=version.version, requests=requests, seconds=seconds, judgements=tuple(judgements))


def _batches(world: World, most: int) -> Iterator[World]:
    for start in range(0, most, BATCH):
        yield world.slice(start, BATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """How a drift of the world was met.

    Examples:
        >>> Drifted.__slots__[0]
        'calm'
    """

    calm: int
    """Ordinary requests that were answered."""
    shifted: int
    """Requests of the drifted world that were answered."""
    refused: int
    """Requests of the drifted world that were refused, because the contract does not allow their values."""
    report: "MonitoringReport"
    """What the monitor said."""


def drift(
    service: "Service",
    url: str,
    world: World,
    *,
    by: Mapping[str, float],
    count: int,
    wait: Callable[[float], None],
) -> Drifted:
    """Send ordinary and then shifted traffic, hand the labels of the ordinary part in late, and monitor.

    Args:
        service: The project's service.
        url: Where the champion is served.
        world: Rows and outcomes.
        by: What the shift adds to numeric columns.
        count: Requests of each kind.
        wait: Waits for so many seconds.
    """
    from modelwright.serving.labels import add_labels

    ports = service.ports
    calm = world.slice(0, count)
    name = ports.ledger.head().removeprefix("sha256:")[:8]
    answers = list(send(url, calm.rows, prefix=f"calm-{name}"))
    _counted(ports, wait)
    shifted = list(send(url, world.slice(count, count).shifted(by).rows, prefix=f"shifted-{name}"))
    _counted(ports, wait)
    add_labels(places_of(ports).labels, label_frame(answers, calm.outcomes), clock=ports.clock)
    answered = sum(item.status == ANSWERED for item in shifted)
    return Drifted(
        calm=len(answers),
        shifted=answered,
        refused=len(shifted) - answered,
        report=service.monitor(rows=answered),
    )


def _counted(ports: "Ports", wait: Callable[[float], None]) -> None:
    """Wait until the server has written down what it counted: it does so every few tenths of a second."""
    from modelwright.serving.log import read_log
    from modelwright.serving.sketch import read_sketches

    places = places_of(ports)
    for _ in range(LOOKS):
        answered = read_log(places.logs).filter(pl.col("status") == ANSWERED).height
        if sum(line.rows for line in read_sketches(places.sketches)) >= answered:
            return
        wait(SKETCH_SECONDS)


BANK = DemoStory(
    name="calls",
    target="y",
    answers={
        "goal": "Call first the clients who are likely to subscribe to a term deposit",
        "owner": "campaign lead",
        "action": "the order of the call list",
        "success": "subscriptions per 1,000 calls",
        "wrong_yes": "1",
        "wrong_no": "8",
        "serving": "online",
        "row_order": "no",
    },
    known_leaks={"duration": "duration is known only after the call, which the prediction comes before"},
    accepted={
        "TEMPORAL-ORDER": (
            "the rows are in the order of time; this demonstration claims quality for the same period only, "
            "a split by time is the other honest answer"
        )
    },
    shift={"age": 12, "campaign": 3, "previous": 1},
)
"""The story of the demonstration: UCI Bank Marketing (Moro, Rita and Cortez 2014), CC BY 4.0."""

"""The demonstration: the whole life of a model on real data, on one machine, with nobody at the keyboard.

The answers a person would give are given by an actor that says so in the ledger: it is a demonstration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.data.source import read_sources
from modelwright.registry.hard_rows import plain_rows
from modelwright.risk.register import RiskList
from modelwright.serving.process import ServerProcess
from modelwright.workflow.live import champion_bundle, places_of, server_settings
from modelwright.workflow.rolling import controller_of, make_drill_version
from modelwright.workflow.traffic import Sent, send

if TYPE_CHECKING:  # only named in signatures
    import polars as pl

    from modelwright.monitoring.report import MonitoringReport
    from modelwright.rollout.judgement import Judgement
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

BATCH = 60
"""Requests between two looks of the rollout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """What a demonstration is told with: the data, and what a person would know about it.

    Examples:
        >>> DemoStory(name="calls", target="y", answers={}, known_leaks={}, shift={}).mode
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
    shift: Mapping[str, float]
    """What is added to numeric columns to make the world drift."""
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
        for risk in risks.risks:
            for column in risk.columns:
                if column in story.known_leaks and risk.finding.category == "data leakage":
                    choices[risk.id] = "modify"
                    reason = story.known_leaks[column]
        shown = "".join(f" --risk {name}={action}" for name, action in choices.items())
    elif phase == 4:
        from modelwright.candidates.design import Proposals

        proposals = service.ports.store.get_record(history.completions[4].outputs["proposals"], Proposals)
        choices = {"design": proposals.recommended}
        shown = f" --choose {proposals.recommended}"
    elif phase == 10:
        choices, shown = {"fix": "none"}, " --fix none"
    service.approve(phase, choices=choices, reason=reason)
    return f'modelwright approve {phase}{shown} --reason "{reason}"'


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
    history = service.look().history
    snapshot = ports.store.get_record(history.completions[2].outputs["snapshot"], Snapshot)
    test = part(snapshot, "test", store=ports.store)
    source = read_sources(bundle.contract, root=ports.project.root)
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
    return ServerProcess(server_settings(service.ports), folder=folder, program=service.ports.server_program)


def label_frame(sent: Sequence[Sent], outcomes: Sequence[str | float]) -> "pl.DataFrame":
    """Return a table of late labels for answered requests.

    Args:
        sent: The requests.
        outcomes: How each turned out.
    """
    import polars as pl

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
    started = perf_counter()
    judgements: list[Judgement] = []
    requests = 0
    for batch in _batches(world, most):
        answers = list(send(url, batch.rows, prefix=f"{version.version}-{requests}"))
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


def drift(
    service: "Service", url: str, world: World, *, by: Mapping[str, float], count: int
) -> "MonitoringReport":
    """Send ordinary and then shifted traffic, hand the labels of the ordinary part in late, and monitor.

    Args:
        service: The project's service.
        url: Where the champion is served.
        world: Rows and outcomes.
        by: What the shift adds to numeric columns.
        count: Requests of each kind.
    """
    from modelwright.serving.labels import add_labels

    ports = service.ports
    calm = world.slice(0, count)
    answers = list(send(url, calm.rows, prefix="calm"))
    list(send(url, world.slice(count, count).shifted(by).rows, prefix="shifted"))
    add_labels(places_of(ports).labels, label_frame(answers, calm.outcomes), clock=ports.clock)
    return service.monitor()


def examples_folder(root: Path) -> Path:
    """Return the folder of the example tables that ship with the repository.

    Args:
        root: The folder the command was called in.
    """
    return root / "examples" / "data"

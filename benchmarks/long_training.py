"""What phases 7-8 cost over a bare script where training takes longer: the frontier design.

As in `overhead`, for the most expensive of the three designs. What the workflow adds does not grow with the
training, so that this says how the ratio falls. Phases 1 to 6 are walked once and copied for each pair.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.bare import Rows, train
from benchmarks.life import DATA, open_there, scratch, tell
from benchmarks.measurement import Measurement, Moment
from benchmarks.overhead import BAR_PERCENT
from modelwright.candidates.design import Proposals
from modelwright.data.snapshot import Snapshot, part
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.workflow.demonstration import BANK, answer_like_a_person
from modelwright.workflow.trained import TrainedModel, restore

PAIRS = 3
MOST_SECONDS = 40.0
"""No further pair begins after so long; the note says how many there were."""

DESIGN = ("frontier", "to see what a longer training costs")


def walk(folder: Path) -> None:
    """Walk phases 1 to 6 in a new project and answer each."""
    service = open_there(folder)
    service.init(BANK.name, data=DATA, target=BANK.target, mode=BANK.mode, answers=BANK.answers)
    story = replace(BANK, design=DESIGN)
    while (advanced := service.run(until=6)).ended == "waiting":
        answer_like_a_person(service, advanced.phase, story)


def by_workflow(folder: Path) -> tuple[Moment, Matrix]:
    """Run phases 7 and 8 in a copy of the project; the time and the scores of the validation part."""
    twin = scratch() / "twin"
    shutil.copytree(folder, twin)
    service, began = open_there(twin), Moment.now()
    service.run(until=8)
    taken = Moment.now() - began
    store, made = service.ports.store, service.look().history.completions
    model = restore(store.get_record(made[8].outputs["model"], TrainedModel), store=store)
    snapshot = store.get_record(made[2].outputs["snapshot"], Snapshot)
    return taken, model.scores(part(snapshot, "validation", store=store))


def by_script(folder: Path) -> tuple[Moment, Matrix]:
    """Train the same designs by hand; the time and the scores of the validation part."""
    service = open_there(folder)
    store, made = service.ports.store, service.look().history.completions
    snapshot = store.get_record(made[2].outputs["snapshot"], Snapshot)
    plan = store.get_record(made[4].outputs["plan"], FeaturePlan)
    proposals = store.get_record(made[4].outputs["proposals"], Proposals)
    rows = Rows(
        train=part(snapshot, "train", store=store),
        validation=part(snapshot, "validation", store=store),
        target=snapshot.target,
    )
    wanted = (DESIGN[0], "baseline")
    designs = [design for name in wanted for design in proposals.designs if design.name == name]
    contract, began = service.check().contract, Moment.now()
    pipelines = train(designs, rows, plan=plan, contract=contract, threads=service.ports.threads)
    return Moment.now() - began, pipelines[0].scores(rows.validation)


def measure() -> tuple[Measurement, ...]:
    """Pairs in changing order, as many as there is time for."""
    folder = scratch() / "project"
    walk(folder)
    lives: list[Moment] = []
    scripts: list[Moment] = []
    began = time.perf_counter()
    while len(lives) < PAIRS and (not lives or time.perf_counter() - began < MOST_SECONDS):
        tell(f"pair {len(lives) + 1}: phases 7-8 of the frontier design beside the bare script")
        sides = (by_script, by_workflow) if len(lives) % 2 == 0 else (by_workflow, by_script)
        found = {side: side(folder) for side in sides}
        assert np.array_equal(found[by_script][1], found[by_workflow][1]), "two different models"
        lives.append(found[by_workflow][0])
        scripts.append(found[by_script][0])
    paired = list(zip(lives, scripts, strict=True))
    return (
        Measurement(
            name="overhead, phases 7-8 of the frontier design",
            unit="%",
            values=tuple((life.wall / script.wall - 1) * 100 for life, script in paired),
            bar=BAR_PERCENT,
            note=f"wall time, {len(paired)} pairs",
        ),
        Measurement(
            name="overhead, phases 7-8 of frontier, processor time",
            unit="%",
            values=tuple((life.processor / script.processor - 1) * 100 for life, script in paired),
            bar=None,
            note="the same pairs on the clock that neighbours do not move",
        ),
        Measurement(
            name="bare training of the frontier design",
            unit="s",
            values=tuple(script.wall for script in scripts),
            bar=None,
            note="what the ratio is over",
        ),
    )

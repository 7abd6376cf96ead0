"""One small project, kept at the stages where a run is killed, with what an undisturbed run makes of each."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tests.crash.doomed import Doom
from tests.workflow.projects import drafted, service_in

from modelwright.registry.certificate import Certificate
from modelwright.training.run import Run
from modelwright.workflow.demonstration import DemoStory, answer_like_a_person
from modelwright.workflow.history import fold

ROOT = Path(__file__).resolve().parents[2]

REASON = "gates and certificate passed"

STORY = DemoStory(
    name="calls",
    target="bought",
    answers={},
    known_leaks={"seconds": "known only after the call"},
    accepted={},
    shift={},
    design=("pragmatic", "boosted trees"),
)

PATIENCE = 120.0
"""Seconds a process may take on a slow machine before the test gives up."""


PASSED_ON = ("COVERAGE", "OPENBLAS", "PYTHON")
"""Beginnings of variables that are passed on: another kernel of OpenBLAS rounds otherwise."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A project just before one piece of work, and the command that does the work."""

    name: str
    """What the work is."""
    words: tuple[str, ...]
    """The command, without the program's name."""
    phase: int
    """The phase it completes; 0 for none."""

    def finish(self, service):
        """Do the work, or what is left of it, in this process."""
        if self.phase:
            return service.run(until=self.phase)
        return service.promote("v1", reason=REASON)


def _phase(name, number):
    return Stage(name=name, words=("run", "--no-input", "--until", str(number)), phase=number)


STAGES = {
    stage.name: stage
    for stage in (
        _phase("snapshot", 2),
        _phase("training", 8),
        _phase("packing", 9),
        _phase("judging", 11),
        Stage(name="promotion", words=("promote", "v1", "--reason", REASON), phase=0),
    )
}


def build_stages(root):
    """Walk one project to its end undisturbed; keep a copy before each stage and the state after it."""
    (root / "home").mkdir()
    service = drafted(root / "calls")
    kept, ends = {}, {}
    for stage in STAGES.values():
        walk(service, until=stage.phase - 1 if stage.phase else 12)
        service.ports.seal()  # with another key the same labels would be sealed into other bytes
        kept[stage.name] = root / "stages" / stage.name
        shutil.copytree(root / "calls", kept[stage.name] / "calls")
        shutil.copytree(root / "home", kept[stage.name] / "home")
        stage.finish(service)
        ends[stage.name] = end_state(service, stage)
    return Stages(kept=kept, ends=ends)


@dataclass(frozen=True)
class Stages:
    """Projects before each stage, and the undisturbed ends."""

    kept: dict
    """Folder by stage."""
    ends: dict
    """What an undisturbed run leaves, by stage."""

    def copy(self, name, folder):
        """Copy a stage's project and its keys into a folder and return the project's root."""
        shutil.copytree(self.kept[name], folder, dirs_exist_ok=True)
        return folder / "calls"


def end_state(service, stage):
    """Everything a project holds after a stage that must not depend on how often the work was killed.

    Left out is what a clock tells: when, how long a training took, and the latencies that phase 9 measured.
    """
    entries = service.entries()
    history = fold(entries)
    store = service.ports.store
    outputs = history.completions[stage.phase].outputs if stage.phase else {}
    told = {
        name: digest
        for name, digest in outputs.items()
        if name not in {"run", "baseline_run", "certificate", "measurements"}
    }
    for name in {"run", "baseline_run"} & set(outputs):
        run = store.get_record(outputs[name], Run)
        told[name] = replace(run, seconds=0.0, environment=None)
    if "certificate" in outputs:
        told["certificate"] = store.get_record(outputs["certificate"], Certificate).outcome.status
    return {
        "outputs": told,
        "pages": sorted(page.name for page in service.ports.project.reports.iterdir()),
        "states": [line.state for line in service.status().phases],
        "looks": sum(entry.kind == "look.taken" for entry in entries),
        "answered": sum(entry.kind == "look.answered" for entry in entries),
        "promoted": sum(entry.kind == "version.promoted" for entry in entries),
        "versions": [replace(version, certificate_digest="") for version in service.versions()],
        "verified": service.verify().outcome.status.value,
    }


def command(doom: Doom, *words, root):
    """The words that start the doomed command line on a project."""
    return [sys.executable, "-m", "tests.crash.doomed", doom.words(), "-C", str(root), *words]


def environment(root, **more):
    """What the process finds around it: the keys beside the project, a scratch folder of its own."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    scratch = root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return {
        **kept,
        "HOME": str(root.parent),
        "LANG": "C.UTF-8",
        "MODELWRIGHT_ACTOR": "lead",
        "MODELWRIGHT_HOME": str(root.parent / "home"),
        "MODELWRIGHT_THREADS": "1",
        "PATH": "/usr/bin:/bin",
        "TMPDIR": str(scratch),
        **more,
    }


def call(doom, *words, root):
    """Run the doomed command line to its end, whichever that is."""
    return subprocess.run(
        command(doom, *words, root=root),
        cwd=ROOT,
        env=environment(root),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def start(doom, *words, root):
    """Start the doomed command line in a group of its own, as a terminal does, and wait until it is ready."""
    process = subprocess.Popen(
        command(doom, *words, root=root),
        cwd=ROOT,
        env=environment(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr.readline() == "ready\n"
    return process


def reopened(root):
    """The project's service, as a later process would open it."""
    return service_in(root)


def begun_files(root):
    """Files that were begun and not put in their place, and scratch that was left behind."""
    store = root / ".modelwright"
    left = [*root.rglob(".*.part"), *root.rglob("*.parts"), *(store / "scratch").glob("*")]
    return sorted(path.relative_to(root).as_posix() for path in left)


def walk(service, *, until):
    """Run to a phase and answer on the way."""
    while (result := service.run(until=until)).ended == "waiting":
        answer_like_a_person(service, result.phase, STORY)

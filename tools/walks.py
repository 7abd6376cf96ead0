"""Walk tables through all twelve phases, a server and a batch, and hold what was found against known traps.

`python -m tools.walks [NAME ...] --data FOLDER` walks the named tables, or all it has a story for. Every
project is made in a scratch folder and thrown away unless `--keep FOLDER` is given.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter
from typing import TypeVar

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from tools.walk_stories import STORIES, Story, Trap

from modelwright.candidates.design import Proposals
from modelwright.data.snapshot import Snapshot
from modelwright.data.source import read_table
from modelwright.evaluation.report import EvaluationReport
from modelwright.gates.verdict import Verdict
from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.outcome import Status
from modelwright.risk.register import RiskList
from modelwright.settings import settings_here
from modelwright.testing.people import MemoryKeys
from modelwright.wiring import build_service
from modelwright.workflow.demonstration import open_world, serve_champion
from modelwright.workflow.phases import PHASES, Phase
from modelwright.workflow.service import Service
from modelwright.workflow.traffic import send

Record = TypeVar("Record")

REASON = "answered as the story of this table has it"
ASKED_ROWS = 25
BATCH_ROWS = 500


@dataclass(slots=True)
class Walked:
    """How one walk went."""

    name: str
    """The table."""
    task: str = ""
    """binary, multiclass or regression."""
    split: str = ""
    """How rows were split."""
    evidence: tuple[str, ...] = ()
    """Every line in which a trap may be told of."""
    gates: str = ""
    """Lines that passed, of all."""
    metric: str = ""
    """The primary metric on sealed rows, with its interval."""
    design: str = ""
    """The design that was built."""
    seconds: dict[int, float] = field(default_factory=dict)
    """Wall time of each phase."""
    served: str = ""
    """Rows that were answered by the server and in batch."""
    verified: str = ""
    """What `verify` said."""
    faults: list[str] = field(default_factory=list)
    """What did not go as it must."""


class Stopwatch:
    """Times the phases of a run; a phase that runs twice counts twice."""

    def __init__(self, seconds: dict[int, float]) -> None:
        """Keep where the seconds of each phase are added up."""
        self.seconds = seconds
        self._started = 0.0

    def __call__(self, what: str, phase: Phase, _: Mapping[str, object]) -> None:
        """Listen to a run."""
        if what == "announce":
            self._started = perf_counter()
        elif what == "done":
            spent = perf_counter() - self._started
            self.seconds[phase.number] = self.seconds.get(phase.number, 0.0) + spent


def output(service: Service, phase: int, name: str, kind: type[Record]) -> Record:
    """Read back what a phase left behind."""
    completion = service.look().history.completions[phase]
    return service.ports.store.get_record(completion.outputs[name], kind)


def risks_of(service: Service) -> RiskList:
    """Read back the risk list."""
    return output(service, 3, "risks", RiskList)


def evidence_of(service: Service) -> Iterator[str]:
    """Yield a line for the split and one for every risk."""
    data = service.check().contract.data
    yield f"contract split: {data.split.policy}"
    for risk in risks_of(service).risks:
        yield f"risk {risk.id}: {risk.finding.title} | {'; '.join(risk.finding.evidence)}"


def answer(service: Service, phase: int, story: Story) -> None:
    """Answer a phase as the person of the story would, following the proposals otherwise."""
    choices: dict[str, str] = {}
    reasons: list[str] = []
    if phase == 3:
        for risk in risks_of(service).risks:
            for decision in story.decisions:
                if fnmatchcase(risk.id, decision.risks):
                    choices[risk.id] = decision.action
                    reasons.append(f"{risk.id}: {decision.reason}")
    elif phase == 4:
        proposals = output(service, 4, "proposals", Proposals)
        choices["design"] = story.design or proposals.recommended
    elif phase == 10:
        choices["fix"] = "none"
    service.approve(phase, choices=choices, reason="; ".join(reasons) or REASON)


def run_through(service: Service, story: Story, walked: Walked, told: Sequence[str]) -> None:
    """Run and answer until all twelve phases are done; what the first risk list says is the evidence."""
    watch = Stopwatch(walked.seconds)
    for _ in range(3 * len(PHASES)):
        result = service.run(listener=watch)
        if result.ended == "done":
            return
        if result.phase == 3 and not walked.evidence:
            walked.evidence = (*told, *evidence_of(service))
        answer(service, result.phase, story)
    walked.faults.append("the run does not come to an end")


def judged(service: Service, walked: Walked) -> bool:
    """Note down gates, metric and design; say whether the gates passed."""
    verdict = output(service, 11, "verdict", Verdict)
    report = output(service, 11, "report", EvaluationReport)
    passed = sum(line.outcome.status is Status.PASSED for line in verdict.lines)
    walked.gates = f"{passed}/{len(verdict.lines)}"
    primary = report.estimate(report.primary)
    walked.metric = f"{report.primary} {primary.told() if primary else 'undefined'}"
    walked.design = service.look().history.answers["phase:4"][-1].body["approval"]["choices"]["design"]  # type: ignore[index]
    walked.faults += [
        f"gate {line.line.text}: {'; '.join(line.outcome.evidence)}"
        for line in verdict.lines
        if line.outcome.status is not Status.PASSED
    ]
    return verdict.outcome.allows


def operate(service: Service, walked: Walked, data: Path) -> None:
    """Promote, serve, ask, score in batch, and verify."""
    version = service.versions()[-1].version
    service.promote(version, reason="every gate passed")
    rows = open_world(service).slice(0, ASKED_ROWS).rows
    with serve_champion(service) as server:
        answers = list(send(server.url, rows, prefix=walked.name))
    answered = sum(item.status == 200 and item.prediction is not None for item in answers)
    if answered < len(rows):
        walked.faults.append(f"the server answered {answered} of {len(rows)} rows: {answers[0]}")
    source = service.ports.project.root / "to-score.parquet"
    table = read_table(data).head(BATCH_ROWS).drop(service.check().contract.prediction.target)
    table.write_parquet(source)
    batch = service.score(source, service.ports.project.root / "scored.parquet")
    if batch.rows != table.height or batch.refused:
        walked.faults.append(f"the batch answered {batch.rows - batch.refused} of {table.height} rows")
    walked.served = f"{answered}/{len(rows)} online, {batch.rows - batch.refused}/{table.height} batch"
    verification = service.verify()
    walked.verified = verification.outcome.status.value
    walked.faults += [
        f"verify {link.what}: {'; '.join(link.evidence)}"
        for link in verification.links
        if link.status is not Status.PASSED
    ]


def walk(name: str, story: Story, data: Path, folder: Path) -> Walked:
    """Walk one table from a bare file to a served model."""
    walked = Walked(name=name)
    try:
        # Quick mode without a key: nobody is asked for a passphrase, whatever keys lie on this machine.
        service = build_service(folder, settings_here(), keys=MemoryKeys())
        questions = service.questions(data, target=story.target)
        drafted = service.init(name.replace("_", "-"), data=data, target=story.target, answers=story.answers)
        told = [f"asked {item.key}: {item.text} ({item.default})" for item in questions]
        told += [f"draft {line}" for line in drafted.assumptions]
        run_through(service, story, walked, told)
        contract = service.check().contract
        snapshot = output(service, 2, "snapshot", Snapshot)
        walked.task, walked.split = contract.prediction.task, snapshot.split_policy
        if judged(service, walked):
            operate(service, walked, data)
    except ModelwrightError as error:
        walked.faults.append(str(error))
    return walked


def telling(walked: Walked, trap: Trap) -> str | None:
    """Return the first line that tells of a trap, or None when nobody does."""
    lines = (line for pattern in trap.told for line in walked.evidence if fnmatchcase(line, pattern))
    return next(lines, None)


def show_traps(walked: Walked, story: Story) -> int:
    """Print every expected trap with the line that tells of it; return how many nobody told of."""
    silent = 0
    for trap in story.traps:
        told = telling(walked, trap)
        silent += told is None
        print(f"    {'found ' if told else 'MISSED'}  {trap.what}\n            {told or trap.told}")
    return silent


def show(walked: Walked, story: Story) -> bool:
    """Print how a walk went; say whether it went as it must."""
    print(f"\n{walked.name}: {walked.task}, {walked.split} split, {walked.design}")
    print(f"    {walked.metric}; gates {walked.gates}; {walked.served}; verify {walked.verified}")
    spent = " ".join(f"{phase}:{seconds:.1f}" for phase, seconds in sorted(walked.seconds.items()))
    print(f"    {sum(walked.seconds.values()):.1f} s  ({spent})")
    silent = show_traps(walked, story)
    expected = [pattern for trap in story.traps for pattern in trap.told]
    more = [
        line.partition(" | ")[0]
        for line in walked.evidence
        if line.startswith("risk ") and not any(fnmatchcase(line, pattern) for pattern in expected)
    ]
    print(f"    beyond the known traps: {len(more)}")
    for line in more:
        print(f"            {line.removeprefix('risk ')}")
    for fault in walked.faults:
        print(f"    FAULT   {fault}")
    return not silent and not walked.faults


def summary(walks: Sequence[Walked]) -> str:
    """Return one line a walk: table, task, split, traps found of those expected, gates, metric, seconds."""
    lines = []
    for walked in walks:
        traps = STORIES[walked.name].traps
        found = sum(telling(walked, trap) is not None for trap in traps)
        told = f"{walked.name:<22}{walked.task:<12}{walked.split:<12}{f'{found}/{len(traps)}':<7}"
        spent = sum(walked.seconds.values())
        lines.append(f"{told}{walked.gates:<7}{walked.metric:<34}{spent:>6.1f} s  {walked.verified}")
    head = f"{'table':<22}{'task':<12}{'split':<12}{'traps':<7}{'gates':<7}{'primary metric':<34}{'time':>8}"
    return "\n".join([head, *lines])


def main() -> int:
    """Walk the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(STORIES)}")
    parser.add_argument("--data", type=Path, required=True, help="the folder of NAME.parquet")
    parser.add_argument("--keep", type=Path, help="keep the projects in this folder")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(STORIES)
    if unknown:
        parser.error(f"no story for {', '.join(sorted(unknown))}")
    good = True
    walks = []
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("MODELWRIGHT_HOME", str(Path(scratch) / "home"))
        for name in chosen.names or list(STORIES):
            data = (chosen.data / f"{name}.parquet").resolve()
            if not data.exists() and not chosen.names:
                continue
            folder = (chosen.keep or Path(scratch)) / name
            walks.append(walk(name, STORIES[name], data, folder))
            good &= show(walks[-1], STORIES[name])
            sys.stdout.flush()
    print(f"\n{summary(walks)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

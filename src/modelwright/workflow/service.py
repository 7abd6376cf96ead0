"""The one door: every surface calls these methods and shows what they return; no rule lives further out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.ledger.entry import Entry
from modelwright.workflow.agreement import Agreement, amend, read_agreement
from modelwright.workflow.consent_desk import ConsentDesk
from modelwright.workflow.contract_desk import ContractDesk
from modelwright.workflow.engine import Advance, Listener, Look, look
from modelwright.workflow.feature_desk import FeatureDesk
from modelwright.workflow.history import fold
from modelwright.workflow.ledger_desk import LedgerDesk
from modelwright.workflow.let_through import told_let_through
from modelwright.workflow.pages import page_path, write_pages
from modelwright.workflow.people_desk import PeopleDesk
from modelwright.workflow.phases import phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.standing import Standing, standing_of

if TYPE_CHECKING:  # records of heavy rooms: loaded by the methods that return them
    from modelwright.data.draft import Question
    from modelwright.data.profile import Profile
    from modelwright.monitoring.report import MonitoringReport
    from modelwright.registry.versions import Version
    from modelwright.review.review import ReviewReport
    from modelwright.rollout.state import RolloutState
    from modelwright.rollout.target import RollbackTarget
    from modelwright.serving.batch import BatchResult
    from modelwright.training.reproduce import Reproduction
    from modelwright.workflow.draft_source import DataPlace
    from modelwright.workflow.drafting import Drafted
    from modelwright.workflow.live import AddedLabels, ServePlan
    from modelwright.workflow.look_list import LookList
    from modelwright.workflow.verification import Verification

__all__ = ["Service", "contract_schema"]


def contract_schema() -> Mapping[str, object]:
    """Return the JSON Schema of contract.yaml.

    Examples:
        >>> contract_schema()["title"]
        'Contract'
    """
    from modelwright.contracts.schema import json_schema

    return json_schema()


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that can be done with a project.

    Examples:
        >>> "run" in dir(Service)
        True
    """

    ports: Ports
    """The outside world."""

    def questions(self, data: "Path | DataPlace", *, target: str) -> "tuple[Question, ...]":
        """Return what a table cannot tell about itself, with defaults."""
        from modelwright.workflow.drafting import questions_for

        return questions_for(self.ports, _place(data), target=target)

    def init(
        self,
        name: str,
        *,
        data: "Path | DataPlace",
        target: str,
        mode: str = "quick",
        answers: Mapping[str, str] | None = None,
        force: bool = False,
    ) -> "Drafted":
        """Draft contract.yaml from a table and answers."""
        from modelwright.workflow.drafting import draft_contract

        place, given = _place(data), answers or {}
        return draft_contract(
            self.ports, name=name, place=place, target=target, mode=mode, answers=given, force=force
        )

    def check(self) -> Agreement:
        """Read the contract; raises with every fault when it is not valid."""
        from modelwright.contracts.reading import read_contract

        self.ports.project.require()
        contract = read_contract(self.ports.project.contract_file)
        return Agreement(contract=contract, digest=contract.digest)

    def amend(self, *, reason: str) -> tuple[str, ...]:
        """Record a reasoned change of the frozen contract and return what changed."""
        return amend(self.ports, reason=reason)

    @property
    def contracts(self) -> ContractDesk:
        """The data contract in other tools' words: exported and imported."""
        return ContractDesk(self.ports)

    def profile(self, data: Path, *, target: str | None = None, page: Path | None = None) -> "Profile":
        """Return what a table holds, whether or not a contract describes it; write it as a page if asked."""
        from modelwright.workflow.drafting import profile_of

        return profile_of(data, target=target, page=page)

    @property
    def people(self) -> PeopleDesk:
        """Keys of people: make, list, hand on, enrol, revoke."""
        return PeopleDesk(self.ports)

    def look(self) -> Look:
        """Return the present state in full."""
        return look(self.ports)

    def status(self) -> Standing:
        """Return the present state as people and programs read it."""
        return standing_of(self.look(), let_through=told_let_through(self.ports), at=self.ports.clock.now())

    def run(
        self,
        *,
        listener: Listener | None = None,
        until: int = 12,
        only: int | None = None,
        capsule: str | None = None,
        request: str = "",
    ) -> Advance:
        """Advance phase by phase, stop where a person must decide, and draw the pages of what was done."""
        from modelwright.workflow.running import run_project

        return run_project(
            self.ports, listener=listener, until=until, only=only, capsule=capsule, request=request
        )

    def write_pages(self) -> tuple[Path, ...]:
        """Draw the pages of phases that have none of their present evidence, and return them."""
        return write_pages(self.ports, fold(self.ports.ledger.entries()))

    def approve(self, phase: int, *, choices: Mapping[str, str] | None = None, reason: str) -> Entry:
        """Answer a phase with yes."""
        from modelwright.workflow.answers import answer_phase

        return answer_phase(self.ports, phase, decision="approve", choices=choices, reason=reason)

    def refuse(self, phase: int, *, reason: str) -> Entry:
        """Answer a phase with no."""
        from modelwright.workflow.answers import answer_phase

        return answer_phase(self.ports, phase, decision="reject", reason=reason)

    def request_changes(self, phase: int, *, reason: str) -> Entry:
        """Ask for changes to what a phase shows."""
        from modelwright.workflow.answers import answer_phase

        return answer_phase(self.ports, phase, decision="request-changes", reason=reason)

    def page_of(self, phase: int) -> Path:
        """Return the page of a phase, drawn first when it is missing or tells of other evidence."""
        self.write_pages()
        return page_path(self.ports.project, phase_of(phase))

    def agreement(self) -> Agreement:
        """Return the contract, refused when it differs from the frozen one."""
        return read_agreement(self.ports, fold(self.ports.ledger.entries()))

    def entries(self) -> tuple[Entry, ...]:
        """Return the whole ledger."""
        return tuple(self.ports.ledger.entries())

    @property
    def consent(self) -> ConsentDesk:
        """What people let through, ask for and answer for: waivers, the glass, requests."""
        return ConsentDesk(self.ports)

    @property
    def features(self) -> FeatureDesk:
        """The desk of features: the online store, and where columns come from."""
        return FeatureDesk(self.ports)

    @property
    def ledger(self) -> LedgerDesk:
        """What can be done with the ledger as a whole: audit, anchor, export, import, attest."""
        return LedgerDesk(self.ports)

    def looks(self) -> "LookList":
        """Return who asked the sealed labels, what was answered, and how many looks are left."""
        from modelwright.workflow.look_list import look_list

        return look_list(self.ports)

    def close(self) -> None:
        """Let go of the ledger; the next call takes it again."""
        self.ports.ledger.close()

    def verify(self, bundle: Path | None = None, *, again: bool = False) -> "Verification":
        """Walk the chain of evidence from bundle to contract; `again` redoes what needs no chance."""
        from modelwright.workflow.verification import verify_project

        return verify_project(self.ports, bundle=bundle, again=again)

    def reproduce(self) -> "Reproduction":
        """Retrain from the record and compare."""
        from modelwright.workflow.reproduction import reproduce_run

        return reproduce_run(self.ports)

    def review(self, paths: tuple[Path, ...]) -> "ReviewReport":
        """Review Python files and notebooks; no project is needed."""
        from modelwright.review.review import review

        return review(paths, root=self.ports.project.root)

    def versions(self) -> "tuple[Version, ...]":
        """Return the model versions and their standing."""
        from modelwright.registry.versions import versions

        return versions(self.ports.ledger)

    def verdict_passed(self) -> bool | None:
        """Return whether the last evaluation passed its gates; None while there is none."""
        from modelwright.workflow.verdicts import last_verdict

        verdict = last_verdict(self.ports)
        return None if verdict is None else verdict.outcome.allows

    def summary(self) -> Path:
        """Write the one-page summary of the whole run and return its file."""
        from modelwright.workflow.summary_page import write_summary

        return write_summary(self.ports)

    def make_drill(self) -> "Version":
        """Pack a deliberately bad version that may only rehearse a rollback."""
        from modelwright.workflow.rolling import make_drill_version

        with self.ports.lock():
            return make_drill_version(self.ports)

    def start_rollout(self, version: str, *, drill: bool = False, time_scale: float = 1.0) -> "RolloutState":
        """Give a version its first share of the traffic."""
        from modelwright.workflow.rolling import start_rollout

        return start_rollout(self.ports, version, drill=drill, time_scale=time_scale)

    def approve_rollout(self, version: str, *, reason: str) -> Entry:
        """Allow the running rollout of a version to go beyond its first step."""
        from modelwright.workflow.advancing import approve_rollout

        return approve_rollout(self.ports, version, reason=reason)

    def watch_rollout(self, wait: Callable[[float], bool]) -> "RolloutState | None":
        """Judge and move the running rollout until it ends or `wait` says to stop."""
        from modelwright.workflow.rolling import watch_rollout

        return watch_rollout(self.ports, wait)

    def rollout_state(self) -> "RolloutState | None":
        """Return where the last rollout stands."""
        from modelwright.workflow.rolling import rollout_state

        return rollout_state(self.ports)

    def roll_back(self, *, to: str | None = None, reason: str) -> "RollbackTarget":
        """Send all traffic back in one step, without retraining."""
        from modelwright.workflow.rolling import take_back

        return take_back(self.ports, to=to, reason=reason)

    def promote(self, version: str, *, reason: str, at_once: bool = False) -> Entry:
        """Approve a version; the first becomes champion, a later one takes over by a rollout or `at_once`."""
        from modelwright.workflow.promotion import promote_version

        return promote_version(self.ports, version, reason=reason, at_once=at_once)

    def serve_plan(self, *, host: str = "127.0.0.1", port: int = 8080) -> "ServePlan":
        """Return what the server needs to serve the champion."""
        from modelwright.workflow.live import serve_plan

        return serve_plan(self.ports, host=host, port=port)

    def score(self, source: Path, target: Path) -> "BatchResult":
        """Score a table with the champion; killed and called again, it goes on."""
        from modelwright.workflow.live import score_table

        return score_table(self.ports, source, target)

    def add_labels(self, source: Path) -> "AddedLabels":
        """Hand in labels that arrived late."""
        from modelwright.workflow.live import add_label_file

        return add_label_file(self.ports, source)

    def monitor(self, *, rows: int | None = None) -> "MonitoringReport":
        """Judge what was served so far, by windows of time or of so many answers."""
        from modelwright.workflow.watching import watch

        return watch(self.ports, rows=rows)


def _place(data: "Path | DataPlace") -> "DataPlace":
    from modelwright.workflow.draft_source import DataPlace

    return DataPlace(path=str(data)) if isinstance(data, Path) else data

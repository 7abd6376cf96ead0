"""The engine: walks the twelve phases, durable and resumable, and stops where a person must decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from modelwright.authority.policy import Policy
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import ContractChanged, PhaseLocked, UserFault
from modelwright.kernel.fileset import find_files
from modelwright.ledger.entry import Entry
from modelwright.workflow.agreement import Agreement, demand_frozen, digest_now, freeze, read_agreement
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.emptied import demand_begun
from modelwright.workflow.history import History, fold
from modelwright.workflow.phases import PHASES, Phase, announcement, phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.scratch import clear_leftovers
from modelwright.workflow.survey import DESIGN, PhaseState, PhaseStatus, Survey, survey

if TYPE_CHECKING:  # loaded only when a capsule is named
    from modelwright.contracts.capsule import Capsule

__all__ = ["Advance", "Listener", "Look", "advance", "look"]

HANDLERS: Mapping[int, str] = {
    1: "problem_analysis",
    2: "data_architecture",
    3: "risk_assessment",
    4: "model_architecture",
    5: "training_pipeline",
    6: "evaluation_strategy",
    7: "model_implementation",
    8: "training_infrastructure",
    9: "integration",
    10: "quality_review",
    11: "evaluation_execution",
    12: "closing",
}
"""The module of this folder that performs each phase; loaded when the phase runs."""

CODE_WRITTEN = 7
"""The phase that first writes code; from then on the project's code is part of what is reviewed."""

ASSESSED = 3
"""The phase that finds the risks: whatever comes after it stands on what was decided about them."""

NOBODY = "0 of 1 approvals"
"""What an answer's check says when nobody has said anything: a question needs no such reason."""

Listener = Callable[[str, Phase, Outputs], None]
"""Told `announce` before a phase, `done` with what it made once that counts, `kept` when it need not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The state of a project at one moment.

    Examples:
        >>> Look.__slots__
        ('contract_digest', 'history', 'policy', 'survey')
    """

    contract_digest: str
    """Digest of the contract as it lies on disk."""
    history: History
    """What the ledger tells."""
    policy: Policy
    """Who may decide in this mode."""
    survey: Survey
    """Where every phase stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far a run came.

    Examples:
        >>> Advance(ended="done", phase=12, message="", ran=(12,)).ended
        'done'
    """

    ended: Literal["done", "waiting", "reached"]
    """`done`: all twelve; `waiting`: a person must decide; `reached`: the phase asked for was reached."""
    phase: int
    """The phase it ended at."""
    message: str
    """What is asked or what comes next."""
    ran: tuple[int, ...]
    """The phases that ran now; the others were up to date."""


def look(ports: Ports) -> Look:
    """Tell the present state without changing anything.

    Raises:
        UserFault: When there is no project here.
        IntegrityBroken: When the ledger is empty, and there was one.
    """
    history = fold(ports.ledger.entries())
    if not history.length:
        demand_begun(ports)
    contract_digest = digest_now(ports, history)
    policy = history.policy_of(contract_digest)
    told = survey(
        history,
        contract_digest=contract_digest,
        outside=_outside(ports, history),
        now=history.not_before(ports.clock.now()),
        policy=policy,
    )
    return Look(contract_digest=contract_digest, history=history, policy=policy, survey=told)


def _outside(ports: Ports, history: History) -> dict[int, str]:
    found: dict[int, str] = {}
    if history.contract is not None:
        found[2] = _sources(ports, history.contract)
    if CODE_WRITTEN in history.completions:
        found[10] = ports.project.code_digest()
    return found


def _sources(ports: Ports, contract: Entry) -> str:
    listed = contract.body.get("sources")
    paths = [str(path) for path in listed] if isinstance(listed, list | tuple) else []
    return digest_of({path: _state(ports, ports.project.root / path) for path in paths})


def _state(ports: Ports, place: Path) -> str:
    """Return what tells whether a source changed: of one file its bytes, of many that none was touched."""
    if place.is_file():
        return ports.project.file_digest(place)
    found = find_files(place)
    return found.state() if found is not None else "missing"


def advance(
    ports: Ports,
    listener: Listener,
    *,
    until: int = 12,
    only: int | None = None,
    capsule: "Capsule | None" = None,
    request: str = "",
) -> Advance:
    """Run phases in order until one needs a person, or `until` is done.

    Phases that are up to date are kept. `only` runs a single phase and refuses when it may not run now.

    Raises:
        PhaseLocked: When `only` names a phase that may not run yet, or a risk that blocks is not waived.
        ContractChanged: When the frozen contract was edited, or any contract while the run is at work.
        UserFault: When data or code is changed while a phase is at work on it.
        ProjectBusy: When another process is running in this project.
    """
    with ports.lock():
        clear_leftovers(ports.project)
        agreement = read_agreement(ports, fold(ports.ledger.entries()))
        ran: list[int] = []
        if only is not None:
            _require_open(look(ports), phase_of(only))
            until = only
        for phase in PHASES[: phase_of(until).number]:
            now = _look_again(ports, agreement)
            status = now.survey.of(phase.number)
            if phase.number > ASSESSED:
                _demand_waivers(ports, now, phase)
            if status.state in {PhaseState.READY, PhaseState.STALE}:
                listener("announce", phase, {})
                outputs = _perform(ports, agreement, now, phase, capsule=capsule, request=request)
                ran.append(phase.number)
                listener("done", phase, outputs)
                status = _still_standing(_look_again(ports, agreement).survey.of(phase.number))
            elif status.state is PhaseState.DONE:
                listener("kept", phase, {})
            if phase.number == DESIGN and status.state is PhaseState.DONE:
                freeze(ports, fold(ports.ledger.entries()), agreement)
            if status.state is not PhaseState.DONE:
                return Advance(ended="waiting", phase=phase.number, message=_question(status), ran=tuple(ran))
        ended: Literal["done", "reached"] = "done" if until == len(PHASES) else "reached"
        return Advance(ended=ended, phase=until, message=announcement(until).splitlines()[1], ran=tuple(ran))


def _look_again(ports: Ports, agreement: Agreement) -> Look:
    """Look at the present state, and refuse a contract that is not the one this run started with."""
    now = look(ports)
    if now.contract_digest != agreement.digest:
        raise ContractChanged(
            "contract.yaml was edited while the run was at work",
            why="one run stands on one contract",
            next_step="modelwright run goes on with the contract as it is now",
        )
    return now


def _demand_waivers(ports: Ports, now: Look, phase: Phase) -> None:
    """Refuse to go on, and to call anything up to date, while a risk that blocks is waived no more."""
    from modelwright.workflow.waiving import demand_waivers, standing_findings

    demand_waivers(
        ports, standing_findings(ports, now.history), before=f"phase {phase.number} ({phase.name})"
    )


def _still_standing(status: PhaseStatus) -> PhaseStatus:
    """Refuse a phase whose inputs are others now than when it began: what it found is about the old ones."""
    if status.state is PhaseState.STALE:
        raise UserFault(
            f"data or code was changed while phase {status.phase.number} was at work on it",
            why="what it found is about what was there before",
            next_step="modelwright run does it again",
        )
    return status


def _question(status: PhaseStatus) -> str:
    said = "" if status.reason == NOBODY else f"\n{status.reason}"
    return f"{status.phase.question}{said}\nAnswer with: modelwright approve {status.phase.number}"


def _require_open(now: Look, phase: Phase) -> None:
    if now.survey.of(phase.number).state in {
        PhaseState.READY,
        PhaseState.STALE,
        PhaseState.DONE,
        PhaseState.WAITING,
    }:
        current = now.survey.current
        if current is None or current.phase.number >= phase.number:
            return
    current = now.survey.current
    first = current.phase if current else phase
    state = current.state.value if current else "done"
    locked = phase.locked_until_design and not now.survey.design_approved
    raise PhaseLocked(
        f"phase {phase.number} ({phase.name}) is locked",
        why="phases 7 to 12 open only on an approved design (phases 4, 5 and 6)"
        if locked
        else "every phase stands on the ones before it",
        found=f"phase {first.number} ({first.name}) is {state}",
        expected="phases before it done and answered",
        next_step=f"modelwright approve {first.number}" if state == "waiting" else "modelwright run",
    )


def _perform(
    ports: Ports,
    agreement: Agreement,
    now: Look,
    phase: Phase,
    *,
    capsule: "Capsule | None",
    request: str,
) -> Outputs:
    demand_frozen(now.history, agreement.digest)
    if phase.locked_until_design and not now.survey.design_approved:
        raise PhaseLocked(
            f"phase {phase.number} is locked until the design is approved", next_step="modelwright run"
        )
    handler = import_module(f"modelwright.workflow.{HANDLERS[phase.number]}")
    context = PhaseContext(
        ports=ports,
        contract=agreement.contract,
        contract_digest=agreement.digest,
        history=now.history,
        capsule=capsule,
        request=request,
    )
    outputs: Outputs = handler.perform(context)
    digests = {name: ports.store.put_record(record) for name, record in outputs.items()}
    ports.ledger.append(
        "phase.completed",
        {
            "phase": phase.number,
            "name": phase.name,
            "inputs": now.survey.of(phase.number).inputs,
            "contract_digest": agreement.digest,
        },
        actor=ports.actor,
        artifacts=digests,
    )
    return outputs

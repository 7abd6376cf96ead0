"""Skipping and reordering: a phase that has not earned its turn stays closed."""

import shutil
from dataclasses import replace

from tests.adversarial.refusals import found_by_verify, refused
from tests.workflow.projects import AGENT, service_in

from modelwright.kernel.errors import ContractChanged, ExitCode, IntegrityBroken, PhaseLocked
from modelwright.workflow.history import fold


def states(service):
    """Where each phase stands."""
    return {line.phase: line.state for line in service.status().phases}


def test_nobody_runs_the_training_before_the_design_is_approved(young, typed):
    """`run --phase 8` on a fresh project is refused, and the first open phase is named."""
    error = refused(young.run, only=8, kind=PhaseLocked, says="locked")
    assert "modelwright run" in error.next_step
    code, told = typed(young, "run", "--phase", "8")
    assert (code, "Next: modelwright" in told) == (ExitCode.LOCKED, True)
    assert young.entries()[-1].kind in {"project.started", "contract.read"}


def test_nobody_approves_the_design_before_anything_was_shown(young):
    """An answer is bound to what was shown; phase 6 of a fresh project has shown nothing."""
    error = refused(young.approve, 6, reason="looks right", kind=PhaseLocked, says="nothing to answer")
    assert "modelwright run" in error.next_step


def test_nobody_answers_a_phase_that_asks_nothing(finished):
    """An approval of phase 11 would look like one of its verdict."""
    error = refused(finished.approve, 11, reason="the gates are fine", kind=PhaseLocked, says="asks nothing")
    assert "status" in error.next_step


def test_nobody_promotes_before_there_is_a_version(designed):
    """Promotion stands at the end of the road, not beside it."""
    refused(designed.promote, "v1", reason="we are late", says="there is no version yet")


def test_a_completion_that_is_written_by_hand_does_not_open_the_next_phase(designed):
    """Entries that say phases 7 to 12 are done, without their inputs, change nothing about what is open."""
    ports = designed.ports
    for number in range(7, 13):
        ports.ledger.append(
            "phase.completed",
            {"phase": number, "name": "made up", "inputs": "sha256:made-up", "contract_digest": ""},
            actor=AGENT,
        )
    assert states(designed)[6] == "waiting"
    assert all(states(designed)[number] == "stale" for number in range(7, 13))
    refused(designed.run, only=9, kind=PhaseLocked)
    refused(designed.promote, "v1", reason="all phases are done", says="there is no version yet")


def test_an_approval_of_the_last_phase_does_not_stand_for_those_before_it(designed):
    """Phase 10 cannot be answered while the design waits."""
    error = refused(designed.approve, 10, choices={"fix": "none"}, reason="fine", kind=PhaseLocked)
    assert "modelwright run" in error.next_step


def test_taking_the_ledger_away_opens_nothing(finished):
    """A project without its memory is no new project: nothing runs, nobody is champion, nothing serves."""
    store = finished.ports.project.store
    finished.ports.ledger.close()
    for path in store.glob("ledger.db*"):
        path.unlink()
    fresh = service_in(finished.ports.project.root)
    refused(fresh.run, kind=IntegrityBroken, says="the ledger is empty")
    refused(fresh.status, kind=IntegrityBroken, says="the ledger is empty")
    assert not fresh.ledger.audit().outcome.allows
    refused(fresh.promote, "v1", reason="it was the champion")
    refused(fresh.serve_plan, port=0)
    assert not fresh.verify().outcome.allows


def test_a_ledger_of_another_project_does_not_open_this_one(finished, young):
    """Its approvals are about another contract and other artifacts."""
    young.ports.project.store.mkdir(exist_ok=True)
    finished.ports.ledger.close()
    young.ports.ledger.close()
    contract = young.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    for path in finished.ports.project.store.glob("ledger.db*"):
        shutil.copy(path, young.ports.project.store)
    stranger = service_in(young.ports.project.root)
    refused(stranger.run, kind=ContractChanged, says="frozen")
    found_by_verify(stranger, "artifact")


def test_a_phase_that_was_changed_afterwards_closes_everything_behind_it(finished):
    """Another choice of design: what was built on the old one is stale and its promotion does not repeat."""
    finished.approve(4, choices={"design": "pragmatic"}, reason="stronger")
    assert states(finished)[5] == "stale"
    error = refused(finished.run, only=7, kind=PhaseLocked)
    assert "modelwright" in error.next_step


def test_the_page_of_a_phase_cannot_be_answered_after_its_input_changed(designed):
    """The table changed while a person read: the answer has nothing to hold on to."""
    data = designed.ports.project.root / "calls.parquet"
    data.write_bytes(data.read_bytes() + b"\0")
    error = refused(designed.approve, 6, reason="as read", kind=PhaseLocked)
    assert "modelwright run" in error.next_step


def test_entries_of_a_ledger_cannot_be_told_in_another_order(finished):
    """The same entries, two of them swapped, are another history, and the noted head is not in it."""
    from modelwright.ledger.memory import MemoryLedger

    noted = finished.ports.ledger.head()
    told = list(finished.entries())
    told[5], told[6] = told[6], told[5]
    other = MemoryLedger(clock=finished.ports.clock)
    for entry in told:
        other.append(entry.kind, entry.body, actor=entry.actor, artifacts=entry.artifacts)
    swapped = replace(finished, ports=replace(finished.ports, ledger=other))
    assert not swapped.ports.ledger.verify(head=noted).allows
    assert fold(swapped.entries()).head != noted

"""Where a run stands, told from ledger entries alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import Approval
from modelwright.authority.policy import policy_of
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import plain
from modelwright.ledger.memory import MemoryLedger
from modelwright.workflow.history import fold
from modelwright.workflow.phases import PHASES
from modelwright.workflow.survey import PhaseState, subject_artifacts, survey

PERSON = Actor(kind=ActorKind.PERSON, name="lead")
OTHER = Actor(kind=ActorKind.PERSON, name="second")
AGENT = Actor(kind=ActorKind.AGENT, name="coder")


class Run:
    """A run replayed on an in-memory ledger: complete phases, answer them, look."""

    def __init__(self, mode="quick"):
        """Start with an empty ledger."""
        self.clock = SteppingClock()
        self.ledger = MemoryLedger(clock=self.clock)
        # What signatures change is tested where they are made; here the rules are at work alone.
        self.policy = replace(policy_of(mode), signatures="once-enrolled")
        self.contract = "sha256:" + "c" * 64
        self.outside = {}

    @property
    def history(self):
        """What the ledger tells now."""
        return fold(self.ledger.entries())

    def look(self):
        """Survey the run now."""
        return survey(
            self.history,
            contract_digest=self.contract,
            outside=self.outside,
            now=self.clock.now(),
            policy=self.policy,
        )

    def complete(self, number, output="a"):
        """Record that a phase ran on its present inputs."""
        self.ledger.append(
            "phase.completed",
            {"phase": number, "inputs": self.look().of(number).inputs},
            actor=PERSON,
            artifacts={"out": "sha256:" + output * 64},
        )

    def answer(self, number, *, actor=PERSON, decision="approve", choices=None, days=1):
        """Record an answer to a phase."""
        approval = Approval(
            subject=f"phase:{number}",
            decision=decision,
            artifacts=subject_artifacts(self.history, number),
            contract_digest=self.contract,
            reason="as shown",
            actor=actor,
            expires=self.clock.now() + timedelta(days=days),
            choices=choices or {},
        )
        self.ledger.append(
            "approval.given", {"subject": approval.subject, "approval": plain(approval)}, actor=actor
        )

    def through(self, last):
        """Complete and answer every phase up to `last`."""
        for phase in PHASES[:last]:
            self.complete(phase.number)
            if phase.needs_answer:
                self.answer(phase.number, actor=OTHER)
        return self

    def states(self):
        """The state of every phase, by number."""
        return {status.phase.number: status.state for status in self.look().phases}


def test_a_new_run_is_ready_for_phase_1_and_locked_from_7_on():
    """Nothing has run yet."""
    states = Run().states()
    assert states[1] is PhaseState.READY
    assert states[2] is PhaseState.OPEN
    assert {states[number] for number in range(7, 13)} == {PhaseState.LOCKED}


def test_a_phase_that_asks_waits_until_a_person_answers():
    """Completion alone does not settle it."""
    run = Run()
    run.complete(1)
    assert run.states()[1] is PhaseState.WAITING
    run.answer(1)
    assert run.states()[1] is PhaseState.DONE


def test_twelve_settled_phases_leave_nothing_to_do():
    """The run is over."""
    assert Run().through(12).look().current is None


def test_an_agent_cannot_settle_a_phase():
    """Its answer is in the ledger and does not count."""
    run = Run()
    run.complete(1)
    run.answer(1, actor=AGENT)
    assert run.states()[1] is PhaseState.WAITING
    assert "not a person" in run.look().of(1).reason


def test_an_expired_answer_is_a_denial():
    """A deadline passed means denied."""
    run = Run()
    run.complete(1)
    run.answer(1)
    run.clock.advance(timedelta(days=2))
    assert run.states()[1] is PhaseState.WAITING
    assert "expired" in run.look().of(1).reason


def test_a_rejection_takes_an_approval_back():
    """Of one person the last answer counts."""
    run = Run()
    run.complete(1)
    run.answer(1)
    run.answer(1, decision="reject")
    assert run.states()[1] is PhaseState.WAITING


@pytest.mark.parametrize("number", [4, 5])
def test_editing_any_part_of_the_design_voids_its_approval(number):
    """The approval after 6 is bound to phases 4, 5 and 6 together."""
    run = Run().through(8)
    run.complete(number, output="b")
    run.answer(number, actor=OTHER)
    assert not run.look().design_approved
    assert run.states()[7] in {PhaseState.STALE, PhaseState.LOCKED}


def test_a_changed_contract_makes_everything_stale():
    """Every phase stands on the contract."""
    run = Run().through(12)
    run.contract = "sha256:" + "d" * 64
    states = run.states()
    assert set(states.values()) == {PhaseState.STALE}


def test_changed_data_makes_phase_2_and_all_after_it_stale():
    """Phase 1 does not read the data."""
    run = Run().through(12)
    run.outside = {2: "another file"}
    states = run.states()
    assert states[1] is PhaseState.DONE
    assert {states[number] for number in range(2, 13)} == {PhaseState.STALE}


def test_choosing_another_design_makes_the_pipeline_stale():
    """Phase 5 acts on the choice after phase 4."""
    run = Run()
    for number in (1, 2, 3, 4):
        run.complete(number)
        if PHASES[number - 1].needs_answer:
            run.answer(number, choices={"design": "baseline"} if number == 4 else {})
    run.complete(5)
    run.answer(4, choices={"design": "frontier"})
    assert run.states()[5] is PhaseState.STALE


def test_choosing_another_design_voids_the_approval_of_the_whole_design():
    """Even when the pages of phases 5 and 6 read the same as before."""
    run = Run()
    for number in (1, 2, 3, 4, 5, 6):
        run.complete(number)
        if PHASES[number - 1].needs_answer:
            run.answer(number, choices={"design": "baseline"} if number == 4 else {})
    assert run.look().design_approved
    run.answer(4, choices={"design": "frontier"})
    run.complete(5)
    assert run.states()[5] is PhaseState.WAITING
    run.answer(5)
    run.complete(6)
    assert run.states()[6] is PhaseState.WAITING
    assert "choices" in run.look().of(6).reason


def test_in_standard_mode_the_author_of_the_design_cannot_approve_it():
    """Another person has to."""
    run = Run("standard").through(5)
    run.complete(6)
    run.answer(6, actor=PERSON)
    assert run.states()[6] is PhaseState.WAITING
    run.answer(6, actor=OTHER)
    assert run.states()[6] is PhaseState.DONE

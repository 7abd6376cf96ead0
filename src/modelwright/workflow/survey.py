"""Where a run stands: which phases are done, stale, waiting for a person, or locked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modelwright.authority.answer import Answer, Approval, answer_in
from modelwright.authority.approval import check_approvals, hear
from modelwright.authority.policy import Policy
from modelwright.kernel.digest import digest_of
from modelwright.kernel.outcome import Outcome, Status
from modelwright.workflow.history import History
from modelwright.workflow.phases import PHASES, Phase

__all__ = [
    "PhaseState",
    "PhaseStatus",
    "Survey",
    "answers_of",
    "choices_of",
    "given_of",
    "heard_of",
    "subject_artifacts",
    "survey",
]

NEEDS: Mapping[int, tuple[int, ...]] = {
    1: (),
    2: (),
    3: (2,),
    4: (2, 3),
    5: (4,),
    6: (4, 5),
    7: (2, 3, 4, 5, 6),
    8: (2, 4, 7),
    9: (2, 7, 8),
    10: (7, 8, 9),
    11: (2, 4, 6, 8, 9, 10),
    12: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
}
"""Whose outputs each phase reads: a change there makes the phase stale."""

DECIDES: Mapping[int, tuple[int, ...]] = {4: (3,), 5: (4,), 6: (3, 4), 7: (3, 4, 6), 8: (4,), 11: (10,)}
"""Whose answers each phase acts on."""

DESIGN = 6
"""The phase whose approval unlocks the implementation and freezes the contract."""


class PhaseState(StrEnum):
    """Where one phase stands.

    Examples:
        >>> PhaseState.STALE.value
        'stale'
    """

    DONE = "done"
    """Ran on the present inputs and, where one is asked, has a valid answer."""
    WAITING = "waiting"
    """Ran on the present inputs; a person has to answer."""
    READY = "ready"
    """Everything it needs is there."""
    STALE = "stale"
    """Ran, but something it depends on has changed since."""
    OPEN = "open"
    """Comes later."""
    LOCKED = "locked"
    """Comes later and may not start before the design is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStatus:
    """One phase and where it stands.

    Examples:
        >>> PhaseStatus(phase=PHASES[0], state=PhaseState.READY, inputs="", reason="").state.value
        'ready'
    """

    phase: Phase
    """The phase."""
    state: PhaseState
    """Where it stands."""
    inputs: str
    """Digest of its present inputs; empty while they are not complete."""
    reason: str
    """Why it stands there, when that is not plain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All twelve phases and where they stand.

    Examples:
        >>> Survey(phases=()).current is None
        True
    """

    phases: tuple[PhaseStatus, ...]
    """The phases, in order."""

    @property
    def current(self) -> PhaseStatus | None:
        """The first phase that is not done; None when all are."""
        return next((status for status in self.phases if status.state is not PhaseState.DONE), None)

    @property
    def design_approved(self) -> bool:
        """Whether phases 1 to 6 are done and answered, on the present inputs."""
        return all(status.state is PhaseState.DONE for status in self.phases[:DESIGN])

    def of(self, number: int) -> PhaseStatus:
        """Return the status of one phase."""
        return self.phases[number - 1]


def given_of(history: History, subject: str) -> tuple[Answer, ...]:
    """Return the answers to a subject with their places and signatures, oldest first.

    Raises:
        IntegrityBroken: When an entry does not hold an approval.

    Examples:
        >>> given_of(History(), "phase:6")
        ()
    """
    return tuple(answer_in(entry) for entry in history.answers.get(subject, ()))


def answers_of(history: History, subject: str) -> tuple[Approval, ...]:
    """Return the answers people gave to a subject, oldest first; what others said in their name is left out.

    Raises:
        IntegrityBroken: When an entry does not hold an approval.

    Examples:
        >>> answers_of(History(), "phase:6")
        ()
    """
    return tuple(approval for approval, _ in heard_of(history, subject))


def heard_of(history: History, subject: str) -> tuple[tuple[Approval, str], ...]:
    """Return the same answers, each with how it is signed.

    Raises:
        IntegrityBroken: When an entry does not hold an approval.

    Examples:
        >>> heard_of(History(), "phase:6")
        ()
    """
    heard = hear(given_of(history, subject), subject=subject, policy=history.policy, trust=history.trust)
    return tuple((answer.approval, signed) for answer, signed in heard.counted)


def choices_of(history: History, number: int) -> Mapping[str, str]:
    """Return what was chosen in the last approval of a phase; empty when there is none.

    Examples:
        >>> choices_of(History(), 4)
        {}
    """
    given = [answer for answer in answers_of(history, f"phase:{number}") if answer.decision == "approve"]
    return given[-1].choices if given else {}


def subject_artifacts(history: History, number: int) -> dict[str, str]:
    """Return what an answer to this phase is bound to: what was shown, and the choices it was made from.

    The answer after phase 6 is bound to phases 4, 5 and 6 together, and to the design that was chosen:
    another choice voids it even where the pages happen to read the same.

    Examples:
        >>> subject_artifacts(History(), 4)
        {}
    """
    numbers = (4, 5, 6) if number == DESIGN else (number,)
    shown = {
        f"phase{each}.{name}": digest
        for each in numbers
        if each in history.completions
        for name, digest in sorted(history.completions[each].outputs.items())
    }
    chosen = {
        f"phase{each}.choices": digest_of(choices)
        for each in DECIDES.get(number, ())
        if (choices := choices_of(history, each))
    }
    return shown | chosen


def _answer(
    history: History, phase: Phase, *, contract_digest: str, now: datetime, policy: Policy
) -> Outcome:
    subject = f"phase:{phase.number}"
    return check_approvals(
        given_of(history, subject),
        subject=subject,
        artifacts=subject_artifacts(history, phase.number),
        contract_digest=contract_digest,
        now=now,
        policy=policy,
        author=history.completions[phase.number].actor,
        trust=history.trust,
    )


def _inputs(history: History, phase: Phase, *, contract_digest: str, outside: Mapping[int, str]) -> str:
    answers = {str(number): choices_of(history, number) for number in DECIDES.get(phase.number, ())}
    return digest_of(
        {
            "phase": phase.number,
            "contract": contract_digest,
            "outputs": {str(number): history.completions[number].outputs for number in NEEDS[phase.number]},
            "answers": answers,
            "outside": outside.get(phase.number, ""),
        }
    )


def survey(
    history: History, *, contract_digest: str, outside: Mapping[int, str], now: datetime, policy: Policy
) -> Survey:
    """Tell where every phase stands.

    Args:
        history: What the ledger tells.
        contract_digest: Digest of the contract as it is now.
        outside: Digests of what phases read beside contract and artifacts (data files, code), by phase.
        now: The present moment, for expiries.
        policy: Who may answer.

    Examples:
        >>> from modelwright.authority.policy import policy_of
        >>> from modelwright.kernel.clock import SteppingClock
        >>> told = survey(
        ...     History(),
        ...     contract_digest="",
        ...     outside={},
        ...     now=SteppingClock().now(),
        ...     policy=policy_of("quick"),
        ... )
        >>> told.current.phase.number, told.of(7).state.value
        (1, 'locked')
    """
    statuses: list[PhaseStatus] = []
    settled = True
    for phase in PHASES:
        completion = history.completions.get(phase.number)
        inputs, reason = "", ""
        if not settled:
            design_open = any(status.state is not PhaseState.DONE for status in statuses[:DESIGN])
            locked = phase.locked_until_design and design_open
            state = PhaseState.STALE if completion else PhaseState.LOCKED if locked else PhaseState.OPEN
            reason = "an earlier phase is not settled" if completion else ""
        else:
            inputs = _inputs(history, phase, contract_digest=contract_digest, outside=outside)
            state = PhaseState.DONE
            if completion is None:
                state = PhaseState.READY
            elif completion.inputs != inputs:
                state, reason = PhaseState.STALE, "something it depends on has changed"
            elif phase.needs_answer:
                outcome = _answer(history, phase, contract_digest=contract_digest, now=now, policy=policy)
                if outcome.status is not Status.PASSED:
                    state, reason = PhaseState.WAITING, "; ".join(outcome.evidence)
            settled = state is PhaseState.DONE
        statuses.append(PhaseStatus(phase=phase, state=state, inputs=inputs, reason=reason))
    return Survey(phases=tuple(statuses))

"""Standing: the state of a project as one record that every surface shows."""

from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.approval import check_approvals
from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Callout, Document, Facts, Table
from modelwright.ledger.entry import Entry
from modelwright.workflow.engine import Look
from modelwright.workflow.phases import phase_of
from modelwright.workflow.survey import PhaseState, given_of

__all__ = ["PhaseLine", "Standing", "standing_of"]

TRAINED = 8
"""The phase whose runner is the author of the model."""

MARKS = {
    PhaseState.DONE: "✔ done",
    PhaseState.WAITING: "● waits for you",
    PhaseState.READY: "▶ next",
    PhaseState.STALE: "↻ stale",
    PhaseState.OPEN: "· later",
    PhaseState.LOCKED: "🔒 locked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLine:
    """One line of the todo list.

    Examples:
        >>> PhaseLine(phase=1, name="Problem Analysis", state="done", reason="").state
        'done'
    """

    phase: int
    """1 to 12."""
    name: str
    """The phase's name."""
    state: str
    """done, waiting, ready, stale, open or locked."""
    reason: str
    """Why it stands there, when that is not plain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a project stands: the todo list and the next step.

    Examples:
        >>> Standing.__slots__[0]
        'name'
    """

    name: str
    """The model's name."""
    mode: str
    """quick, standard or enterprise."""
    contract_digest: str
    """The contract as it is now."""
    frozen: bool
    """Whether the contract is frozen."""
    entries: int
    """Entries in the ledger."""
    looks: int
    """Looks at sealed labels so far."""
    phases: tuple[PhaseLine, ...]
    """The twelve phases."""
    next_step: str
    """What to type next."""
    note: str
    """What the policy wants said, such as that self-approval is allowed."""
    people: tuple[str, ...] = ()
    """Whose keys are known in this project, the one that was trusted on first use among them."""
    unsigned: str = ""
    """What has to be said of answers that nobody signed; empty when all are signed."""
    late: str = ""
    """What has to be said of amendments that came when results could be known; empty when none did."""
    let_through: tuple[str, ...] = ()
    """What stands by somebody's word alone: waivers, and broken glasses nobody has answered for."""

    def document(self) -> Document:
        """Render the standing."""
        signing = tuple(("Signs here", line) for line in self.people)
        rows = tuple(
            (str(line.phase), line.name, MARKS[PhaseState(line.state)], line.reason) for line in self.phases
        )
        frozen = "frozen" if self.frozen else "not frozen yet"
        blocks: list[Block] = [
            Facts(
                items=(
                    ("Contract", f"{short(self.contract_digest)} ({frozen}, {self.mode} mode)"),
                    ("Ledger", f"{self.entries} entries, {_counted(self.looks)} at sealed labels"),
                    *signing,
                )
            ),
            Table(columns=("", "phase", "state", "why"), rows=rows),
            Callout(tone="note", text=f"Next: {self.next_step}"),
        ]
        said = (*self.let_through, self.late, self.note, self.unsigned)
        blocks += [Callout(tone="unknown", text=text) for text in said if text]
        return Document(title=self.name, blocks=tuple(blocks))


def standing_of(now: Look, *, let_through: tuple[str, ...] = (), at: datetime | None = None) -> Standing:
    """Turn the present state into the record every surface shows.

    Args:
        now: The present state.
        let_through: What stands by somebody's word alone, a line each.
        at: The present moment, so that answers that expired do not count; the ledger's last when not given.
    """
    said = now.history.contract or now.history.started
    return Standing(
        name=str(said.body["name"]) if said else "not run yet",
        mode=now.policy.mode,
        contract_digest=now.contract_digest,
        frozen=now.history.frozen is not None,
        entries=now.history.length,
        looks=len(now.history.looks),
        phases=tuple(
            PhaseLine(
                phase=status.phase.number,
                name=status.phase.name,
                state=status.state.value,
                reason=status.reason,
            )
            for status in now.survey.phases
        ),
        next_step=_next_step(now, at=at),
        note=now.policy.self_approval_note,
        people=now.history.trust.told(),
        unsigned=_unsigned(now),
        late=_late(now),
        let_through=let_through,
    )


def _late(now: Look) -> str:
    """Say how many amendments of the contract came late, and what that means."""
    late = [entry for entry in now.history.amendments if entry.body.get("late")]
    if not late:
        return ""
    count = "1 amendment was" if len(late) == 1 else f"{len(late)} amendments were"
    return (
        f"{count} made after training began or a look at the sealed labels, the last in entry "
        f"{late[-1].sequence}: {late[-1].body['reason']}. Verdicts under the amended contract say so."
    )


def _counted(looks: int) -> str:
    return "1 look" if looks == 1 else f"{looks} looks"


def _unsigned(now: Look) -> str:
    """Say how many answers are unsigned, and what that means."""
    given = [entry for entries in now.history.answers.values() for entry in entries]
    bare = sum("envelope" not in entry.body for entry in given)
    if not bare:
        return ""
    return (
        f"{bare} of {len(given)} answers are unsigned: a name alone does not prove who gave them. "
        "modelwright identity create NAME makes a key to sign with."
    )


def _next_step(now: Look, *, at: datetime | None) -> str:
    held, current = now.history.frozen, now.survey.current
    if held is not None and held.body["contract_digest"] != now.contract_digest:
        return 'contract.yaml differs from the frozen one: modelwright amend --reason "...", or undo the edit'
    if current is None:
        if now.history.promoted is not None:
            return "modelwright serve; modelwright monitor"
        return _to_promote(now, at=at)
    if current.state is PhaseState.WAITING:
        return f"{phase_of(current.phase.number).question} modelwright approve {current.phase.number} ..."
    return "modelwright run"


def _to_promote(now: Look, *, at: datetime | None) -> str:
    """Say what the newest version waits for, when there is no champion yet."""
    told, latest = now.history.registrations, now.history.latest
    served = [entry for entry in told if entry.body.get("purpose") == "serve"]
    if not served or latest is None:
        return "modelwright versions, then modelwright promote VERSION"
    newest = served[-1]
    name, gates = str(newest.body["version"]), str(newest.body["verdict_status"])
    if gates != "passed":
        return f"the gates of {name} say {gates}: modelwright report 11 tells what is missing"
    given = [entry.artifacts["certificate"] for entry in told if _certifies(entry, name)]
    trained, subject = now.history.completions.get(TRAINED), f"promotion:{name}"
    outcome = check_approvals(
        given_of(now.history, subject),
        subject=subject,
        artifacts={"bundle": newest.artifacts["bundle"], "certificate": given[-1] if given else ""},
        contract_digest=now.contract_digest,
        now=latest if at is None else now.history.not_before(at),
        policy=now.policy,
        author=trained.actor if trained else None,
        trust=now.history.trust,
    )
    seen = outcome.evidence[0] if outcome.evidence else "nobody has answered"
    return f'{name} waits for people ({seen}): modelwright promote {name} --reason "..."'


def _certifies(entry: Entry, version: str) -> bool:
    return entry.kind == "version.certified" and entry.body["version"] == version

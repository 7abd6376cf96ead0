"""Loops: how often a model may be judged under one contract before the run stops with a report.

Each attempt is a look at the gates; enough of them, and a useless model passes by chance. The bound is
`evaluation.max_attempts` of the contract, counted in the ledger, contract by contract.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.kernel.digest import short
from modelwright.kernel.document import Callout, Document, Table, Text
from modelwright.kernel.errors import Fault, PhaseLocked
from modelwright.ledger.entry import Entry
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # only named in signatures
    from modelwright.gates.verdict import Verdict

__all__ = [
    "Attempt",
    "AttemptReport",
    "attempts_of",
    "demand_attempt",
    "note_attempt",
    "note_failed_training",
]

ADVICE = (
    "Trying on until something passes finds a lucky model, not a good one. What these attempts have in "
    "common says more than a further one: look at the data, at the gates and at the goal."
)
"""What a report of attempts says to whoever reads it."""

SHOWN = 5
"""Lines of an attempt that are named: the page holds the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One model that was judged, or could not even be trained, under a contract.

    Examples:
        >>> Attempt.__slots__[0]
        'at'
    """

    at: datetime
    """When."""
    what: str
    """The pipeline that was judged, or the configuration that failed to train."""
    status: str
    """What the gates said: passed, failed or unknown."""
    missed: tuple[str, ...]
    """The lines that did not pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptReport:
    """All attempts under one contract, and the bound.

    Examples:
        >>> AttemptReport(contract_digest="", allowed=3, attempts=()).left
        3
    """

    contract_digest: str
    """The contract."""
    allowed: int
    """The bound of the contract."""
    attempts: tuple[Attempt, ...]
    """The attempts that did not pass, oldest first."""

    @property
    def left(self) -> int:
        """Attempts that are left."""
        return max(self.allowed - len(self.attempts), 0)

    def document(self) -> Document:
        """Render the report."""
        rows = tuple(
            (str(number), f"{each.at:%Y-%m-%d %H:%M}", short(each.what), each.status, "; ".join(each.missed))
            for number, each in enumerate(self.attempts, 1)
        )
        told = f"{len(self.attempts)} of {self.allowed} attempts under this contract did not pass."
        blocks = (
            Callout(tone="unknown" if self.left else "failed", text=told),
            Text(text=ADVICE),
            Table(columns=("", "when", "model", "gates", "did not pass"), rows=rows),
        )
        return Document(title="Attempts", blocks=blocks)


def attempts_of(entries: Iterable[Entry], *, contract_digest: str) -> tuple[Attempt, ...]:
    """Return the attempts under a contract that did not pass, oldest first.

    The same model judged again is the same attempt: its last verdict counts.

    Args:
        entries: The ledger's entries.
        contract_digest: The contract.

    Examples:
        >>> attempts_of((), contract_digest="sha256:0")
        ()
    """
    found: dict[str, Attempt] = {}
    for entry in entries:
        if entry.kind not in {"gates.judged", "training.failed"}:
            continue
        if entry.body.get("contract_digest") != contract_digest:
            continue
        missed = entry.body.get("missed")
        what = str(entry.body.get("pipeline") or entry.digest)
        found[what] = Attempt(
            at=entry.at,
            what=what,
            status=str(entry.body.get("status", "unknown")),
            missed=tuple(map(str, missed)) if isinstance(missed, list | tuple) else (),
        )
    return tuple(attempt for attempt in found.values() if attempt.status != "passed")


def demand_attempt(ports: Ports, *, contract_digest: str, allowed: int, pipeline: str = "") -> None:
    """Refuse a further model once the bound of the contract is reached; the report is kept and named.

    Args:
        ports: The outside world.
        contract_digest: The contract in force.
        allowed: Its bound.
        pipeline: The model at hand; one that was judged before is no further attempt. Empty before training.

    Raises:
        PhaseLocked: When no attempt is left.
    """
    entries = tuple(ports.ledger.entries(kinds=["gates.judged", "training.failed", "loop.stopped"]))
    attempts = attempts_of(entries, contract_digest=contract_digest)
    if len(attempts) < allowed or pipeline in {attempt.what for attempt in attempts}:
        return
    report = AttemptReport(contract_digest=contract_digest, allowed=allowed, attempts=attempts)
    artifact = ports.store.put_record(report)
    if not any(entry.kind == "loop.stopped" and artifact in entry.artifacts.values() for entry in entries):
        ports.ledger.append(
            "loop.stopped",
            {"contract_digest": contract_digest, "attempts": len(attempts), "allowed": allowed},
            actor=ports.actor,
            artifacts={"report": artifact},
        )
    raise PhaseLocked(
        "the attempts under this contract are used up",
        why="whoever tries until something passes finds a lucky model, not a good one",
        next_step="look at what the attempts have in common: modelwright report; a further try needs another "
        'contract, on the record: modelwright amend --reason "..."',
        found=f"{len(attempts)} models that did not pass",
        expected=f"at most {allowed}: evaluation.max_attempts",
        faults=[
            Fault(short(attempt.what), f"{attempt.status}: {'; '.join(attempt.missed[:SHOWN])}")
            for attempt in attempts
        ],
    )


def note_attempt(ports: Ports, verdict: "Verdict") -> None:
    """Write a verdict down as an attempt; the same verdict on the same model is written once.

    Args:
        ports: The outside world.
        verdict: What the gates said.
    """
    artifact = ports.store.put_record(verdict)
    same = [
        entry
        for entry in ports.ledger.entries(kinds=["gates.judged"])
        if entry.body.get("pipeline") == verdict.pipeline_digest
        and entry.body.get("contract_digest") == verdict.contract_digest
    ]
    if same and same[-1].artifacts.get("verdict") == artifact:
        return
    missed = [result.line.text for result in verdict.lines if not result.outcome.allows]
    missed += [outcome.what for outcome in verdict.conditions if not outcome.allows]
    ports.ledger.append(
        "gates.judged",
        {
            "contract_digest": verdict.contract_digest,
            "pipeline": verdict.pipeline_digest,
            "run": verdict.run_id,
            "status": verdict.outcome.status.value,
            "downgraded": list(verdict.downgraded),
            "missed": list(missed),
        },
        actor=ports.actor,
        artifacts={"verdict": artifact},
    )


def note_failed_training(ports: Ports, *, contract_digest: str, configuration: str, why: str) -> None:
    """Write down that a training proved nothing: trying until it does not fail is a loop too.

    Args:
        ports: The outside world.
        contract_digest: The contract in force.
        configuration: Digest of what was trained; trained again it fails again, and counts once.
        why: What failed.
    """
    for entry in ports.ledger.entries(kinds=["training.failed"]):
        same = entry.body.get("contract_digest") == contract_digest
        if same and entry.body.get("pipeline") == configuration:
            return
    ports.ledger.append(
        "training.failed",
        {
            "contract_digest": contract_digest,
            "pipeline": configuration,
            "status": "failed",
            "missed": [why],
        },
        actor=ports.actor,
    )

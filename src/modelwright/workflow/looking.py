"""Looks: asking the sealed labels, counted before the question is put, answered once per question."""

from modelwright.data.snapshot import Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import BookedLook, LooksExhausted, ScoreRequest, check_looks, report_digest
from modelwright.kernel.digest import short
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, WorldFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

__all__ = ["ask_sealed", "looks_agree"]

LOOKS = ("look.taken", "look.answered", "look.refused")
"""Kinds of entries about looks."""


def ask_sealed(ports: Ports, request: ScoreRequest) -> EvaluationReport:
    """Score a request on the sealed part and return the report; asking the same again is no second look.

    The look is written down before the question is put, so that a kill in between gives no free look. The
    same question is put to the scorer again, which gives the same answer: what the ledger holds about it is
    evidence for readers, and no source of scores. A question that the scorer refuses teaches nothing about
    the labels and is taken off the count.

    Args:
        ports: The outside world.
        request: The question.

    Raises:
        LooksExhausted: When the looks at these rows are used up.
        ServiceFailed: When the scoring process does not answer.
    """
    entries = tuple(ports.ledger.entries(kinds=list(LOOKS)))
    question = request.digest
    same = [entry for entry in entries if entry.body["request"] == question]
    if not same or same[-1].kind == "look.refused":
        taken = _taken(entries, request.snapshot.sealed_labels)
        check_looks(taken, request.contract.evaluation.looks)
        ports.ledger.append(
            "look.taken",
            {
                "request": question,
                "sealed_labels": request.snapshot.sealed_labels,
                "contract": request.contract.digest,
                "run": request.run_id,
                "purpose": request.purpose,
                "number": taken + 1,
                "allowed": request.contract.evaluation.looks,
            },
            actor=ports.actor,
        )
    try:
        report = ports.scorer().score(request)
    except (DataInvalid, IntegrityBroken, LooksExhausted) as error:
        if not any(entry.kind == "look.answered" for entry in same):
            refused = {"request": question, "sealed_labels": request.snapshot.sealed_labels}
            ports.ledger.append("look.refused", {**refused, "reason": error.what}, actor=ports.actor)
        raise
    answered = [entry for entry in same if entry.kind == "look.answered"]
    stored = ports.store.put_record(report)
    if not answered or answered[-1].artifacts["report"] != stored:
        look = report.look
        told = {} if look is None else {"told": look.told, "number": look.number, "level": look.level}
        ports.ledger.append(
            "look.answered",
            {"request": question, "run": request.run_id, **told},
            actor=ports.actor,
            artifacts={"report": stored},
        )
    return report


def _taken(entries: tuple[Entry, ...], sealed_labels: str) -> int:
    """Return how many looks count; the scorer's own book counts other labels of the same rows as well."""
    worth = {"look.taken": 1, "look.refused": -1}
    return sum(
        worth.get(entry.kind, 0) for entry in entries if entry.body.get("sealed_labels") == sealed_labels
    )


def looks_agree(ports: Ports) -> Outcome:
    """Say whether the scorer's own book and the ledger tell of the same looks, under frozen contracts.

    A look that went around the ledger stands in the book alone; one whose book was cut off or put back stands
    in the ledger alone.

    Args:
        ports: The outside world.
    """
    what = "the scorer's own book and the ledger tell of the same looks"
    entries = tuple(ports.ledger.entries())
    answered = {str(entry.body["request"]) for entry in entries if entry.kind == "look.answered"}
    try:
        booked = _booked(ports, entries)
    except IntegrityBroken as error:
        return Outcome(status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step)
    except WorldFault as error:
        return Outcome(status=Status.UNKNOWN, what=what, evidence=(error.what,), next_step=error.next_step)
    known = {str(entry.body["request"]) for entry in entries if entry.kind == "look.taken"}
    told = {look.question: look.report for look in booked}
    frozen = set(fold(entries).agreements)
    asked = {look.question for look in booked if look.told}
    gaps = [
        f"look {look.number} of {look.at:%Y-%m-%d %H:%M} ({look.purpose}) is not in the ledger"
        for look in booked
        if look.question not in known
    ]
    gaps += [
        f"look {look.number} was asked under a contract never frozen here: {short(look.contract_digest)}"
        for look in booked
        if look.question in known and look.contract_digest not in frozen
    ]
    missing = sorted(answered - asked)
    gaps += [f"the answer to {short(question)} is not in the scorer's book" for question in missing]
    gaps += [
        f"the report in ledger entry {entry.sequence} is not the one that the scorer gave"
        for entry in entries
        if entry.kind == "look.answered"
        and str(entry.body["request"]) in asked
        and _reported(ports, entry) != told[str(entry.body["request"])]
    ]
    if gaps:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=tuple(gaps),
            next_step="find out who asked; do not trust figures about these rows, and take new ones",
        )
    count = f"{len(booked)} looks" if len(booked) != 1 else "1 look"
    return Outcome(status=Status.PASSED, what=what, evidence=(f"{count}, the same on both sides",))


def _reported(ports: Ports, entry: Entry) -> str:
    try:
        return report_digest(ports.store.get_record(entry.artifacts["report"], EvaluationReport))
    except (IntegrityBroken, KeyError):
        return "missing"


def _booked(ports: Ports, entries: tuple[Entry, ...]) -> tuple[BookedLook, ...]:
    """Return what the scorer's book holds about every snapshot that was ever taken here."""
    seals: dict[str, None] = {}
    labels: set[str] = set()
    for entry in entries:
        if entry.kind == "phase.completed" and "snapshot" in entry.artifacts:
            snapshot = ports.store.get_record(entry.artifacts["snapshot"], Snapshot)
            seals[snapshot.seal_id] = None
            labels.add(snapshot.sealed_labels)
    if not seals:
        return ()
    scorer = ports.scorer()
    found = [look for seal_id in seals for look in scorer.booked(seal_id)]
    # A scorer on another machine keeps the looks of all its projects under one seal.
    return tuple(look for look in found if look.sealed_labels in labels)

"""Looks: asking the sealed labels, counted before the question is put, answered once per question."""

from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import ScoreRequest, check_looks
from modelwright.kernel.errors import DataInvalid, IntegrityBroken
from modelwright.ledger.entry import Entry
from modelwright.workflow.ports import Ports

__all__ = ["ask_sealed"]


def ask_sealed(ports: Ports, request: ScoreRequest) -> EvaluationReport:
    """Score a request on the sealed part and return the report; asking the same again is no second look.

    The look is written down before the question is put, so that a kill in between gives no free look; the
    same question put again after it is answered from the ledger's evidence. A question that the scorer
    refuses teaches nothing about the labels and is taken off the count.

    Args:
        ports: The outside world.
        request: The question.

    Raises:
        LooksExhausted: When the contract's looks at these labels are used up.
        ServiceFailed: When the scoring process does not answer.
    """
    entries = tuple(ports.ledger.entries(kinds=["look.taken", "look.answered", "look.refused"]))
    same = [entry for entry in entries if entry.body["request"] == request.digest]
    answered = [entry for entry in same if entry.kind == "look.answered"]
    if answered:
        return ports.store.get_record(answered[-1].artifacts["report"], EvaluationReport)
    if not same or same[-1].kind == "look.refused":
        taken = _taken(entries, request.snapshot.sealed_labels)
        check_looks(taken, request.contract.evaluation.looks)
        ports.ledger.append(
            "look.taken",
            {
                "request": request.digest,
                "sealed_labels": request.snapshot.sealed_labels,
                "run": request.run_id,
                "purpose": request.purpose,
                "number": taken + 1,
                "allowed": request.contract.evaluation.looks,
            },
            actor=ports.actor,
        )
    try:
        report = ports.scorer().score(request)
    except (DataInvalid, IntegrityBroken) as error:
        ports.ledger.append(
            "look.refused",
            {
                "request": request.digest,
                "sealed_labels": request.snapshot.sealed_labels,
                "reason": error.what,
            },
            actor=ports.actor,
        )
        raise
    ports.ledger.append(
        "look.answered",
        {"request": request.digest, "run": request.run_id},
        actor=ports.actor,
        artifacts={"report": ports.store.put_record(report)},
    )
    return report


def _taken(entries: tuple[Entry, ...], sealed_labels: str) -> int:
    worth = {"look.taken": 1, "look.refused": -1}
    return sum(
        worth.get(entry.kind, 0) for entry in entries if entry.body.get("sealed_labels") == sealed_labels
    )

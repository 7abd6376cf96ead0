"""Delivery: what a mode is to leave behind, and whether it is there, by the evidence."""

from modelwright.kernel.outcome import Status
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.modes import mode_of

__all__ = ["delivered"]


def delivered(context: PhaseContext, verdict: Status, certificate: Status) -> tuple[str, ...]:
    """Say of every deliverable of the mode whether it is there; what nobody looked at is not measured.

    Args:
        context: The desk of phase 12.
        verdict: What the gates said.
        certificate: Whether the packed version was proven to answer like the trainer.
    """
    history = context.history
    there = set(history.completions)
    monitored = bool(list(context.ports.ledger.entries(kinds=["monitor.judged"])))
    people = {answer.actor.name for answers in history.answers.values() for answer in answers}
    known = {
        "prediction contract": history.frozen is not None,
        "data contract": 2 in there,
        "baseline": 8 in there,
        "promotion gates": verdict is not Status.UNKNOWN,
        "automated pipeline": 7 in there,
        "model bundle": 11 in there,
        "rollback note": True,
        "simple deployment": certificate is Status.PASSED,
        "documentation": 11 in there,
        "documentation and runbooks": 11 in there,
        "minimal monitoring note": True,
        "rollback procedure": True,
        "two-person approval": len(people) > 1,
    }
    if monitored:
        known["monitoring and alerting"] = True
    words = {True: "there", False: "not there", None: "not measured yet"}
    return tuple(f"{name}: {words[known.get(name)]}" for name in mode_of(context.contract.mode).deliverables)

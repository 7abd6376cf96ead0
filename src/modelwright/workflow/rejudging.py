"""Rejudging: who froze a contract, and who promoted a version, judged again with what was known then.

The workflow judges before it writes; who writes the ledger by other means does not. What was let in that way
is found here, however whole the chain is. Whether people had allowed each move of a version is judged beside
it, in `decided`.
"""

from collections.abc import Sequence

from modelwright.authority.approval import check_approvals
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import History, fold
from modelwright.workflow.survey import given_of, subject_artifacts

__all__ = ["decisions_stand"]

DESIGN = 6
"""The phase whose approval freezes the contract."""


def decisions_stand(entries: Sequence[Entry]) -> Outcome:
    """Judge every freezing and every promotion by its author again, as of the entry that holds it.

    Args:
        entries: The whole ledger, in order.
    """
    what = "contracts were frozen on an approved design, and versions promoted by who may"
    flaws, judged = [], 0
    champions: list[str] = []
    for place, entry in enumerate(entries):
        flaw = ""
        if entry.kind == "contract.frozen":
            flaw, judged = _unfrozen(fold(entries[:place]), entry), judged + 1
        elif entry.kind in {"version.promoted", "rollout.completed"}:
            name = str(entry.body.get("version") or entry.body.get("challenger"))
            # Going back to a version that answered before is what a brake does, and asks nobody.
            if entry.kind == "version.promoted" and (name not in champions or name == champions[-1]):
                flaw, judged = _may_not(fold(entries[:place]), entry), judged + 1
            champions.append(name)
        if flaw:
            flaws.append(f"entry {entry.sequence} ({entry.kind}) does not stand: {flaw}")
    if flaws:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=tuple(flaws),
            next_step="find out who wrote it: no command does; take the ledger from a copy that holds",
        )
    return Outcome(status=Status.PASSED, what=what, evidence=(f"{judged} judged again",))


def _unfrozen(history: History, entry: Entry) -> str:
    """Say why the design was not approved when the contract was frozen; empty when it was."""
    digest = str(entry.body.get("contract_digest"))
    designed = history.completions.get(DESIGN)
    if designed is None:
        return "there was no design to approve"
    outcome = check_approvals(
        given_of(history, f"phase:{DESIGN}"),
        subject=f"phase:{DESIGN}",
        artifacts=subject_artifacts(history, DESIGN),
        contract_digest=digest,
        now=history.not_before(entry.at),
        policy=history.policy_of(digest),
        author=designed.actor,
        trust=history.trust,
    )
    return "" if outcome.allows else "; ".join(outcome.evidence)


def _may_not(history: History, entry: Entry) -> str:
    """Say why its author may not promote a version; empty when they may."""
    may = history.policy.may(entry.actor, "promotion:approve")
    return "" if may.allows else "; ".join(may.evidence)

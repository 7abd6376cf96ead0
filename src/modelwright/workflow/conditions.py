"""Conditions: what must hold beside the lines of the contract, and what makes a verdict worth less."""

from datetime import datetime, timedelta

from modelwright.data.snapshot import Snapshot
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.entry import Entry
from modelwright.workflow.checklist import BLOCKING, Checklist
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.history import History
from modelwright.workflow.waiving import standing_findings, waiver_outcomes

__all__ = ["GRACE", "conditions_of", "declared_before_training", "downgrades_of", "moved_the_bar"]

GRACE = timedelta(days=90)
"""How long a question of the checklist that is good practice, and no guarantee, may stay open."""

REVIEWED, TRAINED = 10, 8
"""The phases that fill in the checklist, and that train."""


def conditions_of(context: PhaseContext) -> tuple[Outcome, ...]:
    """Return what must hold beside the lines: waivers in force, and the checklist.

    A guarantee that is not shown stops the model at once; good practice that is missing stops it once it has
    been missing for longer than its grace. Either can be waived by name.

    Args:
        context: The desk of phase 11.
    """
    standing = standing_findings(context.ports, context.history)
    return (*waiver_outcomes(context.ports, standing), *_checklist(context))


def _checklist(context: PhaseContext) -> tuple[Outcome, ...]:
    checklist = context.output(REVIEWED, "checklist", Checklist)
    open_items = dict(checklist.open_items)
    if not open_items:
        return ()
    waived = {
        name
        for name, outcome in zip(open_items, waiver_outcomes(context.ports, open_items), strict=True)
        if outcome.allows
    }
    found = []
    for name, item in checklist.named():
        if item.allows or name in waived:
            continue
        if name in BLOCKING:
            found.append(item)
            continue
        due = _open_since(context, name) + GRACE
        if context.ports.clock.now() >= due:
            late = f"open for longer than {GRACE.days} days, since {due - GRACE:%Y-%m-%d}"
            found.append(
                Outcome(
                    status=item.status,
                    what=item.what,
                    evidence=(*item.evidence, late),
                    next_step=f'{item.next_step}; or: modelwright waive {name} --reason "..." --until DAY',
                )
            )
    return tuple(found)


def _open_since(context: PhaseContext, name: str) -> datetime:
    """Return since when a question has been open without a break."""
    since: datetime | None = None
    for entry in context.ports.ledger.entries(kinds=["phase.completed"]):
        if entry.body.get("phase") != REVIEWED:
            continue
        listed = context.ports.store.get_record(entry.artifacts["checklist"], Checklist)
        if name not in listed.open_items:
            since = None
        elif since is None:
            since = entry.at
    return since or context.ports.clock.now()


def moved_the_bar(changes: object) -> bool:
    """Whether an amendment touched the gates or how they are measured.

    Args:
        changes: The amendment's lines, `path: before -> after`.

    Examples:
        >>> moved_the_bar(["gates.lines[0]: roc_auc >= 0.7 -> roc_auc >= 0.5"])
        True
        >>> moved_the_bar(["decision.owner: a -> b"])
        False
    """
    lines = changes if isinstance(changes, list | tuple) else ()
    return any(str(line).startswith(("gates", "evaluation", "decision.mistakes")) for line in lines)


def began(history: History) -> int | None:
    """Return where in the ledger the training of the present model began; None when that is not known.

    Args:
        history: What the ledger tells.
    """
    trained = history.completions.get(TRAINED)
    if trained is None:
        return None
    starts = [entry.sequence for entry in history.trainings if entry.sequence < trained.sequence]
    # A record from before beginnings were written down: what came before the end is all that is known.
    return starts[-1] if starts else trained.sequence


def declared_before_training(context: PhaseContext) -> bool:
    """Whether the gates were frozen before training began, and not moved after a look at these labels.

    Args:
        context: The desk of phase 11.
    """
    history = context.history
    start = began(history)
    if history.frozen is None or start is None or history.frozen.sequence > start:
        return False
    sealed = context.output(2, "snapshot", Snapshot).sealed_labels
    looked = [entry.sequence for entry in history.looks if entry.body["sealed_labels"] == sealed]
    return not any(
        looked and entry.sequence > looked[0] and moved_the_bar(entry.body.get("changes"))
        for entry in history.amendments
    )


def downgrades_of(context: PhaseContext) -> tuple[str, ...]:
    """Say which amendments came late for this model: after a training on this data, or after a look at it.

    Args:
        context: The desk of phase 11.
    """
    history, sealed = context.history, context.output(2, "snapshot", Snapshot).sealed_labels
    looks = [entry.sequence for entry in history.looks if entry.body.get("sealed_labels") == sealed]
    trainings = [entry.sequence for entry in history.trainings if entry.body.get("sealed_labels") == sealed]
    told = []
    for entry in history.amendments:
        after = [
            name
            for name, places in (("training began", trainings), ("a look at the holdout", looks))
            if places and places[0] < entry.sequence
        ]
        if after:
            told.append(_told(entry, " and ".join(after)))
    return tuple(told)


def _told(entry: Entry, after: str) -> str:
    changes = entry.body.get("changes")
    listed = "; ".join(map(str, changes)) if isinstance(changes, list | tuple) else ""
    when = f"amended after {after}, on {entry.at:%Y-%m-%d} by {entry.actor.label}"
    return f"{when}: {entry.body['reason']} ({listed})"

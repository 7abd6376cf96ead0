"""An empty ledger beside evidence: its file was emptied, removed or exchanged; no second one begins."""

from modelwright.kernel.errors import IntegrityBroken
from modelwright.workflow.ports import Ports

__all__ = ["demand_begun", "left_behind"]


def left_behind(ports: Ports) -> tuple[str, ...]:
    """Return what only a ledger with entries can have left: pages and bundles; nothing else is looked at.

    Artifacts do not count: a kill between the first of them and the first entry leaves them, and is harmless.

    Args:
        ports: The outside world.
    """
    pages = len(list(ports.project.reports.glob("*.html")))
    bundles = len(list((ports.project.store / "bundles").glob("*.mwb")))
    return tuple(
        f"{count} {what}{'' if count == 1 else 's'}"
        for count, what in ((pages, "page"), (bundles, "bundle"))
        if count
    )


def demand_begun(ports: Ports) -> None:
    """Refuse to go on from a ledger without entries where there was one.

    Args:
        ports: The outside world.

    Raises:
        IntegrityBroken: When the project holds what only a ledger with entries can have left.
    """
    found = left_behind(ports)
    if found:
        raise IntegrityBroken(
            f"the ledger is empty, and the project holds {' and '.join(found)} that it once told of",
            why="a second ledger would begin unseen, without approvals, looks and versions of the first",
            next_step="restore .modelwright/ledger.db from a copy, or modelwright ledger import FILE; "
            "to begin anew, use another folder",
        )

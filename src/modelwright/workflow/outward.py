"""Outward: what is written into files of anybody's choice never lands on evidence."""

from collections.abc import Iterable
from pathlib import Path

from modelwright.kernel.errors import UserFault
from modelwright.workflow.ports import Ports

__all__ = ["demand_free"]


def demand_free(ports: Ports, target: Path, *, kept: Iterable[Path] = ()) -> None:
    """Refuse a file that would be written over evidence, the contract, or a table that is read.

    Links are followed: what counts is where the bytes would land.

    Args:
        ports: The outside world.
        target: Where something is to be written.
        kept: Further files that must stay as they are.

    Raises:
        UserFault: When it would.
    """
    project = ports.project
    place = target.resolve()
    files = {project.contract_file.resolve(), *(path.resolve() for path in kept)}
    # Where there is no project, such as beside somebody who answers offline, there is nothing to lose.
    told = ports.ledger.entries(kinds=["contract.read"]) if project.contract_file.exists() else ()
    for entry in told:
        listed = entry.body.get("sources")
        if isinstance(listed, list | tuple):
            files |= {(project.root / str(path)).resolve() for path in listed}
    if place.is_relative_to(project.store.resolve()) or place in files:
        raise UserFault(
            f"{target.name} would be written over",
            why="evidence, the contract and the tables that are read are never written over",
            next_step="name another file, outside of .modelwright",
        )

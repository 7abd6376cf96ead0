"""Drafting: from a table and a few answers to a contract a person can read and change."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import UnknownName, UserFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.workflow.draft_source import DataPlace, read_place, source_of
from modelwright.workflow.history import fold
from modelwright.workflow.modes import mode_of
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # the data room is loaded only when a table is read
    from modelwright.data.draft import Question
    from modelwright.data.profile import Profile

__all__ = ["Drafted", "draft_contract", "profile_of", "questions_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A contract that was written, and what it takes for granted.

    Examples:
        >>> Drafted(path=Path("contract.yaml"), assumptions=(), digest="").path.name
        'contract.yaml'
    """

    path: Path
    """Where it lies."""
    assumptions: tuple[str, ...]
    """What was assumed because nobody said; also in the contract."""
    digest: str
    """The contract's digest."""


def questions_for(ports: Ports, place: DataPlace, *, target: str) -> "tuple[Question, ...]":
    """Return what the data alone cannot tell, with defaults.

    Args:
        ports: The outside world.
        place: Where the table lies.
        target: The column to predict.

    Raises:
        DataInvalid: When the table cannot be read or learned from.
        UserFault: When the place is no source.
        UnknownName: When there is no such column; the nearest is offered.
    """
    from modelwright.data.draft import questions
    from modelwright.data.profile import profile

    frame = read_place(ports, place)
    if target not in frame.columns:
        raise UnknownName.among("column", target, frame.columns, why="it is the column to predict")
    return questions(profile(frame, target=target), frame, target=target)


def profile_of(data: Path, *, target: str | None = None, page: Path | None = None) -> "Profile":
    """Return what a table holds; values that identify somebody are masked.

    Args:
        data: The table.
        target: The column to predict, when it is known.
        page: Where the page with its pictures is written, if it shall be.

    Raises:
        DataInvalid: When the table cannot be read.
        UnknownName: When there is no such column; the nearest is offered.
    """
    from modelwright.data.profile import profile
    from modelwright.data.source import read_table

    frame = read_table(data)
    if target is not None and target not in frame.columns:
        raise UnknownName.among("column", target, frame.columns, why="it is the column to predict")
    seen = profile(frame, target=target)
    if page is not None:
        write_atomically(page, seen.document().to_html().encode("utf-8"))
    return seen


def draft_contract(
    ports: Ports,
    *,
    name: str,
    place: DataPlace,
    target: str,
    mode: str,
    answers: Mapping[str, str],
    force: bool = False,
) -> Drafted:
    """Write a commented contract.yaml for a table.

    Raises:
        UserFault: When there is a contract already and `force` is not given, one is frozen, or the place
            is no source.
        DataInvalid: When the table cannot be read or learned from.
        UnknownName: When mode or target are not known.
    """
    from modelwright.contracts.reading import parse_contract
    from modelwright.contracts.schema import schema_text
    from modelwright.data.draft import draft

    mode_of(mode)
    project = ports.project
    if project.contract_file.exists() and not force:
        raise UserFault(
            "there is a contract.yaml here already",
            why="drafting again would overwrite what was agreed",
            next_step="edit it, or draft in another folder, or add --force to start over",
        )
    if fold(ports.ledger.entries()).frozen is not None:
        raise UserFault(
            "the contract of this project is frozen",
            why="a frozen contract is amended with a reason, never replaced",
            next_step="draft in another folder, or edit contract.yaml and record it with modelwright amend",
        )
    source = source_of(place, root=project.root)
    frame = read_place(ports, place)
    drafted = draft(frame, name=name, source=source, target=target, mode=mode, answers=answers)
    with ports.lock():
        contract = parse_contract(drafted.yaml, name=project.contract_file.name)
        write_atomically(project.store / "contract.schema.json", schema_text().encode("utf-8"))
        ports.ledger.append(
            "project.started",
            {
                "name": name,
                "mode": contract.mode,
                "contract_digest": contract.digest,
                "file_digest": digest_of_bytes(drafted.yaml.encode("utf-8")),
                "assumptions": list(drafted.assumptions),
            },
            actor=ports.actor,
        )
        # The contract comes last: whatever stops this half-way, drafting is simply typed again.
        write_atomically(project.contract_file, drafted.yaml.encode("utf-8"))
    return Drafted(path=project.contract_file, assumptions=drafted.assumptions, digest=contract.digest)

"""What has happened so far, folded out of the ledger: phases done, answers given, versions standing.

Nothing here is stored twice: the ledger is the only memory, and this module reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from modelwright.authority.actor import Actor
from modelwright.ledger.entry import Entry

__all__ = ["Completion", "History", "fold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A phase that ran to its end.

    Examples:
        >>> Completion.__slots__[0]
        'phase'
    """

    phase: int
    """The phase's number."""
    inputs: str
    """Digest of everything the phase depended on."""
    outputs: Mapping[str, str]
    """Names and artifact digests of what it produced."""
    at: datetime
    """When it ended."""
    actor: Actor
    """Who ran it."""
    sequence: int
    """The ledger entry that says so."""
    contract_digest: str = ""
    """The contract it ran under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The state of a project as its ledger tells it.

    Examples:
        >>> History().completions
        {}
    """

    completions: Mapping[int, Completion] = field(default_factory=dict)
    """The last completion of each phase."""
    answers: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    """The answers to each subject, such as `phase:6` or `promotion:v1`, oldest first."""
    contract: Entry | None = None
    """The last reading of the contract (digest of the file and of its meaning)."""
    frozen: Entry | None = None
    """What is in force since the design was approved: the freezing, or the amendment of it that came last."""
    agreements: Mapping[str, Entry] = field(default_factory=dict)
    """Every contract that was ever in force, by its digest."""
    amendments: tuple[Entry, ...] = ()
    """All amendments, oldest first."""
    started: Entry | None = None
    """The entry that opened the project."""
    promoted: Entry | None = None
    """What made the present champion the champion."""
    looks: tuple[Entry, ...] = ()
    """Every look at sealed labels."""
    trainings: tuple[Entry, ...] = ()
    """Every training that began, whether or not it came to its end."""
    head: str = ""
    """Digest of the last entry."""
    length: int = 0
    """Number of entries."""


def fold(entries: Iterable[Entry]) -> History:
    """Fold ledger entries, in order, into the state they tell.

    Examples:
        >>> fold([]).length
        0
    """
    completions: dict[int, Completion] = {}
    answers: dict[str, tuple[Entry, ...]] = {}
    contract = frozen = started = promoted = None
    agreements: dict[str, Entry] = {}
    amendments: list[Entry] = []
    looks: list[Entry] = []
    trainings: list[Entry] = []
    head, length = "", 0
    for entry in entries:
        head, length = entry.digest, entry.sequence
        match entry.kind:
            case "phase.completed":
                number = int(str(entry.body["phase"]))
                completions[number] = Completion(
                    phase=number,
                    inputs=str(entry.body["inputs"]),
                    outputs=entry.artifacts,
                    at=entry.at,
                    actor=entry.actor,
                    sequence=entry.sequence,
                    contract_digest=str(entry.body.get("contract_digest", "")),
                )
            case "approval.given":
                subject = str(entry.body["subject"])
                answers[subject] = (*answers.get(subject, ()), entry)
            case "contract.read":
                contract = entry
            case "contract.frozen" | "contract.amended":
                frozen = entry
                agreements[str(entry.body["contract_digest"])] = entry
                if entry.kind == "contract.amended":
                    amendments.append(entry)
            case "project.started":
                started = entry
            case "version.promoted" | "rollout.completed":
                promoted = entry
            case "look.taken":
                looks.append(entry)
            case "training.began":
                trainings.append(entry)
            case _:
                pass
    return History(
        completions=completions,
        answers=answers,
        contract=contract,
        frozen=frozen,
        agreements=agreements,
        amendments=tuple(amendments),
        started=started,
        promoted=promoted,
        looks=tuple(looks),
        trainings=tuple(trainings),
        head=head,
        length=length,
    )

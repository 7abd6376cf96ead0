"""What has happened so far, folded out of the ledger: phases done, answers given, versions standing.

Nothing here is stored twice: the ledger is the only memory, and this module reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from modelwright.authority.actor import Actor
from modelwright.authority.policy import Policy, policy_of
from modelwright.authority.trust import Trust, TrustFold
from modelwright.ledger.entry import Entry
from modelwright.workflow.agreed import AgreedFold

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
    registrations: tuple[Entry, ...] = ()
    """Every version that was registered, and every certificate one was given."""
    looks: tuple[Entry, ...] = ()
    """Every look at sealed labels."""
    trainings: tuple[Entry, ...] = ()
    """Every training that began, whether or not it came to its end."""
    head: str = ""
    """Digest of the last entry."""
    length: int = 0
    """Number of entries."""
    trust: Trust = field(default_factory=Trust)
    """Whose key was known when."""
    modes: Mapping[str, str] = field(default_factory=dict)
    """The mode of each contract that was read, by its digest; the strictest that was written down for it."""
    said: Mapping[str, int] = field(default_factory=dict)
    """Signed answers by the digest of what was signed, with the entry that holds them first."""
    latest: datetime | None = None
    """The latest moment any entry was written at: it is not earlier now, whatever a clock says."""
    author: Actor | None = None
    """Who made what an amendment changes the rules for: who trained it, or else who planned it."""
    uncounted: tuple[str, ...] = ()
    """Entries that do not count, and why: enrolments, revocations and amendments that nobody stands for."""

    @property
    def policy(self) -> Policy:
        """The policy of the contract that was read last."""
        known = self.contract or self.started
        return self.policy_of(str(known.body.get("contract_digest", "")) if known else "")

    def not_before(self, now: datetime) -> datetime:
        """Return the present moment: the clock's, or the latest entry's where the clock is behind it."""
        return now if self.latest is None else max(now, self.latest)

    def policy_of(self, contract_digest: str) -> Policy:
        """Return the policy of a contract's mode; that of the last one for a contract nobody has read yet."""
        known = self.contract or self.started
        last = str(known.body.get("mode", "quick")) if known else "quick"
        return policy_of(self.modes.get(contract_digest, last))


def fold(entries: Iterable[Entry]) -> History:
    """Fold ledger entries, in order, into the state they tell.

    Examples:
        >>> fold([]).length
        0
    """
    completions: dict[int, Completion] = {}
    answers: dict[str, tuple[Entry, ...]] = {}
    started = promoted = latest = None
    kept: list[Entry] = []
    head, length = "", 0
    trusting, agreed = TrustFold(), AgreedFold()
    for entry in entries:
        head, length = entry.digest, entry.sequence
        latest = entry.at if latest is None else max(latest, entry.at)
        trusting.read(entry)
        agreed.read(entry, trusting.trust())
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
            case "project.started":
                started = entry
            case "version.promoted" | "rollout.completed":
                promoted = entry
            case "look.taken" | "training.began" | "version.registered" | "version.certified":
                kept.append(entry)
            case _:
                pass
    return History(
        completions=completions,
        answers=answers,
        contract=agreed.contract,
        frozen=agreed.frozen,
        agreements=agreed.agreements,
        amendments=tuple(agreed.amendments),
        started=started,
        promoted=promoted,
        registrations=tuple(entry for entry in kept if entry.kind.startswith("version.")),
        looks=tuple(entry for entry in kept if entry.kind == "look.taken"),
        trainings=tuple(entry for entry in kept if entry.kind == "training.began"),
        head=head,
        length=length,
        trust=trusting.trust(),
        modes=agreed.modes,
        said=agreed.said,
        latest=latest,
        author=agreed.author,
        uncounted=(*trusting.trust().refused, *agreed.uncounted),
    )

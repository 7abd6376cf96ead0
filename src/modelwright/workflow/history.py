"""What has happened so far, folded out of the ledger: phases done, answers given, versions standing.

Nothing here is stored twice: the ledger is the only memory, and this module reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from modelwright.authority.actor import Actor
from modelwright.authority.answer import Answer, answer_in, demanded
from modelwright.authority.approval import check_approvals
from modelwright.authority.policy import Policy, policy_of, strictest
from modelwright.authority.trust import Trust, TrustFold
from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.entry import Entry

__all__ = ["AMENDMENT", "Completion", "History", "author_of", "fold"]

PLANNED, TRAINED = 6, 8
"""The phases whose runners are the authors of the design and of the model."""

AMENDMENT = "amendment:contract"
"""What people answer about when they amend the contract."""


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
    trust: Trust = field(default_factory=Trust)
    """Whose key was known when."""
    modes: Mapping[str, str] = field(default_factory=dict)
    """The mode of each contract that was read, by its digest; the strictest that was written down for it."""
    said: Mapping[str, int] = field(default_factory=dict)
    """Signed answers by the digest of what was signed, with the entry that holds them first."""
    latest: datetime | None = None
    """The latest moment any entry was written at: it is not earlier now, whatever a clock says."""
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
    contract = frozen = started = promoted = latest = None
    agreements: dict[str, Entry] = {}
    amendments: list[Entry] = []
    looks: list[Entry] = []
    trainings: list[Entry] = []
    head, length = "", 0
    trusting, modes = TrustFold(), dict[str, str]()
    said: dict[str, int] = {}
    uncounted: list[str] = []
    for entry in entries:
        head, length = entry.digest, entry.sequence
        latest = entry.at if latest is None else max(latest, entry.at)
        trusting.read(entry)
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
                _note_said(said, entry)
            case "contract.read":
                contract = entry
                _note_mode(modes, entry)
            case "contract.frozen":
                frozen = entry
                agreements[str(entry.body["contract_digest"])] = entry
            case "contract.amended":
                policy = (
                    policy_of(modes.get(str(frozen.body["contract_digest"]), "quick")) if frozen else None
                )
                author = author_of(completions)
                flaw = _unamended(
                    entry, frozen, policy=policy, trust=trusting.trust(), said=said, author=author
                )
                if flaw:
                    uncounted.append(f"entry {entry.sequence} ({entry.kind}) does not count: {flaw}")
                    continue
                frozen = entry
                agreements[str(entry.body["contract_digest"])] = entry
                amendments.append(entry)
                _note_mode(modes, entry)
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
        trust=trusting.trust(),
        modes=modes,
        said=said,
        latest=latest,
        uncounted=(*trusting.trust().refused, *uncounted),
    )


def _note_mode(modes: dict[str, str], entry: Entry) -> None:
    """Keep the strictest mode of a contract: an entry that says less cannot loosen what holds."""
    digest, mode = str(entry.body["contract_digest"]), entry.body.get("mode")
    if mode is not None:
        modes[digest] = strictest([str(mode), *([modes[digest]] if digest in modes else [])])


def _note_said(said: dict[str, int], entry: Entry) -> Answer | None:
    """Remember a signed answer by what was signed; return the answer, None when it cannot be read."""
    if "approval" not in entry.body:
        return None
    try:
        answer = answer_in(entry)
    except IntegrityBroken:
        return None
    if answer.envelope is not None:
        said.setdefault(answer.envelope.digest, entry.sequence)
    return answer


def author_of(completions: Mapping[int, Completion]) -> Actor | None:
    """Return who made what an amendment changes the rules for: who trained it, or else who planned it.

    Args:
        completions: The last completion of each phase.

    Examples:
        >>> author_of({}) is None
        True
    """
    made = completions.get(TRAINED) or completions.get(PLANNED)
    return made.actor if made else None


def _unamended(
    entry: Entry,
    frozen: Entry | None,
    *,
    policy: Policy | None,
    trust: Trust,
    said: dict[str, int],
    author: Actor | None,
) -> str:
    """Say why an amendment does not count; empty when it does."""
    if frozen is None or policy is None:
        return "nothing was frozen"
    answer = _note_said(said, entry)
    if answer is None:
        unsigned = demanded(policy, trust, sequence=entry.sequence)
        return "nobody signed it" if unsigned else ""
    if answer.envelope is not None and said[answer.envelope.digest] != entry.sequence:
        return f"it repeats what was signed for entry {said[answer.envelope.digest]}"
    after = str(entry.body["contract_digest"])
    outcome = check_approvals(
        (answer,),
        subject=AMENDMENT,
        artifacts={"before": str(frozen.body["contract_digest"]), "after": after},
        contract_digest=after,
        now=entry.at,
        policy=policy,
        author=author,
        trust=trust,
    )
    return "" if outcome.allows else "; ".join(outcome.evidence)

"""Agreed: which contract was in force when, by the entries that count; a forged one changes nothing."""

from modelwright.authority.actor import Actor
from modelwright.authority.answer import Answer, answer_in, demanded
from modelwright.authority.approval import check_approvals, hear
from modelwright.authority.policy import Policy, policy_of, strictest
from modelwright.authority.trust import Trust
from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.entry import Entry

__all__ = ["AMENDMENT", "DESIGN_SUBJECT", "AgreedFold"]

PLANNED, TRAINED = 6, 8
"""The phases whose runners are the authors of the design and of the model."""

DESIGN_SUBJECT = f"phase:{PLANNED}"
"""What people answer about when they approve the design, which freezes the contract."""

AMENDMENT = "amendment:contract"
"""What people answer about when they amend the contract."""


class AgreedFold:
    """Reads a ledger from its first entry and remembers which contract was in force.

    Examples:
        >>> AgreedFold().frozen is None
        True
    """

    def __init__(self) -> None:
        """Start before the first entry."""
        self.contract: Entry | None = None
        """The last reading of the contract."""
        self.frozen: Entry | None = None
        """The freezing or amendment in force."""
        self.agreements: dict[str, Entry] = {}
        """Every contract that was ever in force, by its digest."""
        self.amendments: list[Entry] = []
        """All amendments that count, oldest first."""
        self.modes: dict[str, str] = {}
        """The strictest mode that was written down for each contract."""
        self.said: dict[str, int] = {}
        """Signed answers by the digest of what was signed, with the entry that holds them first."""
        self.uncounted: list[str] = []
        """Entries that do not count, and why."""
        self._ran: dict[int, Actor] = {}
        self._design: list[Entry] = []

    @property
    def author(self) -> Actor | None:
        """Who made what an amendment changes the rules for: who trained it, or else who planned it."""
        return self._ran.get(TRAINED, self._ran.get(PLANNED))

    def read(self, entry: Entry, trust: Trust) -> None:
        """Take the next entry into account.

        Args:
            entry: The entry that follows the last one.
            trust: Who is known up to here.
        """
        match entry.kind:
            case "phase.completed":
                self._ran[int(str(entry.body["phase"]))] = entry.actor
            case "approval.given":
                self._note_said(entry)
                if entry.body["subject"] == DESIGN_SUBJECT:
                    self._design.append(entry)
            case "contract.read":
                self.contract = entry
                self._note_mode(entry)
            case "contract.frozen":
                self._settle(entry, self._unfrozen(entry, trust))
            case "contract.amended":
                self._settle(entry, self._unamended(entry, trust))
            case _:
                pass

    def _settle(self, entry: Entry, flaw: str) -> None:
        if flaw:
            self.uncounted.append(f"entry {entry.sequence} ({entry.kind}) does not count: {flaw}")
            return
        self.frozen = entry
        self.agreements[str(entry.body["contract_digest"])] = entry
        if entry.kind == "contract.amended":
            self.amendments.append(entry)
            self._note_mode(entry)

    def _policy(self, contract_digest: str) -> Policy:
        return policy_of(self.modes.get(contract_digest, "quick"))

    def _note_mode(self, entry: Entry) -> None:
        """Keep the strictest mode of a contract: an entry that says less cannot loosen what holds."""
        digest, mode = str(entry.body["contract_digest"]), entry.body.get("mode")
        if mode is not None:
            self.modes[digest] = strictest([str(mode), self.modes.get(digest, str(mode))])

    def _note_said(self, entry: Entry) -> Answer | None:
        """Remember a signed answer by what was signed; return the answer, None when it cannot be read."""
        if "approval" not in entry.body:
            return None
        try:
            answer = answer_in(entry)
        except IntegrityBroken:
            return None
        if answer.envelope is not None:
            self.said.setdefault(answer.envelope.digest, entry.sequence)
        return answer

    def _unfrozen(self, entry: Entry, trust: Trust) -> str:
        """Say why a freezing does not count: nobody approved a design under this contract."""
        digest = str(entry.body["contract_digest"])
        if self.frozen is not None and self.frozen.body["contract_digest"] != digest:
            return "another contract was frozen before, and only an amendment changes it"
        if PLANNED not in self._ran:
            return "there was no design to approve"
        try:
            given = [answer_in(answer) for answer in self._design]
        except IntegrityBroken as error:
            return error.what
        policy = self._policy(digest)
        heard = hear(given, subject=DESIGN_SUBJECT, policy=policy, trust=trust)
        outcome = check_approvals(
            given,
            subject=DESIGN_SUBJECT,
            artifacts=heard.counted[-1][0].approval.artifacts if heard.counted else {},
            contract_digest=digest,
            now=entry.at,
            policy=policy,
            author=self._ran[PLANNED],
            trust=trust,
        )
        return "" if outcome.allows else "; ".join(outcome.evidence)

    def _unamended(self, entry: Entry, trust: Trust) -> str:
        """Say why an amendment does not count, by the policy of the contract that it changes."""
        if self.frozen is None:
            return "nothing was frozen"
        before, after = str(self.frozen.body["contract_digest"]), str(entry.body["contract_digest"])
        policy = self._policy(before)
        answer = self._note_said(entry)
        if answer is None:  # as ledgers have it that were begun before amendments were answers
            if demanded(policy, trust, sequence=entry.sequence):
                return "nobody signed it"
            may = policy.may(entry.actor, "contract:amend")
            return "" if may.allows else "; ".join(may.evidence)
        if answer.envelope is not None and self.said[answer.envelope.digest] != entry.sequence:
            return f"it repeats what was signed for entry {self.said[answer.envelope.digest]}"
        outcome = check_approvals(
            (answer,),
            subject=AMENDMENT,
            artifacts={"before": before, "after": after},
            contract_digest=after,
            now=entry.at,
            policy=policy,
            author=self.author,
            trust=trust,
        )
        return "" if outcome.allows else "; ".join(outcome.evidence)

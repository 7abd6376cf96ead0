"""The audit of a ledger: chain, signatures, enrolments and anchors, by whoever has it or a copy of it.

An auditor needs no private key, no project and no service of anybody: the entries, and for more than the
ledger's own word the public keys of the people in it and the heads that were signed and kept elsewhere.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modelwright.authority.answer import Answer, answer_in, check_signature
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, open_envelope
from modelwright.authority.policy import policy_of, strictest
from modelwright.authority.trust import Trust, TrustFold
from modelwright.kernel.digest import short
from modelwright.kernel.document import Callout, Document, Table
from modelwright.kernel.errors import IntegrityBroken, UnknownName
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.ledger.anchor import Anchor, check_anchors
from modelwright.ledger.chain import Walk, unreadable, walk
from modelwright.ledger.checkpoint import CHECKPOINT_KIND, Checkpoint, checkpoint_in
from modelwright.ledger.entry import Entry, Link

__all__ = ["Audit", "audit"]

PEOPLE = "everyone who signs in it is known"
SIGNED = "every signature is by whom it says, over what was there"

IDENTITY = {"identity.enrolled", "identity.revoked"}
"""The kinds of entry that the fold of trust judges."""

MOST_TOLD = 20
"""Lines about people and about answers that were voided later; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found, check by check; the first that did not pass comes first in what to do.

    Examples:
        >>> audit(()).outcome.status.value
        'passed'
    """

    outcome: Outcome
    """All checks together."""
    checks: tuple[Outcome, ...]
    """Chain, people, signatures, and each anchor."""

    def document(self) -> Document:
        """Render the audit."""
        rows = tuple(
            (check.status.value, check.what, "; ".join(check.evidence), check.next_step)
            for check in self.checks
        )
        first = next((check for check in self.checks if not check.allows), None)
        told = f"The ledger: {self.outcome.status.value}"
        if first is not None and first.evidence:
            told = f"{told}. {first.evidence[0]}"
        return Document(
            title="Audit of the ledger",
            blocks=(
                Callout(tone=self.outcome.status.value, text=told),
                Table(columns=("", "check", "seen", "next"), rows=rows),
            ),
        )


def audit(
    links: Iterable[Link],
    *,
    keys: Mapping[str, Identity] | None = None,
    anchors: Sequence[Anchor] = (),
    head: str | None = None,
) -> Audit:
    """Check a ledger, or a copy of one, from its first entry to its last.

    Args:
        links: All links in order; read once, one at a time.
        keys: The public keys the auditor trusts, by key id; None takes the ledger's own word for who was the
            first person in it, which is said.
        anchors: Signed heads that were kept elsewhere.
        head: A digest noted down earlier.

    Returns:
        Every check; when the chain is broken, nothing after it is looked at.

    Examples:
        >>> [check.status.value for check in audit(()).checks]
        ['passed', 'passed', 'passed']
    """
    chain, reading = Walk(head=head), _Reading(keys)
    try:
        for link, entry, flaw in walk(links):
            chain.step(link, entry, flaw)
            if entry is not None and not flaw:
                reading.read(entry)
        whole = chain.outcome()
    except IntegrityBroken as error:
        whole = unreadable(error)
    checks = [whole]
    if whole.allows:
        checks += [reading.people(), reading.signatures()]
        checks += check_anchors(anchors, digests=reading.digests, keys=keys)
    return Audit(outcome=overall(checks, what="the ledger"), checks=tuple(checks))


class _Reading:
    """What is read along the way: who was known when, what they signed, and up to where that reaches."""

    def __init__(self, keys: Mapping[str, Identity] | None) -> None:
        self.digests: list[str] = []
        self._keys = keys
        self._fold = TrustFold()
        self._modes: dict[str, str] = {}
        self._mode = "quick"
        self._answers: list[tuple[Entry, Answer]] = []
        self._flaws: list[str] = []
        self._refused = 0
        self._unsigned = 0
        self._signers: dict[str, int] = {}
        self._covered = 0

    def read(self, entry: Entry) -> None:
        """Take the next entry of a whole chain into account."""
        self._note_mode(entry)
        if entry.kind == CHECKPOINT_KIND:
            self._checkpoint(entry)
        elif "approval" in entry.body:
            self._answer(entry)
        self._fold.read(entry)
        self.digests.append(entry.digest)
        if entry.kind in IDENTITY:
            self._identity(entry)
        elif entry.kind != CHECKPOINT_KIND and "approval" not in entry.body and "envelope" in entry.body:
            self._statement(entry)

    def _note_mode(self, entry: Entry) -> None:
        mode, digest = entry.body.get("mode"), str(entry.body.get("contract_digest", ""))
        if entry.kind in {"contract.read", "contract.amended", "project.started"} and isinstance(mode, str):
            try:
                self._modes[digest] = strictest(
                    [mode, *([self._modes[digest]] if digest in self._modes else [])]
                )
                self._mode = mode
            except UnknownName as error:
                self._flaws.append(f"entry {entry.sequence}: {error.what}")

    def _counts(self, key_id: str) -> bool:
        """Whether the auditor takes a key's word: it was given, or somebody given let it in."""
        if self._keys is None or key_id in self._keys:
            return True
        member = self._fold.trust().members.get(key_id)
        return member is not None and not member.first and self._counts(member.by)

    def _sign(self, key_id: str, name: str, upto: int) -> None:
        if self._counts(key_id):
            self._signers[name] = self._signers.get(name, 0) + 1
            self._covered = max(self._covered, upto)

    def _answer(self, entry: Entry) -> None:
        """Check a person's answer with who was known when it was written."""
        try:
            answer = answer_in(entry)
        except IntegrityBroken as error:
            self._flaws.append(error.what)
            return
        trust = self._fold.trust()
        outcome = self._signature(answer, trust)
        if not outcome.allows:
            self._flaws.append(f"entry {entry.sequence} ({entry.kind}): {'; '.join(outcome.evidence)}")
        elif answer.envelope is None:
            self._unsigned += 1
        else:
            self._answers.append((entry, answer))
            for signature in answer.envelope.signatures:
                if signature.keyid in trust.keys:
                    upto = trust.places.get(answer.approval.head, 0)
                    self._sign(signature.keyid, trust.keys[signature.keyid].name, upto)

    def _signature(self, answer: Answer, trust: Trust) -> Outcome:
        mode = self._modes.get(answer.approval.contract_digest, self._mode)
        return check_signature(answer, policy=policy_of(mode), trust=trust)

    def _identity(self, entry: Entry) -> None:
        """Note what the fold of trust said about an enrolment or revocation."""
        refused = self._fold.trust().refused
        self._flaws += refused[self._refused :]
        if len(refused) == self._refused:
            self._statement(entry)
        self._refused = len(refused)

    def _statement(self, entry: Entry) -> None:
        """Check a signed statement of any other kind: by somebody known, the signature fits."""
        trust = self._fold.trust()
        try:
            envelope = Envelope.from_json(entry.body.get("envelope"))
        except IntegrityBroken as error:
            self._flaws.append(f"entry {entry.sequence} ({entry.kind}): {error.what}")
            return
        outcome, signers = open_envelope(envelope, keys=trust.keys)
        flaw, upto = _misfit(entry, envelope, trust) if outcome.allows else ("; ".join(outcome.evidence), 0)
        if flaw:
            self._flaws.append(f"entry {entry.sequence} ({entry.kind}): {flaw}")
            return
        for signer in signers:
            self._sign(signer.key_id, signer.name, upto)

    def _checkpoint(self, entry: Entry) -> None:
        """Check a signed head against the entries before it."""
        try:
            said = checkpoint_in(entry.body.get("envelope"))
        except IntegrityBroken as error:
            self._flaws.append(f"entry {entry.sequence} ({entry.kind}): {error.what}")
            return
        if not self._stood(said):
            past = f"what {said.by.name} signed was another past: {said.told()}"
            self._flaws.append(f"entry {entry.sequence} ({entry.kind}): {past}")
        elif self._keys is None or said.by.key_id in self._keys:
            self._sign(said.by.key_id, said.by.name, said.sequence)

    def _stood(self, said: Checkpoint) -> bool:
        """Whether a head stood in this ledger where a checkpoint says."""
        there = 0 < said.sequence <= len(self.digests)
        return there and (self.digests[0], self.digests[said.sequence - 1]) == (said.project, said.head)

    def people(self) -> Outcome:
        """Say who is known, and on whose word."""
        trust = self._fold.trust()
        lines = trust.told()
        told = (
            *lines[:MOST_TOLD],
            *([f"and {len(lines) - MOST_TOLD} more"] if len(lines) > MOST_TOLD else []),
        )
        first = next(iter(trust.members.values()), None)
        if first is None:
            return self._nobody()
        key_id = first.identity.key_id
        if self._keys is None or key_id in self._keys:
            return Outcome(status=Status.PASSED, what=PEOPLE, evidence=told)
        name = first.identity.name
        other = next(
            (known for known in self._keys.values() if known.is_same_person_as(first.identity)), None
        )
        flaw = (
            f"the key of {name} in this ledger is {short(key_id)}; the one given is {short(other.key_id)}"
            if other
            else f"the first person here is {name} with {short(key_id)}, which is not among the keys given"
        )
        return Outcome(
            status=Status.FAILED if other else Status.UNKNOWN,
            what=PEOPLE,
            evidence=(flaw, *told),
            next_step=f"compare the key with {name}, in person or by a channel you trust",
        )

    def _nobody(self) -> Outcome:
        told = ("nobody is enrolled: answers carry names and no signatures",)
        if self._keys is None or any(self._signers.values()):
            return Outcome(status=Status.PASSED, what=PEOPLE, evidence=told)
        return Outcome(
            status=Status.UNKNOWN,
            what=PEOPLE,
            evidence=(*told, "no signature is by a key that was given"),
            next_step="ask for an anchor, or for the ledger's own key: modelwright ledger key",
        )

    def signatures(self) -> Outcome:
        """Say whether every signature fits, and how far back they hold the chain."""
        if self._flaws:
            return Outcome(
                status=Status.FAILED,
                what=SIGNED,
                evidence=tuple(self._flaws[:MOST_TOLD]),
                next_step="find out who wrote that entry: no command does, and it counts for nothing",
            )
        evidence = [f"{count} by {name}" for name, count in sorted(self._signers.items())] or ["none"]
        length = len(self.digests)
        if self._covered:
            evidence.append(
                f"they hold entries 1 to {self._covered} of {length}: what follows is chained alone"
            )
        if self._unsigned:
            evidence.append(f"{self._unsigned} answers are unsigned")
        return Outcome(status=Status.PASSED, what=SIGNED, evidence=(*evidence, *self._voided()))

    def _voided(self) -> list[str]:
        """Answers that counted when they were given and do not now, because a key was revoked since."""
        trust = self._fold.trust()
        found = [
            f"the answer in entry {entry.sequence} is void since: {'; '.join(outcome.evidence)}"
            for entry, answer in self._answers
            if not (outcome := self._signature(answer, trust)).allows
        ]
        rest = [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
        return [*found[:MOST_TOLD], *rest]


def _misfit(entry: Entry, envelope: Envelope, trust: Trust) -> tuple[str, int]:
    """Say why a signed statement does not belong in its entry, empty when it does; and how far it reaches.

    Kinds of statement come and go; all of them name their head, and stand beside their signature.
    """
    try:
        said = json.loads(envelope.payload)
    except (ValueError, RecursionError):
        return "what was signed is not a statement", 0
    if not isinstance(said, dict) or said not in entry.body.values():
        return "what was signed is not what stands beside it", 0
    upto = trust.places.get(str(said.get("head")), 0)
    if entry.kind not in IDENTITY:  # the fold of trust has judged these, the very first one among them
        if not upto:
            return "it was signed for another ledger, or another past of this one", 0
        for signature in envelope.signatures:
            standing = trust.standing(signature.keyid, sequence=entry.sequence)
            if signature.keyid in trust.keys and not standing.allows:
                return "; ".join(standing.evidence), 0
    return "", upto

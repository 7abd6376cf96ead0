"""Follow-ups: what a broken glass leaves behind, open in every report until a person has answered it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.answer import check_statement
from modelwright.authority.approval import authorise
from modelwright.authority.envelope import Envelope
from modelwright.authority.override import CLOSING, Closing, Override
from modelwright.kernel.errors import IntegrityBroken, UnknownName, UserFault
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import History, fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, decider

__all__ = ["FollowUp", "close_follow_up", "follow_ups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What has to be answered after a glass was broken.

    Examples:
        >>> FollowUp.__slots__[0]
        'id'
    """

    id: str
    """Its name: F and the ledger entry that opened it."""
    override: Override
    """What was let out, by whom, why, and until when."""
    closed: str = ""
    """Who answered it and how; empty while it is open."""

    @property
    def told(self) -> str:
        """The follow-up in a line."""
        item = self.override
        return (
            f"{self.id}: {item.actor.label} broke the glass for {item.version} "
            f"until {item.until:%Y-%m-%d %H:%M} UTC: {item.reason} (missing: {'; '.join(item.covers)})"
        )

    def expired(self, now: datetime) -> bool:
        """Whether what was let out counts no more."""
        return now >= self.override.until


def follow_ups(entries: Iterable[Entry]) -> tuple[FollowUp, ...]:
    """Return every follow-up, oldest first, open or answered; an answer that nobody stands for is none.

    Args:
        entries: All of the ledger's entries, in order.

    Examples:
        >>> follow_ups(())
        ()
    """
    found: dict[str, FollowUp] = {}
    known = tuple(entries)
    history = fold(known) if any(entry.kind == "follow-up.closed" for entry in known) else History()
    for entry in known:
        if entry.kind == "override.given":
            name = f"F{entry.sequence}"
            found[name] = FollowUp(id=name, override=decode(encode(entry.body["override"]), Override))
        elif entry.kind == "follow-up.closed":
            closing = decode(encode(entry.body["closing"]), Closing)
            if closing.follow_up in found and _stands(entry, closing, history):
                found[closing.follow_up] = FollowUp(
                    id=closing.follow_up,
                    override=found[closing.follow_up].override,
                    closed=f"answered by {closing.actor.label}: {closing.reason}",
                )
    return tuple(found.values())


def _stands(entry: Entry, closing: Closing, history: History) -> bool:
    """Say whether the person it names said it: signed where that is demanded, and no agent or service."""
    sealed = entry.body.get("envelope")
    try:
        envelope = None if sealed is None else Envelope.from_json(sealed)
    except IntegrityBroken:
        return False
    if closing.actor.kind is not ActorKind.PERSON or (envelope is None and entry.actor != closing.actor):
        return False
    return check_statement(
        closing,
        envelope,
        payload_type=CLOSING,
        policy=history.policy,
        trust=history.trust,
        sequence=entry.sequence,
    ).allows


def _broken_by(entries: Iterable[Entry], override: Override) -> tuple[Actor, ...]:
    """Return everybody who broke the glass for the same version: two cannot answer for one another."""
    return tuple(
        item.override.actor for item in follow_ups(entries) if item.override.version == override.version
    )


def close_follow_up(ports: Ports, name: str, *, reason: str) -> Entry:
    """Answer a follow-up as the present actor.

    Args:
        ports: The outside world.
        name: The follow-up; empty takes the only one that is open.
        reason: What was found and done since.

    Raises:
        ApprovalRefused: When this actor may not, or broke the glass where another has to look at it.
        UnknownName: When there is no such open follow-up.
    """

    def prepare(moment: datetime) -> Decision:
        entries = tuple(ports.ledger.entries())
        history = fold(entries)
        open_ones = {item.id: item for item in follow_ups(entries) if not item.closed}
        wanted = name or (next(iter(open_ones)) if len(open_ones) == 1 else "")
        if not wanted and open_ones:
            raise UserFault(
                f"{len(open_ones)} follow-ups are open, and none was named",
                why="each is answered for by itself",
                expected=" or ".join(open_ones),
                next_step=f'modelwright follow-up close {next(iter(open_ones))} --reason "..."',
            )
        if wanted not in open_ones:
            raise UnknownName.among("open follow-up", wanted, open_ones)
        subject = f"follow-up:{wanted}"
        broke = _broken_by(entries, open_ones[wanted].override)
        for one in broke:
            authorise(ports.actor, subject, reason=reason, policy=history.policy, author=one)
        actor, identity = decider(ports, policy=history.policy, trust=history.trust)
        for one in broke:
            authorise(actor, subject, reason=reason, policy=history.policy, author=one)
        return Decision(
            record=Closing(follow_up=wanted, reason=reason.strip(), actor=actor, given=moment),
            identity=identity,
            purpose=f"close follow-up {wanted}",
            kind="follow-up.closed",
            name="closing",
            payload_type=CLOSING,
            facts={"subject": subject},
        )

    return decide(ports, prepare)

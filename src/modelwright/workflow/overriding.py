"""Overriding: which broken glass counts, read out of the ledger."""

from collections.abc import Iterable

from modelwright.authority.actor import ActorKind, folded
from modelwright.authority.answer import check_statement
from modelwright.authority.envelope import Envelope
from modelwright.authority.override import OVERRIDE, Override, check_overrides
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.registry.version import Version
from modelwright.workflow.allowance import shown_of
from modelwright.workflow.history import History, fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import answers_of
from modelwright.workflow.waiving import present

__all__ = ["override_outcome", "overrides_of", "said_no"]


def overrides_of(entries: Iterable[Entry], *, history: History) -> tuple[Override, ...]:
    """Return the overrides that are by whom they say, oldest first; one handed in again does not count.

    Args:
        entries: The ledger's entries, in order.
        history: What the ledger tells: the policy, and whose key was known when.
    """
    given: list[Override] = []
    said: set[str] = set()
    for entry in entries:
        if entry.kind != "override.given":
            continue
        override = decode(encode(entry.body["override"]), Override)
        sealed = entry.body.get("envelope")
        try:
            envelope = None if sealed is None else Envelope.from_json(sealed)
        except IntegrityBroken:
            continue
        if (envelope is None and entry.actor != override.actor) or (envelope and envelope.digest in said):
            continue
        said |= {envelope.digest} if envelope else set()
        theirs = check_statement(
            override,
            envelope,
            payload_type=OVERRIDE,
            policy=history.policy,
            trust=history.trust,
            sequence=entry.sequence,
        )
        if theirs.allows and override.actor.kind is ActorKind.PERSON:
            given.append(override)
    return tuple(given)


def said_no(history: History, version: Version) -> str:
    """Return who said no to the promotion of this very bundle, and why; empty when nobody did.

    Args:
        history: What the ledger tells.
        version: The version.
    """
    last = {
        folded(answer.actor.name): answer
        for answer in answers_of(history, f"promotion:{version.version}")
        if answer.artifacts.get("bundle") == version.bundle_digest
    }
    return "; ".join(
        f"{answer.actor.label} said no: {answer.reason}"
        for answer in last.values()
        if answer.decision != "approve"
    )


def override_outcome(ports: Ports, version: Version) -> Outcome | None:
    """Say whether a version may go out by a broken glass now; None when nobody broke it for this version.

    Args:
        ports: The outside world.
        version: The version.
    """
    entries = tuple(ports.ledger.entries())
    history = fold(entries)
    against = said_no(history, version)
    if against:
        return Outcome(
            status=Status.FAILED,
            what=f"{version.version} goes out by a broken glass",
            evidence=(against,),
            next_step="ask whoever said no; a glass covers what is missing, not what was decided against",
        )
    given = [item for item in overrides_of(entries, history=history) if item.version == version.version]
    if not given:
        return None
    return check_overrides(
        given,
        version=version.version,
        artifacts=shown_of(version),
        contract_digest=version.contract_digest,
        now=present(ports, entries),
        policy=history.policy_of(version.contract_digest),
    )

"""Versions and their standing, read out of the ledger; nothing else decides which model is the champion.

Entries this module writes: `version.registered`, `version.certified`, `version.promoted`,
`version.retired`. It also reads the rollout's `rollout.started`, `rollout.rolled_back` and
`rollout.completed`, whose body names the version under `challenger`, and `override.given`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import short
from modelwright.kernel.errors import ContractChanged, Fault, IntegrityBroken, PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry, Ledger
from modelwright.registry.roster import read_roster, write_roster
from modelwright.registry.version import Standing, Version, verdict_now

__all__ = [
    "KINDS",
    "Standing",
    "Version",
    "certified",
    "champion",
    "promotable",
    "promote",
    "read_roster",
    "register",
    "retire",
    "verdict_now",
    "version_of",
    "versions",
    "write_roster",
]

KINDS = (
    "version.registered",
    "version.certified",
    "version.promoted",
    "version.retired",
    "rollout.started",
    "rollout.rolled_back",
    "rollout.completed",
    "override.given",
)
"""The kinds of ledger entry that say something about standing."""


def _text(entry: Entry, key: str) -> str:
    value = entry.body.get(key, "")
    return value if isinstance(value, str) else ""


def _registered(entry: Entry) -> Version:
    status = _text(entry, "verdict_status")
    return Version(
        name=_text(entry, "name"),
        version=_text(entry, "version"),
        bundle_digest=entry.artifacts.get("bundle", ""),
        path=_text(entry, "path"),
        contract_digest=_text(entry, "contract_digest"),
        run_id=_text(entry, "run_id"),
        verdict_status="passed" if status == "passed" else "failed" if status == "failed" else "unknown",
        standing="drill" if _text(entry, "purpose") == "drill" else "registered",
        certificate_digest=entry.artifacts.get("certificate", ""),
    )


def _after(known: dict[str, Version], entry: Entry) -> None:
    """Move the standing of the version an entry is about, and of the champion it replaces."""
    name = _text(entry, "version") or _text(entry, "challenger")
    version = known.get(name)
    if version is None:
        return
    if entry.kind == "override.given":
        until = _text(entry, "in_force_until")
        if until and entry.artifacts.get("bundle") == version.bundle_digest:
            known[name] = replace(version, override_until=datetime.fromisoformat(until))
        return
    if entry.kind == "version.certified":
        known[name] = replace(version, certificate_digest=entry.artifacts.get("certificate", ""))
        return
    if version.standing == "drill":
        return
    standing: Standing
    match entry.kind:
        case "version.promoted" | "rollout.completed":
            for other, item in known.items():
                if item.standing == "champion" and other != name:
                    known[other] = replace(item, standing="retired")
            standing = "champion"
        case "rollout.started":
            standing = "challenger"
        case "rollout.rolled_back":
            standing = "rolled_back"
        case _:
            standing = "retired"
    known[name] = replace(version, standing=standing)


def versions(ledger: Ledger) -> tuple[Version, ...]:
    """Return every version in the order of registration, each with its present standing.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> versions(MemoryLedger(clock=SteppingClock()))
        ()
    """
    known: dict[str, Version] = {}
    for entry in ledger.entries(kinds=KINDS):
        if entry.kind == "version.registered":
            version = _registered(entry)
            known[version.version] = version
        else:
            _after(known, entry)
    return tuple(known.values())


def version_of(ledger: Ledger, name: str) -> Version:
    """Return one version.

    Raises:
        UnknownName: When there is no such version; the nearest is offered.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> version_of(MemoryLedger(clock=SteppingClock()), "v1")
        Traceback (most recent call last):
        modelwright.kernel.errors.UnknownName: unknown version 'v1' ...
    """
    known = {version.version: version for version in versions(ledger)}
    if name not in known:
        raise UnknownName.among("version", name, known)
    return known[name]


def champion(ledger: Ledger) -> Version | None:
    """Return the version that answers by default; None while there is none.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> champion(MemoryLedger(clock=SteppingClock())) is None
        True
    """
    return next((version for version in versions(ledger) if version.standing == "champion"), None)


def _demand_agreement(version: Version, agreed: str | None, *, before: str) -> None:
    """Refuse a version that was judged under another contract than the one that is demanded.

    Raises:
        ContractChanged: When the digests differ.
    """
    if agreed is not None and version.contract_digest != agreed:
        raise ContractChanged(
            f"{version.version} was judged under another contract and cannot be {before}",
            why="gate, registry, server and rollout must mean the same agreement",
            next_step="modelwright run judges a new version under the present contract",
            found=short(version.contract_digest) or "none",
            expected=short(agreed),
        )


def register(
    ledger: Ledger,
    version: Version,
    *,
    actor: Actor,
    purpose: Literal["serve", "drill"],
    agreed: str | None = None,
) -> Version:
    """Enter a bundle as a version; entering the same bundle again changes nothing.

    Args:
        ledger: Where it is entered.
        version: The version.
        actor: Who enters it.
        purpose: To serve, or to rehearse.
        agreed: The contract's digest that is in force; a version under another one is refused.

    Raises:
        ContractChanged: When it was judged under another contract than the one in force.
        IntegrityBroken: When the version exists with another bundle: a version's name is never given twice.

    Examples:
        >>> register.__name__
        'register'
    """
    _demand_agreement(version, agreed, before="registered")
    for known in versions(ledger):
        if known.version != version.version:
            continue
        if known.bundle_digest != version.bundle_digest:
            raise IntegrityBroken(
                f"version {version.version} exists with another bundle",
                why="a version that means two models means none",
                next_step="register the bundle under the next free version",
                found=version.bundle_digest,
                expected=known.bundle_digest,
            )
        return known
    ledger.append(
        "version.registered",
        {
            "name": version.name,
            "version": version.version,
            "path": version.path,
            "purpose": purpose,
            "contract_digest": version.contract_digest,
            "run_id": version.run_id,
            "verdict_status": version.verdict_status,
        },
        actor=actor,
        artifacts={
            "bundle": version.bundle_digest,
            **({"certificate": version.certificate_digest} if version.certificate_digest else {}),
        },
    )
    return version_of(ledger, version.version)


def certified(ledger: Ledger, name: str, *, certificate_digest: str, actor: Actor) -> Version:
    """Write down that a version's equivalence certificate passed.

    Examples:
        >>> certified.__name__
        'certified'
    """
    version = version_of(ledger, name)
    if version.certificate_digest != certificate_digest:
        ledger.append(
            "version.certified", {"version": name}, actor=actor, artifacts={"certificate": certificate_digest}
        )
    return version_of(ledger, name)


def promotable(version: Version, *, approval: Outcome, override: Outcome | None = None) -> Outcome:
    """Say whether a version may become the champion: passed gates, a certificate, an approval.

    A retired version may: going back to the champion of before must be quick. A broken glass stands in for
    gates and for approvals that are missing, never for the certificate, and never against a person's no.

    Args:
        version: The version.
        approval: What `check_approvals` said about `promotion:<version>`.
        override: What was said about breaking the glass for it; None when nobody did.

    Examples:
        >>> version = Version(
        ...     name="calls",
        ...     version="v2",
        ...     bundle_digest="",
        ...     path="",
        ...     contract_digest="",
        ...     run_id="",
        ...     verdict_status="unknown",
        ...     standing="drill",
        ... )
        >>> yes = Outcome(status=Status.PASSED, what="approved")
        >>> promotable(version, approval=yes).evidence[0]
        'a drill version rehearses a rollback and is never promoted'
    """
    what = f"{version.version} may become the champion"
    told: list[str] = []
    if version.standing == "drill":
        told.append("a drill version rehearses a rollback and is never promoted")
    if version.standing == "rolled_back":
        told.append("it was rolled back; register what was mended as a new version")
    broken = override is not None and override.allows
    if version.verdict_status != "passed" and not broken:
        told.append(f"the gates said {version.verdict_status}")
    if not version.certificate_digest:
        told.append("there is no certificate that the server answers like the trainer")
    if not approval.allows and not broken:
        told.extend(approval.evidence or (f"the approval is {approval.status.value}",))
    if told:
        failed = version.standing in {"drill", "rolled_back"} or version.verdict_status == "failed"
        return Outcome(
            status=Status.FAILED if failed or approval.status is Status.FAILED else Status.UNKNOWN,
            what=what,
            evidence=tuple(told),
            next_step=approval.next_step if not approval.allows else "run phase 11 again for this version",
        )
    return Outcome(
        status=Status.PASSED,
        what=what,
        evidence=(
            *((f"the gates said {version.verdict_status}",) if broken else ("gates passed",)),
            f"certificate {version.certificate_digest}",
            *approval.evidence,
            *(override.evidence if broken and override is not None else ()),
        ),
    )


def promote(
    ledger: Ledger,
    name: str,
    *,
    approval: Outcome,
    actor: Actor,
    reason: str,
    agreed: str | None = None,
    override: Outcome | None = None,
) -> Version:
    """Make a version the champion; the one before is retired. Promoting the champion changes nothing.

    Args:
        ledger: Where it is written.
        name: The version.
        approval: What `check_approvals` said about `promotion:<version>`.
        actor: Who promotes.
        reason: Why.
        agreed: The contract's digest that is in force; a version under another one is refused.
        override: What was said about breaking the glass for it; None when nobody did.

    Raises:
        ContractChanged: When it was judged under another contract than the one in force.
        PhaseLocked: When it may not be, with everything that is missing.

    Examples:
        >>> promote.__name__
        'promote'
    """
    version = version_of(ledger, name)
    _demand_agreement(version, agreed, before="promoted")
    if version.standing == "champion":
        return version
    outcome = promotable(version, approval=approval, override=override)
    if not outcome.allows:
        raise PhaseLocked(
            f"{name} cannot be promoted",
            why="what answers in production passed its gates, was proven equal and was allowed by a person",
            next_step=outcome.next_step,
            faults=[Fault(name, line) for line in outcome.evidence],
        )
    before = champion(ledger)
    ledger.append(
        "version.promoted",
        {
            "version": name,
            "previous": before.version if before else None,
            "reason": reason,
            **({"overridden": list(override.evidence)} if override is not None and override.allows else {}),
        },
        actor=actor,
        artifacts={"bundle": version.bundle_digest, "certificate": version.certificate_digest},
    )
    return version_of(ledger, name)


def retire(ledger: Ledger, name: str, *, actor: Actor, reason: str) -> Version:
    """Take a version out of use; retiring it again changes nothing.

    Examples:
        >>> retire.__name__
        'retire'
    """
    version = version_of(ledger, name)
    if version.standing != "retired":
        ledger.append("version.retired", {"version": name, "reason": reason}, actor=actor)
    return version_of(ledger, name)

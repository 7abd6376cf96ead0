"""Admission: which bundles may answer. The server demands what the registry demanded, all over again."""

from datetime import datetime
from pathlib import Path

from modelwright.kernel.digest import short
from modelwright.kernel.errors import BundleRejected, ContractChanged, Fault, PhaseLocked, UnknownName
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.versions import Version, verdict_now
from modelwright.serving.router import Routing

__all__ = ["SERVABLE", "admit", "admit_routing"]

SERVABLE = ("registered", "challenger", "champion", "drill")
"""Standings with which a version may answer; retired and rolled back ones may not."""


def admit(version: Version, *, folder: Path, contract_digest: str, now: datetime | None = None) -> Bundle:
    """Load a version's bundle once everything about it is in order.

    Args:
        version: The version as the roster has it.
        folder: What its path is relative to.
        contract_digest: The contract that callers agreed to.
        now: The present moment, for what was let out for a time; None lets nothing out.

    Raises:
        ContractChanged: When it was made under another contract.
        PhaseLocked: When its standing or its verdict does not allow it.
        BundleRejected: When its bytes are not those that were registered.

    Examples:
        >>> admit.__name__
        'admit'
    """
    if version.standing not in SERVABLE:
        raise PhaseLocked(
            f"{version.version} is {version.standing.replace('_', ' ')} and does not answer",
            why="what was taken out of service stays out until somebody decides otherwise",
            next_step="promote it again, or route to another version",
            found=version.standing,
            expected=", ".join(SERVABLE),
        )
    bundle = load(folder / version.path, expected_digest=version.bundle_digest)
    if bundle.manifest.contract_digest != contract_digest:
        raise ContractChanged(
            f"{version.version} was made under another contract",
            why="what it promises is not what its callers agreed to",
            next_step="train under the contract of now, or start the server with this version's contract",
            found=short(bundle.manifest.contract_digest),
            expected=short(contract_digest),
        )
    if version.contract_digest != contract_digest:
        raise ContractChanged(
            f"{version.version} is registered under another contract than its bundle was made under",
            why="gate, registry, server and rollout must mean the same agreement",
            next_step="modelwright verify names what was changed",
            found=short(version.contract_digest) or "none",
            expected=short(contract_digest),
        )
    if bundle.manifest.version != version.version:
        raise BundleRejected(
            f"the bundle of {version.version} says it is {bundle.manifest.version}",
            why="answers and logs would name the wrong version",
            next_step="register the bundle under its own version",
        )
    drill = bundle.manifest.purpose == "drill"
    if drill != (version.standing == "drill"):
        raise PhaseLocked(
            f"{version.version} is packed for {bundle.manifest.purpose} and registered as {version.standing}",
            why="a rehearsal model must never be taken for a real one",
            next_step="register it again with the purpose it was packed for",
        )
    if drill or (bundle.manifest.verdict_status == "passed" == version.verdict_status):
        return bundle
    out = now is not None and version.override_until is not None and verdict_now(version, now=now).allows
    if not out or bundle.manifest.verdict_status != version.verdict_status:
        expired = version.override_until is not None
        raise PhaseLocked(
            f"{version.version} has not passed its gates"
            + (", and what let it out has expired" if expired else ""),
            why="only a bundle that holds a passed verdict answers",
            next_step="modelwright rollout back, or promote a version that passed"
            if expired
            else "run phase 11 for it; a rehearsal is packed with purpose drill",
            found=bundle.manifest.verdict_status,
            expected="passed",
        )
    return bundle


def admit_routing(routing: Routing, known: dict[str, Version]) -> None:
    """Refuse a routing that sends traffic where none may go.

    Raises:
        UnknownName: When it names a version whose standing nobody knows.
        PhaseLocked: When it sends traffic to a drill without saying so.

    Examples:
        >>> admit_routing(Routing(champion="v1"), {})
        Traceback (most recent call last):
        modelwright.kernel.errors.UnknownName: the routing names versions without a known standing...
    """
    named = [name for name in (routing.champion, routing.challenger) if name is not None]
    unknown = [name for name in named if name not in known]
    if unknown:
        raise UnknownName(
            "the routing names versions without a known standing",
            why="a version that the roster does not know has no evidence behind it",
            next_step=f"register it, or use one of: {', '.join(known) or 'none yet'}",
            faults=[Fault(name, "is not in the roster") for name in unknown],
        )
    drills = [name for name in named if known[name].standing == "drill"]
    # Where every version is a drill nobody is served for real: a candidate is asked alone, for its
    # certificate, before its gates have spoken.
    rehearsal = all(version.standing == "drill" for version in known.values())
    if drills and (not routing.drill or (routing.champion in drills and not rehearsal)):
        raise PhaseLocked(
            f"{', '.join(drills)} is a drill",
            why="a rehearsal model answers only as a challenger, while the routing says that it is a drill",
            next_step="set drill in the routing for the time of the rehearsal",
        )

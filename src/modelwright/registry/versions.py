"""Versions and their standing, read out of the ledger; nothing else decides which model is the champion.

Entries this module writes: `version.registered`, `version.certified`, `version.promoted`,
`version.retired`. It also reads the rollout's `rollout.started`, `rollout.rolled_back` and
`rollout.completed`, whose body names the version under `challenger`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from modelwright.authority.actor import Actor
from modelwright.kernel.errors import Fault, IntegrityBroken, PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry, Ledger

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
    "version_of",
    "versions",
    "write_roster",
]

Standing = Literal["registered", "challenger", "champion", "retired", "rolled_back", "drill"]
"""What a version is at the moment."""

KINDS = (
    "version.registered",
    "version.certified",
    "version.promoted",
    "version.retired",
    "rollout.started",
    "rollout.rolled_back",
    "rollout.completed",
)
"""The kinds of ledger entry that say something about standing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a model and where it stands.

    Examples:
        >>> Version(
        ...     name="calls",
        ...     version="v1",
        ...     bundle_digest="sha256:0",
        ...     path="v1.mwb",
        ...     contract_digest="",
        ...     run_id="r1",
        ...     verdict_status="passed",
        ...     standing="registered",
        ... ).standing
        'registered'
    """

    name: str
    """The model's name."""
    version: str
    """The version's name."""
    bundle_digest: str
    """Digest of the bundle's bytes."""
    path: str
    """Where the bundle lies: relative to the folder of the roster, or absolute."""
    contract_digest: str
    """The contract it was judged under."""
    run_id: str
    """The run that made it."""
    verdict_status: Literal["passed", "failed", "unknown"]
    """What the gates said."""
    standing: Standing
    """What it is at the moment."""
    certificate_digest: str = ""
    """Digest of its passed equivalence certificate; empty while there is none."""


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


def register(
    ledger: Ledger, version: Version, *, actor: Actor, purpose: Literal["serve", "drill"]
) -> Version:
    """Enter a bundle as a version; entering the same bundle again changes nothing.

    Raises:
        IntegrityBroken: When the version exists with another bundle: a version's name is never given twice.

    Examples:
        >>> register.__name__
        'register'
    """
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


def promotable(version: Version, *, approval: Outcome) -> Outcome:
    """Say whether a version may become the champion: passed gates, a certificate, an approval.

    A retired version may: going back to the champion of before must be quick.

    Args:
        version: The version.
        approval: What `check_approvals` said about `promotion:<version>`.

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
    if version.verdict_status != "passed":
        told.append(f"the gates said {version.verdict_status}")
    if not version.certificate_digest:
        told.append("there is no certificate that the server answers like the trainer")
    if not approval.allows:
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
        evidence=("gates passed", f"certificate {version.certificate_digest}", *approval.evidence),
    )


def promote(ledger: Ledger, name: str, *, approval: Outcome, actor: Actor, reason: str) -> Version:
    """Make a version the champion; the one before is retired. Promoting the champion changes nothing.

    Raises:
        PhaseLocked: When it may not be, with everything that is missing.

    Examples:
        >>> promote.__name__
        'promote'
    """
    version = version_of(ledger, name)
    if version.standing == "champion":
        return version
    outcome = promotable(version, approval=approval)
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
        {"version": name, "previous": before.version if before else None, "reason": reason},
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roster:
    """The file a server reads standing from."""

    versions: tuple[Version, ...]
    """All versions."""


def write_roster(path: Path, listed: Iterable[Version]) -> None:
    """Write versions and standing where a server reads them; the ledger stays with the project.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_roster(Path(folder, "versions.json"), ())
        ...     read_roster(Path(folder, "versions.json"))
        ()
    """
    write_atomically(path, encode(_Roster(versions=tuple(listed))))


def read_roster(path: Path) -> Sequence[Version]:
    """Return the versions a server may know.

    Raises:
        IntegrityBroken: When the roster is missing or cannot be read.

    Examples:
        >>> read_roster.__name__
        'read_roster'
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IntegrityBroken(
            f"the roster of versions cannot be read: {path} ({error.strerror or error})",
            why="a version whose standing is not known is not served",
            next_step="write it from the ledger: `modelwright serve` does so before it starts",
        ) from error
    return decode(data, _Roster).versions

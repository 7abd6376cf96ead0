"""The glass: a person lets a version out for a time, although a gate or an approval is missing.

It covers what was not shown; it never covers what was shown to be wrong with the evidence itself: another
bundle, another contract, no certificate, an expired waiver, a person's no. It is loud: in the ledger, in
every report, by a notice, and by a follow-up that stays open until somebody answers it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import authorise
from modelwright.authority.override import OVERRIDE, Override, holding
from modelwright.data.snapshot import Snapshot, part
from modelwright.kernel.errors import Fault, PhaseLocked
from modelwright.ledger.codec import decode, encode
from modelwright.ledger.entry import Entry
from modelwright.registry.bundle import Bundle
from modelwright.registry.version import Version
from modelwright.registry.versions import certified, champion, promote, version_of
from modelwright.rollout.state import read_state
from modelwright.workflow.allowance import TRAINED, demand_contract, promotion_outcome, shown_of
from modelwright.workflow.certifying import certify_bundle, served
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.engine import Look, look
from modelwright.workflow.live import follow_ledger
from modelwright.workflow.notifying import tell_people
from modelwright.workflow.overriding import override_outcome, overrides_of, said_no
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, decider
from modelwright.workflow.soundness import demand_sound
from modelwright.workflow.trained import TrainedModel
from modelwright.workflow.waiving import demand_waivers

__all__ = ["break_glass"]

REHEARSED = timedelta(hours=1)
"""How long a bundle without a passed verdict may answer on loopback, for its certificate."""


def break_glass(ports: Ports, name: str, *, reason: str, length: timedelta, at_once: bool = False) -> Entry:
    """Let a version out for a time, as the present actor; the first champion takes over at once.

    Args:
        ports: The outside world.
        name: The version.
        reason: Why it cannot wait.
        length: How long it holds.
        at_once: Whether it takes over without a rollout where there is a champion.

    Returns:
        The entry of the promotion; that of the override where a rollout is the next step.

    Raises:
        ApprovalRefused: When this actor may not.
        PhaseLocked: When nothing is missing, another person has to agree, a person said no, a waiver has
            expired, or there is no certificate and none can be made.
        ContractChanged: When the version belongs to another contract.
        BundleRejected: When the bundle is not the one that was registered.
    """
    with ports.lock():
        _demand_right(look(ports), name, actor=ports.actor, reason=reason.strip())
        _certify(ports, name)

    def prepare(moment: datetime) -> Decision:
        return _decision(ports, name, reason=reason.strip(), length=length, moment=moment)

    def follow(entry: Entry) -> Entry:
        return _take_over(ports, name, entry, reason=reason.strip(), at_once=at_once)

    try:
        return decide(ports, prepare, then=follow)
    finally:
        _tell(ports, name)


def _decision(ports: Ports, name: str, *, reason: str, length: timedelta, moment: datetime) -> Decision:
    """Return what is about to be said, once everything that speaks against it was looked at."""
    now = look(ports)
    version, policy = version_of(ports.ledger, name), now.policy
    _demand_right(now, name, actor=ports.actor, reason=reason)
    covers = _missing(ports, now, version)
    actor, identity = decider(ports, policy=policy, trust=now.history.trust)
    _demand_right(now, name, actor=actor, reason=reason)
    override = Override(
        version=name,
        covers=covers,
        artifacts=shown_of(version),
        contract_digest=version.contract_digest,
        reason=reason,
        actor=actor,
        given=moment,
        until=moment + length,
    )
    until = _in_force_until(ports, now, version, override)
    return Decision(
        record=override,
        identity=identity,
        purpose=f"break the glass for {name}",
        kind="override.given",
        name="override",
        payload_type=OVERRIDE,
        facts={
            "subject": override.subject,
            "version": name,
            "in_force_until": until.isoformat() if until else "",
        },
        artifacts=override.artifacts,
    )


def _demand_right(now: Look, name: str, *, actor: Actor, reason: str) -> None:
    """Refuse whoever may not break the glass, before a certificate is made and before anybody types.

    Raises:
        ApprovalRefused: When this actor is the author, no person, or gives no reason.
    """
    trained = now.history.completions.get(TRAINED)
    author = trained.actor if trained else None
    authorise(actor, f"override:{name}", reason=reason, policy=now.policy, author=author)


def _take_over(ports: Ports, name: str, entry: Entry, *, reason: str, at_once: bool) -> Entry:
    """Make a version the champion where that is the next step, once enough people have broken the glass."""
    version = version_of(ports.ledger, name)
    outcome = override_outcome(ports, version)
    if outcome is None or not outcome.allows:
        told = outcome.evidence if outcome is not None else ("it does not count",)
        raise PhaseLocked(
            f"the glass for {name} takes another person: your word is kept in ledger entry {entry.sequence}",
            why="what two people have to allow, two people let out",
            next_step=f'ask somebody else: modelwright promote {name} --break-glass --reason "..."',
            faults=[Fault(name, line) for line in told],
        )
    before = champion(ports.ledger)
    if before is not None and before.version != name and not at_once:
        return entry
    now = look(ports)
    promote(
        ports.ledger,
        name,
        approval=promotion_outcome(ports, now, version),
        actor=entry.actor,
        reason=f"glass broken: {reason}",
        agreed=now.contract_digest,
        override=outcome,
    )
    follow_ledger(ports)
    return list(ports.ledger.entries(kinds=["version.promoted"]))[-1]


def _tell(ports: Ports, name: str) -> None:
    """Tell people about the last glass that was broken for a version, once."""
    broken = [
        entry for entry in ports.ledger.entries(kinds=["override.given"]) if entry.body["version"] == name
    ]
    if broken:
        last = decode(encode(broken[-1].body["override"]), Override)
        tell_people(
            ports,
            "glass broken",
            subject=f"promotion:{name}",
            text=f"{last.actor.label} let {name} out until {last.until:%Y-%m-%d %H:%M} UTC: {last.reason}. "
            f"Missing: {'; '.join(last.covers)}",
            next_step=f'modelwright follow-up close F{broken[-1].sequence} --reason "..."',
            occasion=f"entry {broken[-1].sequence} {broken[-1].digest}",
        )


def _in_force_until(ports: Ports, now: Look, version: Version, override: Override) -> datetime | None:
    """Return until when the override holds with those given before; None while people are missing."""
    given = (*overrides_of(ports.ledger.entries(), history=now.history), override)
    held = holding(
        given,
        version=version.version,
        artifacts=shown_of(version),
        contract_digest=version.contract_digest,
        now=override.given,
    )
    needed = now.policy.rule(override.subject).people
    return min(item.until for item in held) if len(held) >= needed else None


def _missing(ports: Ports, now: Look, version: Version) -> tuple[str, ...]:
    """Return what the glass has to cover; refuse what it cannot.

    Raises:
        PhaseLocked: When nothing is missing, or something is that no person can stand in for.
    """
    demand_contract(now, version)
    state = read_state(ports.ledger)
    if state is not None and state.active and state.challenger != version.version:
        raise PhaseLocked(
            f"{state.challenger} is being rolled out",
            why="two versions that take over at once cannot be told apart in their effects",
            next_step="modelwright rollout back --reason ...",
        )
    bundle = demand_sound(ports, version)
    waived = bundle.verdict.waived if bundle.verdict else {}
    demand_waivers(ports, waived, before=f"the promotion of {version.version}")
    approval = promotion_outcome(ports, now, version)
    against = said_no(now.history, version)
    if version.standing in {"drill", "rolled_back"} or against:
        raise PhaseLocked(
            f"the glass cannot be broken for {version.version}",
            why="it covers what is missing, not what was decided against",
            next_step="register what was mended as a new version, or ask whoever said no",
            faults=[Fault("", against or f"it is {version.standing}")],
        )
    missing = () if approval.allows else approval.evidence
    covers = (*_unshown(bundle, version), *missing)
    if not covers:
        raise PhaseLocked(
            f"there is no glass to break: nothing is missing for {version.version}",
            next_step=f'modelwright promote {version.version} --reason "..."',
        )
    return covers


def _unshown(bundle: Bundle, version: Version) -> tuple[str, ...]:
    """Return the lines and conditions that did not pass."""
    if version.verdict_status == "passed":
        return ()
    verdict = bundle.verdict
    if verdict is None:
        return ("there is no verdict",)
    told = [
        f"{result.line.text}: {result.outcome.status.value}"
        for result in verdict.lines
        if not result.outcome.allows
    ]
    told += [f"{item.what}: {item.status.value}" for item in verdict.conditions if not item.allows]
    return (f"the gates said {version.verdict_status}", *told)


def _certify(ports: Ports, name: str) -> None:
    """Make the certificate of a version whose gates did not pass, which was not asked for one so far.

    Raises:
        PhaseLocked: When the trained model is not at hand any more, or the bundle answers otherwise.
    """
    version = version_of(ports.ledger, name)
    if version.certificate_digest or ports.actor.kind is not ActorKind.PERSON:
        return
    now = look(ports)
    demand_contract(now, version)
    bundle = demand_sound(ports, version)
    context = PhaseContext(
        ports=ports, contract=bundle.contract, contract_digest=bundle.contract.digest, history=now.history
    )
    trained = context.output(TRAINED, "model", TrainedModel) if TRAINED in now.history.completions else None
    if trained is None or trained.digest != bundle.manifest.pipeline_digest:
        raise PhaseLocked(
            f"{name} has no certificate, and its trained model is not at hand to make one",
            why="no person can vouch that the server answers like the trainer",
            next_step="modelwright run makes a version with a certificate",
        )
    ports.progress.say(f"serving {name} and asking it in every way")
    train = part(context.output(2, "snapshot", Snapshot), "train", store=ports.store)
    with served(bundle, ports, until=ports.clock.now() + REHEARSED) as url:
        certificate = certify_bundle(ports, bundle, trained, train=train, url=url)
    if not certificate.outcome.allows:
        raise PhaseLocked(
            f"{name} does not answer like the trainer",
            why="no person can vouch for that",
            next_step="modelwright run",
            faults=_faults(certificate.outcome.evidence),
        )
    digest = ports.store.put_record(certificate)
    certified(ports.ledger, name, certificate_digest=digest, actor=ports.actor)


def _faults(evidence: Sequence[str]) -> list[Fault]:
    return [Fault("", line) for line in evidence]

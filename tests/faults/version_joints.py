"""Joints a judged version passes: registry, rollout, server and the people who allow it."""

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.faults.figures import FAULTS
from tests.faults.gate_joints import computed, faults_of, verdict_of
from tests.faults.joint import Joint, answered, passed
from tests.registry.bundles import Made, version_for
from tests.rollout.live import CONTROLLER, YES, World, manifest

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import Approval, check_approvals
from modelwright.authority.policy import policy_of
from modelwright.gates.verdict import LineResult
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import digest_of
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.memory import MemoryLedger
from modelwright.registry.bundle import load
from modelwright.registry.versions import Version, certified, promote, register
from modelwright.serving.admission import admit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PERSON = Actor(kind=ActorKind.PERSON, name="lead")

DENIED = {
    "no approval": None,
    "a failed approval": Outcome(status=Status.FAILED, what="approved", evidence=("no",), next_step="x"),
    "an unknown approval": Outcome(status=Status.UNKNOWN, what="approved", next_step="ask a person"),
}


def place_of(name):
    """Where a figure of this metric meets its line."""
    return "whole" if computed(name) else "measured"


@cache
def verdict_status(name, fault):
    """What the gates said about a version with this fault."""
    return verdict_of(name, place_of(name), "at least", fault).outcome.status.value


def version(**changes):
    """A version whose gates passed."""
    made = Version(
        name="calls",
        version="v1",
        bundle_digest="sha256:bundle",
        path="v1.mwb",
        contract_digest="sha256:contract",
        run_id="run-1",
        verdict_status="passed",
        standing="registered",
    )
    return replace(made, **changes)


def promoted(*, approval=YES, certificate="sha256:certificate", purpose="serve", **changes):
    """Register, certify and promote a version; passed when it became the champion."""
    ledger = MemoryLedger(clock=SteppingClock())
    made = version(**changes)
    register(ledger, made, actor=CONTROLLER, purpose=purpose)
    if certificate:
        certified(ledger, "v1", certificate_digest=certificate, actor=CONTROLLER)
    after = promote(ledger, "v1", approval=approval, actor=CONTROLLER, reason="first")
    assert after.standing == "champion"
    return passed("it is the champion")


def registry_faults(name):
    """Versions that may not become the champion."""
    judged = {
        f"gates on: {fault}": lambda fault=fault: promoted(verdict_status=verdict_status(name, fault))
        for fault in faults_of(name, place_of(name), "at least")
    }
    return judged | {
        "gates that failed": lambda: promoted(verdict_status="failed"),
        "gates that say nothing": lambda: promoted(verdict_status="unknown"),
        "gates that say something else": lambda: promoted(verdict_status="splendid"),
        "no certificate": lambda: promoted(certificate=""),
        "a drill": lambda: promoted(purpose="drill"),
        "a failed approval": lambda: promoted(approval=DENIED["a failed approval"]),
        "an unknown approval": lambda: promoted(approval=DENIED["an unknown approval"]),
    }


@contextmanager
def small_world():
    """A project's folder in memory, with a champion and a challenger."""
    with tempfile.TemporaryDirectory() as folder:
        yield World(Path(folder))


def started(*, verdict="passed", approval=YES, certificate="sha256:c", digest=None, routed=None, drill=False):
    """Start a rollout of a new version; passed when it received traffic."""
    with small_world() as world:
        world.register("v3", verdict=verdict, digest=digest)
        if certificate:
            certified(world.ledger, "v3", certificate_digest=certificate, actor=CONTROLLER)
        world.manifests["v3"] = manifest("v3", routed or world.contract.digest)
        state = world.controller().start("v3", approval=approval, drill=drill)
        assert world.routing.challenger == "v3"
        return passed(f"it receives {state.share:.0%} of the traffic")


def without_champion():
    """Start a rollout where nobody answers yet."""
    with small_world() as world:
        ledger = MemoryLedger(clock=world.clock)
        for entry in world.ledger.entries():
            if entry.kind != "version.promoted":
                ledger.append(entry.kind, entry.body, actor=entry.actor, artifacts=entry.artifacts)
        world.ledger = ledger
        world.controller().start("v2", approval=YES)
        return passed("it receives traffic")


def rollout_faults(name):
    """Versions that may not be tried on live traffic."""
    judged = {
        f"gates on: {fault}": lambda fault=fault: started(verdict=verdict_status(name, fault))
        for fault in ("NaN", "missing", "too few rows", "text", "reversed interval")
        if fault in faults_of(name, place_of(name), "at least")
    }
    return judged | {
        "no certificate": lambda: started(certificate=""),
        "no approval": lambda: started(approval=None),
        "a failed approval": lambda: started(approval=DENIED["a failed approval"]),
        "an unknown approval": lambda: started(approval=DENIED["an unknown approval"]),
        "another contract": lambda: started(routed="sha256:other"),
        "registered under another contract": lambda: started(digest="sha256:other"),
        "no contract": lambda: started(routed=" ", digest=" "),
        "no drill started as one": lambda: started(drill=True),
        "no champion": without_champion,
    }


class Shelf:
    """One packed model for each verdict, made when it is first asked for."""

    def __init__(self):
        """Keep a folder that goes with the process."""
        self._folder = tempfile.TemporaryDirectory()
        self._made = None
        self._bundles = {}

    def bundle(self, status):
        """The bundle whose verdict has this status; none for a bundle without a verdict."""
        if self._made is None:
            self._made = Made(Path(self._folder.name))
        if status not in self._bundles:
            wanted = None if status == "none" else Status(status)
            self._bundles[status] = self._made.pack(f"v-{status}", status=wanted)
        return self._bundles[status]

    def bytes_of(self, status):
        """The packed bytes."""
        return self.bundle(status).path.read_bytes()


@cache
def shelf():
    """The one shelf of this process."""
    return Shelf()


def admitted(status="passed", *, digest=None, **changes):
    """Let a server load a bundle with this verdict; passed when it would answer."""
    bundle = shelf().bundle(status)
    asked = replace(version_for(bundle), **{"verdict_status": "passed"} | changes)
    admit(asked, folder=bundle.path.parent, contract_digest=digest or bundle.manifest.contract_digest)
    return passed("it answers")


def loaded(data, **more):
    """Load bytes as a bundle; passed when it is one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "v.mwb")
        path.write_bytes(data)
        load(path, **more)
    return passed("it is loaded")


def server_faults(name):
    """Bundles that may not answer, whatever the roster says of them."""
    judged = {
        f"gates on: {fault}": lambda fault=fault: admitted(verdict_status(name, fault))
        for fault in faults_of(name, place_of(name), "at least")
    }
    whole = shelf().bytes_of("passed")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    return judged | {
        "no verdict": lambda: admitted("none"),
        "another contract": lambda: admitted(digest="sha256:other"),
        "retired": lambda: admitted(standing="retired"),
        "rolled back": lambda: admitted(standing="rolled_back"),
        "registered as a drill": lambda: admitted(standing="drill"),
        "another version": lambda: admitted(version="v9"),
        "another bundle's digest": lambda: admitted(bundle_digest="sha256:" + "0" * 64),
        "no file": lambda: admitted(path="nowhere.mwb"),
        "no bytes": lambda: loaded(b""),
        "cut short": lambda: loaded(whole[: len(whole) // 2]),
        "one bit changed": lambda: loaded(bytes(flipped)),
        "something after its end": lambda: loaded(whole + b"x"),
        "of another digest": lambda: loaded(whole, expected_digest="sha256:" + "1" * 64),
    }


def line_digest(name, fault=""):
    """The digest of what people were shown: the verdict on this metric."""
    result: LineResult = verdict_of(name, place_of(name), "at least", fault).lines[-1]
    return digest_of(result.outcome)


def allowed(name, *given, mode="quick", author=None, shown=None, subject="promotion:v1", contract="sha256:c"):
    """Whether people allowed a version as it is now."""
    return check_approvals(
        given,
        subject=subject,
        artifacts={"verdict": shown or line_digest(name)},
        contract_digest=contract,
        now=NOW,
        policy=policy_of(mode),
        author=author,
    )


def approval(name, **changes):
    """A person's yes to the verdict on this metric."""
    made = Approval(
        subject="promotion:v1",
        decision="approve",
        artifacts={"verdict": line_digest(name)},
        contract_digest="sha256:c",
        reason="gates passed",
        actor=PERSON,
        expires=NOW + timedelta(days=1),
    )
    return replace(made, **changes)


def approval_faults(name):
    """Answers that are no yes to this."""
    other = Actor(kind=ActorKind.PERSON, name="second")
    bent = {
        "an agent's": {"actor": Actor(kind=ActorKind.AGENT, name="coder")},
        "a service's": {"actor": Actor(kind=ActorKind.SERVICE, name="controller")},
        "nobody's": {"actor": Actor(kind=ActorKind.PERSON, name="  ")},
        "of another subject": {"subject": "promotion:v2"},
        "a no": {"decision": "reject"},
        "a request for changes": {"decision": "request-changes"},
        "neither yes nor no": {"decision": "maybe"},
        "without a reason": {"reason": "  "},
        "expired": {"expires": NOW - timedelta(seconds=1)},
        "expiring now": {"expires": NOW},
        "under another contract": {"contract_digest": "sha256:other"},
        "under no contract": {"contract_digest": ""},
        "of another verdict": {"artifacts": {"verdict": "sha256:other"}},
        "of nothing": {"artifacts": {}},
        "of more than there is": {"artifacts": {"verdict": line_digest(name), "gone": "sha256:x"}},
    }
    told = {
        f"an approval: {what}": lambda c=c: allowed(name, approval(name, **c)) for what, c in bent.items()
    }
    changed = {
        f"the verdict turned out: {fault}": lambda fault=fault: allowed(
            name, approval(name), shown=line_digest(name, fault)
        )
        for fault in FAULTS
        if fault in faults_of(name, place_of(name), "at least")
    }
    twice = (approval(name, actor=other), approval(name, actor=replace(other, name=" Second ")))
    return (
        told
        | changed
        | {
            "no approval": lambda: allowed(name),
            "the author's own": lambda: allowed(name, approval(name), mode="standard", author=PERSON),
            "one of two": lambda: allowed(
                name, approval(name, actor=other), mode="enterprise", author=PERSON
            ),
            "the same person twice": lambda: allowed(name, *twice, mode="enterprise", author=PERSON),
            "a yes and a no": lambda: allowed(
                name, approval(name), approval(name, actor=other, decision="reject")
            ),
            "a subject nobody may approve": lambda: answered(lambda: allowed(name, subject="world:peace")),
        }
    )


JOINTS = (
    Joint(name="registry", takes=lambda _: True, sound=lambda _: promoted(), faults=registry_faults),
    Joint(name="rollout, start", takes=lambda _: True, sound=lambda _: started(), faults=rollout_faults),
    Joint(name="server", takes=lambda _: True, sound=lambda _: admitted(), faults=server_faults),
    Joint(
        name="approvals",
        takes=lambda _: True,
        sound=lambda name: allowed(name, approval(name)),
        faults=approval_faults,
    ),
)

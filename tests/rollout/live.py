"""A small world to roll out in: a contract, versions in a ledger, and traffic written as a server does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from modelwright.authority.actor import Actor, ActorKind
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column, DataContract, Source
from modelwright.contracts.decision import Decision, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.operation import RolloutPlan, RolloutStep
from modelwright.contracts.prediction import Prediction
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.memory import MemoryLedger
from modelwright.registry.manifest import Manifest
from modelwright.registry.versions import Version, certified, champion, promote, register
from modelwright.rollout.controller import Controller
from modelwright.rollout.traffic import RolloutPlaces
from modelwright.serving.labels import LabelLine, append_labels
from modelwright.serving.log import LogLine
from modelwright.serving.router import Routing, arm_of, read_routing, write_routing
from modelwright.tasks.target import TargetSpec

START = datetime(2026, 1, 1, tzinfo=UTC)
YES = Outcome(status=Status.PASSED, what="promotion approved", evidence=("by the lead",))
TARGET = TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.8, 0.2))
CONTROLLER = Actor(kind=ActorKind.SERVICE, name="controller")


def contract(**rollout):
    """A contract with two quick steps unless told otherwise."""
    steps = (
        RolloutStep(share=0.3, hold="1m", min_requests=100),
        RolloutStep(share=1.0, hold="0s", min_requests=50),
    )
    return Contract(
        name="calls",
        decision=Decision(
            goal="Call those first who will subscribe",
            owner="campaign lead",
            action="order of the call list",
            success_metric=SuccessMetric(name="subscriptions per call"),
        ),
        prediction=Prediction(task="binary", target="y", positive="yes"),
        data=DataContract(
            sources=(Source(path="calls.csv"),),
            columns={"age": Column(type="number"), "y": Column(type="category", role="target")},
        ),
        evaluation=EvaluationPlan(primary="roc_auc"),
        # Wide enough that the chance of one draw of callers holds no step of a good challenger.
        rollout=RolloutPlan(**{"steps": steps, "max_quality_drop": 0.05} | rollout),
    )


def manifest(version, digest, purpose="serve"):
    """What a bundle of this version would say of itself."""
    return Manifest(
        name="calls",
        version=version,
        created=START,
        purpose=purpose,
        contract_digest=digest,
        snapshot_digest="sha256:data",
        run_id=f"run-{version}",
        pipeline_digest=f"sha256:pipeline-{version}",
        files={},
        requires={},
    )


class World:
    """A project's folder with a champion v1, a challenger v2 and a drill d1."""

    def __init__(
        self,
        folder: Path,
        *,
        agreed: Contract | None = None,
        time_scale: float = 1.0,
        ledger=None,
        clock=None,
    ):
        self.folder = folder
        self.clock = clock or SteppingClock(START, step=timedelta(milliseconds=1))
        self.ledger = ledger or MemoryLedger(clock=self.clock)
        self.contract = agreed or contract()
        self.time_scale = time_scale
        self.places = RolloutPlaces(
            routing=folder / "routing.json",
            log=folder / "log",
            labels=folder / "labels",
            roster=folder / "versions.json",
        )
        self.manifests = {
            "v1": manifest("v1", self.contract.digest),
            "v2": manifest("v2", self.contract.digest),
            "d1": manifest("d1", self.contract.digest, "drill"),
        }
        self.rng = np.random.default_rng(7)
        self.sent = 0
        if champion(self.ledger) is None:
            self.found()

    def found(self):
        """Register the three versions, make v1 the champion and route to it."""
        for name in ("v1", "v2"):
            self.register(name)
            certified(self.ledger, name, certificate_digest=f"sha256:certificate-{name}", actor=CONTROLLER)
        self.register("d1", purpose="drill", verdict="unknown")
        promote(self.ledger, "v1", approval=YES, actor=CONTROLLER, reason="first")
        write_routing(self.places.routing, Routing(champion="v1"))

    def register(self, name, *, purpose="serve", verdict="passed", digest=None):
        """Enter a version."""
        register(
            self.ledger,
            Version(
                name="calls",
                version=name,
                bundle_digest=f"sha256:bundle-{name}",
                path=f"{name}.mwb",
                contract_digest=digest or self.contract.digest,
                run_id=f"run-{name}",
                verdict_status=verdict,
                standing="registered",
            ),
            actor=CONTROLLER,
            purpose=purpose,
        )

    def controller(self, **extra):
        """A controller as a fresh process would build it."""
        return Controller(
            self.ledger,
            contract=self.contract,
            target=TARGET,
            places=self.places,
            manifests=self.manifests,
            clock=self.clock,
            actor=CONTROLLER,
            time_scale=self.time_scale,
            **extra,
        )

    @property
    def routing(self):
        """What the server would follow now."""
        return read_routing(self.places.routing)

    def kinds(self):
        """The rollout's entries in the ledger."""
        return [entry.kind for entry in self.ledger.entries() if entry.kind.startswith("rollout.")]

    def traffic(self, count, *, bad=False, errors=0.0, fallbacks=0.0, slow=0.0, labels=True):
        """Answer requests under the present routing; the faults are those of the challenger."""
        routing = self.routing
        answers, labelled = [], []
        for _ in range(count):
            self.sent += 1
            request = f"r{self.sent}"
            arm = arm_of(routing, request)
            challenger = arm == "challenger"
            y = self.rng.random() < 0.3
            knows = y * 2.0 if not (bad and challenger) else 0.0
            score = float(1 / (1 + np.exp(-(self.rng.normal() + knows - 1.5))))
            failed = challenger and self.rng.random() < errors
            fell_back = challenger and not failed and self.rng.random() < fallbacks
            answers.append(
                LogLine(
                    request_id=request,
                    at=self.clock.now(),
                    version=routing.challenger if challenger else routing.champion,
                    arm=arm,
                    status=500 if failed else 200,
                    latency_ms=900.0 if challenger and self.rng.random() < slow else 5.0,
                    prediction=None if failed else ("yes" if score > 0.4 else "no"),
                    scores=None if failed or fell_back else [1 - score, score],
                    confidence=None if failed or fell_back else max(score, 1 - score),
                    fallback=bool(fell_back),
                )
            )
            labelled.append(LabelLine(request_id=request, label="yes" if y else "no", at=self.clock.now()))
        self.places.log.mkdir(exist_ok=True)
        with (self.places.log / "predictions-20260101T000000000000Z-1-0.jsonl").open("ab") as stream:
            stream.write(msgspec.json.Encoder().encode_lines(answers))
        if labels:
            append_labels(self.places.labels, labelled)

    def later(self, **span):
        """Let time pass."""
        self.clock.advance(timedelta(**span))

"""A small real model for tests of bundles and servers: drawn data, a contract, a fit, and a packed bundle."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from modelwright.candidates.catalogue import build
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column, DataContract, Source
from modelwright.contracts.decision import Decision, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.gate import parse_gate
from modelwright.contracts.prediction import HumanReview, Prediction, Privacy
from modelwright.data.seal import Seal
from modelwright.data.snapshot import part, take
from modelwright.evaluation.estimate import Estimate, SliceResult
from modelwright.evaluation.report import EvaluationReport
from modelwright.features.plan import compile_plan
from modelwright.features.transform import matrix
from modelwright.gates.verdict import LineResult, Verdict
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.registry.bundle import pack
from modelwright.registry.card import model_card
from modelwright.registry.reference import build_reference
from modelwright.registry.versions import Version
from modelwright.tasks.catalogue import task_of
from modelwright.training.config import TrainingConfig
from modelwright.training.pipeline import DecisionRule, Pipeline
from modelwright.training.run import Environment, Run

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
JOBS = ["admin.", "student", "retired", "techniker ü"]


def table(rows=400, *, seed=1):
    """Calls with every kind of column: numbers with a code for missing, categories, booleans, dates."""
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 90, rows).astype(float)
    gap = np.where(draw.random(rows) < 0.5, 999, draw.integers(0, 30, rows))
    job = draw.choice(JOBS, rows)
    channel = draw.choice(["phone", "mail"], rows)
    member = draw.random(rows) < 0.4
    since = [date(2020, 1, 1) + timedelta(days=int(day)) for day in draw.integers(0, 1500, rows)]
    odds = 0.05 * (age - 50) + (job == "student") * 1.5 + member - 0.5 + draw.normal(0, 1, rows)
    return pl.DataFrame(
        {
            "client": [f"c{index}" for index in range(rows)],
            "region": draw.choice(["north", "south"], rows),
            "age": [None if index % 37 == 0 else value for index, value in enumerate(age.tolist())],
            "gap": gap.tolist(),
            "job": [None if index % 41 == 0 else str(value) for index, value in enumerate(job)],
            "channel": channel.tolist(),
            "member": member.tolist(),
            "since": since,
            "ended": draw.normal(0, 1, rows).tolist(),
            "y": np.where(odds > 0, "yes", "no").tolist(),
            "amount": (100 + 10 * odds + draw.normal(0, 1, rows)).tolist(),
        }
    )


def contract_for(task="binary", **changes):
    """The contract of the calls; `changes` go into its prediction section."""
    target = {"binary": "y", "multiclass": "job", "regression": "amount"}[task]
    columns = {
        "client": Column(type="text", role="entity", pii="direct"),
        "region": Column(type="category", role="context"),
        "age": Column(type="number", range=(0, 120), unit="years"),
        "gap": Column(type="integer", range=(0, 365), missing_codes=(999,)),
        "job": Column(type="category", role="feature"),
        "channel": Column(type="category", categories=("phone", "mail"), nulls=False),
        "member": Column(type="boolean", nulls=False),
        "since": Column(type="datetime"),
        "ended": Column(type="number", available_at="after"),
        "y": Column(type="category", role="excluded", reason="another target"),
        "amount": Column(type="number", role="excluded", reason="another target"),
    }
    columns[target] = columns[target].model_copy(update={"role": "target", "nulls": task == "multiclass"})
    prediction = {
        "task": task,
        "target": target,
        "positive": "yes" if task == "binary" else None,
        "entity": "client",
        "human_review": HumanReview(below_confidence=0.6),
        "privacy": Privacy(logged_fields=("region", "client")),
    }
    return Contract(
        name="calls",
        decision=Decision(
            goal="Call the likely ones first",
            owner="campaign lead",
            action="order of the call list",
            success_metric=SuccessMetric(name="subscriptions per call"),
        ),
        prediction=Prediction(**(prediction | changes)),
        data=DataContract(sources=(Source(path="calls.csv"),), columns=columns),
        evaluation=EvaluationPlan(primary="rmse" if task == "regression" else "log_loss", slices=("region",)),
    )


class Made:
    """Everything a bundle is packed from."""

    def __init__(self, folder, *, task="binary", family="linear", seed=1, flipped=False, **changes):
        """Fit a model; `flipped` learns the opposite of what is true."""
        self.folder = folder
        self.contract = contract = contract_for(task, **changes)
        frame = table(seed=seed).drop_nulls(contract.prediction.target)
        self.store = ArtifactStore(folder / "artifacts")
        self.snapshot = take(frame, contract, store=self.store, seal=Seal(b"k" * 64, "test"))
        self.train = part(self.snapshot, "train", store=self.store)
        target = self.snapshot.target
        plan = compile_plan(self.train, contract, exclude=())
        y = task_of(task).encode(self.train[target.name], target)
        y = 1 - y if flipped else y
        spec = EstimatorSpec(family=family, name=family)
        model = build(spec).fit(matrix(plan, self.train), y, plan=plan, target=target, seed=seed, threads=1)
        rule = DecisionRule(threshold=0.4) if task == "binary" else DecisionRule()
        self.pipeline = Pipeline(plan=plan, model=model, target=target, rule=rule)
        config = TrainingConfig(design="baseline", members=(spec,), seed=seed)
        self.run = Run(
            id=f"run-{seed}",
            config=config,
            config_digest=config.digest,
            contract_digest=contract.digest,
            snapshot_digest=self.snapshot.digest,
            plan_digest=plan.digest,
            seed=seed,
            design="baseline",
            rows={"train": self.train.height},
            metrics={"log_loss": 0.4},
            fold_metrics={"log_loss": (0.4,)},
            member_metrics={family: 0.4},
            member_weights={family: 1.0},
            rounds={},
            seconds=0.1,
            environment=Environment(python="3.11", platform="test", packages={"numpy": "2.4", "pip": "1"}),
            pipeline="sha256:" + "1" * 64,
            pipeline_files={},
            oof_digest="sha256:" + "2" * 64,
            importance={"age": 1.0},
            sanity=(),
            calibration="none",
        )

    def verdict(self, status=Status.PASSED):
        """What the gates said."""
        line = LineResult(line=parse_gate("log_loss < 0.9"), outcome=Outcome(status=status, what="log_loss"))
        outcome = Outcome(status=status, what="gates")
        return Verdict(
            outcome=outcome, lines=(line,), contract_digest=self.contract.digest, run_id=self.run.id
        )

    def report(self):
        """What was measured."""
        estimate = Estimate(
            metric="log_loss", value=0.41, low=0.38, high=0.45, level=0.95, rows=80, direction="lower"
        )
        worse = replace(estimate, value=0.61, rows=30)
        return EvaluationReport(
            part="test",
            contract_digest=self.contract.digest,
            snapshot_digest=self.snapshot.digest,
            run_id=self.run.id,
            pipeline_digest="",
            task="binary",
            target="y",
            classes=("no", "yes"),
            primary="log_loss",
            rows=80,
            level=0.95,
            resamples=1000,
            seed=1,
            estimates=(estimate,),
            slices=(
                SliceResult(column="region", value="north", rows=50, estimates=(estimate,)),
                SliceResult(column="region", value="south", rows=30, estimates=(worse,)),
            ),
            weak=("one season only",),
        )

    def card(self, version="v1"):
        """The model card."""
        return model_card(
            contract=self.contract,
            run=self.run,
            snapshot=self.snapshot,
            report=self.report(),
            verdict=self.verdict(),
            version=version,
            open_risks=("region may stand for income",),
        )

    def pack(self, version="v1", *, status=Status.PASSED, pipeline=None, **changes):
        """The packed bundle."""
        pipeline = pipeline or self.pipeline
        given = {
            "contract": self.contract,
            "run": self.run,
            "snapshot": self.snapshot,
            "verdict": None if status is None else self.verdict(status),
            "version": version,
            "reference": build_reference(pipeline, self.train),
            "card": self.card(version).to_markdown(),
            "created": CREATED,
            "out": self.folder / "bundles" / f"{version}.mwb",
        }
        return pack(pipeline, **(given | changes))


def version_for(bundle, standing="registered", **changes):
    """The version a bundle is registered as."""
    manifest = bundle.manifest
    version = Version(
        name=manifest.name,
        version=manifest.version,
        bundle_digest=bundle.digest,
        path=str(bundle.path),
        contract_digest=manifest.contract_digest,
        run_id=manifest.run_id,
        verdict_status=manifest.verdict_status,
        standing=standing,
    )
    return replace(version, **changes)


ROW = {
    "age": 41.0,
    "gap": 12,
    "job": "student",
    "channel": "phone",
    "member": True,
    "since": "2023-05-06T00:00:00",
}
"""A row that fits the contract."""

"""Joints in operation: a step of a rollout, late labels, a look at the monitor, the sealed scorer."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from tests.evaluation.samples import TARGETS, contract_of, drawn, frame_of
from tests.faults.figures import INFINITE, NAN, contract_with, task_of_metric
from tests.faults.gate_joints import computed
from tests.faults.joint import Joint, passed
from tests.monitoring import served

from modelwright.adapters.scorer_process import answer
from modelwright.adapters.scorer_wire import pack_question, unpack_reply
from modelwright.adapters.seal_keys import SealKeys
from modelwright.contracts.operation import RolloutPlan
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.metric import METRICS
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import digest_of
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.monitoring.label import Joined
from modelwright.monitoring.quality import measure_quality
from modelwright.rollout.evidence import ArmEvidence
from modelwright.rollout.judgement import JudgementPolicy, StepProgress, judge_step
from modelwright.rollout.quality import Labelled, quality_metric
from modelwright.training.pipeline import DecisionRule

PLAN = RolloutPlan()
LATE = StepProgress(index=0, elapsed=timedelta(hours=2), hold=timedelta(hours=1))
DAY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))


@cache
def sample(task, rows=400):
    """Labels and scores of a task, drawn once."""
    return drawn(task, np.random.default_rng(3), rows)


@cache
def arms(task):
    """A champion and a challenger that are alike, with every second answer each."""
    y, scores = sample(task, 1200)
    if task == "regression":
        decision = answered = scores[:, 0]
        told = answered
    else:
        decision = scores.argmax(axis=1).astype(float)
        answered = scores[:, 1] if task == "binary" else decision
        told = scores[:, 1] if task == "binary" else scores.max(axis=1)

    def arm(version, start):
        places = np.arange(start, len(y), 2)
        return ArmEvidence.of(
            version,
            place=places,
            failed=np.zeros(len(places)),
            latency_ms=np.full(len(places), 5.0),
            answer=answered[places],
            kind="class" if task == "multiclass" else "number",
            labelled=Labelled.of(y=y[places], score=told[places], decision=decision[places], place=places),
        )

    return arm("v1", 0), arm("v2", 1)


def stepped(name, *, champion=None, challenger=None, progress=LATE, plan=PLAN):
    """Judge a step of a rollout; passed when it goes on."""
    task = task_of_metric(name)
    usual = arms(task)
    judged = judge_step(
        champion or usual[0],
        challenger or usual[1],
        plan,
        progress=progress,
        metric=quality_metric(contract_with(name)),
        policy=JudgementPolicy(),
    )
    status = {"advance": Status.PASSED, "hold": Status.UNKNOWN, "rollback": Status.FAILED}[judged.action]
    return Outcome(status=status, what="the step goes on", evidence=(judged.reason,), next_step="wait")


def spoiled(values, number, *, count=None):
    """The values with one number in the place of some of them."""
    bent = np.array(values, dtype=np.float64)
    bent[: len(bent) if count is None else count] = number
    return bent


def step_faults(name):
    """Steps that must not go on."""
    champion, challenger = arms(task_of_metric(name))
    labels = challenger.labelled
    none = ArmEvidence.empty("v2")

    def with_labels(arm, **changes):
        return replace(arm, labelled=replace(arm.labelled, **changes))

    told = {
        "no answers": lambda: stepped(name, challenger=none),
        "no champion": lambda: stepped(name, champion=ArmEvidence.empty("v1")),
        "too few answers": lambda: stepped(name, challenger=first(challenger, 100)),
        "too soon": lambda: stepped(name, progress=replace(LATE, elapsed=timedelta(0))),
        "before it began": lambda: stepped(name, progress=replace(LATE, elapsed=-timedelta(hours=1))),
        "no labels": lambda: stepped(name, challenger=replace(challenger, labelled=Labelled.empty())),
        "no labels of the champion": lambda: stepped(
            name, champion=replace(champion, labelled=Labelled.empty())
        ),
        "too few labels": lambda: stepped(name, challenger=replace(challenger, labelled=labels.before(60))),
        "all errors": lambda: stepped(
            name, challenger=replace(challenger, failed=np.ones(challenger.requests, np.bool_))
        ),
        "all fallbacks": lambda: stepped(
            name, challenger=replace(challenger, fell_back=np.ones(challenger.requests, np.bool_))
        ),
    }
    for word, number in (("NaN", NAN), ("infinite", INFINITE), ("minus infinite", -INFINITE)):
        for count in (None, 1):
            much = "all" if count is None else "one"
            for what, side, key in (
                ("actual", challenger, "y"),
                ("score", challenger, "score"),
                ("decision", challenger, "decision"),
                ("actual of the champion's", champion, "y"),
                ("score of the champion's", champion, "score"),
                ("decision of the champion's", champion, "decision"),
            ):
                if not reads(name, key):
                    continue
                bent = with_labels(side, **{key: spoiled(getattr(side.labelled, key), number, count=count)})
                given = {"champion" if side is champion else "challenger": bent}
                told[f"{much} {what} {word}"] = lambda given=given: stepped(name, **given)
        if word != "minus infinite":
            told[f"latency {word}"] = lambda number=number: stepped(
                name, challenger=replace(challenger, latency_ms=spoiled(challenger.latency_ms, number))
            )
        told[f"all answers {word}"] = lambda number=number: stepped(
            name, challenger=replace(challenger, answer=spoiled(challenger.answer, number))
        )
    told["latency below nothing"] = lambda: stepped(
        name, challenger=replace(challenger, latency_ms=spoiled(challenger.latency_ms, -5.0))
    )
    return told


def reads(name, key):
    """Whether the metric that stands for this one in a rollout reads that part of a label."""
    metric = quality_metric(contract_with(name)).name
    read = {"roc_auc": {"y", "score"}, "log_loss": {"y", "score"}, "brier": {"y", "score"}}
    return key in read.get(metric, {"y", "decision"})


def first(arm, count):
    """What was known of an arm after so many answers."""
    return replace(
        arm,
        place=arm.place[:count],
        failed=arm.failed[:count],
        fell_back=arm.fell_back[:count],
        latency_ms=arm.latency_ms[:count],
        answer=arm.answer[:count],
    )


@cache
def promised(name):
    """What evaluation measured of the metric on the very same rows."""
    task = task_of_metric(name)
    y, scores = sample(task)
    report = evaluate(
        y, scores, frame=frame_of(np.random.default_rng(3), len(y)), target=TARGETS[task],
        contract=contract_with(name), rule=DecisionRule(threshold=0.3), seed=1, part="test",
    )  # fmt: skip
    return report.estimate(name)


def windowed(name, *, y=None, scores=None, reference="promised"):
    """What late labels say of a window."""
    task = task_of_metric(name)
    usual = sample(task)
    return measure_quality(
        Joined(y=usual[0] if y is None else y, scores=usual[1] if scores is None else scores, unreadable=0),
        contract=contract_with(name),
        target=TARGETS[task],
        rule=DecisionRule(threshold=0.3),
        reference=promised(name) if reference == "promised" else reference,
        between=DAY,
        seed=1,
    ).outcome


def window_faults(name):
    """Windows whose quality is not known to be as promised."""
    task = task_of_metric(name)
    y, scores = sample(task)
    known = promised(name)
    bent = {
        "no value": {"value": None, "low": None, "high": None},
        "NaN": {"value": NAN, "low": NAN, "high": NAN},
        "infinite": {"value": INFINITE, "low": INFINITE, "high": INFINITE},
        "minus infinite": {"value": -INFINITE, "low": -INFINITE, "high": -INFINITE},
        "reversed interval": {"low": known.high, "high": known.low},
        "NaN interval": {"low": NAN, "high": NAN},
        "of another metric": {"metric": "another"},
    }
    told = {
        f"a promise: {what}": lambda changes=changes: windowed(name, reference=replace(known, **changes))
        for what, changes in bent.items()
    }
    told |= {
        "no promise": lambda: windowed(name, reference=None),
        "no labels": lambda: windowed(name, y=y[:0], scores=scores[:0]),
        "too few labels": lambda: windowed(name, y=y[:20], scores=scores[:20]),
    }
    for word, number in (("NaN", NAN), ("infinite", INFINITE)):
        told[f"scores {word}"] = lambda number=number: windowed(name, scores=np.full_like(scores, number))
        told[f"actual values {word}"] = lambda number=number: windowed(name, y=np.full_like(y, number))
    return told


@cache
def served_day():
    """A sound day of a served version."""
    return served.answers(400), served.sketch(400)


def looked(*, spoil=None, labels=True, sketches=True, now=served.NOW, of=None):
    """Look at the monitor once; `spoil` changes the log."""
    (log, late), sketch = served_day()
    return served.look(
        log if spoil is None else log.with_columns(**spoil),
        late if labels else late.head(0),
        sketches=[sketch] if sketches else [],
        now=now,
        of=of or watched(),
    ).outcome


@cache
def watched(**more):
    """The version under watch, promised what its day shows."""
    agreed = served.contract(min_rows=200)
    return served.watched(agreed, **more)


def look_faults(name):
    """Days that must not look well; the figure is what a machine measures of answers."""
    del name
    number = {"NaN": NAN, "infinite": INFINITE, "below nothing": -5.0, "missing": None, "slow": 9e9}
    told = {
        f"latency: {what}": lambda value=value: looked(spoil={"latency_ms": pl.lit(value, dtype=pl.Float64)})
        for what, value in number.items()
    }
    return told | {
        "no answers": lambda: looked(spoil={"version": pl.lit("v0")}),
        "answers of last week": lambda: looked(now=served.NOW + timedelta(days=9)),
        "no labels": lambda: looked(labels=False),
        "no counts of inputs": lambda: looked(sketches=False),
        "no promise": lambda: looked(of=watched(evaluation=None)),
        "only errors": lambda: looked(
            spoil={"status": pl.lit(500), "prediction": pl.lit(None, dtype=pl.String)}
        ),
    }


class Sealed:
    """Sealed labels of each task with a sound question about them."""

    def __init__(self):
        """Keep a folder that goes with the process."""
        self._folder = tempfile.TemporaryDirectory()
        self._asked = {}

    def about(self, task):
        """Home, artifacts and a sound question."""
        if task not in self._asked:
            home, artifacts = (Path(self._folder.name, task, name) for name in ("home", "artifacts"))
            rng = np.random.default_rng(4)
            y, scores = drawn(task, rng, 500)
            names = TARGETS[task].classes
            labels = [names[int(code)] for code in y] if names else y.tolist()
            frame = frame_of(rng, 500).with_columns(y=pl.Series(labels))
            contract = contract_of(task, looks=1000)
            store = ArtifactStore(artifacts)
            snapshot = take(frame, contract, store=store, seal=SealKeys(home).seal_for("p1"))
            rows = part(snapshot, "test", store=store)[ROW_ID].to_numpy()
            self._asked[task] = (
                home,
                artifacts,
                ScoreRequest(
                    snapshot=snapshot,
                    contract=contract,
                    run_id="run-1",
                    pipeline_digest="sha256:model",
                    row_ids=rows,
                    scores=scores[rows],
                    others={},
                    rule=DecisionRule(),
                    other_rules={},
                    seed=1,
                    purpose="phase 11",
                ),
            )
        return self._asked[task]


@cache
def sealed():
    """The one set of sealed labels of this process."""
    return Sealed()


def scored(name, change=lambda request: request, *, home=None):
    """Ask the sealed labels; passed when the report holds the metric."""
    task = task_of_metric(name)
    keys, artifacts, request = sealed().about(task)
    plan = request.contract.evaluation.model_copy(update={"primary": name})
    asked = replace(request, contract=request.contract.model_copy(update={"evaluation": plan}))
    reply = answer(
        pack_question(change(asked)), home=home or keys, artifacts=artifacts, clock=SteppingClock()
    )
    assert unpack_reply(reply).estimate(name).value is not None
    return passed("it was scored")


def scorer_faults(name):
    """Questions the scorer must refuse."""

    def spoilt(number, rows=slice(None)):
        def change(request):
            scores = request.scores.copy()
            scores[rows] = number
            return replace(request, scores=scores)

        return lambda: scored(name, change)

    def bent(**changes):
        return lambda: scored(name, lambda r: replace(r, **{key: make(r) for key, make in changes.items()}))

    return {
        "scores NaN": spoilt(NAN),
        "one score NaN": spoilt(NAN, slice(3, 4)),
        "scores infinite": spoilt(INFINITE),
        "scores minus infinite": spoilt(-INFINITE),
        "no rows": bent(row_ids=lambda r: r.row_ids[:0], scores=lambda r: r.scores[:0]),
        "rows missing": bent(row_ids=lambda r: r.row_ids[:-5], scores=lambda r: r.scores[:-5]),
        "a row twice": bent(row_ids=lambda r: np.r_[r.row_ids[:1], r.row_ids[:-1]]),
        "foreign rows": bent(row_ids=lambda r: r.row_ids + 10_000),
        "more scores than rows": bent(scores=lambda r: np.vstack([r.scores, r.scores])),
        "a column too many": bent(scores=lambda r: np.column_stack([r.scores, r.scores])),
        "flat scores": bent(scores=lambda r: r.scores[:, 0]),
        "an edited snapshot": bent(snapshot=lambda r: replace(r.snapshot, rows={"test": 1})),
        "no labels": bent(snapshot=lambda r: stale(replace(r.snapshot, sealed_labels="sha256:" + "0" * 64))),
        "no key": lambda: scored(name, home=Path("nowhere")),
    }


def stale(snapshot):
    """A snapshot that was changed and given a digest that fits."""
    bare = replace(snapshot, digest="")
    return replace(bare, digest=digest_of(bare))


JOINTS = (
    Joint(name="rollout, step", takes=computed, sound=stepped, faults=step_faults),
    Joint(name="monitor, late labels", takes=computed, sound=windowed, faults=window_faults),
    Joint(
        name="monitor, look",
        takes=lambda name: METRICS.get(name).unit == "ms",
        sound=lambda _: looked(),
        faults=look_faults,
    ),
    Joint(name="sealed scorer", takes=computed, sound=scored, faults=scorer_faults),
)

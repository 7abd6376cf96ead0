"""Training: the same inputs give the same bits; what goes wrong is named."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.training.inputs import LINEAR, NETWORK, TREES, Desk, table

from modelwright.candidates.estimator import EstimatorSpec
from modelwright.features.transform import matrix
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, TrainingFailed
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.codec import decode, encode
from modelwright.training.run import Run
from modelwright.training.train import load_pipeline

ROOT = Path(__file__).resolve().parents[2]


class Told:
    """A progress that remembers."""

    def __init__(self):
        self.steps = []

    def step(self, text, done, total):
        """Remember the step."""
        self.steps.append((text, done, total))


class Mirror:
    """A tracker in memory; it answers as it is told."""

    def __init__(self, status=Status.PASSED):
        self.status = status
        self.runs = {}

    def log(self, run, *, files):
        """Remember the run and the names of its files."""
        self.runs[run.id] = sorted(files)
        return Outcome(
            status=self.status, what="the run is mirrored", evidence=("as told",), next_step="look"
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A binary table."""
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def run(desk):
    """A run of two members."""
    return desk.run(TREES, LINEAR)


def same(one, other):
    """Whether two runs have everything in common that follows from the inputs."""
    around = {"seconds": 0.0, "config": one.config}
    return replace(one, **around) == replace(other, **around)


def test_the_same_inputs_give_the_same_bits(desk, run, tmp_path):
    """Again, with another number of threads, in another folder."""
    again = Desk(tmp_path)
    assert same(run, again.run(TREES, LINEAR))
    assert same(run, again.run(TREES, LINEAR, config={"threads": 1}))


def test_another_seed_gives_other_bits(desk, run):
    """Folds and members follow from it."""
    other = desk.run(TREES, LINEAR, config={"seed": 8})
    assert other.oof_digest != run.oof_digest
    assert other.id != run.id


def test_a_run_says_everything_it_came_from(desk, run):
    """Digests of all inputs, numbers of rows, and its own stored form."""
    assert run.contract_digest == desk.contract.digest
    assert run.plan_digest == desk.plan.digest
    assert run.rows == {"train": 225, "out_of_fold": 225, "validation": 75}
    assert sum(run.member_weights.values()) == pytest.approx(1)
    assert 0.5 < run.metrics["roc_auc"] < 1
    assert len(run.fold_metrics["log_loss"]) == 3
    assert 1 <= run.rounds["trees"] <= 20
    assert next(iter(run.importance.values())) == max(run.importance.values())
    assert decode(encode(run), Run) == run
    text = run.document().to_markdown()
    assert f"# Run {run.id}" in text
    assert "Every row is predicted by models that never saw it." in text


def test_the_sanity_checks_pass(run):
    """A small batch is learned, shuffled labels teach nothing, constants give one answer."""
    assert [outcome.status.value for outcome in run.sanity][::2] == ["passed", "passed"]


def test_the_stored_pipeline_answers_as_the_record_says(desk, run):
    """One row alone, many rows, and the manifest lead to the same bits."""
    pipeline = load_pipeline(run, store=desk.store)
    scores = pipeline.scores(desk.validation)
    alone = np.vstack([pipeline.scores_of_row(row) for row in desk.validation.to_dicts()])
    assert np.array_equal(scores, alone)
    assert np.array_equal(scores, pipeline.scores_of_matrix(matrix(desk.plan, desk.validation)))
    assert desk.store.get_record(run.pipeline, dict[str, str]) == run.pipeline_files


def test_a_changed_file_of_a_pipeline_is_found(tmp_path):
    """Every file is checked against its digest."""
    desk = Desk(tmp_path)
    run = desk.run(LINEAR)
    desk.store.path(run.pipeline_files["plan.json"]).write_bytes(b"{}")
    with pytest.raises(IntegrityBroken):
        load_pipeline(run, store=desk.store)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
@pytest.mark.parametrize("policy", ["group", "temporal"])
def test_every_task_and_policy_can_be_trained(tmp_path, task, policy):
    """Groups stay together, time runs forward, and the first block has no out-of-fold prediction."""
    desk = Desk(tmp_path, task=task, policy=policy)
    run = desk.run(TREES, LINEAR, config={"bagging": "refit" if policy == "temporal" else "folds"})
    asked = run.rows["out_of_fold"]
    assert asked == 225 if policy == "group" else 150 <= asked < 225
    assert None not in run.metrics.values()
    assert np.isfinite(load_pipeline(run, store=desk.store).scores(desk.validation)).all()


def test_a_refitted_linear_model_is_one_model(tmp_path):
    """The baseline stays readable; members with chance in them are averaged over seeds."""
    desk = Desk(tmp_path)
    linear = load_pipeline(desk.run(LINEAR, config={"bagging": "refit"}), store=desk.store)
    trees = load_pipeline(desk.run(TREES, config={"bagging": "refit"}), store=desk.store)
    assert linear.model.format == "linear"
    assert len(trees.model.members) == 3


def test_a_network_can_be_a_member(tmp_path):
    """Different families, one average."""
    run = Desk(tmp_path).run(NETWORK, TREES)
    assert set(run.member_weights) == {"network", "trees"}


def test_a_member_that_cannot_be_fitted_is_dropped_and_named(tmp_path):
    """The rest goes on, and the record says so."""
    broken = EstimatorSpec(family="linear", name="broken", params={"strenght": 1.0})
    wrong = EstimatorSpec(family="boosting", name="wrong", params={"leaves": -3})
    run = Desk(tmp_path).run(broken, wrong, LINEAR)
    assert any("member dropped: broken" in note and "did you mean 'strength'" in note for note in run.notes)
    assert any("member dropped: wrong" in note for note in run.notes)
    assert run.member_weights == {"linear": 1.0}


def test_a_design_without_a_member_that_can_be_fitted_fails_with_every_reason(tmp_path):
    """All faults at once."""
    broken = [EstimatorSpec(family="linear", name=name, params={"strenght": 1.0}) for name in "ab"]
    with pytest.raises(TrainingFailed) as refused:
        Desk(tmp_path).run(*broken)
    assert [fault.where for fault in refused.value.faults] == ["a", "b"]


@pytest.mark.parametrize(
    ("members", "told"), [((LINEAR, LINEAR), "share a name: linear"), ((), "the design has no member")]
)
def test_members_have_names_of_their_own(tmp_path, members, told):
    """Weights and checkpoints are found by name."""
    desk = Desk(tmp_path)
    with pytest.raises(TrainingFailed, match=told):
        desk.run(config={"members": members})


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ([-1.0, None], r"1 of 225 weights are missing[\s\S]*1 of 225 weights are negative"),
        ([float("inf"), 1.0], "1 of 225 weights are infinite"),
        (None, "no weight is above zero"),
    ],
)
def test_weights_that_are_none_are_refused(tmp_path, weights, told):
    """Every fault of the column at once."""
    values = [0.0] * 300 if weights is None else [*weights, *[1.0] * 298]
    frame = table().with_columns(importance=pl.Series(values))
    desk = Desk(tmp_path, frame=frame, columns={"importance": {"type": "number", "role": "weight"}})
    with pytest.raises(TrainingFailed, match=told):
        desk.run(LINEAR)


def test_rows_of_weight_zero_are_noted(tmp_path):
    """They teach nothing, and a reader should know."""
    frame = table().with_columns(importance=pl.Series([0.0] * 10 + [2.0] * 290))
    desk = Desk(tmp_path, frame=frame, columns={"importance": {"type": "number", "role": "weight"}})
    assert "10 rows have weight zero and teach nothing" in desk.run(LINEAR, TREES).notes


def test_two_columns_of_weights_are_refused(tmp_path):
    """Which one counts is for a person to say."""
    frame = table().with_columns(one=pl.lit(1.0), two=pl.lit(1.0))
    role = {"type": "number", "role": "weight"}
    with pytest.raises(TrainingFailed, match="2 columns have the role weight"):
        Desk(tmp_path, frame=frame, columns={"one": role, "two": role}).run(LINEAR)


def test_missing_targets_are_refused(tmp_path):
    """A label cannot be guessed."""
    desk = Desk(tmp_path)
    desk.train = desk.train.with_columns(y=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("y"))
    with pytest.raises(DataInvalid, match="the target is empty in 3"):
        desk.run(LINEAR)


def test_infinite_targets_are_refused(tmp_path):
    """An infinite target has no error that can be lowered."""
    desk = Desk(tmp_path, task="regression")
    desk.train = desk.train.with_columns(y=pl.lit(float("inf")))
    with pytest.raises(TrainingFailed, match="225 targets are not finite"):
        desk.run(LINEAR)


def test_a_small_validation_part_is_not_calibrated_on(tmp_path):
    """It is said, with the class that has too few rows."""
    desk = Desk(tmp_path)
    desk.validation = desk.validation.head(12)
    assert any("not calibrated" in note for note in desk.run(LINEAR).notes)


def test_progress_counts_up_to_its_total(desk):
    """Every step says how far it is."""
    told = Told()
    desk.run(LINEAR, progress=told)
    assert [(done, total) for _, done, total in told.steps[:3]] == [(1, 3), (2, 3), (3, 3)]
    assert told.steps[-1] == ("done", 3, 3)


def test_a_mirror_gets_the_run_and_its_files(desk):
    """And changes nothing in it."""
    mirror = Mirror()
    mirrored = desk.run(LINEAR, tracker=mirror)
    assert same(mirrored, desk.run(LINEAR))
    assert "pipeline.json" in mirror.runs[mirrored.id]


def test_a_mirror_that_fails_is_noted_and_nothing_else(desk):
    """Tracking is never on the critical path."""
    mirrored = desk.run(LINEAR, tracker=Mirror(Status.UNKNOWN))
    assert "the run is mirrored: unknown (as told; look)" in mirrored.notes


def test_a_killed_training_goes_on_from_its_checkpoints_to_the_same_bits(tmp_path):
    """A real process, killed for good after its first checkpoint."""
    program = """
import sys
from tests.training.inputs import TREES, Desk
from dataclasses import replace
members = [replace(TREES, name=f"trees{number}") for number in range(3)]
Desk(sys.argv[1], rows=1000).run(*members, checkpoints=__import__("pathlib").Path(sys.argv[1], "kept"),
    config={"max_rounds": 120, "early_stopping": 120, "threads": 1})
"""
    kept = tmp_path / "kept"
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    deadline = time.monotonic() + 60
    pause = threading.Event()
    while not list(kept.glob("*/*.checkpoint")) and time.monotonic() < deadline and child.poll() is None:
        pause.wait(0.005)
    child.kill()
    assert child.wait() == -9
    before = len(list(kept.glob("*/*.checkpoint")))
    assert 1 <= before < 9
    members = [replace(TREES, name=f"trees{number}") for number in range(3)]
    given = {"max_rounds": 120, "early_stopping": 120}
    resumed = Desk(tmp_path, rows=1000).run(*members, config=given, checkpoints=kept)
    undisturbed = Desk(tmp_path / "other", rows=1000).run(*members, config=given)
    assert same(resumed, undisturbed)
    assert len(list(kept.glob("*/*.checkpoint"))) == 9


def test_a_damaged_checkpoint_is_made_again(tmp_path):
    """What does not have its digest is as if it were not there."""
    kept = tmp_path / "kept"
    desk = Desk(tmp_path)
    first = desk.run(LINEAR, checkpoints=kept)
    for path in kept.glob("*/*.checkpoint"):
        path.write_bytes(path.read_bytes()[:-5])
    assert same(first, desk.run(LINEAR, checkpoints=kept))
    assert same(first, desk.run(LINEAR, checkpoints=kept))


def test_families_of_others_join_and_their_faults_are_named():
    """A plugin that raises, answers too widely, or with no number is dropped; a good one is served."""
    program = """
import tempfile
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.training.train import load_pipeline
from tests.training.inputs import LINEAR, Desk
names = ("raises", "wide", "nowhere", "mean")
with tempfile.TemporaryDirectory() as folder:
    desk = Desk(folder)
    run = desk.run(*(EstimatorSpec(family=name, name=name) for name in names))
    print(*run.notes, sep="\\n")
    print(load_pipeline(run, store=desk.store).scores_of_row({}).shape)
"""
    places = os.pathsep.join((str(ROOT), str(Path(__file__).parent / "toy_plugin")))
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "raises: the member raises failed: fitting raised ZeroDivisionError" in ran.stdout
    assert "wide: the member wide failed: scores have the shape (75, 3), not (75, 2)" in ran.stdout
    assert "nowhere: the member nowhere failed: scores of 75 of 75 rows are not finite" in ran.stdout
    assert ran.stdout.endswith("(1, 2)\n")

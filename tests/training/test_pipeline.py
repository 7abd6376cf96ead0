"""The pipeline: one object from training to serving; decisions follow from scores by a rule."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.inputs import LINEAR, TREES, Desk

from modelwright.candidates.prior import PriorModel
from modelwright.features.guard import Guard
from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import BundleRejected, UnknownName
from modelwright.ledger.codec import decode
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibration import Calibrator
from modelwright.training.pipeline import DecisionRule, Pipeline
from modelwright.training.train import load_pipeline

PLAN = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
BINARY = TargetSpec(task="binary", name="y", classes=("no", "yes"))
THREE = TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"))
VALUE = TargetSpec(task="regression", name="y")


def pipeline(target=BINARY, scores=(0.9, 0.1), **parts):
    """A pipeline that says the same of every row."""
    return Pipeline(plan=PLAN, model=PriorModel(scores), target=target, **parts)


@given(st.floats(0, 1), st.floats(0, 1))
def test_yes_begins_at_the_threshold(threshold, score):
    """At it, not above it."""
    made = pipeline(rule=DecisionRule(threshold=threshold)).decide(np.array([[1 - score, score]]))
    assert made == ["yes" if score >= threshold else "no"]


def test_between_the_bounds_nobody_answers():
    """The abstain zone takes the threshold's place; its upper end says yes."""
    rule = DecisionRule(threshold=0.1, abstain=(0.3, 0.7))
    scores = np.array([[0.8, 0.2], [0.7, 0.3], [0.5, 0.5], [0.3, 0.7], [0.0, np.nan]])
    assert pipeline(rule=rule).decide(scores) == ["no", None, None, "yes", None]


def test_the_likeliest_class_or_the_value_is_the_decision():
    """Where there is no action to weigh."""
    three = pipeline(THREE, (0.2, 0.5, 0.3))
    assert three.decide(np.array([[0.2, 0.5, 0.3], [np.nan, 0.5, 0.5]])) == ["b", None]
    value = pipeline(VALUE, (3.0,))
    assert value.decide(np.array([[3.5], [np.inf], [np.nan]])) == [3.5, None, None]
    assert pipeline().decide(np.array([[0.5, 0.5]])) == ["yes"]


def test_the_stored_form_holds_everything():
    """Plan, target, calibration and rule come back as they were."""
    calibrator = Calibrator(kind="isotonic", points=((0.0, 0.25), (1.0, 0.75)))
    made = pipeline(calibrator=calibrator, rule=DecisionRule(threshold=0.3, abstain=(0.2, 0.4)))
    again = Pipeline.from_files(made.files())
    assert again.files() == made.files()
    assert (again.plan, again.target, again.calibrator, again.rule) == (PLAN, BINARY, calibrator, made.rule)
    assert again.scores_of_row({}).tolist() == made.scores_of_row({}).tolist() == [[0.7, 0.3]]


@pytest.mark.parametrize("name", ["pipeline.json", "plan.json"])
def test_a_stored_form_without_a_part_is_refused(name):
    """Named, with what to do."""
    files = {key: data for key, data in pipeline().files().items() if key != name}
    with pytest.raises(BundleRejected, match=name):
        Pipeline.from_files(files)


def test_a_form_of_a_later_version_is_refused():
    """What this version does not know it does not guess."""
    files = dict(pipeline().files())
    described = decode(files["pipeline.json"], dict)
    with pytest.raises(BundleRejected, match="found 2, expected 1"):
        Pipeline.from_files(files | {"pipeline.json": canonical_json(described | {"format": 2})})
    with pytest.raises(UnknownName, match="model_format"):
        Pipeline.from_files(files | {"pipeline.json": canonical_json(described | {"model_format": "pickle"})})


def test_loading_and_answering_needs_no_training_library(tmp_path):
    """A fresh process reads the files, answers a row, and has not imported scikit-learn."""
    desk = Desk(tmp_path)
    made = load_pipeline(desk.run(TREES, LINEAR), store=desk.store)
    expected = made.scores_of_row({"age": 30, "income": 20.0, "job": "student"})
    folder = tmp_path / "files"
    for name, data in made.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    program = """
import pathlib, sys
from modelwright.training.pipeline import Pipeline
root = pathlib.Path(sys.argv[1])
files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
scores = Pipeline.from_files(files).scores_of_row({"age": 30, "income": 20.0, "job": "student"})
print(repr(scores.tolist()), sorted({"sklearn", "lightgbm", "scipy", "pandas"} & set(sys.modules)))
"""
    words = [sys.executable, "-c", program, str(folder)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"{expected.tolist()!r} []"


def test_a_row_that_must_not_be_answered_gets_no_number():
    """Neither alone nor in a table; its neighbours are answered as ever, and nobody decides for it."""
    guard = Guard(missing="abstain", beyond="abstain", low=18.0, high=90.0)
    plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number", guard=guard),))
    guarded = Pipeline(plan=plan, model=PriorModel((0.7, 0.3)), target=BINARY)
    scores = guarded.scores(pl.DataFrame({"age": [30, None, 120]}))
    assert np.isnan(scores).all(axis=1).tolist() == [False, True, True]
    assert np.isnan(guarded.scores_of_row({"age": 5})).all()
    assert guarded.decide(scores)[1:] == [None, None]
    assert Pipeline.from_files(guarded.files()).plan == plan

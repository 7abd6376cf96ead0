"""Families: what every one of them promises, on every task."""

import io
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.training.inputs import LINEAR, NETWORK, TREES, Desk

from modelwright.candidates.catalogue import build, load_model
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.candidates.loss import loss_of
from modelwright.features.transform import matrix
from modelwright.kernel.errors import BundleRejected, TrainingFailed, UnknownName
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.target import TargetSpec

PRIOR = EstimatorSpec(family="prior", name="prior")
QUICK = {"max_rounds": 15, "early_stopping": 5}


class Rows:
    """A small matrix of one task."""

    def __init__(self, folder, task):
        desk = Desk(folder, task=task, rows=400)
        self.plan, self.target = desk.plan, desk.target
        self.x = matrix(desk.plan, desk.frame)
        self.y = task_of(task).encode(desk.frame["y"], desk.target)

    def fit(self, spec, **given):
        """A model of some family on these rows."""
        given = {"plan": self.plan, "target": self.target, "seed": 3} | given
        return build(spec, rounds=QUICK).fit(given.pop("x", self.x), given.pop("y", self.y), **given)


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def rows(request, tmp_path_factory):
    """Rows of each task."""
    return Rows(tmp_path_factory.mktemp("rows"), request.param)


@pytest.fixture(scope="module", params=[PRIOR, LINEAR, TREES, NETWORK], ids=lambda spec: spec.name)
def family(request):
    """Each family, small."""
    return request.param


@pytest.fixture(scope="module")
def model(rows, family):
    """A fitted model."""
    return rows.fit(family)


def test_scores_have_one_column_per_output_and_are_finite(rows, model):
    """Missing values are among the rows, and no family minds."""
    scores = model.predict(rows.x)
    assert np.isnan(rows.x).any()
    assert scores.shape == (len(rows.x), max(len(rows.target.classes), 1))
    assert np.isfinite(scores).all()
    if rows.target.classes:
        assert np.allclose(scores.sum(axis=1), 1)
        assert (scores >= 0).all()


def test_it_learns(rows, family, model):
    """Its loss is below that of the prior, which looks at nothing."""
    found = loss_of(rows.y, model.predict(rows.x), target=rows.target)
    prior = loss_of(rows.y, rows.fit(PRIOR).predict(rows.x), target=rows.target)
    assert found < prior or family == PRIOR


def test_the_same_seed_gives_the_same_model(rows, family, model):
    """Bit for bit, as stored."""
    assert rows.fit(family).files() == model.files()


def test_the_stored_form_gives_the_same_scores(rows, model):
    """Bit for bit, without the library that fitted it."""
    loaded = load_model(model.format, model.files())
    assert np.array_equal(loaded.predict(rows.x), model.predict(rows.x))
    assert loaded.files() == model.files()
    assert loaded.importance() == model.importance()


def test_an_answer_does_not_depend_on_its_neighbours(rows, model):
    """Alone, in pairs, in a crowd: the same bits."""
    crowd = model.predict(rows.x)
    alone = np.vstack([model.predict(rows.x[place : place + 1]) for place in range(60)])
    pairs = np.vstack([model.predict(rows.x[place : place + 2]) for place in range(0, 60, 2)])
    assert np.array_equal(alone, crowd[:60])
    assert np.array_equal(pairs, crowd[:60])
    assert model.predict(rows.x[:0]).shape == (0, crowd.shape[1])


def test_extremes_are_answered(rows, model):
    """Values far outside the training range, and none at all."""
    wild = np.vstack([np.full(rows.x.shape[1], value) for value in (1e300, -1e300, 0.0, np.nan)])
    assert np.isfinite(model.predict(wild)).all()


def test_importance_adds_to_one(rows, model):
    """Shares of the matrix columns, or nothing where a family cannot tell."""
    shares = model.importance()
    assert not shares or sum(shares.values()) == pytest.approx(1)
    assert set(shares) <= set(rows.plan.names)


@pytest.mark.parametrize("spec", [PRIOR, LINEAR, TREES, NETWORK], ids=lambda spec: spec.name)
def test_weights_of_rows_count(tmp_path, spec):
    """Rows of weight zero for one class tilt the answer to the other."""
    rows = Rows(tmp_path, "binary")
    plain, tilted = rows.fit(spec), rows.fit(spec, weight=np.where(rows.y == 1, 1.0, 0.1))
    assert tilted.predict(rows.x)[:, 1].mean() > plain.predict(rows.x)[:, 1].mean()


@pytest.mark.parametrize("spec", [LINEAR, TREES], ids=lambda spec: spec.name)
def test_a_class_without_rows_gets_almost_nothing(tmp_path, spec):
    """A fold may lack a rare class; its column is there all the same."""
    rows = Rows(tmp_path, "multiclass")
    kept = rows.y != 1
    scores = rows.fit(spec, x=rows.x[kept], y=rows.y[kept]).predict(rows.x)
    assert scores.shape[1] == 3
    assert scores[:, 1].max() < 0.01
    only = rows.fit(spec, x=rows.x[rows.y > 0], y=rows.y[rows.y > 0]).predict(rows.x)
    assert only[:, 0].max() < 0.01


@pytest.mark.parametrize("spec", [LINEAR, NETWORK], ids=lambda spec: spec.name)
def test_a_single_class_cannot_be_fitted(tmp_path, spec):
    """It is said, and why."""
    rows = Rows(tmp_path, "binary")
    with pytest.raises(TrainingFailed, match="class"):
        rows.fit(spec, y=np.zeros(len(rows.y)))


@pytest.mark.parametrize("spec", [LINEAR, TREES, NETWORK], ids=lambda spec: spec.name)
def test_values_can_be_fitted_on_the_logarithmic_scale(tmp_path, spec):
    """Answers come back in the target's own unit."""
    rows = Rows(tmp_path, "regression")
    logged = replace(spec, params={**spec.params, "log_target": True})
    scores = rows.fit(logged).predict(rows.x)
    assert not np.array_equal(scores, rows.fit(spec).predict(rows.x))
    assert abs(np.median(scores) / np.median(rows.y) - 1) < 0.5
    asked = rows.fit(spec, target=replace(rows.target, transform="log1p"))
    assert np.array_equal(asked.predict(rows.x), scores)


def test_a_staged_model_remembers_its_curve_and_can_be_cut_back(tmp_path):
    """The first rounds of a long model are the short model."""
    rows = Rows(tmp_path, "regression")
    long = rows.fit(TREES, holdout=(rows.x, rows.y))
    assert len(long.curve) == 15
    short = long.truncated(5)
    assert short.rounds == 5
    assert not short.curve
    few = build(TREES, rounds={"max_rounds": 5}).fit(
        rows.x, rows.y, plan=rows.plan, target=rows.target, seed=3
    )
    assert np.array_equal(short.predict(rows.x), few.predict(rows.x))


def test_early_stopping_stops(tmp_path):
    """Noise on the holdout ends the growth."""
    rows = Rows(tmp_path, "binary")
    noise = np.random.default_rng(0).permutation(rows.y)
    model = build(TREES, rounds={"max_rounds": 500, "early_stopping": 3}).fit(
        rows.x, rows.y, plan=rows.plan, target=rows.target, holdout=(rows.x, noise)
    )
    assert len(model.curve) < 100


def test_trees_without_a_split_have_no_importance(tmp_path):
    """Nothing is shared out where nothing was gained."""
    rows = Rows(tmp_path, "binary")
    flat = rows.fit(TREES, x=np.zeros_like(rows.x))
    assert flat.importance() == {}


def test_what_lightgbm_refuses_is_told(tmp_path):
    """A loss that does not exist."""
    rows = Rows(tmp_path, "regression")
    with pytest.raises(TrainingFailed, match="LightGBM cannot be fitted on 400 rows"):
        rows.fit(EstimatorSpec(family="boosting", name="trees", params={"loss": "nonsense"}))


def test_weights_that_run_away_are_told(tmp_path):
    """A network with an absurd learning rate."""
    rows = Rows(tmp_path, "regression")
    wild = replace(NETWORK, params={**NETWORK.params, "learning_rate": 1e200})
    with np.errstate(all="ignore"), pytest.raises(TrainingFailed, match="cannot be fitted"):
        rows.fit(wild, x=rows.x[:150], y=rows.y[:150])


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"leafs": 3}, "did you mean 'leaves'"),
        ({"leaves": "many"}, "not a int"),
        ({"extra_trees": 1}, "not a bool"),
    ],
)
def test_hyper_parameters_are_checked(params, told):
    """Unknown names offer the nearest; kinds must fit."""
    with pytest.raises(TrainingFailed, match=told):
        build(EstimatorSpec(family="boosting", name="trees", params=params))


def test_an_unknown_family_offers_the_nearest():
    """A slip of the keyboard."""
    with pytest.raises(UnknownName, match="did you mean 'boosting'"):
        build(EstimatorSpec(family="bosting", name="trees"))


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (TREES, "trees.txt"),
        (TREES, "trees.json"),
        (LINEAR, "linear.json"),
        (LINEAR, "encoding.json"),
        (LINEAR, "weights.npy"),
        (NETWORK, "link.json"),
        (NETWORK, "bias.npy"),
        (NETWORK, "bias1.npy"),
    ],
)
def test_a_stored_form_that_lacks_a_file_is_refused(tmp_path, spec, name):
    """Half a model answers nothing."""
    model = Rows(tmp_path, "binary").fit(spec)
    files = dict(model.files())
    del files[name]
    with pytest.raises(BundleRejected, match=name):
        load_model(model.format, files)


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"not an array", b"\x80\x04pickled"])
def test_bytes_that_are_no_array_are_refused(tmp_path, data):
    """Nothing is unpickled, nothing is guessed."""
    model = Rows(tmp_path, "binary").fit(LINEAR)
    with pytest.raises(BundleRejected, match=r"weights\.npy"):
        load_model(model.format, {**model.files(), "weights.npy": data})


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.zeros(3, dtype=np.int64), np.full(1, np.nan)])
def test_arrays_of_another_shape_or_without_numbers_are_refused(tmp_path, array):
    """Parts that do not fit together are no model."""
    model = Rows(tmp_path, "binary").fit(LINEAR)
    stream = io.BytesIO()
    np.save(stream, array)
    with pytest.raises(BundleRejected, match=r"bias\.npy|weights\.npy"):
        load_model(model.format, {**model.files(), "bias.npy": stream.getvalue()})


def test_trees_that_were_cut_short_are_refused(tmp_path):
    """The library is not asked to read what cannot be whole."""
    model = Rows(tmp_path, "binary").fit(TREES)
    with pytest.raises(BundleRejected, match="not a model"):
        load_model(model.format, {**model.files(), "trees.txt": model.files()["trees.txt"][:500]})
    with pytest.raises(BundleRejected, match="do not fit the model"):
        model.predict(np.zeros((1, 99)))


def test_one_model_answers_many_threads(tmp_path):
    """A server shares one model among its workers."""
    rows = Rows(tmp_path, "binary")
    model = rows.fit(TREES)
    expected = model.predict(rows.x)
    wrong = []

    def work():
        answers = [model.predict(rows.x[place : place + 1])[0] for place in range(200)]
        wrong.extend(place for place, one in enumerate(answers) if not np.array_equal(one, expected[place]))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_scoring_imports_no_training_library(tmp_path):
    """A process that answers has neither scikit-learn nor LightGBM's Python package in it."""
    rows = Rows(tmp_path, "binary")
    for spec in (TREES, LINEAR, NETWORK):
        model = rows.fit(spec)
        folder = tmp_path / spec.name
        folder.mkdir()
        for name, data in model.files().items():
            (folder / name).write_bytes(data)
        np.save(tmp_path / "x.npy", rows.x[:3])
        (folder / "format").write_text(model.format)
    program = """
import sys, pathlib, numpy
from modelwright.candidates.catalogue import load_model
root = pathlib.Path(sys.argv[1])
for folder in ("trees", "linear", "network"):
    files = {path.name: path.read_bytes() for path in (root / folder).iterdir()}
    kind = files.pop("format").decode()
    print(load_model(kind, files).predict(numpy.load(root / "x.npy"))[0, 1] > 0)
print(sorted({"sklearn", "lightgbm", "scipy", "pandas"} & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["True", "True", "True", "[]"]


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(1, 40), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_network_answers_a_few_rows_as_it_answers_many(columns, hidden, outputs, seed):
    """Both ways of summing give the same bits for any shape."""
    from modelwright.candidates.encoding import AdditiveLayer, Encoding
    from modelwright.candidates.link import Link
    from modelwright.candidates.perceptron import PerceptronModel

    draw = np.random.default_rng(seed)
    encoding = Encoding(
        clip="smooth",
        centre=(0.0,) * columns,
        scale=(1.0,) * columns,
        flagged=(False,) * columns,
        levels=(0,) * columns,
    )
    model = PerceptronModel(
        AdditiveLayer(encoding, draw.normal(size=(columns, hidden)), draw.normal(size=hidden)),
        layers=[(draw.normal(size=(hidden, outputs)), draw.normal(size=outputs))],
        link=Link(kind="value"),
    )
    x = draw.normal(size=(9, columns))
    assert np.array_equal(np.vstack([model.predict(row[None]) for row in x]), model.predict(x))


def test_the_prior_of_a_regression_is_the_median():
    """Half of the weight lies on either side."""
    target = TargetSpec(task="regression", name="y")
    y = np.array([1.0, 2.0, 100.0])
    fitted = build(PRIOR).fit(np.zeros((3, 1)), y, plan=None, target=target, weight=np.array([1.0, 1.0, 5.0]))
    assert fitted.scores == (100.0,)

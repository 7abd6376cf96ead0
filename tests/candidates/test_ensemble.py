"""Ensembles: averages that are better than their parts, found greedily."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.candidates.ensemble import EnsembleModel, greedy_weights, load_ensemble
from modelwright.candidates.loss import loss_of
from modelwright.candidates.prior import PriorModel
from modelwright.kernel.errors import BundleRejected
from modelwright.tasks.target import TargetSpec

VALUE = TargetSpec(task="regression", name="y")
CLASSES = TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"))


@given(st.integers(1, 5), st.integers(0, 999))
def test_the_weighted_average_is_never_worse_than_the_best_member(members, seed):
    """Weights add to one and lower the loss, or leave it."""
    draw = np.random.default_rng(seed)
    y = draw.normal(size=50)
    predictions = [y[:, None] + draw.normal(size=(50, 1)) for _ in range(members)]
    weights = greedy_weights(predictions, y, target=VALUE)
    joined = sum(share * made for share, made in zip(weights, predictions, strict=True))
    best = min(loss_of(y, made, target=VALUE) for made in predictions)
    assert sum(weights) == pytest.approx(1)
    assert loss_of(y, joined, target=VALUE) <= best + 1e-9


def test_weights_of_rows_decide_what_is_better():
    """A row that counts more pulls the weights to the member that is right there."""
    y = np.array([0.0, 1.0])
    members = [np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]])]
    weights = greedy_weights(members, y, target=VALUE, weight=np.array([1.0, 9.0]))
    assert weights[1] > 0.8


def test_classes_are_weighted_by_log_loss():
    """A sure and wrong member is left out."""
    y = np.array([0.0, 1.0, 2.0])
    honest, wrong = np.full((3, 3), 1 / 3), np.eye(3)[[1, 2, 0]]
    assert greedy_weights([wrong, honest], y, target=CLASSES) == (0.0, 1.0)


def test_ensembles_of_ensembles_are_flat():
    """One list of models, whoever put them together."""
    inner = EnsembleModel(((0.5, PriorModel((1.0,))), (0.5, PriorModel((3.0,)))))
    outer = EnsembleModel(((0.5, inner), (0.5, PriorModel((10.0,)))))
    assert [weight for weight, _ in outer.members] == [0.25, 0.25, 0.5]
    assert outer.predict(np.zeros((1, 1))).tolist() == [[6.0]]
    assert load_ensemble(outer.files()).files() == outer.files()


def test_an_ensemble_without_its_list_is_refused():
    """Members without weights are no model."""
    with pytest.raises(BundleRejected, match=r"lacks ensemble\.json"):
        load_ensemble({"0/prior.json": b"[1.0]"})

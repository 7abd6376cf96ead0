"""Quality: values and variances agree with the textbook, and drops are read the right way round."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score
from tests.rollout.live import contract

from modelwright.contracts.decision import Mistakes
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.prediction import Prediction
from modelwright.rollout.quality import (
    Labelled,
    Measured,
    QualityMetric,
    drop_beyond_chance,
    measure,
    quality_metric,
)


def metric(name, *, higher=False, relative=False, **more):
    """A quality metric."""
    return QualityMetric(name=name, higher_is_better=higher, relative=relative, reason="", **more)


def labels(count=400, seed=1, knows=1.0):
    """Binary labels with scores that know something."""
    rng = np.random.default_rng(seed)
    y = (rng.random(count) < 0.3).astype(float)
    score = 1 / (1 + np.exp(-(rng.normal(size=count) + knows * y - 1)))
    return Labelled.of(y=y, score=score, decision=(score > 0.4) * 1.0)


def test_the_area_and_its_variance():
    """The value is sklearn's; the variance is what repetition shows."""
    auc = metric("roc_auc", higher=True)
    one = labels()
    assert measure(one, auc).value == pytest.approx(roc_auc_score(one.y, one.score))
    values = [measure(labels(seed=seed), auc).value for seed in range(150)]
    assert measure(one, auc).variance == pytest.approx(np.var(values), rel=0.4)
    assert measure(labels(20), auc) is None


def test_means_of_losses():
    """Log loss, Brier, accuracy and cost on the same labels."""
    one = labels()
    assert measure(one, metric("log_loss")).value == pytest.approx(log_loss(one.y, one.score))
    assert measure(one, metric("brier")).value == pytest.approx(np.mean((one.score - one.y) ** 2))
    assert measure(one, metric("accuracy")).value == pytest.approx(np.mean(one.decision == one.y))
    cost = metric("expected_cost", mistakes=Mistakes(wrong_yes=1, wrong_no=5))
    yes, no = np.mean(one.decision > one.y), np.mean(one.decision < one.y)
    assert measure(one, cost).value == pytest.approx(yes + 5 * no)
    assert measure(Labelled.empty(), cost) is None


def test_errors_of_a_regression():
    """Mean, root mean square and cost per unit too high or too low."""
    values = Labelled.of(y=[0.0, 0.0, 10.0], score=[1.0, -3.0, 10.0], decision=[1.0, -3.0, 10.0])
    assert measure(values, metric("mae")).value == pytest.approx(4 / 3)
    assert measure(values, metric("rmse")).value == pytest.approx((10 / 3) ** 0.5)
    cost = metric("expected_cost", mistakes=Mistakes(wrong_yes=2, wrong_no=1), task="regression")
    assert measure(values, cost).value == pytest.approx((2 + 3) / 3)


def test_a_drop_is_positive_when_the_challenger_is_worse():
    """Whichever way the metric points, in its own unit or as a share of the champion's."""
    good, bad = (Measured(value=value, variance=0.01, freedom=50) for value in (10.0, 12.0))
    assert drop_beyond_chance(good, bad, metric("mae", relative=True))[0] == pytest.approx(0.2)
    assert drop_beyond_chance(bad, good, metric("roc_auc", higher=True))[0] == pytest.approx(2.0)
    drop, p = drop_beyond_chance(good, bad, metric("mae"))
    assert p == pytest.approx(stats.t.sf(2 / 0.02**0.5, 50))
    certain = Measured(value=1.0, variance=0.0, freedom=9)
    assert drop_beyond_chance(certain, certain, metric("mae")) == (0.0, 1.0)
    assert drop > 0


def test_the_metric_follows_from_the_contract():
    """The primary one where its variance is known, else the task's own, with the reason said."""
    agreed = contract()
    assert quality_metric(agreed).name == "roc_auc"
    other = agreed.model_copy(update={"evaluation": EvaluationPlan(primary="f1")})
    assert quality_metric(other).reason == "f1 has no variance in closed form"
    values = agreed.model_copy(
        update={
            "prediction": Prediction(task="regression", target="y"),
            "evaluation": EvaluationPlan(primary="rmse"),
        }
    )
    chosen = quality_metric(values)
    assert (chosen.name, chosen.relative, chosen.higher_is_better) == ("rmse", True, False)

"""Labels and quality of the other tasks, joined by request and row."""

import numpy as np
import polars as pl
from tests.monitoring.served import NOW, contract

from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.prediction import Prediction
from modelwright.evaluation.estimate import Estimate
from modelwright.monitoring.label import join_labels
from modelwright.monitoring.quality import measure_quality
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

VALUES = TargetSpec(task="regression", name="y", prior=(10.0,))
CLASSES = TargetSpec(task="multiclass", name="y", classes=("a", "b", "c"))


def joined(target, scores, labels, **columns):
    """Join answers with these scores to these labels."""
    count = len(scores)
    log = pl.DataFrame(
        {"request_id": [str(place) for place in range(count)], "row": [0] * count, "scores": scores}
        | {"fallback": [False] * count}
        | columns
    )
    known = pl.DataFrame(
        {
            "request_id": [str(place) for place in range(count)],
            "row": [0] * count,
            "label": [str(label) for label in labels],
            "value": [label if isinstance(label, float) else None for label in labels],
        },
        schema_overrides={"value": pl.Float64},
    )
    return join_labels(log, known, target=target)


def test_values_are_joined_as_numbers_and_others_told():
    """A label that is no number counts as unreadable."""
    both = joined(VALUES, [[1.0], [2.0], [3.0]], [1.5, "much", float("nan")])
    assert (both.y.tolist(), both.scores.tolist(), both.unreadable) == ([1.5], [[1.0]], 2)


def test_fallbacks_and_answers_without_scores_do_not_count():
    """They say nothing about the model."""
    scores = [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8], None]
    both = joined(CLASSES, scores, ["b", "c", "a"], fallback=[False, True, False])
    assert both.y.tolist() == [1.0]


def measured(target, both, primary, **reference):
    """Measure a window under a contract of this task."""
    agreed = contract().model_copy(
        update={
            "prediction": Prediction(task=target.task, target="y"),
            "evaluation": EvaluationPlan(primary=primary),
        }
    )
    promised = Estimate(metric=primary, level=0.95, rows=500, **reference)
    return measure_quality(
        both,
        contract=agreed,
        target=target,
        rule=DecisionRule(),
        reference=promised,
        between=(NOW, NOW),
        seed=1,
    )


def test_an_error_in_the_targets_unit_is_judged_relative_to_what_was_promised():
    """Twice the error is a drop of 100 %, whatever the unit; lower is better."""
    rng = np.random.default_rng(1)
    y = rng.normal(10, 3, size=300)
    answers = (y + rng.normal(0, 2, size=300))[:, None].tolist()
    quality = measured(
        VALUES, joined(VALUES, answers, y.tolist()), "rmse", value=1.0, low=0.95, high=1.05, direction="lower"
    )
    assert 0.8 < quality.relative_drop < 1.2
    assert quality.outcome.status == "failed"
    assert quality.calibration is None


def test_classes_are_judged_on_their_own_metric():
    """Accuracy of three classes, as good as promised."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, size=300)
    scores = np.full((300, 3), 0.1)
    scores[np.arange(300), np.where(rng.random(300) < 0.8, y, (y + 1) % 3)] = 0.8
    both = joined(CLASSES, scores.tolist(), [CLASSES.classes[place] for place in y])
    quality = measured(CLASSES, both, "accuracy", value=0.8, low=0.77, high=0.83, direction="higher")
    assert quality.outcome.status == "passed"
    assert quality.budget.outcome.evidence == ("the contract grants no budget",)


def test_few_labels_leave_everything_unknown():
    """Ten labels are not an estimate."""
    both = joined(VALUES, [[1.0]] * 10, [1.0] * 10)
    quality = measured(VALUES, both, "rmse", value=1.0, low=0.9, high=1.1, direction="lower")
    assert quality.estimate is None
    assert quality.outcome.status == "unknown"


def test_an_interval_that_cannot_be_given_is_no_proof():
    """The drop is told, and not called beyond chance."""
    rng = np.random.default_rng(3)
    y = rng.normal(size=50)
    both = joined(VALUES, (y + 5)[:, None].tolist(), y.tolist())
    quality = measured(VALUES, both, "rmse", value=1.0, direction="lower")
    assert quality.drop > 3
    assert not quality.beyond_chance
    assert quality.outcome.status == "unknown"

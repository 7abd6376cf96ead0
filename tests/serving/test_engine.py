"""The engine: answers, confidence, review, and a fallback for everything a model can do wrong."""

import numpy as np
import pytest
from tests.registry.bundles import ROW, Made

from modelwright.contracts.prediction import Fallback
from modelwright.serving.engine import MODEL_FAULTS, Engine
from modelwright.training.pipeline import DecisionRule, Pipeline


class Broken:
    """A model that raises, or gives what is no number."""

    format = "broken"

    def __init__(self, error=None, score=np.nan):
        self.error, self.score = error, score

    def predict(self, x):
        """Fail as told."""
        if self.error is not None:
            raise self.error
        made = np.full((len(x), 2), 0.5)
        made[0, 1] = self.score
        return made


def with_model(bundle, model=None, rule=None):
    """The bundle with another model or rule in memory."""
    from dataclasses import replace

    old = bundle.pipeline
    pipeline = Pipeline(plan=old.plan, model=model or old.model, target=old.target, rule=rule or old.rule)
    return replace(bundle, pipeline=pipeline)


def test_an_answer_carries_what_the_model_said(bundle):
    """The rule's decision, probabilities in the order of the classes, the highest as confidence."""
    engine = Engine(bundle)
    (answer,) = engine.answer(engine.matrix([ROW]))
    scores = bundle.pipeline.scores_of_row(ROW)[0].tolist()
    assert answer.probabilities == dict(zip(("no", "yes"), scores, strict=True))
    assert answer.prediction == ("yes" if scores[1] >= 0.4 else "no")
    assert answer.confidence == max(scores)
    assert answer.review == (max(scores) < 0.6)
    assert not answer.fallback
    assert engine.scores_of(answer) == scores


def test_many_rows_get_the_answers_of_each_alone(made, bundle):
    """Neighbours do not matter, to the last bit."""
    engine = Engine(bundle)
    rows = [{**ROW, "age": float(age)} for age in range(20, 60)]
    together = engine.answer(engine.matrix(rows))
    assert together == [engine.answer(engine.matrix([row]))[0] for row in rows]


@pytest.mark.parametrize(
    "error", [kind("broken") for kind in MODEL_FAULTS if kind.__name__ != "ModelwrightError"]
)
def test_a_model_that_raises_is_replaced_by_the_fallback(bundle, error):
    """Whatever it raises, the caller gets a marked answer."""
    engine = Engine(with_model(bundle, Broken(error)))
    answers = engine.answer(engine.matrix([ROW, ROW]))
    assert [answer.fallback_reason for answer in answers] == ["model error"] * 2
    assert engine.scores_of(answers[0]) is None


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_score_that_is_no_number_is_replaced_for_its_row_alone(bundle, score):
    """The other rows keep their answers."""
    engine = Engine(with_model(bundle, Broken(score=score)))
    first, second = engine.answer(engine.matrix([ROW, ROW]))
    assert first.fallback
    assert not second.fallback


def test_the_prior_answers_with_the_shares_of_training(bundle):
    """And says that it did."""
    (answer,) = Engine(bundle).fall_back(1, "deadline")
    prior = bundle.pipeline.target.prior
    assert answer.probabilities == dict(zip(("no", "yes"), prior, strict=True))
    assert answer.prediction == ("yes" if prior[1] >= 0.4 else "no")
    assert answer.confidence is None
    assert (answer.fallback, answer.fallback_reason, answer.review) == (True, "deadline", False)


@pytest.mark.parametrize(
    ("fallback", "prediction", "review"),
    [
        (Fallback(kind="constant", value="no"), "no", False),
        (Fallback(kind="abstain"), None, True),
    ],
)
def test_other_fallbacks_answer_as_agreed(tmp_path, fallback, prediction, review):
    """A constant, or nobody: then a person must look."""
    made = Made(tmp_path, family="prior", fallback=fallback)
    (answer,) = Engine(made.pack()).fall_back(1, "deadline")
    assert (answer.prediction, answer.review, answer.probabilities) == (prediction, review, None)


def test_a_regression_answers_with_a_value(tmp_path):
    """Without probabilities and without a confidence; the fallback is the median."""
    made = Made(tmp_path, task="regression")
    engine = Engine(made.pack())
    (answer,) = engine.answer(engine.matrix([ROW]))
    assert answer.value == answer.prediction == bundle_value(made)
    assert answer.confidence is None
    assert engine.scores_of(answer) == [answer.value]
    (fallen,) = engine.fall_back(1, "deadline")
    assert fallen.value == fallen.prediction == made.snapshot.target.prior[0]


def bundle_value(made):
    """What the pipeline says of the row."""
    return float(made.pipeline.scores_of_row(ROW)[0, 0])


def test_a_constant_of_a_regression_is_a_value(tmp_path):
    """Numbers stay numbers."""
    made = Made(tmp_path, task="regression", family="prior", fallback=Fallback(kind="constant", value=7.0))
    engine = Engine(made.pack())
    assert engine.fall_back(1, "deadline")[0].value == 7.0
    abstaining = Made(tmp_path / "b", task="regression", family="prior", fallback=Fallback(kind="abstain"))
    engine = Engine(abstaining.pack())
    assert engine.scores_of(engine.fall_back(1, "deadline")[0]) is None


def test_where_the_rule_abstains_a_person_looks(bundle):
    """No decision is an answer too."""
    engine = Engine(with_model(bundle, rule=DecisionRule(abstain=(0.0, 1.1))))
    (answer,) = engine.answer(engine.matrix([ROW]))
    assert answer.prediction is None
    assert answer.review
    assert answer.probabilities


def test_only_allowed_fields_reach_the_log_and_never_personal_ones(bundle):
    """The contract of the tests lists `client`, which is personal; it is left out all the same."""
    engine = Engine(bundle)
    assert engine.fields({**ROW, "region": "north", "client": "c1"}) == {"region": "north"}
    assert engine.fields({"region": ["odd"]}) == {"region": None}

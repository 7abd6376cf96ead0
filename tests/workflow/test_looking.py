"""Looks at the sealed labels: counted before the question is put, and never more than were agreed."""

from dataclasses import replace

import numpy as np
import pytest

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.scorer import LooksExhausted, ScoreRequest
from modelwright.kernel.errors import DataInvalid, ServiceFailed
from modelwright.training.pipeline import DecisionRule
from modelwright.workflow.history import fold
from modelwright.workflow.looking import ask_sealed


@pytest.fixture
def request_(finished):
    """A question to the sealed labels that nobody has asked yet."""
    completion = fold(finished.ports.ledger.entries()).completions[2]
    snapshot = finished.ports.store.get_record(completion.outputs["snapshot"], Snapshot)
    ids = part(snapshot, "test", store=finished.ports.store)[ROW_ID].to_numpy()
    return ScoreRequest(
        snapshot=snapshot,
        contract=finished.check().contract,
        run_id="run-1",
        pipeline_digest="sha256:" + "0" * 64,
        row_ids=ids,
        scores=np.tile([0.6, 0.4], (len(ids), 1)),
        others={},
        rule=DecisionRule(threshold=0.5, abstain=None),
        other_rules={},
        seed=1,
        purpose="to know more",
    )


class BrokenScorer:
    """A scorer whose process stops."""

    def score(self, request):
        """Stop."""
        raise ServiceFailed("the scoring process stopped")


def kinds(service):
    """What the ledger holds about looks."""
    return [entry.kind for entry in service.entries() if entry.kind.startswith("look.")]


def test_a_refused_question_is_no_look(finished, request_):
    """Its rows do not fit, so that it teaches nothing about the labels."""
    unfit = replace(request_, row_ids=request_.row_ids + 10_000)
    with pytest.raises(DataInvalid):
        ask_sealed(finished.ports, unfit)
    assert kinds(finished) == ["look.taken", "look.answered", "look.taken", "look.refused"]
    assert ask_sealed(finished.ports, request_).rows == 120
    assert [entry.body["number"] for entry in finished.entries() if entry.kind == "look.taken"] == [1, 2, 2]


def test_a_look_whose_answer_was_lost_is_answered_without_another(finished, request_):
    """The process stopped half-way; the question is the same, so is its number."""
    broken = replace(finished.ports, scorer=BrokenScorer)
    with pytest.raises(ServiceFailed):
        ask_sealed(broken, request_)
    first = ask_sealed(finished.ports, request_)
    assert ask_sealed(broken, request_) == first
    assert kinds(finished)[2:] == ["look.taken", "look.answered"]


def test_one_look_more_than_was_agreed_is_refused_before_the_labels_are_asked(finished, request_):
    """The budget is used up; the scorer is not even called."""
    allowed = request_.contract.evaluation.looks
    broken = replace(finished.ports, scorer=BrokenScorer)
    for seed in range(2, allowed + 1):
        with pytest.raises(ServiceFailed):
            ask_sealed(broken, replace(request_, seed=seed))
    with pytest.raises(LooksExhausted, match=f"{allowed} of {allowed} looks"):
        ask_sealed(broken, request_)
    assert kinds(finished).count("look.taken") == allowed

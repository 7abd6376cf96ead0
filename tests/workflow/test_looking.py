"""Looks at the sealed labels: counted before the question is put, and never more than were agreed."""

from dataclasses import replace

import numpy as np
import pytest

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.scorer import LooksExhausted, ScoreRequest
from modelwright.kernel.errors import DataInvalid, ServiceFailed
from modelwright.kernel.outcome import Status
from modelwright.training.pipeline import DecisionRule
from modelwright.workflow.history import fold
from modelwright.workflow.looking import ask_sealed, looks_agree


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
    assert ask_sealed(finished.ports, request_) == first
    assert kinds(finished)[2:] == ["look.taken", "look.answered"]
    assert looks_agree(finished.ports).allows


def test_another_run_of_the_same_model_asks_nothing_new(finished, request_):
    """The answer comes under its own name; it is one look."""
    first = ask_sealed(finished.ports, request_)
    again = ask_sealed(finished.ports, replace(request_, run_id="run-2"))
    assert (again.run_id, replace(again, run_id="run-1")) == ("run-2", first)
    assert kinds(finished)[2:] == ["look.taken", "look.answered", "look.answered"]
    assert looks_agree(finished.ports).allows


def test_a_painted_report_is_not_what_the_scorer_gave(finished, request_):
    """Put into the ledger as an answer, it is found, and no gate is judged by it."""
    ports = finished.ports
    real = ask_sealed(ports, request_)
    better = tuple(replace(found, value=0.99, low=0.98, high=1.0) for found in real.estimates)
    body = {"request": request_.digest, "run": request_.run_id}
    painted = ports.store.put_record(replace(real, estimates=better))
    ports.ledger.append("look.answered", body, actor=ports.actor, artifacts={"report": painted})
    found = looks_agree(ports)
    assert found.status is Status.FAILED
    assert "not the one that the scorer gave" in found.evidence[0]
    assert ask_sealed(ports, request_) == real


def test_a_look_that_went_around_the_ledger_is_found(finished, request_):
    """And so is one that was asked under a contract nobody froze."""
    finished.ports.scorer().score(request_)
    found = looks_agree(finished.ports)
    assert found.status is Status.FAILED
    assert "is not in the ledger" in found.evidence[0]
    assert any("not in the ledger" in line for link in finished.verify().links for line in link.evidence)


def test_a_look_under_a_contract_that_was_never_frozen_is_found(finished, request_):
    """Such as one with a lower bar."""
    contract = request_.contract.model_copy(update={"name": "other"})
    ask_sealed(finished.ports, replace(request_, contract=contract))
    assert "never frozen here" in looks_agree(finished.ports).evidence[0]


def test_a_book_that_was_cut_off_is_found(finished):
    """Its chain is whole; the ledger knows of an answer that it does not."""
    (book,) = (finished.ports.project.root.parent / "home" / "looks").iterdir()
    book.write_bytes(b"")
    found = looks_agree(finished.ports)
    assert found.status is Status.FAILED
    assert "is not in the scorer's book" in found.evidence[0]
    book.write_bytes(b"{}")
    assert looks_agree(finished.ports).status is Status.FAILED
    book.write_bytes(b"{}\n{}\n")
    assert looks_agree(finished.ports).status is Status.FAILED


def test_a_copy_of_a_project_without_the_scorer_s_home_cannot_compare_looks(finished):
    """That is neither right nor wrong, and the next step says where it can be seen."""
    home = finished.ports.project.root.parent / "home"
    home.rename(home.with_name("elsewhere"))
    found = looks_agree(finished.ports)
    assert found.status is Status.UNKNOWN
    assert "ledger verify" in found.next_step


def test_a_scorer_that_is_away_leaves_the_comparison_unknown(finished):
    """Neither right nor wrong."""

    class Away:
        def booked(self, seal_id):
            raise ServiceFailed(f"nobody answers for {seal_id}")

    assert looks_agree(replace(finished.ports, scorer=Away)).status is Status.UNKNOWN


def test_the_list_of_looks_says_what_became_of_each(finished, request_):
    """Answered, refused, or without an answer; and what is left."""
    with pytest.raises(DataInvalid):
        ask_sealed(finished.ports, replace(request_, row_ids=request_.row_ids + 10_000))
    with pytest.raises(ServiceFailed):
        ask_sealed(replace(finished.ports, scorer=BrokenScorer), request_)
    told = finished.looks()
    assert [line.state for line in told.looks] == ["answered", "refused", "no answer left"]
    assert (told.taken, told.allowed, told.left) == (2, 3, 1)
    assert told.told == "2 of 3 looks are used, 1 are left."
    assert told.looks[0].answer == "everything"


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

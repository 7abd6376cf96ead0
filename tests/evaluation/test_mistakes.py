"""Error analysis: piles add up, planted weak segments are found, clean data stays quiet."""

import numpy as np
import polars as pl
import pytest
from tests.evaluation.samples import TARGETS, binary, contract_of, drawn, frame_of

from modelwright.contracts.data import Column
from modelwright.evaluation.mistakes import MistakeReport, analyse
from modelwright.kernel.errors import DataInvalid, UserFault
from modelwright.ledger.codec import decode, encode
from modelwright.training.pipeline import DecisionRule


def analysis(y, scores, frame, *, task="binary", contract=None, rule=None, **rest):
    """Analyse with the least that is needed."""
    return analyse(
        y,
        scores,
        frame=frame,
        target=TARGETS[task],
        contract=contract or contract_of(task),
        rule=rule or DecisionRule(threshold=0.4),
        **rest,
    )


def test_false_positives_and_false_negatives_are_all_mistakes():
    """The piles of a binary model add up, and cost what the contract says."""
    rng = np.random.default_rng(1)
    y, scores = binary(rng)
    found = analysis(y, scores, frame_of(rng, 400))
    piles = {pile.name: pile for pile in found.piles}
    positives, negatives = piles["false positives"], piles["false negatives"]
    assert positives.rows + negatives.rows == found.mistakes
    assert (positives.cost, negatives.cost) == (positives.rows * 1, negatives.rows * 4)
    assert piles["low confidence (below 0.6)"].rows > 0


def test_rows_left_to_a_person_are_a_pile_and_no_mistake():
    """They were not answered."""
    rng = np.random.default_rng(1)
    y, scores = binary(rng)
    found = analysis(y, scores, frame_of(rng, 400), rule=DecisionRule(abstain=(0.2, 0.8)))
    left = next(pile for pile in found.piles if pile.name == "left to a person")
    assert left.rows == int(((scores[:, 1] >= 0.2) & (scores[:, 1] < 0.8)).sum())


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_every_task_has_its_piles(task):
    """Wrong classes, or large errors on either side."""
    rng = np.random.default_rng(1)
    found = analysis(*drawn(task, rng), frame_of(rng, 400), task=task)
    assert sum(pile.rows for pile in found.piles if "confidence" not in pile.name) == found.mistakes > 0
    assert decode(encode(found), MistakeReport) == found


def test_a_planted_weak_segment_is_found_and_named_first():
    """Students are scored at random; the page says how much worse."""
    rng = np.random.default_rng(2)
    y, scores = binary(rng, 2000, strength=4.0)
    frame = frame_of(rng, 2000)
    students = np.flatnonzero((frame["job"] == "student").to_numpy())
    scores[students] = scores[rng.permutation(students)]
    found = analysis(y, scores, frame)
    assert (found.segments[0].column, found.segments[0].value) == ("job", "student")
    assert found.segments[0].lift > 1.3
    assert "job = student" in found.document().to_markdown()


def test_segments_of_pure_chance_are_rarely_named():
    """Twenty columns of noise, thirty times: at most one run in ten names anything."""
    named = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        y, scores = binary(rng)
        columns = {f"c{index}": rng.choice(["a", "b", "c"], size=400) for index in range(20)}
        contract = contract_of()
        declared = {name: Column(type="category") for name in columns} | dict(contract.data.columns)
        data = contract.data.model_copy(update={"columns": declared})
        noisy = contract.model_copy(update={"data": data})
        found = analysis(y, scores, pl.DataFrame(columns), contract=noisy)
        assert found.looked_at == 60
        named += bool(found.segments)
    assert named <= 3


def test_columns_that_identify_people_are_not_looked_at():
    """Nor those kept out, nor the entity."""
    rng = np.random.default_rng(1)
    y, scores = binary(rng)
    contract = contract_of()
    columns = dict(contract.data.columns) | {
        "name": Column(type="text", pii="direct"),
        "secret": Column(type="category", keep_out=True),
        "client": Column(type="category", role="entity"),
    }
    hidden = contract.model_copy(update={"data": contract.data.model_copy(update={"columns": columns})})
    frame = pl.DataFrame({name: rng.choice(["a", "b"], size=400) for name in ("name", "secret", "client")})
    assert analysis(y, scores, frame, contract=hidden).looked_at == 0


def test_a_model_without_mistakes_has_nowhere_to_gather_them():
    """And its page says so."""
    y = np.tile([0.0, 1.0], 200)
    found = analysis(y, np.column_stack([1 - y, y]), frame_of(np.random.default_rng(1), 400))
    assert (found.mistakes, found.segments) == (0, ())
    assert "None of 0 segments" in found.document().to_markdown()


def test_a_model_that_is_always_wrong_is_wrong_everywhere_alike():
    """No segment stands out when all are the same."""
    y = np.tile([0.0, 1.0], 200)
    found = analysis(y, np.column_stack([y, 1 - y]), frame_of(np.random.default_rng(1), 400))
    assert (found.mistakes, found.segments) == (400, ())


def test_the_sealed_test_part_is_refused():
    """What is learned from its mistakes would flatter its score."""
    y, scores = binary(np.random.default_rng(1))
    with pytest.raises(UserFault, match="sealed test part"):
        analysis(y, scores, frame_of(np.random.default_rng(1), 400), part="test")


def test_scores_that_cannot_be_meant_are_refused():
    """As everywhere in this room."""
    y, scores = binary(np.random.default_rng(1))
    with pytest.raises(DataInvalid):
        analysis(y, scores * np.nan, frame_of(np.random.default_rng(1), 400))

"""The decision rule: cheapest on validation, refused anywhere else, explained in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluation.samples import COSTS, TARGETS, binary, multiclass, regression, sample_of

from modelwright.contracts.decision import Mistakes
from modelwright.evaluation.decision import row_costs
from modelwright.evaluation.threshold import choose_rule, least_cost_threshold
from modelwright.kernel.errors import UserFault
from modelwright.training.pipeline import DecisionRule


def choice_of(y, scores, *, mistakes=COSTS, task="binary", **rest):
    """Choose on validation."""
    return choose_rule(y, scores, target=TARGETS[task], mistakes=mistakes, part="validation", **rest)


def cost_at(y, scores, rule, mistakes):
    """What one decision costs under a rule."""
    return float(np.mean(row_costs(sample_of("binary", y, scores, mistakes=mistakes, rule=rule))))


@st.composite
def rows(draw):
    """Labels and scores with ties and with the ends of the range."""
    count = draw(st.integers(1, 25))
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), dtype=float)
    positive = np.array(draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))) / 6
    return y, np.column_stack([1 - positive, positive])


prices = st.integers(0, 9).map(float)


@given(rows=rows(), wrong_yes=prices, wrong_no=prices)
@settings(max_examples=150)
def test_no_threshold_costs_less_than_the_chosen_one(rows, wrong_yes, wrong_no):
    """Against every threshold there is, on any rows and any prices."""
    y, scores = rows
    mistakes = Mistakes(wrong_yes=wrong_yes, wrong_no=wrong_no)
    found = choice_of(y, scores, mistakes=mistakes, resamples=5)
    tried = [
        cost_at(y, scores, DecisionRule(threshold=float(threshold)), mistakes)
        for threshold in np.r_[np.linspace(0, 1, 25), 1.1]
    ]
    assert found.cost == pytest.approx(cost_at(y, scores, found.rule, mistakes))
    assert found.cost <= min(tried) + 1e-12


@given(rows=rows(), wrong_yes=prices, wrong_no=prices, abstain=prices)
@settings(max_examples=100)
def test_no_zone_to_hand_over_costs_less_than_the_chosen_one(rows, wrong_yes, wrong_no, abstain):
    """Against every zone, and against handing over nothing."""
    y, scores = rows
    mistakes = Mistakes(wrong_yes=wrong_yes, wrong_no=wrong_no, abstain=abstain / 4)
    found = choice_of(y, scores, mistakes=mistakes, resamples=5)
    ends = np.r_[np.linspace(0, 1, 13) - 1e-3, 1.1]
    tried = [
        cost_at(y, scores, DecisionRule(threshold=float(low), abstain=(float(low), float(high))), mistakes)
        for low in ends
        for high in ends
        if low <= high
    ]
    assert found.cost <= min(tried) + 1e-12


def test_a_zone_is_handed_over_when_a_person_is_cheaper_than_either_mistake():
    """Sure rows are answered, unsure ones are not."""
    y, scores = binary(np.random.default_rng(5), rows=3000)
    mistakes = Mistakes(wrong_yes=1, wrong_no=1, abstain=0.2)
    found = choice_of(y, scores, mistakes=mistakes)
    low, high = found.rule.abstain
    assert 0.1 < low < 0.35
    assert 0.65 < high < 0.9
    assert "go to a person" in found.statement


def test_nothing_is_handed_over_when_a_person_costs_as_much_as_the_worst_mistake():
    """Then an answer is never the dearer choice."""
    y, scores = binary(np.random.default_rng(5))
    found = choice_of(y, scores, mistakes=Mistakes(wrong_yes=1, wrong_no=1, abstain=1))
    assert found.rule.abstain is None


def test_with_true_probabilities_the_chosen_threshold_is_near_the_theoretical_one():
    """Elkan's threshold of 1 / (1 + 4), within the interval the choice reports."""
    y, scores = binary(np.random.default_rng(8), rows=20_000)
    found = choice_of(y, scores, seed=1, resamples=100)
    assert least_cost_threshold(COSTS) == 0.2
    assert found.threshold_low <= 0.2 <= found.threshold_high
    assert found.rule.threshold == pytest.approx(0.2, abs=0.06)
    assert found.cost_low <= found.cost <= found.cost_high < found.cost_at_default


def test_of_equally_cheap_thresholds_the_one_nearest_to_theory_is_taken():
    """Separated classes leave a gap; its theoretical place in it is as good as any and steadier."""
    y, positive = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.15, 0.9, 0.95])
    found = choice_of(y, np.column_stack([1 - positive, positive]))
    assert found.cost == 0
    assert 0.15 < found.rule.threshold <= 0.9


def test_never_saying_yes_can_be_the_cheapest_rule():
    """When a needless yes costs everything and a missed one nothing."""
    y, scores = np.array([0.0, 1.0]), np.array([[0.0, 1.0], [0.5, 0.5]])
    found = choice_of(y, scores, mistakes=Mistakes(wrong_yes=5, wrong_no=0))
    assert found.rule.threshold > 1.0
    assert found.cost == 0


@pytest.mark.parametrize("part", ["test", "train", "validated"])
def test_a_rule_is_never_chosen_on_anything_but_validation(part):
    """A threshold tuned on the test part flatters the model there, and only there."""
    y, scores = binary(np.random.default_rng(1), rows=50)
    with pytest.raises(UserFault, match="validation rows only"):
        choose_rule(y, scores, target=TARGETS["binary"], mistakes=COSTS, part=part)


def test_a_rule_is_not_chosen_on_no_rows():
    """There is nothing to choose by."""
    with pytest.raises(UserFault, match="0 rows of validation"):
        choice_of(np.zeros(0), np.zeros((0, 2)))


def test_the_statement_says_which_mistake_becomes_rarer_which_likelier_and_who_pays():
    """The sentence a product owner signs."""
    y, scores = binary(np.random.default_rng(8), rows=2000)
    told = choice_of(y, scores).statement
    assert "answering yes when it is not (1 EUR each) becomes likelier" in told.lower().replace("eur", "EUR")
    assert "missing a yes (4 EUR each) becomes rarer" in told
    assert told.endswith("The campaign budget pays.")


def test_other_tasks_have_no_threshold_and_say_what_their_answers_cost():
    """Several classes: the likeliest. A number: itself."""
    several = choice_of(*multiclass(np.random.default_rng(1)), task="multiclass")
    number = choice_of(*regression(np.random.default_rng(1)), task="regression")
    assert several.rule == number.rule == DecisionRule()
    assert several.cost == several.cost_at_default
    assert "likeliest class" in several.statement
    assert "too high costs 1 EUR" in number.statement


def test_the_same_rows_give_the_same_choice():
    """Chance has a seed."""
    y, scores = binary(np.random.default_rng(8))
    assert choice_of(y, scores, seed=3) == choice_of(y, scores, seed=3)

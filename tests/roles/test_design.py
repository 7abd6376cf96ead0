"""Pipeline and evaluation designed from a contract, and the check one role makes of the other's work."""

import pytest
from tests.contracts.calls import spoiled

from modelwright.candidates.design import Design
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.contracts.reading import parse_contract
from modelwright.roles.data_scientist import check_facts, design_evaluation
from modelwright.roles.mlops_engineer import design_pipeline

ROWS = {"train": 600, "validation": 200, "test": 200}

DESIGN = Design(
    name="pragmatic",
    summary="trees",
    architecture="",
    inputs_outputs="",
    training_strategy="",
    inference="",
    resources="",
    members=(EstimatorSpec(family="boosting", params={}, name="trees"),),
    bagging_folds=5,
    performance="",
    complexity="",
    cost="",
)

TEMPORAL = (
    ("split: {policy: stratified}", "split: {policy: temporal, time: day}"),
    ("  columns:\n", "  columns:\n    day: {type: datetime, role: time}\n"),
)
GROUPED = (
    ("split: {policy: stratified}", "split: {policy: group, group: phone}"),
    ("phone: {type: text, role: context", "phone: {type: text, role: group"),
)


def contract(*changes):
    """The contract with some of its lines written otherwise."""
    return parse_contract(spoiled(*changes), name="contract.yaml")


def pipeline(agreed, *, rows=600):
    """The pipeline designed for a contract."""
    return design_pipeline(DESIGN, agreed, rows=rows, columns=4, threads=2, seed=7)


def test_a_small_local_run_turns_everything_else_off_with_a_reason():
    """A lane that is off says why."""
    told = pipeline(contract())
    assert told.distributed == "off: the table fits one machine"
    assert told.orchestration == "off: one command runs it"
    assert told.tracking["Mirror"] == "off: the contract asks for local tracking"
    assert "stratified folds" in told.document().to_markdown()


def test_what_the_contract_asks_for_is_in_the_design():
    """A mirror, an orchestrator, and a table that is too large for one machine."""
    agreed = contract(("evaluation:\n", "stack: {tracking: mlflow, orchestrator: airflow}\nevaluation:\n"))
    told = pipeline(agreed, rows=60_000_000)
    assert told.tracking["Mirror"] == "mlflow, if installed"
    assert told.orchestration == "airflow calls the same command"
    assert "cluster" in told.distributed


@pytest.mark.parametrize(
    ("changes", "said", "order"),
    [
        (TEMPORAL, "forward-chaining", "latest in time"),
        (GROUPED, "keep each phone whole", "no phone stands on two sides"),
    ],
    ids=["temporal", "group"],
)
def test_folds_follow_the_split_and_a_design_that_does_not_is_found(changes, said, order):
    """The second role reads what the first one wrote."""
    agreed = contract(*changes)
    assert said in pipeline(agreed).loop[1]
    assert check_facts(pipeline(agreed), agreed, rows=ROWS).issues == ()
    assert order in design_evaluation(agreed, rows=ROWS).validation
    (issue,) = check_facts(pipeline(contract()), agreed, rows=ROWS).issues
    assert "folds of the design do not" in issue


def test_parts_that_are_not_of_the_size_agreed_are_found():
    """Half of the rows ended up in the test part."""
    agreed = contract()
    issues = check_facts(pipeline(agreed), agreed, rows={"train": 400, "validation": 100, "test": 500}).issues
    assert issues == ("the test part holds 50% of the rows, the contract asks for 20%",)
    assert "To be settled" in check_facts(pipeline(agreed), agreed, rows={}).document().to_markdown()


def test_a_contract_without_gates_is_a_contradiction():
    """Nothing could ever be promoted."""
    agreed = contract()
    agreed = agreed.model_copy(update={"gates": agreed.gates.model_copy(update={"lines": ()})})
    assert "no gate" in check_facts(pipeline(agreed), agreed, rows=ROWS).issues[0]
    assert "none: nothing can pass" in design_evaluation(agreed, rows=ROWS).document().to_markdown()


def test_few_sealed_rows_and_unknown_delays_are_said_before_anyone_believes_the_numbers():
    """What a reader has to know first."""
    told = design_evaluation(contract(), rows={"train": 60, "validation": 20, "test": 20})
    assert any("20 rows: intervals will be wide" in note for note in told.notes)
    assert any("label delay is not known" in note for note in told.notes)
    text = told.document().to_markdown()
    assert "Never ship when" in text
    assert "calibration_error > 0.1" in text


def test_labels_that_are_known_leave_nothing_to_note():
    """Definition, delay and confidence are stated."""
    agreed = contract(
        ("  split:", "  label: {definition: subscribed, delay: 7d, confidence: 0.98}\n  split:"),
        ("  do_not_ship:\n    - calibration_error > 0.1\n", ""),
    )
    told = design_evaluation(agreed, rows={"train": 6000, "validation": 2000, "test": 2000})
    assert told.notes == ()
    assert "Before believing" not in told.document().to_markdown()

"""Proposals: three designs worth choosing between, measured, with a reason for the one recommended."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.training.inputs import Desk, table

from modelwright.candidates.design import Design, Probe, Proposals
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.candidates.propose import propose
from modelwright.candidates.recommend import recommend, row_losses
from modelwright.candidates.variants import racers
from modelwright.contracts.contract import Contract
from modelwright.kernel.errors import TrainingFailed
from modelwright.ledger.codec import decode, encode


def proposed(folder, **desk):
    """Proposals for a small table."""
    made = Desk(folder, **desk)
    return propose(
        made.train, made.contract, plan=made.plan, target=made.target, seed=7, threads=2, budget_seconds=0.1
    )


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    """Proposals for two classes."""
    return proposed(tmp_path_factory.mktemp("binary"), rows=600)


def test_three_designs_are_measured_and_put_into_five_parts(binary):
    """Simplest first, none without a number."""
    assert [design.name for design in binary.designs] == ["baseline", "pragmatic", "frontier"]
    for design in binary.designs:
        assert design.probe is not None
        assert design.probe.value is not None
        assert design.probe.latency_ms > 0
        assert design.probe.size_bytes > 0
        parts = (
            design.architecture,
            design.inputs_outputs,
            design.training_strategy,
            design.inference,
            design.resources,
        )
        assert all(parts)
    text = binary.document().to_markdown()
    assert text.count("**Training strategy**") == 3
    assert "| design | performance | complexity | cost |" in text


def test_the_designs_grow_in_complexity(binary):
    """One linear model, one kind of trees, several kinds."""
    baseline, pragmatic, frontier = binary.designs
    assert [member.family for member in baseline.members] == ["linear"]
    assert [member.family for member in pragmatic.members] == ["boosting"]
    assert {member.family for member in frontier.members} == {"boosting", "neural", "linear"}
    assert any("raced on the probe" in note for note in pragmatic.notes)


def test_the_same_data_and_seed_propose_the_same_members(binary, tmp_path):
    """What was measured in seconds may differ; what is proposed may not."""
    again = proposed(tmp_path, rows=600)
    for one, other in zip(binary.designs, again.designs, strict=True):
        assert one.members == other.members
        assert one.probe.value == other.probe.value


def test_proposals_survive_their_stored_form(binary):
    """They are kept until a person chooses."""
    assert decode(encode(binary), Proposals) == binary
    assert binary.of("pragmatic") == binary.designs[1]
    assert binary.of("none") is None


def test_a_regression_tries_the_logarithmic_scale(tmp_path):
    """Which scale is better is decided on the probe and said."""
    made = proposed(tmp_path, task="regression", rows=500)
    notes = " ".join(made.designs[1].notes)
    assert "log(1 + target) do" in notes
    logged = "does better" in notes
    assert bool(made.designs[1].members[0].params.get("log_target")) == logged


def test_a_multiclass_temporal_table_gets_its_designs(tmp_path):
    """Folds in order of time, three classes."""
    made = proposed(tmp_path, task="multiclass", policy="temporal", rows=500)
    assert "a probability for each of 3 classes" in made.designs[0].inputs_outputs


def test_a_handful_of_rows_is_enough_for_three_folds(tmp_path):
    """Small tables get fewer folds, not an error."""
    made = proposed(tmp_path, frame=table(60))
    assert {design.bagging_folds for design in made.designs} == {3}


def test_absolute_metrics_are_raced_with_an_absolute_loss():
    """What is judged by the median is fitted to it."""
    desk_target = Desk("unused", task="regression", rows=60).target
    entered = racers(np.array([1.0, 2.0]), desk_target, primary="mae")
    assert {spec.params["loss"] for spec in entered} == {"absolute"}
    below_zero = racers(np.array([-1.0, 2.0]), desk_target, primary="rmse")
    assert "trees-log" not in [spec.name for spec in below_zero]


def design(name, latency=0.1):
    """A design with nothing but a probe."""
    probe = Probe(seconds=1, rows=100, metric="log_loss", value=0.3, latency_ms=latency, size_bytes=10)
    return Design(
        name=name,
        summary="",
        architecture="",
        inputs_outputs="",
        training_strategy="",
        inference="",
        resources="",
        members=(EstimatorSpec(family="prior", name="prior"),),
        bagging_folds=5,
        performance="",
        complexity="",
        cost="",
        probe=probe,
    )


def advised(losses, *, contract=None, latency=0.1):
    """The recommendation for three lists of losses."""
    made = contract or Desk("unused", rows=60).contract
    designs = [design("baseline"), design("pragmatic"), design("frontier", latency)]
    target = Desk("unused", rows=60).target
    return recommend(designs, [np.array(one) for one in losses], made, target=target)


FLAT, BETTER, BEST = np.full(400, 1.0), np.full(400, 0.8), np.full(400, 0.7)


def test_the_simplest_design_that_is_not_beaten_is_recommended():
    """Differences within chance, or too small, do not pay."""
    noise = np.random.default_rng(0).normal(0, 1, 400)
    assert advised([FLAT, FLAT + noise, FLAT + noise])[0] == "baseline"
    assert advised([FLAT, FLAT * 0.999, FLAT * 0.998])[0] == "baseline"
    assert advised([FLAT, BETTER, BETTER])[0] == "pragmatic"
    assert advised([FLAT, BETTER, BEST])[0] == "frontier"


def test_a_design_that_answers_too_late_is_not_recommended():
    """The contract's latency is the reason."""
    choice, reason = advised([FLAT, BETTER, BEST], latency=500.0)
    assert choice == "pragmatic"
    assert "150 ms at p95" in reason


def test_a_contract_that_asks_for_a_readable_model_gets_one():
    """Interpretability is a constraint, not a taste."""
    contract = Desk("unused", rows=60).contract.model_dump()
    contract["decision"]["constraints"] = ["decisions must be explained to clients"]
    choice, reason = advised([FLAT, BETTER, BEST], contract=Contract.model_validate(contract))
    assert choice == "baseline"
    assert "explained to clients" in reason


def test_the_cost_of_mistakes_is_cited():
    """Unequal mistakes are why probabilities must be honest."""
    assert "A wrong no costs 5, a wrong yes 1 (EUR)" in advised([FLAT, BETTER, BETTER])[1]


def test_the_loss_of_a_row_is_what_its_class_was_given():
    """Negative log-likelihood."""
    target = Desk("unused", rows=60).target
    losses = row_losses(np.array([0.0, 1.0]), np.array([[0.5, 0.5], [0.0, 1.0]]), target)
    assert losses.tolist() == pytest.approx([np.log(2), 0.0])


def test_members_that_cannot_be_fitted_are_left_out_and_named(tmp_path):
    """A class of a few rows stops the network, not the proposal."""
    frame = table(400, task="multiclass").with_columns(
        y=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("once")).otherwise(pl.col("y"))
    )
    made = proposed(tmp_path, task="multiclass", frame=frame)
    frontier = made.designs[2]
    assert all(member.family != "neural" for member in frontier.members) or frontier.notes == ()


def test_many_classes_enter_a_network_into_the_race(tmp_path):
    """Trees grown for each class are costly; fewer shapes of them are tried, and no more than one is kept."""
    frame = table(900, task="regression").with_columns(
        y=pl.col("y").rank("ordinal").floordiv(151).cast(pl.Int64).cast(pl.String)
    )
    made = proposed(tmp_path, task="multiclass", frame=frame)
    raced = made.designs[1].notes[0]
    assert raced.count("trees-") == 2
    assert "network" in raced
    families = [member.family for member in made.designs[2].members]
    assert families == ["boosting", "neural", "linear"]


def test_a_race_without_any_finisher_is_told(tmp_path):
    """Two of the three designs are made of what runs there."""
    desk = Desk(tmp_path, task="regression", rows=60)
    desk.plan = replace(desk.plan, features=())
    with pytest.raises(TrainingFailed, match="no boosted trees can be fitted"):
        propose(
            desk.train,
            desk.contract,
            plan=desk.plan,
            target=desk.target,
            seed=7,
            threads=1,
            budget_seconds=0.1,
        )

"""The configuration: its digest names what it makes, and only that."""

from dataclasses import replace

from tests.training.inputs import LINEAR, TREES, contract_for

from modelwright.candidates.design import Design
from modelwright.ledger.codec import decode, encode
from modelwright.training.config import TrainingConfig, config_of
from modelwright.training.threads import waiting_passively

CONFIG = TrainingConfig(design="pragmatic", members=(TREES,), seed=7)


def test_the_digest_follows_from_everything_but_the_threads():
    """Results do not depend on how many fits are done at a time."""
    assert replace(CONFIG, threads=9).digest == CONFIG.digest
    assert replace(CONFIG, seed=8).digest != CONFIG.digest
    assert replace(CONFIG, members=(LINEAR,)).digest != CONFIG.digest
    assert decode(encode(CONFIG), TrainingConfig) == CONFIG


def design(name):
    """A design with nothing but members."""
    words = dict.fromkeys(
        (
            "summary",
            "architecture",
            "inputs_outputs",
            "training_strategy",
            "inference",
            "resources",
            "performance",
            "complexity",
            "cost",
        ),
        "",
    )
    return Design(name=name, members=(TREES,), bagging_folds=4, **words)


def test_a_design_and_a_contract_settle_the_configuration():
    """Temporal splits and the readable baseline are fitted anew on all rows; values are not calibrated."""
    plain = config_of(design("pragmatic"), contract_for(), seed=3, threads=2, exclude={"b", "a"})
    assert (plain.bagging, plain.calibration, plain.folds, plain.exclude) == (
        "folds",
        "sigmoid",
        4,
        ("a", "b"),
    )
    temporal = config_of(design("pragmatic"), contract_for(policy="temporal"), seed=3, threads=2)
    assert temporal.bagging == "refit"
    baseline = config_of(design("baseline"), contract_for("regression"), seed=3, threads=2)
    assert (baseline.bagging, baseline.calibration) == ("refit", "none")


def test_a_chosen_wait_policy_is_kept():
    """Whoever sets it knows why."""
    assert waiting_passively({"OMP_WAIT_POLICY": "active"})["OMP_WAIT_POLICY"] == "active"

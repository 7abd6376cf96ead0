"""Sanity checks: a member that cheats, does not learn or remembers is seen."""

from dataclasses import replace

import numpy as np
from tests.training.inputs import LINEAR, TREES, Desk

from modelwright.candidates.estimator import EstimatorSpec
from modelwright.training.material import prepare
from modelwright.training.sanity import sanity_checks


def checked(folder, spec=LINEAR, *, rows=1200, task="binary", **changed):
    """The status of each check, on changed material."""
    desk = Desk(folder, rows=rows, task=task)
    config = desk.config(spec)
    material = prepare(config, train=desk.train, plan=desk.plan, target=desk.target, contract=desk.contract)
    outcomes = sanity_checks(spec, replace(material, **changed), config=config)
    return [outcome.status.value for outcome in outcomes]


def test_honest_members_pass(tmp_path):
    """Both kinds, classes and values."""
    assert checked(tmp_path) == ["passed"] * 3
    assert checked(tmp_path, TREES, task="regression") == ["passed"] * 3


def test_few_rows_leave_a_question_open(tmp_path):
    """Not looked at is not passed."""
    assert checked(tmp_path, rows=300) == ["passed", "unknown", "passed"]


def test_a_member_that_cannot_learn_fails(tmp_path):
    """No split is allowed, so nothing is learned."""
    blunt = replace(TREES, params={"min_leaf": 10_000})
    assert checked(tmp_path, blunt)[0] == "failed"


def test_targets_that_stand_in_every_column_teach_nothing_when_shuffled(tmp_path):
    """The check looks at rows whose labels were not shuffled."""
    desk = Desk(tmp_path, rows=1200)
    y = (desk.train["y"] == "yes").cast(float).to_numpy()
    leaky = np.repeat(y[:, None], 4, axis=1)
    assert checked(tmp_path, x=leaky)[1] == "passed"


def test_a_member_that_cannot_be_set_up_is_unknown(tmp_path):
    """The reason is the evidence."""
    broken = EstimatorSpec(family="linear", name="linear", params={"strenght": 1.0})
    assert checked(tmp_path, broken) == ["unknown"] * 3

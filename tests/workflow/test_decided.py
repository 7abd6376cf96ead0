"""Decided: an entry is a claim; what moved a version counts only with the people who allowed it."""

from dataclasses import replace

import pytest
from tests.workflow.projects import AGENT, LEAD

from modelwright.kernel.digest import plain
from modelwright.workflow.decided import decided
from modelwright.workflow.survey import answers_of


def judged(service):
    """What is said of every move, by the entry's kind and whether it was allowed."""
    history = service.look().history
    outcomes = list(decided(history, service.entries(), service.versions()))
    return [(outcome.what, outcome.allows, " ".join(outcome.evidence)) for outcome in outcomes]


def test_an_honest_life_is_allowed_from_end_to_end(contested):
    """A promotion, a second one at once, and the way back, which asks nobody."""
    contested.promote("v2", reason="stronger", at_once=True)
    contested.roll_back(reason="complaints")
    told = judged(contested)
    assert [allowed for _, allowed, _ in told] == [True, True, True]
    assert "unsigned" in told[1][2]
    assert contested.verify().outcome.allows


def test_a_promotion_that_nobody_allowed_is_found(contested):
    """Written by whoever can write; also one that goes back twice, or names nothing that is there."""
    for version in ("v2", "v9"):
        contested.ports.ledger.append("version.promoted", {"version": version, "previous": "v1"}, actor=AGENT)
    told = judged(contested)
    assert [allowed for _, allowed, _ in told] == [True, True, False, False]
    assert "0 of 1 approvals" in told[2][2]
    assert "never registered" in told[3][2]
    verification = contested.verify()
    assert not verification.outcome.allows


def test_the_brake_is_no_accelerator(contested):
    """Back goes to the champion before; forward again is a promotion like any other, and asks again."""
    contested.promote("v2", reason="stronger", at_once=True)
    contested.roll_back(reason="complaints")
    refused = replace(answers_of(contested.look().history, "promotion:v2")[-1], decision="reject")
    contested.ports.ledger.append(
        "approval.given", {"subject": "promotion:v2", "approval": plain(refused)}, actor=refused.actor
    )
    contested.ports.ledger.append("version.promoted", {"version": "v2", "previous": "v1"}, actor=AGENT)
    assert "rejected by person lead" in judged(contested)[-1][2]


@pytest.mark.parametrize("kind", ["rollout.advanced", "rollout.completed"])
def test_a_rollout_that_never_began_moves_nothing(contested, kind):
    """Its later steps stand on its first."""
    body = {"rollout": "r9", "champion": "v1", "challenger": "v2", "drill": False}
    contested.ports.ledger.append(kind, body, actor=AGENT)
    assert "never began as it must" in judged(contested)[-1][2]


def test_what_nobody_may_write_is_listed(finished):
    """An amendment by an agent changes nothing, and verification tells of it."""
    contract = finished.look().contract_digest
    body = {"contract_digest": contract, "reason": "mine", "late": False, "changes": []}
    for more in ({"approval": 1}, {}):
        finished.ports.ledger.append("contract.amended", {**body, **more}, actor=AGENT)
    finished.ports.ledger.append("identity.enrolled", {"name": "ghost"}, actor=LEAD)
    told = judged(finished)
    assert not told[0][1]
    assert told[0][2].count("contract.amended") == 2
    assert "identity.enrolled" in told[0][2]
    assert not finished.verify().outcome.allows

"""Policies: who may do what, mode by mode."""

import pytest

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.policy import PERMISSIONS, POLICIES, policy_of
from modelwright.kernel.errors import UnknownName
from modelwright.kernel.outcome import Status

PERSON = Actor(kind=ActorKind.PERSON, name="lead")
SERVICE = Actor(kind=ActorKind.SERVICE, name="controller")
AGENT = Actor(kind=ActorKind.AGENT, name="coder")
DECISIONS = [name for name in PERMISSIONS if name.endswith(":approve")] + [
    "waiver:give",
    "contract:amend",
    "risk:settle",
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.mode)
@pytest.mark.parametrize("permission", DECISIONS)
@pytest.mark.parametrize("actor", [SERVICE, AGENT], ids=lambda actor: actor.kind.value)
def test_only_people_decide_in_any_mode(policy, permission, actor):
    """Agents and services act; they never approve, waive, settle or amend."""
    outcome = policy.may(actor, permission)
    assert outcome.status is Status.FAILED
    assert outcome.next_step == "ask a person to do it"


@pytest.mark.parametrize("permission", ["phase:run", "approval:request", "project:read"])
@pytest.mark.parametrize("actor", [PERSON, SERVICE, AGENT], ids=lambda actor: actor.kind.value)
def test_everyone_may_run_read_and_ask(permission, actor):
    """The whole life can be driven by an agent, up to the point where a person decides."""
    assert policy_of("enterprise").may(actor, permission).allows


def test_every_permission_is_spelled_resource_action():
    """So that the full list can be printed, and a slip is found."""
    assert all(name.count(":") == 1 and name == name.lower() for name in PERMISSIONS)
    with pytest.raises(UnknownName, match="did you mean 'phase:approve'"):
        policy_of("quick").may(PERSON, "phase:aprove")
    with pytest.raises(UnknownName, match="did you mean 'project:read'"):
        policy_of("quick").may(PERSON, "zzzzzz")


def test_an_actor_without_a_name_has_no_permission():
    """Nobody is not somebody who may."""
    outcome = policy_of("quick").may(Actor(kind=ActorKind.PERSON, name=" "), "phase:approve")
    assert outcome.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("mode", "subject", "people", "self_approval"),
    [
        ("quick", "phase:6", 1, True),
        ("quick", "promotion:v1", 1, True),
        ("standard", "phase:4", 1, True),
        ("standard", "phase:6", 1, False),
        ("standard", "promotion:v1", 1, False),
        ("enterprise", "phase:6", 1, False),
        ("enterprise", "promotion:v1", 2, False),
        ("enterprise", "rollout:v2:step2", 2, False),
    ],
)
def test_a_mode_says_how_many_people_and_whether_the_author_counts(mode, subject, people, self_approval):
    """Stricter from mode to mode."""
    rule = policy_of(mode).rule(subject)
    assert (rule.people, rule.self_approval) == (people, self_approval)


def test_what_no_rule_covers_stays_closed():
    """Fail-closed: a new kind of subject needs a rule first."""
    with pytest.raises(UnknownName, match="no rule says who approves 'launch:moon'"):
        policy_of("quick").rule("launch:moon")


def test_an_unknown_mode_is_named():
    """With the nearest one."""
    with pytest.raises(UnknownName, match="did you mean 'quick'"):
        policy_of("quik")


def test_self_approval_is_said_wherever_it_is_allowed():
    """What every report shows."""
    assert policy_of("quick").self_approval_note.startswith("Self-approval is allowed: in quick mode")
    assert "except for phase:6, promotion:*" in policy_of("standard").self_approval_note
    strict = policy_of("enterprise")
    none = [rule for rule in strict.rules if not rule.self_approval]
    assert (
        type(strict)(mode="strict", permissions=strict.permissions, rules=tuple(none)).self_approval_note
        == ""
    )

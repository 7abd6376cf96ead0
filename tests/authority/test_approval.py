"""Approvals: given by a person, over exactly this, not yet expired; anything else does not open a phase."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import Approval, authorise, check_approval, check_approvals
from modelwright.authority.policy import POLICIES, policy_of
from modelwright.kernel.errors import ApprovalRefused, ExitCode, UnknownName
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTRACT = "sha256:" + "c" * 64
DESIGN = {"proposals": "sha256:" + "1" * 64, "plan": "sha256:" + "2" * 64}
LEAD = Actor(kind=ActorKind.PERSON, name="lead")
OWNER = Actor(kind=ActorKind.PERSON, name="owner")
AGENT = Actor(kind=ActorKind.AGENT, name="coder")
SERVICE = Actor(kind=ActorKind.SERVICE, name="controller")


def rules_of(mode):
    """The policy of a mode with its demand for signatures taken away: the rules alone are under test here."""
    return replace(policy_of(mode), signatures="once-enrolled")


def approval(actor=LEAD, **changes):
    """An approval of the design that counts, unless something is changed."""
    fields = {
        "subject": "phase:6",
        "decision": "approve",
        "artifacts": DESIGN,
        "contract_digest": CONTRACT,
        "reason": "the plan is sound",
        "actor": actor,
        "expires": NOW + timedelta(days=1),
    }
    return Approval(**(fields | changes))


def check(given, **changes):
    """The answer about one approval, in quick mode and made by nobody in particular."""
    facts = {
        "artifacts": DESIGN,
        "contract_digest": CONTRACT,
        "now": NOW,
        "policy": policy_of("quick"),
        "author": None,
        "subject": "phase:6",
    }
    return check_approval(given, **(facts | changes))


def check_all(given, **changes):
    """The answer about several approvals of a promotion, in enterprise mode."""
    facts = {
        "subject": "promotion:v1",
        "artifacts": DESIGN,
        "contract_digest": CONTRACT,
        "now": NOW,
        "policy": rules_of("enterprise"),
        "author": None,
    }
    return check_approvals(given, **(facts | changes))


def test_a_person_s_approval_of_exactly_this_passes():
    """And says who approved."""
    outcome = check(approval())
    assert outcome.allows
    assert outcome.evidence == ("approved by person lead, unsigned",)


def test_no_answer_is_unknown_and_blocks():
    """Silence is not consent."""
    outcome = check(None)
    assert outcome.status is Status.UNKNOWN
    assert outcome.next_step == "ask a person to approve phase:6"


@pytest.mark.parametrize("mode", [policy.mode for policy in POLICIES])
@pytest.mark.parametrize("actor", [AGENT, SERVICE], ids=lambda actor: actor.kind.value)
@pytest.mark.parametrize("subject", ["phase:1", "phase:6", "promotion:v1", "rollout:v1", "amendment:1"])
def test_agents_and_services_never_approve_in_any_mode(mode, actor, subject):
    """However the record came into the ledger."""
    outcome = check(approval(actor, subject=subject), subject=subject, policy=policy_of(mode))
    assert outcome.status is Status.FAILED
    assert "is not a person" in outcome.evidence[0]


def test_a_passed_deadline_means_denied():
    """At the very moment it expires."""
    given = approval(expires=NOW)
    assert check(given).status is Status.FAILED
    assert "expired" in check(given).evidence[0]
    assert check(given, now=NOW - timedelta(microseconds=1)).allows
    assert check(approval(expires=None)).allows


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            {"artifacts": {**DESIGN, "plan": "sha256:" + "9" * 64}},
            "plan is 999999999999, approved was 222222222222",
        ),
        ({"artifacts": {**DESIGN, "more": "sha256:" + "3" * 64}}, "more was not there when it was approved"),
        ({"artifacts": {"plan": DESIGN["plan"]}}, "proposals was approved and is gone"),
        (
            {"contract_digest": "sha256:" + "d" * 64},
            "the contract is dddddddddddd, approved was cccccccccccc",
        ),
    ],
)
def test_a_change_of_what_was_approved_voids_the_approval(now, told):
    """The answer names what changed."""
    outcome = check(approval(), **now)
    assert outcome.status is Status.FAILED
    assert told in outcome.evidence[0]


def test_an_approval_of_something_else_does_not_count():
    """An old one cannot be shown again at another door."""
    outcome = check(approval(subject="phase:4"))
    assert outcome.status is Status.FAILED
    assert outcome.evidence == ("the approval is for phase:4",)
    assert check(approval(subject="phase:4"), subject="").allows


def test_an_approval_without_a_reason_does_not_count():
    """It could not be judged later."""
    assert check(approval(reason=" - ")).evidence == ("it has no reason",)


def test_a_no_is_an_answer():
    """Rejection and a wish for changes carry their reason."""
    rejected = check(approval(decision="reject", reason="too slow"))
    assert rejected.status is Status.FAILED
    assert rejected.evidence == ("rejected by person lead: too slow",)
    wished = check(approval(decision="request-changes", reason="smaller"))
    assert wished.evidence == ("changes asked for by person lead: smaller",)


def test_a_no_to_what_it_was_before_asks_for_a_new_answer():
    """The change may be what was asked for: unknown, not failed."""
    outcome = check(approval(decision="reject", contract_digest="sha256:" + "0" * 64))
    assert outcome.status is Status.UNKNOWN
    assert "said no to what it was before" in outcome.evidence[0]


@pytest.mark.parametrize("mode", ["standard", "enterprise"])
def test_the_author_does_not_approve_their_own_design(mode):
    """Not even under another spelling; another person may."""
    shouting = Actor(kind=ActorKind.PERSON, name=" LEAD ")
    for actor in (LEAD, shouting):
        outcome = check(approval(actor), author=LEAD, policy=rules_of(mode))
        assert outcome.status is Status.FAILED
        assert "the author is not the approver" in outcome.evidence[0]
    assert check(approval(OWNER), author=LEAD, policy=rules_of(mode)).allows


def test_self_approval_in_quick_mode_counts_and_shows():
    """Allowed, in plain sight."""
    outcome = check(approval(), author=LEAD)
    assert outcome.evidence == ("approved by person lead, unsigned", "self-approval: the author approved")


def test_an_agent_s_work_is_approved_by_any_person():
    """The author is the agent; whoever approves is someone else."""
    author = Actor(kind=ActorKind.AGENT, name="lead")
    outcome = check(approval(), author=author, policy=rules_of("standard"))
    assert outcome.evidence == ("approved by person lead, unsigned",)


def test_a_promotion_in_enterprise_mode_needs_two_people():
    """The same person twice is one; a second one completes it."""
    first = approval(subject="promotion:v1")
    assert check_all((first,)).status is Status.UNKNOWN
    assert check_all((first, first)).evidence[0] == "1 of 2 approvals"
    again = approval(Actor(kind=ActorKind.PERSON, name="Lead"), subject="promotion:v1")
    assert not check_all((first, again)).allows
    second = approval(OWNER, subject="promotion:v1")
    assert check_all((first, second)).allows
    assert not check_all((first, second), author=OWNER).allows


def test_one_person_s_no_outweighs_two_yes():
    """Until that person says otherwise: of each person the last answer counts."""
    yes = (approval(subject="promotion:v1"), approval(OWNER, subject="promotion:v1"))
    third = Actor(kind=ActorKind.PERSON, name="third")
    no = approval(third, subject="promotion:v1", decision="reject", reason="unfair to small firms")
    assert check_all((*yes, no)).status is Status.FAILED
    assert check_all((*yes, no, approval(third, subject="promotion:v1"))).allows


def test_an_agent_s_no_does_not_hold_people_up():
    """It has no voice, in either direction."""
    yes = (approval(subject="promotion:v1"), approval(OWNER, subject="promotion:v1"))
    no = approval(AGENT, subject="promotion:v1", decision="reject", reason="I disagree")
    assert check_all((*yes, no)).allows


def test_an_answer_that_could_never_count_is_refused_before_it_is_written():
    """The refusal names the next allowed step."""
    policy = policy_of("standard")
    with pytest.raises(ApprovalRefused, match="ask a person to run `modelwright approve`") as caught:
        authorise(AGENT, "phase:6", reason="fine by me", policy=policy, author=None)
    assert caught.value.exit_code is ExitCode.LOCKED
    with pytest.raises(ApprovalRefused, match="ask another person"):
        authorise(LEAD, "phase:6", reason="fine by me", policy=policy, author=LEAD)
    with pytest.raises(ApprovalRefused, match="has no reason"):
        authorise(LEAD, "phase:6", reason="", policy=policy, author=None)
    with pytest.raises(ApprovalRefused, match="no name"):
        authorise(Actor(kind=ActorKind.PERSON, name=""), "phase:6", reason="fine", policy=policy, author=None)
    with pytest.raises(UnknownName, match="no rule"):
        authorise(LEAD, "moon:1", reason="fine by me", policy=policy, author=None)
    authorise(LEAD, "phase:6", reason="fine by me", policy=policy, author=OWNER)


@given(
    kind=st.sampled_from(list(ActorKind)),
    decision=st.sampled_from(["approve", "reject", "request-changes"]),
    reason=st.text(max_size=5),
    contract=st.sampled_from([CONTRACT, "sha256:" + "d" * 64]),
    hours=st.integers(-2, 2),
)
def test_nothing_but_a_full_approval_ever_passes(kind, decision, reason, contract, hours):
    """Every combination of what can be wrong: passed means that nothing was."""
    given = approval(
        Actor(kind=kind, name="lead"),
        decision=decision,
        reason=reason,
        contract_digest=contract,
        expires=NOW + timedelta(hours=hours),
    )
    flawless = (
        kind is ActorKind.PERSON
        and decision == "approve"
        and len(reason.strip()) >= 3
        and contract == CONTRACT
        and hours > 0
    )
    assert check(given).allows == flawless


def test_an_approval_survives_the_disk():
    """It is decoded with its types checked."""
    given = approval(choices={"design": "pragmatic"})
    assert decode(encode(given), Approval) == given


def test_an_actor_is_told_in_one_line():
    """With the role when there is one."""
    assert Actor(kind=ActorKind.PERSON, name="lead", role="owner").label == "person lead as owner"
    assert AGENT.label == "agent coder"

"""Authority: who may decide what, and what was decided."""

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.approval import Approval, authorise, check_approval, check_approvals
from modelwright.authority.policy import PERMISSIONS, POLICIES, ApprovalRule, Policy, policy_of

__all__ = [
    "PERMISSIONS",
    "POLICIES",
    "Actor",
    "ActorKind",
    "Approval",
    "ApprovalRule",
    "Policy",
    "authorise",
    "check_approval",
    "check_approvals",
    "policy_of",
]

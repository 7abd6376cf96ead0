"""Policies as data: which kind of actor may do what, and whose approval counts for which subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import UnknownName, nearest
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["PERMISSIONS", "POLICIES", "ApprovalRule", "Policy", "policy_of", "strictest"]

PERMISSIONS: Mapping[str, str] = {
    "project:read": "read the state, the records and the ledger",
    "project:start": "open a project and draft its contract",
    "phase:run": "run a phase whose conditions hold",
    "phase:approve": "answer for a phase: approve, reject or ask for changes",
    "approval:request": "ask a person for an approval",
    "contract:amend": "change the contract after it was frozen",
    "risk:settle": "accept, modify or block a risk",
    "look:take": "have predictions scored on the sealed part",
    "version:register": "enter a bundle as a version",
    "promotion:approve": "allow a version to become the champion",
    "rollout:approve": "allow a rollout, or a step of it that needs allowing",
    "rollout:run": "start, advance or hold a rollout that is allowed",
    "rollout:rollback": "send all traffic back to the champion",
    "waiver:give": "let a failed check pass for a time, by name and with a reason",
    "override:give": "break the glass: let what was not shown go out for a time",
    "follow-up:close": "answer the finding that a broken glass leaves behind",
    "identity:enrol": "vouch for somebody's key in this project, or say that one no longer counts",
}
"""Every permission, spelled `resource:action`, and what it lets one do."""

PERSON = tuple(PERMISSIONS)
SERVICE = (
    "project:read",
    "phase:run",
    "approval:request",
    "look:take",
    "version:register",
    "rollout:run",
    "rollout:rollback",
)
AGENT = (
    "project:read",
    "project:start",
    "phase:run",
    "approval:request",
    "look:take",
    "version:register",
    "rollout:run",
    "rollout:rollback",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """How many people must approve a kind of subject, and whether its author may be one of them.

    Examples:
        >>> ApprovalRule(subject="promotion:*", people=2, self_approval=False).covers("promotion:v1")
        True
    """

    subject: str
    """The subjects it covers, such as `phase:6`, `promotion:*` or `*`."""
    people: int = 1
    """How many different people must approve."""
    self_approval: bool = True
    """Whether the author of what is approved counts as an approver."""
    permission: str = "phase:approve"
    """The permission an approver needs."""
    role: str = ""
    """The role an approver has to act in; empty when any will do."""

    def covers(self, subject: str) -> bool:
        """Whether the rule is about this subject."""
        return fnmatchcase(subject, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who may do what in one mode.

    Examples:
        >>> policy_of("enterprise").rule("promotion:v1").people
        2
        >>> policy_of("quick").self_approval_note
        'Self-approval is allowed: in quick mode the author of a thing may approve it.'
    """

    mode: str
    """The mode it belongs to: quick, standard or enterprise."""
    permissions: Mapping[ActorKind, tuple[str, ...]]
    """What each kind of actor may do."""
    rules: tuple[ApprovalRule, ...]
    """Rules about approvals; the first that covers a subject holds."""
    valid_for: timedelta = timedelta(days=90)
    """How long an approval counts when it does not say itself."""
    signatures: Literal["always", "once-enrolled"] = "always"
    """Whether answers are signed: always, or from the first enrolment on."""
    asks_beyond_first_step: bool = False
    """Whether a rollout needs an approval of its own before it goes beyond its first step."""

    def rule(self, subject: str) -> ApprovalRule:
        """Return the rule that holds for a subject such as `phase:6` or `promotion:v1`.

        Raises:
            UnknownName: When no rule covers it: what nobody may approve stays closed.
        """
        for rule in self.rules:
            if rule.covers(subject):
                return rule
        raise UnknownName(
            f"no rule says who approves '{subject}'",
            why="what no rule covers stays closed",
            expected="one of: " + ", ".join(rule.subject for rule in self.rules),
            next_step="ask for the approval of one of the subjects listed",
        )

    def may(self, actor: Actor, permission: str) -> Outcome:
        """Say whether an actor has a permission; an actor without a name has none.

        Raises:
            UnknownName: When there is no such permission; the nearest is offered.
        """
        if permission not in PERMISSIONS:
            raise UnknownName(
                f"unknown permission '{permission}'",
                expected="one of: " + ", ".join(PERMISSIONS),
                next_step=f"did you mean '{nearest(permission, PERMISSIONS) or 'project:read'}'?",
            )
        what = f"{actor.label} may {PERMISSIONS[permission]}"
        if not actor.name.strip():
            return Outcome(
                status=Status.UNKNOWN,
                what=what,
                evidence=("the actor has no name",),
                next_step="name the actor",
            )
        if permission in self.permissions.get(actor.kind, ()):
            return Outcome(status=Status.PASSED, what=what, evidence=(f"policy of {self.mode} mode",))
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=(f"in {self.mode} mode {actor.kind.value}s do not have {permission}",),
            next_step="ask a person to do it",
        )

    @property
    def self_approval_note(self) -> str:
        """What every report says about self-approval in this mode; empty when it is nowhere allowed."""
        allowed = [rule.subject for rule in self.rules if rule.self_approval]
        if not allowed:
            return ""
        if len(allowed) == len(self.rules):
            return f"Self-approval is allowed: in {self.mode} mode the author of a thing may approve it."
        barred = ", ".join(rule.subject for rule in self.rules if not rule.self_approval)
        return (
            f"Self-approval is allowed in {self.mode} mode, except for {barred}: "
            "there the author is not the approver."
        )


KINDS = {ActorKind.PERSON: PERSON, ActorKind.SERVICE: SERVICE, ActorKind.AGENT: AGENT}


def _rules(*, own_design: bool, own_promotion: bool, people: int) -> tuple[ApprovalRule, ...]:
    return (
        ApprovalRule(subject="phase:6", self_approval=own_design),
        ApprovalRule(
            subject="promotion:*", people=people, self_approval=own_promotion, permission="promotion:approve"
        ),
        ApprovalRule(
            subject="rollout:*", people=people, self_approval=own_promotion, permission="rollout:approve"
        ),
        ApprovalRule(subject="retirement:*", permission="promotion:approve"),
        ApprovalRule(subject="amendment:*", self_approval=own_design, permission="contract:amend"),
        ApprovalRule(subject="waiver:*", permission="waiver:give"),
        # At night one person has to be enough, and may be the author; the follow-up tells everybody.
        ApprovalRule(
            subject="override:*", people=people, self_approval=people == 1, permission="override:give"
        ),
        ApprovalRule(subject="follow-up:*", self_approval=own_promotion, permission="follow-up:close"),
        ApprovalRule(subject="identity:*", permission="identity:enrol"),
        ApprovalRule(subject="phase:*"),
    )


POLICIES: tuple[Policy, ...] = (
    Policy(
        mode="quick",
        permissions=KINDS,
        rules=_rules(own_design=True, own_promotion=True, people=1),
        signatures="once-enrolled",
    ),
    Policy(mode="standard", permissions=KINDS, rules=_rules(own_design=False, own_promotion=False, people=1)),
    Policy(
        mode="enterprise",
        permissions=KINDS,
        rules=_rules(own_design=False, own_promotion=False, people=2),
        asks_beyond_first_step=True,
    ),
)
"""The policies of the three modes, least strict first."""


def policy_of(mode: str) -> Policy:
    """Return the policy of a mode.

    Raises:
        UnknownName: When there is no such mode; the nearest is offered.

    Examples:
        >>> policy_of("standard").rule("phase:6").self_approval
        False
    """
    for policy in POLICIES:
        if policy.mode == mode:
            return policy
    raise UnknownName.among("mode", mode, [policy.mode for policy in POLICIES])


def strictest(modes: Iterable[str]) -> str:
    """Return the strictest of some modes; the most lenient there is when none is given.

    Examples:
        >>> strictest(["quick", "enterprise", "standard"])
        'enterprise'
    """
    order = [policy.mode for policy in POLICIES]
    return max((policy_of(mode).mode for mode in modes), key=order.index, default=order[0])

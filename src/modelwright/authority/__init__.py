"""Authority: who may decide what, what was decided, and whose signature says so."""

from modelwright.authority.actor import Actor, ActorKind, folded
from modelwright.authority.answer import Answer, Approval, answer_in, check_signature, demanded
from modelwright.authority.approval import Heard, authorise, check_approval, check_approvals, hear
from modelwright.authority.envelope import Envelope, EnvelopeSignature, pae
from modelwright.authority.identity import Identity, Signer, open_envelope, public_key_of
from modelwright.authority.policy import (
    PERMISSIONS,
    POLICIES,
    ApprovalRule,
    Policy,
    policy_of,
    strictest,
)
from modelwright.authority.statement import Enrolment, Revocation, read_card, signed_record
from modelwright.authority.trust import Member, Recorded, Trust, TrustFold, trust_of

__all__ = [
    "PERMISSIONS",
    "POLICIES",
    "Actor",
    "ActorKind",
    "Answer",
    "Approval",
    "ApprovalRule",
    "Enrolment",
    "Envelope",
    "EnvelopeSignature",
    "Heard",
    "Identity",
    "Member",
    "Policy",
    "Recorded",
    "Revocation",
    "Signer",
    "Trust",
    "TrustFold",
    "answer_in",
    "authorise",
    "check_approval",
    "check_approvals",
    "check_signature",
    "demanded",
    "folded",
    "hear",
    "open_envelope",
    "pae",
    "policy_of",
    "public_key_of",
    "read_card",
    "signed_record",
    "strictest",
    "trust_of",
]

"""Risk: what could make a score lie, found in the data before anything is trained.

One file a check; every finding has evidence in numbers, a severity, a confidence, a cure, and a question
where the data alone cannot tell.
"""

from modelwright.risk.catalogue import RISK_CHECKS
from modelwright.risk.check import CATEGORIES, QUALITY, Category, Proposal, Risk, RiskCheck, RiskView, raised
from modelwright.risk.probe import Probe
from modelwright.risk.refit import Refit, Step, refit_gap
from modelwright.risk.register import (
    RiskDecision,
    RiskList,
    Settlement,
    assess,
    blocks,
    settle,
    standing,
    waiver_digest,
)
from modelwright.risk.sample import Coded, Sample
from modelwright.risk.strength import Strength, strength

__all__ = [
    "CATEGORIES",
    "QUALITY",
    "RISK_CHECKS",
    "Category",
    "Coded",
    "Probe",
    "Proposal",
    "Refit",
    "Risk",
    "RiskCheck",
    "RiskDecision",
    "RiskList",
    "RiskView",
    "Sample",
    "Settlement",
    "Step",
    "Strength",
    "assess",
    "blocks",
    "raised",
    "refit_gap",
    "settle",
    "standing",
    "strength",
    "waiver_digest",
]

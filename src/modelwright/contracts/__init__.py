"""Contracts: what was agreed before any training; YAML in, digest out."""

from modelwright.contracts.contract import Contract, Gates
from modelwright.contracts.data import Column, DataContract, Label, Source, SplitPolicy
from modelwright.contracts.decision import Decision, Mistakes, SignalFamily, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.operation import MonitoringPlan, RolloutPlan, RolloutStep, Stack
from modelwright.contracts.prediction import Fallback, HumanReview, Latency, Prediction, Privacy

__all__ = [
    "Column",
    "Contract",
    "DataContract",
    "Decision",
    "EvaluationPlan",
    "Fallback",
    "Gates",
    "HumanReview",
    "Label",
    "Latency",
    "Mistakes",
    "MonitoringPlan",
    "Prediction",
    "Privacy",
    "RolloutPlan",
    "RolloutStep",
    "SignalFamily",
    "Source",
    "SplitPolicy",
    "Stack",
    "SuccessMetric",
]

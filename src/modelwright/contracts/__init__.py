"""Contracts: what was agreed before any training; YAML in, digest out."""

from modelwright.contracts.amendment import Amendment, Change, amend, differences
from modelwright.contracts.capsule import Capsule, CapsuleRisk, KeyFile, capsule_slugs, read_capsule
from modelwright.contracts.check import CheckLine, parse_check
from modelwright.contracts.contract import Contract, Gates
from modelwright.contracts.data import Column, DataContract, Label, SplitPolicy
from modelwright.contracts.decision import Decision, Mistakes, SignalFamily, SuccessMetric
from modelwright.contracts.duration import format_duration, parse_duration
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.exchange import Exported, Promises, adopt
from modelwright.contracts.expectations import from_expectations
from modelwright.contracts.feature import Aggregate, FeatureStep, FeatureTable
from modelwright.contracts.gate import GateLine, parse_gate
from modelwright.contracts.lock import Lock, check_lock, demand_lock, lock_contract
from modelwright.contracts.metric_names import MEASUREMENTS, METRIC_NAMES, metric_names
from modelwright.contracts.odcs import to_odcs
from modelwright.contracts.odcs_reading import from_odcs
from modelwright.contracts.operation import MonitoringPlan, RolloutPlan, RolloutStep, Stack
from modelwright.contracts.pandera_schema import from_pandera, to_pandera
from modelwright.contracts.prediction import Fallback, HumanReview, Latency, Prediction, Privacy
from modelwright.contracts.reading import check_contract, parse_contract, read_contract
from modelwright.contracts.schema import json_schema, write_schema
from modelwright.contracts.source import Source, masked_url
from modelwright.contracts.writing import render_contract

__all__ = [
    "MEASUREMENTS",
    "METRIC_NAMES",
    "Aggregate",
    "Amendment",
    "Capsule",
    "CapsuleRisk",
    "Change",
    "CheckLine",
    "Column",
    "Contract",
    "DataContract",
    "Decision",
    "EvaluationPlan",
    "Exported",
    "Fallback",
    "FeatureStep",
    "FeatureTable",
    "GateLine",
    "Gates",
    "HumanReview",
    "KeyFile",
    "Label",
    "Latency",
    "Lock",
    "Mistakes",
    "MonitoringPlan",
    "Prediction",
    "Privacy",
    "Promises",
    "RolloutPlan",
    "RolloutStep",
    "SignalFamily",
    "Source",
    "SplitPolicy",
    "Stack",
    "SuccessMetric",
    "adopt",
    "amend",
    "capsule_slugs",
    "check_contract",
    "check_lock",
    "demand_lock",
    "differences",
    "format_duration",
    "from_expectations",
    "from_odcs",
    "from_pandera",
    "json_schema",
    "lock_contract",
    "masked_url",
    "metric_names",
    "parse_check",
    "parse_contract",
    "parse_duration",
    "parse_gate",
    "read_capsule",
    "read_contract",
    "render_contract",
    "to_odcs",
    "to_pandera",
    "write_schema",
]

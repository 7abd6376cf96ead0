"""Evaluation: predictions and labels to a report: metrics, intervals, slices, calibration, cost."""

from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.look import SealedLook, ToldLine
from modelwright.evaluation.metric import METRICS, Metric, compute, metrics_of
from modelwright.evaluation.mistakes import MistakeReport, analyse
from modelwright.evaluation.report import CalibrationBin, CostPoint, Curve, EvaluationReport, ResidualBin
from modelwright.evaluation.scorer import BookedLook, LooksExhausted, Scorer, ScoreRequest, check_looks
from modelwright.evaluation.threshold import ThresholdChoice, choose_rule, least_cost_threshold

__all__ = [
    "METRICS",
    "BookedLook",
    "CalibrationBin",
    "Comparison",
    "CostPoint",
    "Curve",
    "Estimate",
    "EvaluationReport",
    "LooksExhausted",
    "Metric",
    "MistakeReport",
    "ResidualBin",
    "ScoreRequest",
    "Scorer",
    "SealedLook",
    "SliceResult",
    "ThresholdChoice",
    "ToldLine",
    "analyse",
    "check_looks",
    "choose_rule",
    "compute",
    "evaluate",
    "least_cost_threshold",
    "metrics_of",
]

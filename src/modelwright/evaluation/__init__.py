"""Evaluation: predictions and labels to a report: metrics, intervals, slices, calibration, cost."""

from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult
from modelwright.evaluation.metric import METRICS, Metric, compute, metrics_of
from modelwright.evaluation.report import CalibrationBin, CostPoint, Curve, EvaluationReport, ResidualBin
from modelwright.evaluation.scorer import LooksExhausted, Scorer, ScoreRequest, check_looks
from modelwright.evaluation.threshold import ThresholdChoice

__all__ = [
    "METRICS",
    "CalibrationBin",
    "Comparison",
    "CostPoint",
    "Curve",
    "Estimate",
    "EvaluationReport",
    "LooksExhausted",
    "Metric",
    "ResidualBin",
    "ScoreRequest",
    "Scorer",
    "SliceResult",
    "ThresholdChoice",
    "check_looks",
    "compute",
    "metrics_of",
]

"""Monitoring: answers become windows, drift, delayed quality, alerts and retraining requests."""

from modelwright.monitoring.alert import Alert
from modelwright.monitoring.comparison import DriftReport, compare_batch, compare_frames
from modelwright.monitoring.correction import benjamini_hochberg
from modelwright.monitoring.diagnosis import diagnose
from modelwright.monitoring.drift import ColumnDrift, Compared, measure_drift
from modelwright.monitoring.evidence import Evidence, Watched
from modelwright.monitoring.label import Joined, LabelHealth, join_labels, label_health
from modelwright.monitoring.monitor import monitor
from modelwright.monitoring.quality import BudgetBurn, CalibrationCheck, WindowQuality, measure_quality
from modelwright.monitoring.report import MonitoringReport
from modelwright.monitoring.retraining import RetrainingRequest, request_retraining
from modelwright.monitoring.runbook import Runbook, runbooks
from modelwright.monitoring.window import Window, windows

__all__ = [
    "Alert",
    "BudgetBurn",
    "CalibrationCheck",
    "ColumnDrift",
    "Compared",
    "DriftReport",
    "Evidence",
    "Joined",
    "LabelHealth",
    "MonitoringReport",
    "RetrainingRequest",
    "Runbook",
    "Watched",
    "Window",
    "WindowQuality",
    "benjamini_hochberg",
    "compare_batch",
    "compare_frames",
    "diagnose",
    "join_labels",
    "label_health",
    "measure_drift",
    "measure_quality",
    "monitor",
    "request_retraining",
    "runbooks",
    "windows",
]

"""Serving: bundles that answer, over HTTP and in batches, with validation, fallback and a durable log."""

from modelwright.serving.labels import LABEL_SCHEMA, LabelLine, add_labels, append_labels, read_labels
from modelwright.serving.log import LOG_SCHEMA, LogLine, PredictionLog, read_log
from modelwright.serving.router import Arm, Routing, arm_of, read_routing, write_routing
from modelwright.serving.sketch import FeatureCounts, SketchLine, read_sketches

__all__ = [
    "LABEL_SCHEMA",
    "LOG_SCHEMA",
    "Arm",
    "FeatureCounts",
    "LabelLine",
    "LogLine",
    "PredictionLog",
    "Routing",
    "SketchLine",
    "add_labels",
    "append_labels",
    "arm_of",
    "read_labels",
    "read_log",
    "read_routing",
    "read_sketches",
    "write_routing",
]

"""Serving: bundles that answer, over HTTP and in batches, with validation, fallback and a durable log."""

from modelwright.serving.admission import SERVABLE, admit, admit_routing
from modelwright.serving.application import Application
from modelwright.serving.batch import BatchPath, BatchResult, score_file, source_columns
from modelwright.serving.completion import Completed, RowCompleter
from modelwright.serving.configuration import ServerSettings
from modelwright.serving.engine import Engine
from modelwright.serving.entity import EntityHash, read_log_key
from modelwright.serving.envelope import Envelope, Prediction
from modelwright.serving.label_intake import LabelIntake
from modelwright.serving.labels import LABEL_SCHEMA, LabelLine, add_labels, append_labels, read_labels
from modelwright.serving.log import LOG_SCHEMA, LogLine, PredictionLog, read_log, segments
from modelwright.serving.metrics import ServerMetrics
from modelwright.serving.problem import Problem, RequestRefused
from modelwright.serving.process import ServerProcess, rehearsal
from modelwright.serving.router import Arm, Routing, arm_of, read_routing, write_routing
from modelwright.serving.row_check import RowChecker, RowFault
from modelwright.serving.server import build_application, run_server
from modelwright.serving.sketch import FeatureCounts, SketchLine, SketchWriter, counts_of, read_sketches
from modelwright.serving.switchboard import Lines, Switchboard
from modelwright.serving.table_check import TableChecker

__all__ = [
    "LABEL_SCHEMA",
    "LOG_SCHEMA",
    "SERVABLE",
    "Application",
    "Arm",
    "BatchPath",
    "BatchResult",
    "Completed",
    "Engine",
    "EntityHash",
    "Envelope",
    "FeatureCounts",
    "LabelIntake",
    "LabelLine",
    "Lines",
    "LogLine",
    "Prediction",
    "PredictionLog",
    "Problem",
    "RequestRefused",
    "Routing",
    "RowChecker",
    "RowCompleter",
    "RowFault",
    "ServerMetrics",
    "ServerProcess",
    "ServerSettings",
    "SketchLine",
    "SketchWriter",
    "Switchboard",
    "TableChecker",
    "add_labels",
    "admit",
    "admit_routing",
    "append_labels",
    "arm_of",
    "build_application",
    "counts_of",
    "read_labels",
    "read_log",
    "read_log_key",
    "read_routing",
    "read_sketches",
    "rehearsal",
    "run_server",
    "score_file",
    "segments",
    "source_columns",
    "write_routing",
]

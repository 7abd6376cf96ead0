"""Training: candidate and snapshot to run; seeds, folds, ensembling, calibration, checkpoints, reproduce."""

from modelwright.training.calibrate import fit_calibrator
from modelwright.training.calibration import Calibrator
from modelwright.training.checkpoint import Checkpoints
from modelwright.training.config import TrainingConfig, config_of
from modelwright.training.pipeline import DecisionRule, Pipeline
from modelwright.training.progress import Progress, Quiet
from modelwright.training.reproduce import Reproduction, reproduce
from modelwright.training.run import Environment, Run
from modelwright.training.sanity import sanity_checks
from modelwright.training.threads import PASSIVE_WAITING, default_threads, waiting_passively
from modelwright.training.tracker import Tracker
from modelwright.training.train import load_pipeline, train

__all__ = [
    "PASSIVE_WAITING",
    "Calibrator",
    "Checkpoints",
    "DecisionRule",
    "Environment",
    "Pipeline",
    "Progress",
    "Quiet",
    "Reproduction",
    "Run",
    "Tracker",
    "TrainingConfig",
    "config_of",
    "default_threads",
    "fit_calibrator",
    "load_pipeline",
    "reproduce",
    "sanity_checks",
    "train",
    "waiting_passively",
]

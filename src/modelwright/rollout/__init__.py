"""Rollout: versions move to traffic step by step; they advance, hold or roll back on evidence."""

from modelwright.rollout.admission import admitted
from modelwright.rollout.collection import Collector
from modelwright.rollout.controller import Controller
from modelwright.rollout.divergence import (
    Distance,
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    population_stability,
    rate_difference,
    rate_excess,
)
from modelwright.rollout.drill import make_drill
from modelwright.rollout.evidence import ArmEvidence
from modelwright.rollout.judgement import Judgement, JudgementPolicy, Seen, StepProgress, judge_step
from modelwright.rollout.quality import Labelled, QualityMetric, quality_metric
from modelwright.rollout.spending import Looks
from modelwright.rollout.state import RolloutState, read_state
from modelwright.rollout.target import RollbackTarget
from modelwright.rollout.traffic import RolloutPlaces

__all__ = [
    "ArmEvidence",
    "Collector",
    "Controller",
    "Distance",
    "Judgement",
    "JudgementPolicy",
    "Labelled",
    "Looks",
    "QualityMetric",
    "RollbackTarget",
    "RolloutPlaces",
    "RolloutState",
    "Seen",
    "StepProgress",
    "admitted",
    "chi_square",
    "jensen_shannon",
    "judge_step",
    "kolmogorov_smirnov",
    "make_drill",
    "population_stability",
    "quality_metric",
    "rate_difference",
    "rate_excess",
    "read_state",
]

"""Candidates: three designs (baseline, pragmatic, frontier) and the estimator families they are made of."""

from modelwright.candidates.affine import LinearModel, load_linear
from modelwright.candidates.booster import BoosterModel, load_booster
from modelwright.candidates.boosting import BoostingEstimator
from modelwright.candidates.catalogue import ESTIMATORS, MODEL_FORMATS, build, load_model
from modelwright.candidates.design import Design, DesignName, Probe, Proposals
from modelwright.candidates.ensemble import EnsembleModel, greedy_weights, load_ensemble
from modelwright.candidates.estimator import (
    Estimator,
    EstimatorFactory,
    EstimatorSpec,
    Holdout,
    Model,
    ModelLoader,
    Param,
    StagedModel,
    Vector,
)
from modelwright.candidates.folds import Fold, check_folds, folds_of
from modelwright.candidates.linear import LinearEstimator
from modelwright.candidates.loss import loss_name, loss_of
from modelwright.candidates.measure import LOWER_IS_BETTER, measures, probe_metric
from modelwright.candidates.neural import NeuralEstimator
from modelwright.candidates.perceptron import PerceptronModel, load_perceptron
from modelwright.candidates.prior import PriorEstimator, PriorModel, load_prior
from modelwright.candidates.probing import Bench, Tried
from modelwright.candidates.propose import propose
from modelwright.candidates.recommend import recommend, row_losses
from modelwright.candidates.variants import companions, racers, with_params

__all__ = [
    "ESTIMATORS",
    "LOWER_IS_BETTER",
    "MODEL_FORMATS",
    "Bench",
    "BoosterModel",
    "BoostingEstimator",
    "Design",
    "DesignName",
    "EnsembleModel",
    "Estimator",
    "EstimatorFactory",
    "EstimatorSpec",
    "Fold",
    "Holdout",
    "LinearEstimator",
    "LinearModel",
    "Model",
    "ModelLoader",
    "NeuralEstimator",
    "Param",
    "PerceptronModel",
    "PriorEstimator",
    "PriorModel",
    "Probe",
    "Proposals",
    "StagedModel",
    "Tried",
    "Vector",
    "build",
    "check_folds",
    "companions",
    "folds_of",
    "greedy_weights",
    "load_booster",
    "load_ensemble",
    "load_linear",
    "load_model",
    "load_perceptron",
    "load_prior",
    "loss_name",
    "loss_of",
    "measures",
    "probe_metric",
    "propose",
    "racers",
    "recommend",
    "row_losses",
    "with_params",
]
